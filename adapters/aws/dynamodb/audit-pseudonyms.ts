import type { ResultAsync } from 'neverthrow';
import { pseudonym, type Pseudonym } from '../../../core/audit/model.ts';
import type { AuditPseudonyms } from '../../../core/audit/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, type DynamoTable, type Expression, type ItemKey } from './dynamo-table.ts';
import { ownerKey } from './key-text.ts';

/**
 * Who is meant by which pseudonym: the item `AUDITPSEUDONYM` in the person's partition, and `AUDITPERSON#<pseudonym>` for the
 * way back. A pseudonym is given out once both are there, which the first of them then says: nothing leads to a person that
 * is not found, and erased, by way of their own partition.
 */
export class DynamoAuditPseudonyms implements AuditPseudonyms {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  known(owner: UserId): ResultAsync<Pseudonym | null, PortUnavailable> {
    const work = this.#kept(owner).then((kept) => (kept?.isWhole === true ? kept.pseudonym : null));
    return orUnavailable('AuditPseudonyms', 'known', work);
  }

  assign(owner: UserId, fresh: Pseudonym): ResultAsync<Pseudonym, PortUnavailable> {
    const work = async (): Promise<Pseudonym> => {
      const isFirst = await this.#table.put({ ...keyOf(owner), pseudonym: fresh }, ABSENT);
      const kept = isFirst ? { pseudonym: fresh, isWhole: false } : await this.#kept(owner);
      // Null where the person was erased since.
      if (kept === null) return fresh;
      if (!kept.isWhole) await this.#complete(owner, kept.pseudonym);
      return kept.pseudonym;
    };
    return orUnavailable('AuditPseudonyms', 'assign', work());
  }

  owners(pseudonyms: readonly Pseudonym[]): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable> {
    const keys = [...new Set(pseudonyms)].map(backKeyOf);
    const work = this.#table
      .getMany(keys)
      .then((items) => new Map(items.map((item) => [pseudonymIn(item), userId(String(item['owner']))])));
    return orUnavailable('AuditPseudonyms', 'owners', work);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      const kept = await this.#kept(owner);
      if (kept === null) return;
      await this.#table.delete(backKeyOf(kept.pseudonym));
      await this.#table.delete(keyOf(owner));
    };
    return orUnavailable('AuditPseudonyms', 'eraseOwner', work());
  }

  async #complete(owner: UserId, assigned: Pseudonym): Promise<void> {
    await this.#table.put({ ...backKeyOf(assigned), owner });
    const same: Expression = {
      text: 'pseudonym = :pseudonym',
      values: { ':pseudonym': assigned },
    };
    // Somebody who was erased meanwhile must not be found by what has just been put.
    const isStillThere = await this.#table.put({ ...keyOf(owner), pseudonym: assigned, whole: true }, same);
    if (!isStillThere) await this.#table.delete(backKeyOf(assigned));
  }

  async #kept(owner: UserId): Promise<{ readonly pseudonym: Pseudonym; readonly isWhole: boolean } | null> {
    const item = await this.#table.get(keyOf(owner));
    const kept = item?.['pseudonym'];
    return typeof kept === 'string' ? { pseudonym: pseudonym(kept), isWhole: item?.['whole'] === true } : null;
  }
}

const BACK_PREFIX = 'AUDITPERSON#';

const keyOf = (owner: UserId): ItemKey => ({ pk: ownerKey(owner), sk: 'AUDITPSEUDONYM' });
const backKeyOf = (of: Pseudonym): ItemKey => ({ pk: BACK_PREFIX + of, sk: 'AUDITPERSON' });
const pseudonymIn = ({ pk }: ItemKey): Pseudonym => pseudonym(pk.slice(BACK_PREFIX.length));
