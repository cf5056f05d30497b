import type { Transaction } from 'kysely';
import { okAsync, type ResultAsync } from 'neverthrow';
import { pseudonym, type Pseudonym } from '../../core/audit/model.ts';
import type { AuditPseudonyms } from '../../core/audit/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Who is meant by which pseudonym, in a database. */
export class SqlAuditPseudonyms implements AuditPseudonyms {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  known(owner: UserId): ResultAsync<Pseudonym | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Pseudonym | null> => {
      const row = await transaction
        .selectFrom('audit_pseudonym')
        .select('pseudonym')
        .where('owner', '=', owner)
        .executeTakeFirst();
      return row === undefined ? null : pseudonym(row.pseudonym);
    };
    return orUnavailable('AuditPseudonyms', 'known', this.#database.read(work));
  }

  assign(owner: UserId, fresh: Pseudonym): ResultAsync<Pseudonym, PortUnavailable> {
    const { statements } = this.#database;
    const script = [
      statements
        .insertInto('audit_pseudonym')
        .values({ owner, pseudonym: fresh })
        .onConflict((conflict) => conflict.doNothing())
        .compile(),
      statements.selectFrom('audit_pseudonym').select('pseudonym').where('owner', '=', owner).compile(),
    ];
    const assigned = async (): Promise<Pseudonym> => {
      const last = await this.#database.writeScript({ statements: script });
      const [row] = last!.rows as readonly [{ readonly pseudonym: string }];
      return pseudonym(row.pseudonym);
    };
    return orUnavailable('AuditPseudonyms', 'assign', assigned());
  }

  owners(pseudonyms: readonly Pseudonym[]): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<ReadonlyMap<Pseudonym, UserId>> => {
      const rows = await transaction
        .selectFrom('audit_pseudonym')
        .selectAll()
        .where('pseudonym', 'in', pseudonyms)
        .execute();
      return new Map(rows.map((row) => [pseudonym(row.pseudonym), userId(row.owner)]));
    };
    if (pseudonyms.length === 0) return okAsync(new Map());
    return orUnavailable('AuditPseudonyms', 'owners', this.#database.read(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['audit_pseudonym']);
    return orUnavailable('AuditPseudonyms', 'eraseOwner', this.#database.write(work));
  }
}
