import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Libsql from 'libsql';
import { openDatabase, SqlDatabase } from '../../adapters/sql/database.ts';
import { LibsqlConnection } from '../../adapters/sql/libsql-connection.ts';
import { SqlMetricStore } from '../../adapters/sql/metric-store.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import { SqlUploadStore } from '../../adapters/sql/upload-store.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Death, DyingProcess, Stores, StoresUnderModel } from './modelled-port.ts';

/** Processes of one SQLite file: each has connections of its own, as if it were alone with them. */
export async function sqlStores(): Promise<StoresUnderModel> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-model-'));
  const file = path.join(folder, 'clarity.db');
  const databases = [valueOf(await openDatabase(file)), valueOf(await openDatabase(file))];
  return {
    processes: databases.map(storesOver),
    startDying: (death) => Promise.resolve(dyingProcess(file, death)),
    close: async () => {
      for (const database of databases) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const storesOver = (database: SqlDatabase): Stores => ({
  samples: new SqlSampleStore(database),
  metrics: new SqlMetricStore(database),
  uploads: new SqlUploadStore(database),
});

/**
 * A connection that is gone at one of its statements; the commit is one of them. Whatever is asked of it afterwards, a
 * rollback too, is not done any more.
 */
function dyingProcess(file: string, { atWrite, takesEffect }: Death): DyingProcess {
  const connection = new Libsql(file);
  // As `openDatabase` sets a writer.
  for (const pragma of ['busy_timeout = 10', 'synchronous = FULL', 'foreign_keys = ON', 'secure_delete = ON']) {
    connection.exec(`pragma ${pragma}`);
  }
  let statements = 0;
  let died = false;
  const gone = (): never => {
    throw new Error('the process is gone');
  };
  function unlessDead<T>(work: () => T): T {
    if (died) gone();
    if (statements++ !== atWrite) return work();
    died = true;
    if (takesEffect) work();
    return gone();
  }
  const driver = {
    exec: (sql: string) => {
      if (sql === 'commit') unlessDead(() => connection.exec(sql));
      else if (died) gone();
      else connection.exec(sql);
    },
    prepare: (sql: string) => {
      const statement = connection.prepare(sql);
      return {
        reader: statement.reader,
        run: (parameters: unknown) => unlessDead(() => statement.run(parameters)),
        all: (parameters: unknown) => unlessDead(() => statement.all(parameters)),
      };
    },
    get inTransaction() {
      return connection.inTransaction;
    },
  };
  const only = new LibsqlConnection(driver as unknown as Libsql.Database, 'begin immediate');
  return {
    stores: storesOver(new SqlDatabase(only, only)),
    died: () => died,
    end: () => {
      // SQLite finds what a dead process had not committed by its lock being free, and ignores it. The statements of
      // this connection wait for the garbage collector and would keep the lock until then.
      if (connection.inTransaction) connection.exec('rollback');
      connection.close();
      return Promise.resolve();
    },
  };
}
