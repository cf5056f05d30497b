import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase, type SqlDatabase } from '../../../adapters/sql/database.ts';
import { SCHEMA_VERSION } from '../../../adapters/sql/migrate.ts';
import { SqlAccountStore } from '../../../adapters/sql/account-store.ts';
import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import { administration } from '../../../adapters/sql/migrations/0014-administration.ts';
import { SqlSampleStore } from '../../../adapters/sql/sample-store.ts';
import { SqlUploadStore } from '../../../adapters/sql/upload-store.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { columnsOf, WATCH } from '../../unit/sample-columns.ts';

const test = suite<{ file: string; folder: string }>('sql database');

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
  context.file = path.join(context.folder, 'data', 'clarity.db');
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const job = (id: string) => ({ id, owner: userId('ada'), upload: processingId(id) });

const jobIds = (database: SqlDatabase): Promise<readonly string[]> =>
  database.read(async (transaction) =>
    (await transaction.selectFrom('job').select('id').orderBy('id').execute()).map(({ id }) => id),
  );

const insertJob = (database: SqlDatabase, id: string): Promise<void> =>
  database.write(async (transaction) => {
    await transaction
      .insertInto('job')
      .values({ ...{ id, owner: 'ada', upload_id: id }, enqueued_at_ms: 0, due_at_ms: 0, attempt: 0, receipt: null })
      .execute();
  });

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return String(error);
  }
  throw new Error('it did not fail');
};

test('a new database and its folder are made for this user alone', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  valueOf(await new SqlJobQueue(database).enqueue(job('a'), 0));
  const modeOf = async (name: string) => (await stat(name)).mode & 0o777;
  assert.is(await modeOf(path.dirname(file)), 0o700);
  assert.is(await modeOf(file), 0o600);
  assert.is(await modeOf(`${file}-wal`), 0o600);
  await database.close();
});

test('what is committed is synced to the disk, and references are enforced', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const settings = await database.write(async (transaction) =>
    Promise.all(
      ['journal_mode', 'synchronous', 'foreign_keys'].map(async (name) => {
        const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(transaction);
        return rows[0]?.[name];
      }),
    ),
  );
  // 2 is FULL.
  assert.equal(settings, ['wal', 2, 1]);
  await database.close();
});

test('opening again keeps the schema and the data', async ({ file }) => {
  for (const ids of [[], ['a']]) {
    const database = valueOf(await openDatabase(file));
    assert.equal(await jobIds(database), ids);
    const versions = await database.read((transaction) =>
      transaction.selectFrom('schema_version').select('version').execute(),
    );
    assert.is(versions.length, SCHEMA_VERSION);
    if (ids.length === 0) await insertJob(database, 'a');
    await database.close();
  }
});

test('what was kept before it could be added up is added up', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  await database.write(async (transaction) => {
    for (const undo of [
      'drop index upload_usage',
      'alter table upload drop column raw_bytes',
      'drop index account_in_list_order',
      'alter table account drop column disabled',
      'drop table failed_job',
    ]) {
      await sql.raw(undo).execute(transaction);
    }
    const contents = [{ raw: { bytes: 3_000_000_000 } }, { raw: { bytes: 1 } }, { raw: null }];
    for (const [i, content] of contents.entries()) {
      const values = sql`${`u${String(i)}`}, 'ada', 'healthkit', 'processing', 0, 0, ${JSON.stringify(content)}`;
      await sql`insert into upload (upload_id, owner, kind, status, created_at_ms, updated_at_ms, content) values (${values})`.execute(
        transaction,
      );
    }
    await administration.up(transaction as never);
  });
  const uploads = new SqlUploadStore(database);
  assert.equal(valueOf(await uploads.usage(userId('ada'))), { storedBytes: 3_000_000_001, running: 3 });
  await database.close();
});

test('usage is read from an index alone', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const plan = await database.read(async (transaction) => {
    const { rows } = await sql
      .raw<{ readonly detail: string }>(
        "explain query plan select status, count(*), sum(raw_bytes) from upload where owner = 'ada' group by status",
      )
      .execute(transaction);
    return rows.map(({ detail }) => detail).join();
  });
  assert.match(plan, /USING COVERING INDEX upload_usage/);
  await database.close();
});

test('several that open a new file at once all find it ready', async ({ file }) => {
  const databases = await Promise.all(Array.from({ length: 5 }, async () => valueOf(await openDatabase(file))));
  for (const [i, database] of databases.entries()) await insertJob(database, `job ${i}`);
  for (const database of databases) {
    assert.is((await jobIds(database)).length, 5);
    await database.close();
  }
});

test('a database of a newer schema is refused, says so, and is left as it was', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const newer = { version: SCHEMA_VERSION + 2, name: 'from the future' };
  await database.write((transaction) => transaction.insertInto('schema_version').values(newer).execute());
  await database.close();
  const before = await readFile(file);
  const error = errorOf(await openDatabase(file));
  assert.is(error.kind, 'schema-too-new');
  if (error.kind === 'schema-too-new') {
    assert.equal([error.found, error.supported], [SCHEMA_VERSION + 2, SCHEMA_VERSION]);
    assert.match(error.message, `schema version ${SCHEMA_VERSION + 2}`);
  }
  assert.is(Buffer.compare(await readFile(file), before), 0);
});

test('a file that is no database, and a path that cannot be one, are unavailable', async ({ folder }) => {
  const text = path.join(folder, 'notes.txt');
  await writeFile(text, 'These are notes, and no database at all. '.repeat(100));
  for (const file of [text, folder, path.join(text, 'below.db')]) {
    assert.is(errorOf(await openDatabase(file)).kind, 'port-unavailable', file);
  }
  assert.match(await readFile(text, 'utf8'), 'These are notes');
});

test('work that fails leaves nothing of what it wrote', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const failing = database.write(async (transaction) => {
    await transaction.deleteFrom('job').execute();
    await transaction.insertInto('sample_reach').values({ owner: 'a', type: 'b', reach_days: 1 }).execute();
    throw new Error('changed my mind');
  });
  await insertJob(database, 'a');
  assert.match(await failureOf(failing), 'changed my mind');
  assert.equal(await jobIds(database), ['a']);
  assert.equal(await database.read((transaction) => transaction.selectFrom('sample_reach').selectAll().execute()), []);
  await database.close();
});

test('a read neither waits for a write nor sees it before its end', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const written = database.write(async (transaction) => {
    await transaction.insertInto('sample_reach').values({ owner: 'a', type: 'b', reach_days: 1 }).execute();
    return database.read((other) => other.selectFrom('sample_reach').selectAll().execute());
  });
  assert.equal(await written, []);
  const after = await database.read((transaction) => transaction.selectFrom('sample_reach').selectAll().execute());
  assert.is(after.length, 1);
  await database.close();
});

test('the connection for reading cannot write', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const failure = await failureOf(database.read((transaction) => transaction.deleteFrom('job').execute()));
  assert.match(failure, 'readonly');
  await database.close();
});

test("a write waits for another process's write to end", async ({ file }) => {
  const [first, second] = [valueOf(await openDatabase(file)), valueOf(await openDatabase(file))];
  let finish = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let holds = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    holds = resolve;
  });
  const order: string[] = [];
  const long = first.write(async () => {
    holds();
    await until;
    order.push('first');
  });
  await held;
  const waiting = insertJob(second, 'a').then(() => order.push('second'));
  // The read goes over while the write waits.
  assert.equal(await jobIds(second), []);
  finish();
  await Promise.all([long, waiting]);
  assert.equal(order, ['first', 'second']);
  await first.close();
  await second.close();
});

test('closing waits for calls under way, and later calls are unavailable', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const queue = new SqlJobQueue(database);
  const underWay = queue.enqueue(job('a'), 0);
  await database.close();
  valueOf(await underWay);
  assert.is(errorOf(await queue.enqueue(job('b'), 0)).kind, 'port-unavailable');
  assert.is(
    errorOf(await new SqlSampleStore(database).daysWithData(userId('ada'), ['heart_rate'])).kind,
    'port-unavailable',
  );
  const reopened = valueOf(await openDatabase(file));
  assert.equal(await jobIds(reopened), ['a']);
  await reopened.close();
});

test('of writes that come at once each stands or falls by itself, and the next sees what the one before wrote', async ({
  file,
}) => {
  const database = valueOf(await openDatabase(file));
  const seen: (readonly string[])[] = [];
  const writes = [
    insertJob(database, 'a'),
    database.write(async (transaction) => {
      await transaction.deleteFrom('job').execute();
      throw new Error('undone');
    }),
    database.write(async (transaction) => {
      seen.push((await transaction.selectFrom('job').select('id').execute()).map(({ id }) => id));
    }),
    insertJob(database, 'b'),
  ];
  const outcomes = await Promise.allSettled(writes);
  assert.equal(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.equal(seen, [['a']]);
  assert.equal(await jobIds(database), ['a', 'b']);
  await database.close();
});

test('writes that cannot be made durable together are made so one after the other', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const outcomes = await Promise.allSettled([
    insertJob(database, 'a'),
    // Ends the transaction of all of them, as SQLite does by itself when the disk is full.
    database.write((transaction) => sql`rollback`.execute(transaction)),
    insertJob(database, 'b'),
  ]);
  assert.equal(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(await jobIds(database), ['a', 'b']);
  await database.close();
});

test('what the database cannot keep exactly is refused before it is stored', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const queue = new SqlJobQueue(database);
  assert.match(errorOf(await queue.enqueue(job('nul \0 byte'), 0)).cause, 'NUL');
  assert.match(errorOf(await queue.enqueue(job('a'), Number.NaN)).cause, 'not a value of the database');
  assert.match(errorOf(await queue.enqueue(job(true as unknown as string), 0)).cause, 'not a value of the database');
  assert.match(errorOf(await queue.enqueue(job(undefined as unknown as string), 0)).cause, /./);
  assert.is(errorOf(await queue.enqueue(job('a'), Infinity)).retryable, false);
  assert.equal(await jobIds(database), []);
  const account = new SqlAccountStore(database);
  assert.is(errorOf(await account.byEmailKey('nul \0 byte')).kind, 'port-unavailable');
  await database.close();
});

test('a stored chunk that was damaged is an error that names it, not an answer', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const store = new SqlSampleStore(database);
  const ada = userId('ada');
  const batch = columnsOf('heart_rate', [{ startMs: 0, value: 60, source: WATCH }]);
  valueOf(await store.append(ada, processingId('a'), [batch]));
  const flipOneBit = (): Promise<void> =>
    database.write(async (transaction) => {
      const { content } = await transaction.selectFrom('sample_chunk').select('content').executeTakeFirstOrThrow();
      content[20] = content[20]! ^ 1;
      await transaction.updateTable('sample_chunk').set({ content }).execute();
    });
  const span = { fromMs: -1, toMs: 10 };
  await flipOneBit();
  for (const error of [
    errorOf(await store.read(ada, ['heart_rate'], span)),
    errorOf(await store.append(ada, processingId('b'), [batch])),
  ]) {
    assert.is(error.retryable, false);
    assert.match(error.cause, 'heart_rate of day 0 is corrupt');
  }
  await flipOneBit();
  assert.is(valueOf(await store.read(ada, ['heart_rate'], span)).length, 1);
  await database.close();
});

test.run();
