import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase, type SqlDatabase } from '../../../adapters/sql/database.ts';
import { openLibsql } from '../../../adapters/sql/libsql-connection.ts';
import { databaseThread, LibsqlThread } from '../../../adapters/sql/libsql-thread.ts';
import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import { SqlSampleStore } from '../../../adapters/sql/sample-store.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

// What a thread of its own changes for who writes; that the stores do the same on it is in their contract suites.

const test = suite<{ folder: string; file: string; database: SqlDatabase }>('sql database that writes on a thread');

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'clarity-thread-'));
  context.file = path.join(context.folder, 'clarity.db');
  context.database = valueOf(await openDatabase(context.file, { writeOn: 'own-thread' }));
});

test.after.each(async ({ database, folder }) => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const job = (id: string) => ({ id, owner: userId('ada'), upload: processingId(id) });

const jobsOf = (database: SqlDatabase): Promise<readonly string[]> =>
  database.read(async (transaction) =>
    (await transaction.selectFrom('job').select('id').orderBy('id').execute()).map(({ id }) => id),
  );

const reach = (database: SqlDatabase, owner: string, days: number) =>
  database.statements.insertInto('sample_reach').values({ owner, type: 'steps', reach_days: days }).compile();

const reachesOf = (database: SqlDatabase): Promise<readonly string[]> =>
  database.read(async (transaction) =>
    (await transaction.selectFrom('sample_reach').select('owner').orderBy('owner').execute()).map(({ owner }) => owner),
  );

test('bytes come back as they went, also those that are part of more', async ({ database }) => {
  const all = Uint8Array.from({ length: 64 }, (_, i) => i);
  const read = await database.write((transaction) =>
    sql<{ bytes: Uint8Array }>`select ${all.subarray(10, 14)} as bytes`.execute(transaction),
  );
  assert.equal([...read.rows[0]!.bytes], [10, 11, 12, 13]);
});

test('an error of the other thread carries its code and leaves nothing', async ({ database }) => {
  await database.writeScript({ statements: [reach(database, 'a', 1)] });
  const error: unknown = await database
    .write(async (transaction) => {
      await transaction.insertInto('job').values(rowOf('x')).execute();
      await transaction.insertInto('sample_reach').values({ owner: 'a', type: 'steps', reach_days: 2 }).execute();
    })
    .then(
      () => null,
      (cause: unknown) => cause,
    );
  assert.match((error as { code: string }).code, /^SQLITE_CONSTRAINT/);
  assert.equal(await jobsOf(database), []);
});

const rowOf = (id: string) => ({
  id,
  owner: 'ada',
  upload_id: id,
  enqueued_at_ms: 0,
  due_at_ms: 0,
  attempt: 0,
  receipt: null,
});

test('a transaction that cannot begin does nothing outside of one, however its work goes on', async ({
  database,
  file,
}) => {
  const other = valueOf(await openDatabase(file));
  let attempts = 0;
  const [held] = await Promise.all([
    other.write(async (transaction) => {
      await transaction.insertInto('job').values(rowOf('other')).execute();
      const waiting = database.write(async (mine) => {
        attempts += 1;
        const failed = await mine
          .insertInto('job')
          .values(rowOf('first'))
          .execute()
          .then(
            () => false,
            () => true,
          );
        await mine
          .insertInto('job')
          .values(rowOf(`second ${failed}`))
          .execute();
      });
      while (attempts < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      // Handed out, since awaiting it here would wait for itself.
      return { waiting };
    }),
  ]);
  await held.waiting;
  assert.equal(await jobsOf(database), ['first', 'other', 'second false']);
  await other.close();
});

test('scripts that come at once stand or fall each by itself', async ({ database }) => {
  const [first, again, whole, half, failing, last] = await Promise.all([
    database.writeScript({ statements: [reach(database, 'a', 1)], mustChange: 1 }),
    database.writeScript({ statements: [reach(database, 'a', 1)] }).catch((error: unknown) => error),
    database.writeScript({ statements: [reach(database, 'b', 1), reach(database, 'c', 1)], mustChange: 2 }),
    database.writeScript({ statements: [reach(database, 'd', 1), reach(database, 'e', 1)], mustChange: 3 }),
    database
      .writeScript({ statements: [reach(database, 'f', 1), { sql: 'no sql', parameters: [] }] })
      .catch((error: unknown) => error),
    database.writeScript({ statements: [{ sql: 'select count(*) as n from sample_reach', parameters: [] }] }),
  ]);
  assert.is(first?.changes, 1);
  assert.match((again as { code: string }).code, /^SQLITE_CONSTRAINT/);
  assert.is(whole?.changes, 1);
  assert.is(half, null);
  assert.match((failing as Error).message, 'syntax error');
  assert.equal(last?.rows, [{ n: 3 }]);
  assert.equal(await reachesOf(database), ['a', 'b', 'c']);
});

test('a heavy script lets light ones pass that came after it, and all become durable', async ({ database, file }) => {
  const heavy = (from: number) => ({
    statements: Array.from({ length: 300 }, (_, i) => reach(database, `heavy ${String(from + i)}`, 1)),
    mustChange: 300,
  });
  const order: string[] = [];
  const done = (name: string) => () => order.push(name);
  await Promise.all([
    database.writeScript(heavy(0)).then(done('heavy 1')),
    database.writeScript(heavy(300)).then(done('heavy 2')),
    database.writeScript({ statements: [reach(database, 'light', 1)] }).then(done('light')),
    database.write((transaction) => transaction.insertInto('job').values(rowOf('work')).execute()).then(done('work')),
  ]);
  assert.equal(order, ['light', 'heavy 1', 'work', 'heavy 2']);
  const other = valueOf(await openDatabase(file));
  assert.is((await reachesOf(other)).length, 601);
  await other.close();
});

test('when the thread ends, what was under way fails, and the next write has another thread', async ({ file }) => {
  const settings = { path: file, begin: 'begin immediate', pragmas: ['busy_timeout = 10'] } as const;
  const thread = databaseThread();
  const connection = new LibsqlThread(settings, thread);
  connection.begin();
  await connection.query('insert into sample_reach values (?, ?, ?)', ['lost', 'steps', 1]);
  await thread.threads[0]!.terminate();
  const failed = async (work: () => Promise<unknown>): Promise<string> => {
    try {
      await work();
    } catch (error) {
      return String(error);
    }
    throw new Error('it did not fail');
  };
  assert.match(await failed(() => connection.query('select 1', [])), 'has ended');
  assert.match(await failed(() => connection.commit()), 'has ended');
  await connection.rollback();
  connection.begin();
  assert.equal((await connection.query('select * from sample_reach', [])).rows, []);
  await connection.commit();
  await connection.close();
  assert.match(await failed(() => connection.query('select 1', [])), 'has been closed');
});

test('a connection on this thread that was closed fails what is asked of it, and the process lives', ({ file }) => {
  const connection = openLibsql({ path: file, begin: 'begin immediate', pragmas: [] });
  connection.close();
  connection.close();
  for (const step of [
    () => connection.begin(),
    () => connection.query('select 1', []),
    () => connection.commit(),
    () => connection.runScripts([{ statements: [{ sql: 'select 1', parameters: [] }] }]),
  ]) {
    assert.throws(step, 'the database has been closed');
  }
  // As Kysely does when the transaction of a call that came too late could not begin.
  connection.rollback();
  assert.is(connection.isInTransaction(), false);
});

test('closing waits for what is under way, and later calls are unavailable', async ({ database, folder }) => {
  const other = valueOf(await openDatabase(path.join(folder, 'other.db'), { writeOn: 'own-thread' }));
  const queue = new SqlJobQueue(other);
  const underWay = queue.enqueue(job('a'), 0);
  await other.close();
  valueOf(await underWay);
  assert.is(errorOf(await queue.enqueue(job('b'), 0)).kind, 'port-unavailable');
  assert.is(
    errorOf(await new SqlSampleStore(other).daysWithData(userId('ada'), ['heart_rate'])).kind,
    'port-unavailable',
  );
  assert.equal(await jobsOf(database), []);
});

test.run();
