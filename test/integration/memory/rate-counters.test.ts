import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRateCounters } from '../../../adapters/memory/rate-counters.ts';
import { rateCountersContract } from '../../contracts/rate-counters.contract.ts';
import { valueOf } from '../../unit/result-values.ts';

rateCountersContract('memory', async () => ({ store: new MemoryRateCounters(), close: async () => undefined }));

test('counters that are over are forgotten in passing, and those that are not are kept', async () => {
  const counters = new MemoryRateCounters();
  const take = async (counter: string, nowMs: number): Promise<number> =>
    valueOf(await counters.take({ counter, limit: { calls: 2, windowMs: 60_000 }, most: 2, nowMs })).taken;
  for (let i = 0; i < 900; i++) await take(`early ${i}`, i);
  for (let i = 0; i < 99; i++) await take(`late ${i}`, 60_500);
  assert.is(counters.size, 999);
  await take('last', 60_500);
  assert.is(counters.size, 399 + 100);
  assert.is(await take('early 600', 60_500), 1);
});

test.run();
