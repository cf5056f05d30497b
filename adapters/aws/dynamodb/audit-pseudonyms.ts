import type { ResultAsync } from 'neverthrow';
import { pseudonym, type Pseudonym } from '../../../core/audit/model.ts';
import type { AuditPseudonyms } from '../../../core/audit/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, type DynamoTable, type ItemKey } from './dynamo-table.ts';
import { ownerKey } from './key-text.ts';

/** Who is meant by which pseudonym: the item `AUDITPSEUDONYM` in the person's partition. */
export class DynamoAuditPseudonyms implements AuditPseudonyms {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  known(owner: UserId): ResultAsync<Pseudonym | null, PortUnavailable> {
    return orUnavailable('AuditPseudonyms', 'known', this.#known(owner));
  }

  assign(owner: UserId, fresh: Pseudonym): ResultAsync<Pseudonym, PortUnavailable> {
    const work = async (): Promise<Pseudonym> => {
      if (await this.#table.put({ ...keyOf(owner), pseudonym: fresh }, ABSENT)) return fresh;
      // Null where the person was erased since.
      return (await this.#known(owner)) ?? fresh;
    };
    return orUnavailable('AuditPseudonyms', 'assign', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable(
      'AuditPseudonyms',
      'eraseOwner',
      this.#table.delete(keyOf(owner)).then(() => undefined),
    );
  }

  async #known(owner: UserId): Promise<Pseudonym | null> {
    const kept = (await this.#table.get(keyOf(owner)))?.['pseudonym'];
    return typeof kept === 'string' ? pseudonym(kept) : null;
  }
}

const keyOf = (owner: UserId): ItemKey => ({ pk: ownerKey(owner), sk: 'AUDITPSEUDONYM' });
