import type { ResultAsync } from 'neverthrow';
import { keyHolder, ownerHolder, type KeyHolder, type WrappedKey } from '../../core/encryption/model.ts';
import type { DataKeys, HeldKey } from '../../core/encryption/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { DataKeyRow } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Wrapped data keys in a database. What is erased is overwritten in the file. */
export class SqlDataKeys implements DataKeys {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  find(holder: KeyHolder): ResultAsync<WrappedKey | null, PortUnavailable> {
    return orUnavailable(
      'DataKeys',
      'find',
      this.#database.read(async (transaction) => {
        const row = await transaction
          .selectFrom('data_key')
          .selectAll()
          .where('holder', '=', holder)
          .executeTakeFirst();
        return row === undefined ? null : wrappingOf(row);
      }),
    );
  }

  insertOnce(holder: KeyHolder, { masterVersion, wrapped }: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    return orUnavailable(
      'DataKeys',
      'insertOnce',
      this.#database.write(async (transaction) => {
        await transaction
          .insertInto('data_key')
          .values({ holder, master_version: masterVersion, wrapped })
          .onConflict((conflict) => conflict.column('holder').doNothing())
          .execute();
        const kept = transaction.selectFrom('data_key').selectAll().where('holder', '=', holder);
        return wrappingOf(await kept.executeTakeFirstOrThrow());
      }),
    );
  }

  replace(holder: KeyHolder, before: WrappedKey, after: WrappedKey): ResultAsync<boolean, PortUnavailable> {
    return orUnavailable(
      'DataKeys',
      'replace',
      this.#database.write(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('data_key')
          .set({ master_version: after.masterVersion, wrapped: after.wrapped })
          .where('holder', '=', holder)
          .where('master_version', '=', before.masterVersion)
          .where('wrapped', '=', before.wrapped)
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    );
  }

  list(after: KeyHolder | null, limit: number): ResultAsync<readonly HeldKey[], PortUnavailable> {
    return orUnavailable(
      'DataKeys',
      'list',
      this.#database.read(async (transaction) => {
        const rows = await transaction
          .selectFrom('data_key')
          .selectAll()
          .$if(after !== null, (query) => query.where('holder', '>', after ?? ''))
          .orderBy('holder')
          .limit(limit)
          .execute();
        return rows.map((row) => ({ holder: keyHolder(row.holder), wrapping: wrappingOf(row) }));
      }),
    );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable(
      'DataKeys',
      'eraseOwner',
      this.#database.write(async (transaction) => {
        await transaction.deleteFrom('data_key').where('holder', '=', ownerHolder(owner)).execute();
      }),
    );
  }
}

const wrappingOf = ({ master_version: masterVersion, wrapped }: DataKeyRow): WrappedKey => ({
  masterVersion,
  wrapped: new Uint8Array(wrapped),
});
