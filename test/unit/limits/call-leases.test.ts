import { okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRateCounters } from '../../../adapters/memory/rate-counters.ts';
import { CallLeases, type AnsweringCounters } from '../../../core/limits/call-leases.ts';
import type { RateLimit } from '../../../core/limits/model.ts';
import { valueOf } from '../result-values.ts';

const NOW = 1_741_000_000_000;
const HOUR = 3_600_000;
const THOUSAND: RateLimit = { calls: 1000, windowMs: HOUR };
const FIVE: RateLimit = { calls: 5, windowMs: HOUR };

/** Shared counters that remember how many calls they were asked for, time after time. */
function watched(): { readonly counters: AnsweringCounters; readonly asked: number[] } {
  const shared = new MemoryRateCounters();
  const asked: number[] = [];
  const counters: AnsweringCounters = {
    take: (wanted) => {
      asked.push(wanted.most);
      // Answers later, as what is asked over a network does.
      return ResultAsync.fromSafePromise(Promise.resolve()).andThen(() => shared.take(wanted));
    },
  };
  return { counters, asked };
}

const take = async (leases: CallLeases, limit: RateLimit, nowMs: number, key = 'ada') =>
  valueOf(await leases.take(key, limit, nowMs, (plain) => `hash of ${plain}`));

test('whoever is busy asks ever more seldom, and is told exactly how many calls are left', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  for (let call = 1; call <= 1000; call++) {
    const { admitted, remaining } = await take(leases, THOUSAND, NOW);
    assert.equal([admitted, remaining], [true, 1000 - call]);
  }
  assert.is((await take(leases, THOUSAND, NOW)).admitted, false);
  assert.equal(asked.slice(0, 6), [1, 2, 4, 8, 16, 20]);
  assert.ok(asked.length < 56, `${asked.length} times`);
});

test('a low limit is counted call by call', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  for (let call = 0; call < 5; call++) assert.ok((await take(leases, FIVE, NOW)).admitted);
  assert.equal(asked, [1, 1, 1, 1, 1]);
});

test('whoever calls now and then takes no more calls than they make', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  for (let call = 0; call < 20; call++) await take(leases, THOUSAND, NOW + call * 10_000);
  assert.equal(asked, Array(20).fill(1));
});

test('what is left of a lease lapses when the counter has got it back, so that none is had twice', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  for (let call = 0; call < 31; call++) await take(leases, THOUSAND, NOW);
  assert.equal(asked, [1, 2, 4, 8, 16]);
  await take(leases, THOUSAND, NOW);
  const { remaining } = await take(leases, THOUSAND, NOW + 20 * 3600);
  assert.equal(asked, [1, 2, 4, 8, 16, 20, 1]);
  assert.is(remaining, 1000 - 51 + 20 - 1);
});

test('after a refusal nobody is asked until the next call is there', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  for (let call = 0; call < 6; call++) await take(leases, FIVE, NOW);
  assert.is(asked.length, 6);
  const refused = await take(leases, FIVE, NOW + HOUR / 5 - 1);
  assert.equal([refused.admitted, refused.remaining, refused.nextAtMs], [false, 0, NOW + HOUR / 5]);
  assert.is(asked.length, 6);
  assert.is((await take(leases, FIVE, NOW + HOUR / 5)).admitted, true);
});

test('calls at the same time share leases, and together never get more than there is', async () => {
  const { counters, asked } = watched();
  const leases = new CallLeases(counters);
  const limit = { calls: 300, windowMs: HOUR };
  const all = await Promise.all(Array.from({ length: 400 }, () => take(leases, limit, NOW)));
  assert.is(all.filter(({ admitted }) => admitted).length, 300);
  assert.ok(asked.length < 60, `${asked.length} times`);
});

test('two processes that share counters never admit more than one would', async () => {
  const shared = new MemoryRateCounters();
  const processes = [new CallLeases(shared), new CallLeases(shared)];
  let admitted = 0;
  for (let call = 0; call < 1200; call++) {
    if ((await take(processes[call % 2]!, THOUSAND, NOW)).admitted) admitted++;
  }
  // What one of them still holds of its last lease when the other one has none: at most a fiftieth each.
  assert.ok(admitted <= 1000 && admitted >= 960, String(admitted));
});

test('what has lapsed is forgotten', async () => {
  const leases = new CallLeases(new MemoryRateCounters());
  for (let i = 0; i < 500; i++) await take(leases, THOUSAND, NOW + i, `person ${i}`);
  await take(leases, THOUSAND, NOW + HOUR, 'later');
  assert.is(leases.size, 1);
});

test('shared counters are told a name, and not who it is', async () => {
  const names: string[] = [];
  const leases = new CallLeases({
    take: ({ counter }) => {
      names.push(counter);
      return okAsync({ taken: 1, arrivalUs: 0 });
    },
  });
  await take(leases, FIVE, NOW, 'ada');
  assert.equal(names, ['hash of ada']);
});

test.run();
