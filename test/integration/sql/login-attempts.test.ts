import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase, type SqlDatabase } from '../../../adapters/sql/database.ts';
import { SqlLoginAttempts } from '../../../adapters/sql/login-attempts.ts';
import { durableLoginAttemptsContract, loginAttemptsContract } from '../../contracts/login-attempts.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlLoginAttempts(database));

loginAttemptsContract('sql', make);
durableLoginAttemptsContract('sql', make);

test('what is over is removed with a later failure, also where nobody comes back', async () => {
  const under = await storeOver((database) => ({
    attempts: new SqlLoginAttempts(database),
    addresses: () =>
      database.read((transaction) => transaction.selectFrom('failed_login').select('email_key').execute()),
  }))();
  const { attempts, addresses } = under.store;
  const policy = { mostFailures: 3, lockMs: 60_000 };
  for (let i = 0; i < 5; i++) valueOf(await attempts.recordFailure(`${i}@example.org`, i, policy));
  valueOf(await attempts.recordFailure('late@example.org', 60_002, policy));
  assert.equal(
    (await addresses()).map(({ email_key }) => email_key),
    ['3@example.org', '4@example.org', 'late@example.org'],
  );
  await under.close();
});

test('failures are counted exactly over several connections to one file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
  const databases: SqlDatabase[] = [];
  for (let i = 0; i < 3; i++) databases.push(valueOf(await openDatabase(path.join(folder, 'clarity.db'))));
  const policy = { mostFailures: 3, lockMs: 60_000 };
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      new SqlLoginAttempts(databases[i % 3]!).recordFailure('ada@example.org', 0, policy),
    ),
  );
  assert.is(outcomes.filter((outcome) => valueOf(outcome) === null).length, 3);
  for (const database of databases) await database.close();
  await rm(folder, { recursive: true, force: true });
});

test.run();
