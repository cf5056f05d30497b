import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { keyHolder, ownerHolder, type KeyHolder, type WrappedKey } from '../../../core/encryption/model.ts';
import type { DataKeys, HeldKey } from '../../../core/encryption/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, type DynamoTable, type Item, type ItemKey } from './dynamo-table.ts';
import { endOf, keyText } from './key-text.ts';

/** All keys lie in one partition, so that a change of the master key finds them without reading the whole table. */
const PARTITION = 'DATAKEYS';
const PREFIX = 'KEY#';

/** Wrapped data keys: one item a holder at `DATAKEYS`, `KEY#<holder>`. */
export class DynamoDataKeys implements DataKeys {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  find(holder: KeyHolder): ResultAsync<WrappedKey | null, PortUnavailable> {
    const work = this.#table.get(keyOf(holder)).then((item) => (item === null ? null : wrappingOf(item)));
    return orUnavailable('DataKeys', 'find', work);
  }

  insertOnce(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    const work = async (): Promise<Result<WrappedKey, PortUnavailable>> => {
      if (await this.#table.put(itemOf(holder, wrapping), ABSENT)) return ok(wrapping);
      // Another one was first, or an answer to this one was lost.
      const kept = await this.#table.get(keyOf(holder));
      return kept === null
        ? err(portUnavailable('DataKeys', 'insertOnce', 'the key was erased meanwhile'))
        : ok(wrappingOf(kept));
    };
    return orUnavailable('DataKeys', 'insertOnce', work()).andThen((kept) => kept);
  }

  replace(holder: KeyHolder, before: WrappedKey, after: WrappedKey): ResultAsync<boolean, PortUnavailable> {
    const isBefore = {
      text: 'master_version = :version AND wrapped_key = :wrapped',
      values: { ':version': before.masterVersion, ':wrapped': before.wrapped },
    };
    const work = async (): Promise<boolean> => {
      if (await this.#table.put(itemOf(holder, after), isBefore)) return true;
      // The first of two tries may have been done, and its answer lost.
      const kept = await this.#table.get(keyOf(holder));
      return kept !== null && Buffer.compare(wrappingOf(kept).wrapped, after.wrapped) === 0;
    };
    return orUnavailable('DataKeys', 'replace', work());
  }

  list(after: KeyHolder | null, limit: number): ResultAsync<readonly HeldKey[], PortUnavailable> {
    const work = async (): Promise<readonly HeldKey[]> => {
      const found: HeldKey[] = [];
      const last = after === null ? null : keyOf(after).sk;
      const range = { pk: PARTITION, from: last ?? PREFIX, to: endOf(PREFIX), pageSize: limit + 1 };
      for await (const item of this.#table.query(range)) {
        if (item.sk === last) continue;
        if (found.length === limit) break;
        found.push({ holder: keyHolder(String(item['holder'])), wrapping: wrappingOf(item) });
      }
      return found;
    };
    return orUnavailable('DataKeys', 'list', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = this.#table.delete(keyOf(ownerHolder(owner))).then(() => undefined);
    return orUnavailable('DataKeys', 'eraseOwner', work);
  }
}

const keyOf = (holder: KeyHolder): ItemKey => ({ pk: PARTITION, sk: `${PREFIX}${keyText(holder)}` });

const itemOf = (holder: KeyHolder, { masterVersion, wrapped }: WrappedKey): Item => ({
  ...keyOf(holder),
  kind: 'data-key',
  holder,
  master_version: masterVersion,
  wrapped_key: wrapped,
});

const wrappingOf = (item: Item): WrappedKey => ({
  masterVersion: String(item['master_version']),
  wrapped: new Uint8Array(item['wrapped_key'] as Uint8Array),
});
