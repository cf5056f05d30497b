import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, type DynamoTable, type ItemKey } from './dynamo-table.ts';

const KEY: ItemKey = { pk: 'AUDITKEY', sk: 'AUDITKEY' };

/**
 * The key that signs the audit log, in an item of its own: all processes have the same, and none needs a disk. Whoever may
 * write the whole table may so sign as well; a policy that lets nobody but the service touch the partition `AUDITKEY` keeps
 * the two apart.
 */
export class DynamoAuditKey {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  loadOrCreate(create: () => Promise<string>): ResultAsync<string, PortUnavailable> {
    const work = async (): Promise<string> => {
      const kept = await this.#load();
      if (kept !== null) return kept;
      const made = await create();
      if (await this.#table.put({ ...KEY, jwk: made }, ABSENT)) return made;
      return (await this.#load()) ?? made;
    };
    return orUnavailable('HeadSigner', 'load the key', work());
  }

  async #load(): Promise<string | null> {
    const jwk = (await this.#table.get(KEY))?.['jwk'];
    return typeof jwk === 'string' ? jwk : null;
  }
}
