import type { Database, Statement } from 'libsql';
import * as td from 'testdouble';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SqlDatabase } from '../../../adapters/sql/database.ts';
import { LibsqlConnection } from '../../../adapters/sql/libsql-connection.ts';
import { SqlUploadStore } from '../../../adapters/sql/upload-store.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { ADA, NOW_MS } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

// A full disk, a failing one and a damaged file cannot be had on order, so the driver is stood in for here.

const UPLOAD = newUpload({
  owner: ADA,
  processingId: processingId('one'),
  kind: 'healthkit',
  uploadSource: 'apple_health',
  timezone: null,
  syncToken: null,
  nowMs: NOW_MS,
});

const sqliteError = (code: string): Error => Object.assign(new Error(`${code}: as the driver words it`), { code });

/** A store over a driver that does as the test says; every statement works unless told otherwise. */
function storeOverDriver() {
  const driver = {
    exec: td.func<(sql: string) => unknown>(),
    prepare: td.func<(sql: string) => Statement>(),
    inTransaction: true,
  };
  const statement = { run: td.func<(parameters: unknown) => ReturnType<Statement['run']>>(), reader: false };
  td.when(statement.run(td.matchers.anything())).thenReturn({ changes: 1, lastInsertRowid: 1 });
  td.when(driver.prepare(td.matchers.isA(String) as string)).thenReturn(statement);
  const connection = new LibsqlConnection(driver as unknown as Database, 'begin immediate');
  return { driver, statement, store: new SqlUploadStore(new SqlDatabase(connection, connection)) };
}

const timesCalled = (driver: { readonly exec: (sql: string) => unknown }, statement: string): number =>
  td.explain(driver.exec).calls.filter(({ args }) => args[0] === statement).length;

test('a write begins with the write lock and is committed', async () => {
  const { driver, store } = storeOverDriver();
  valueOf(await store.insert(UPLOAD));
  assert.is(timesCalled(driver, 'begin immediate'), 1);
  assert.is(timesCalled(driver, 'commit'), 1);
  assert.is(timesCalled(driver, 'rollback'), 0);
});

test('a disk that is full or fails leaves nothing behind, and may work later', async () => {
  for (const code of ['SQLITE_FULL', 'SQLITE_IOERR_WRITE']) {
    const { driver, statement, store } = storeOverDriver();
    td.when(statement.run(td.matchers.anything())).thenThrow(sqliteError(code));
    const error = errorOf(await store.insert(UPLOAD));
    assert.equal(
      [error.kind, error.port, error.operation, error.retryable],
      ['port-unavailable', 'UploadStore', 'insert', true],
    );
    assert.is(timesCalled(driver, 'rollback'), 1);
    assert.is(timesCalled(driver, 'commit'), 0);
  }
});

test('where the database has rolled back by itself it is not asked to again', async () => {
  const { driver, statement, store } = storeOverDriver();
  td.when(statement.run(td.matchers.anything())).thenDo(() => {
    driver.inTransaction = false;
    throw sqliteError('SQLITE_FULL');
  });
  assert.is(errorOf(await store.insert(UPLOAD)).retryable, true);
  assert.is(timesCalled(driver, 'rollback'), 0);
});

test('a commit that fails is a failed write: nothing is acknowledged', async () => {
  const { driver, store } = storeOverDriver();
  td.when(driver.exec('commit')).thenThrow(sqliteError('SQLITE_FULL'));
  assert.is(errorOf(await store.insert(UPLOAD)).retryable, true);
  assert.is(timesCalled(driver, 'rollback'), 1);
});

test('a damaged file is told as what will not mend by itself', async () => {
  for (const code of ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_READONLY']) {
    const { statement, store } = storeOverDriver();
    td.when(statement.run(td.matchers.anything())).thenThrow(sqliteError(code));
    assert.is(errorOf(await store.insert(UPLOAD)).retryable, false, code);
  }
});

test('a lock that is free a moment later is waited for', async () => {
  const { driver, store } = storeOverDriver();
  const busy = sqliteError('SQLITE_BUSY');
  let asked = 0;
  td.when(driver.exec('begin immediate')).thenDo(() => {
    asked += 1;
    if (asked < 3) throw busy;
  });
  valueOf(await store.insert(UPLOAD));
  assert.is(asked, 3);
});

test.run();
