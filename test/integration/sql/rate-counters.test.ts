import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SqlRateCounters } from '../../../adapters/sql/rate-counters.ts';
import {
  durableRateCountersContract,
  rateCountersContract,
  sharedRateCountersContract,
} from '../../contracts/rate-counters.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlRateCounters(database));

rateCountersContract('sql', make);
durableRateCountersContract('sql', make);
sharedRateCountersContract(
  'sql',
  twoStoresOver((database) => new SqlRateCounters(database)),
);

test('counters that are over are removed in passing, and those that are not are kept', async () => {
  const under = await storeOver((database) => ({
    counters: new SqlRateCounters(database),
    rows: () => database.read((transaction) => transaction.selectFrom('rate_counter').select('counter').execute()),
  }))();
  const { counters, rows } = under.store;
  const take = async (counter: string, nowMs: number): Promise<unknown> =>
    valueOf(await counters.take({ counter, limit: { calls: 1, windowMs: 60_000 }, most: 1, nowMs }));
  await Promise.all(Array.from({ length: 50 }, (_, i) => take(`early ${i}`, i)));
  await Promise.all(Array.from({ length: 49 }, (_, i) => take(`late ${i}`, 60_030)));
  assert.is((await rows()).length, 99);
  await take('last', 60_030);
  const names = (await rows()).map(({ counter }) => counter);
  assert.is(names.length, 19 + 49 + 1);
  assert.ok(names.includes('early 31') && !names.includes('early 30'));
  await under.close();
});

test.run();
