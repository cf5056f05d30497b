import { randomUUID } from 'node:crypto';
import type { UserId } from '../../../core/kernel/ids.ts';
import { untilUncontended } from '../dynamodb/contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from '../dynamodb/dynamo-table.ts';
import { endOf, keyText, ownerKey } from '../dynamodb/key-text.ts';
import { KeyedLock } from '../keyed-lock.ts';

/** An object that is in the bucket whole. */
export interface StoredObject {
  /** Where in the bucket. */
  readonly s3Key: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What the table knows of a key. */
export interface EntryState {
  /** What readers get; null while there is nothing. */
  readonly stored: StoredObject | null;
  /**
   * Keys of the bucket at which something may lie that is no object: what is being written, what a process that died
   * left, what is on its way out. Each is here before anything is there.
   */
  readonly loose: readonly string[];
  /** The one of them that a client was told to send to. */
  readonly awaited: string | null;
}

/** An entry as it was read. */
export interface Entry extends EntryState {
  readonly key: string;
  /** New with every change. */
  readonly token: string;
}

const PREFIX = 'OBJECT#';

/**
 * Which objects there are, kept in the table: the bucket alone cannot tell whose they are (their keys begin with a date)
 * nor whether they are whole. An entry is changed in one step, on the condition that it is still what was read.
 */
export class ObjectIndex {
  readonly #table: DynamoTable;
  /** The changes under way in this process wait for each other instead of failing each other. */
  readonly #lock = new KeyedLock();

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async find(owner: UserId, key: string): Promise<Entry | null> {
    const item = await this.#table.get(itemKey(owner, key));
    return item === null ? null : entryOf(item);
  }

  /** All entries of the owner, whatever state they are in. */
  async *all(owner: UserId): AsyncGenerator<Entry, void, undefined> {
    for await (const item of this.#table.query({ pk: ownerKey(owner), from: PREFIX, to: endOf(PREFIX) })) {
      yield entryOf(item);
    }
  }

  /**
   * Puts what `to` makes of the entry in its place (null: no entry), and answers it. `to` is called again when somebody
   * else changed the entry meanwhile; what it throws ends the change. Rejects when that happens again and again.
   * `guess` is what is probably there, so that nothing has to be read first.
   */
  async change<State extends EntryState | null>(
    owner: UserId,
    key: string,
    to: (entry: Entry | null) => State,
    guess?: Entry | null,
  ): Promise<State> {
    const { pk, sk } = itemKey(owner, key);
    return this.#lock.hold([`${pk}/${sk}`], async () => {
      const { state } = await untilUncontended(this.#table, `the entry of ${JSON.stringify(key)}`, async (tries) => {
        const before = tries === 1 && guess !== undefined ? guess : await this.find(owner, key);
        const state = to(before);
        return (await this.#replace(owner, key, before, state)) ? { state } : null;
      });
      return state;
    });
  }

  async #replace(owner: UserId, key: string, before: Entry | null, after: EntryState | null): Promise<boolean> {
    const place = itemKey(owner, key);
    if (after === null) {
      if (before === null) return true;
      return (await this.#table.delete(place, unchanged(before))) || (await this.#table.get(place)) === null;
    }
    const token = randomUUID();
    return (
      (await this.#table.put(itemOf(place, key, after, token), unchanged(before))) ||
      // The answer to an earlier try may have been lost after it took effect.
      (await this.#table.get(place))?.['token'] === token
    );
  }
}

const itemKey = (owner: UserId, key: string): ItemKey => ({ pk: ownerKey(owner), sk: `${PREFIX}${keyText(key)}` });

const unchanged = (before: Entry | null): Expression =>
  before === null
    ? ABSENT
    : { text: '#token = :token', names: { '#token': 'token' }, values: { ':token': before.token } };

const itemOf = (place: ItemKey, key: string, { stored, loose, awaited }: EntryState, token: string): Item => ({
  ...place,
  kind: 'object',
  // As JSON, in which half a surrogate pair has a form.
  key: JSON.stringify(key),
  state: stored === null ? 'writing' : 'stored',
  ...(stored === null ? {} : { s3_key: stored.s3Key, sha256: stored.sha256, bytes: stored.bytes }),
  loose_keys: [...loose],
  ...(awaited === null ? {} : { awaited_key: awaited }),
  token,
});

function entryOf(item: Item): Entry {
  const awaited = item['awaited_key'];
  return {
    key: JSON.parse(String(item['key'])) as string,
    stored:
      item['state'] === 'stored'
        ? { s3Key: String(item['s3_key']), sha256: String(item['sha256']), bytes: Number(item['bytes']) }
        : null,
    loose: item['loose_keys'] as readonly string[],
    awaited: typeof awaited === 'string' ? awaited : null,
    token: String(item['token']),
  };
}
