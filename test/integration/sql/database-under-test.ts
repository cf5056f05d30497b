import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, type SqlDatabase } from '../../../adapters/sql/database.ts';
import type { DurableUnderTest, SharedUnderTest } from '../../contracts/under-test.ts';
import { valueOf } from '../../unit/result-values.ts';

/** A store over a database file in a folder of its own, which goes when the store is closed. */
export const storeOver =
  <Store>(make: (database: SqlDatabase) => Store): (() => Promise<DurableUnderTest<Store>>) =>
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
    const file = path.join(folder, 'clarity.db');
    let database = valueOf(await openDatabase(file));
    return {
      store: make(database),
      reopen: async () => {
        await database.close();
        database = valueOf(await openDatabase(file));
        return make(database);
      },
      close: async () => {
        await database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

/** Two stores over one database file, each on connections of its own, as two processes have them. */
export const twoStoresOver =
  <Store>(make: (database: SqlDatabase) => Store): (() => Promise<SharedUnderTest<Store>>) =>
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
    const file = path.join(folder, 'clarity.db');
    const databases = [valueOf(await openDatabase(file)), valueOf(await openDatabase(file))] as const;
    return {
      store: make(databases[0]),
      other: make(databases[1]),
      close: async () => {
        for (const database of databases) await database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
