import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlDatabase } from '../../../adapters/sql/database.ts';
import { SqlIdempotencyStore } from '../../../adapters/sql/idempotency-store.ts';
import { userId } from '../../../core/kernel/ids.ts';
import {
  durableIdempotencyStoreContract,
  idempotencyStoreContract,
  sharedIdempotencyStoreContract,
} from '../../contracts/idempotency-store.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlIdempotencyStore(database));

idempotencyStoreContract('sql', make);
durableIdempotencyStoreContract('sql', make);
sharedIdempotencyStoreContract(
  'sql',
  twoStoresOver((database) => new SqlIdempotencyStore(database)),
);

const rows = suite('rows of calls');

const countOf = (database: SqlDatabase): Promise<number> =>
  database.read(async (transaction) => (await transaction.selectFrom('keyed_call').selectAll().execute()).length);

rows('calls whose time is over go when others are begun, whoever their owner is, and erased ones at once', async () => {
  const under = await storeOver((database) => ({ database, store: new SqlIdempotencyStore(database) }))();
  const { database, store } = under.store;
  const begin = async (owner: string, nowMs: number) => {
    const attempt = { fingerprint: 'f', token: owner, nowMs, heldUntilMs: nowMs + 1, forgetAtMs: nowMs + 100 };
    return valueOf(await store.begin({ owner: userId(owner), operation: 'o', key: 'k' }, attempt));
  };
  try {
    for (let i = 0; i < 25; i++) await begin(`old ${i}`, 0);
    await begin('new 1', 99);
    assert.is(await countOf(database), 26);
    await begin('new 2', 100);
    await begin('new 3', 100);
    assert.is(await countOf(database), 8);
    await begin('new 4', 100);
    assert.is(await countOf(database), 4);
    valueOf(await store.eraseOwner(userId('new 1')));
    assert.is(await countOf(database), 3);
  } finally {
    await under.close();
  }
});

rows.run();
