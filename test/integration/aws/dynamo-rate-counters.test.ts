import * as assert from 'uvu/assert';
import { DynamoRateCounters } from '../../../adapters/aws/dynamodb/rate-counters.ts';
import type { RateCounters } from '../../../core/limits/ports.ts';
import {
  durableRateCountersContract,
  rateCountersContract,
  sharedRateCountersContract,
} from '../../contracts/rate-counters.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): RateCounters => new DynamoRateCounters(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

rateCountersContract('dynamodb', make);
durableRateCountersContract('dynamodb', make);
sharedRateCountersContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb rate counters', make);

test('the table is told when an item is not needed any more', async ({ store, under }) => {
  const limit = { calls: 2, windowMs: 3000 };
  valueOf(await store.take({ counter: 'c', limit, most: 1, nowMs: 10_000 }));
  assert.equal(await under.scan(), [{ pk: 'RATE#c', sk: 'RATE', kind: 'rate', arrival_us: 11_500_000, ttl: 12 }]);
});

run();
