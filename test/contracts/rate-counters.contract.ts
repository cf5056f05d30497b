import * as assert from 'uvu/assert';
import { standingOf, takeUpTo, type TakenCalls } from '../../core/limits/cell-rate.ts';
import type { RateLimit } from '../../core/limits/model.ts';
import type { RateCounters } from '../../core/limits/ports.ts';
import { randomStream } from '../../core/simulation/random.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const NOW = Date.UTC(2025, 2, 10, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FIVE_AN_HOUR: RateLimit = { calls: 5, windowMs: HOUR };

const SEED = Number(process.env['LIMIT_SEED'] ?? 20250310);

interface Ask {
  readonly counter?: string;
  readonly limit?: RateLimit;
  readonly most?: number;
  readonly atMs?: number;
}

const asked = async (store: RateCounters, ask: Ask = {}): Promise<TakenCalls> => {
  const { counter = 'ada', limit = FIVE_AN_HOUR, most = 1, atMs = NOW } = ask;
  return valueOf(await store.take({ counter, limit, most, nowMs: atMs }));
};
const taken = async (store: RateCounters, ask: Ask = {}): Promise<number> => (await asked(store, ask)).taken;

/** What every `RateCounters` promises. `make` is called once a test. */
export function rateCountersContract(name: string, make: () => Promise<UnderTest<RateCounters>>): void {
  const { test, run } = suiteOver<RateCounters, UnderTest<RateCounters>>(`rate counters: ${name}`, make);

  test('all calls of a counter can be taken at once, and not one more', async ({ store }) => {
    for (let left = 4; left >= 0; left--) {
      const answer = await asked(store);
      assert.is(answer.taken, 1);
      assert.is(standingOf(answer.arrivalUs, FIVE_AN_HOUR, NOW).remaining, left);
    }
    const refused = await asked(store);
    assert.is(refused.taken, 0);
    const { remaining, nextAtMs, fullAtMs } = standingOf(refused.arrivalUs, FIVE_AN_HOUR, NOW);
    assert.equal([remaining, nextAtMs, fullAtMs], [0, NOW + 12 * MINUTE, NOW + HOUR]);
  });

  test('calls come back one by one, each when its time has come', async ({ store }) => {
    assert.is(await taken(store, { most: 5 }), 5);
    assert.is(await taken(store, { atMs: NOW + 12 * MINUTE - 1 }), 0);
    assert.is(await taken(store, { atMs: NOW + 12 * MINUTE }), 1);
    assert.is(await taken(store, { atMs: NOW + 12 * MINUTE }), 0);
    assert.is(await taken(store, { most: 9, atMs: NOW + 40 * MINUTE }), 2);
  });

  test('as many are taken as there are, up to what is wanted', async ({ store }) => {
    assert.is(await taken(store, { most: 3 }), 3);
    assert.is(await taken(store, { most: 3 }), 2);
    assert.is(await taken(store, { most: 3 }), 0);
    assert.is(await taken(store, { counter: 'ben', most: 100 }), 5);
  });

  test('a counter that was not used for its window has all its calls', async ({ store }) => {
    await taken(store, { most: 5 });
    assert.is(await taken(store, { most: 9, atMs: NOW + HOUR }), 5);
    assert.is(await taken(store, { most: 9, atMs: NOW + 1000 * HOUR }), 5);
  });

  test('counters do not touch each other', async ({ store }) => {
    await taken(store, { most: 5 });
    for (const counter of AWKWARD_IDS) assert.is(await taken(store, { counter, most: 9 }), 5, counter);
    for (const counter of AWKWARD_IDS) assert.is(await taken(store, { counter }), 0, counter);
  });

  test('takes at the same time never get more together than there is', async ({ store }) => {
    const limit = { calls: 20, windowMs: HOUR };
    const all = await Promise.all(Array.from({ length: 30 }, (_, i) => taken(store, { limit, most: 1 + (i % 3) })));
    assert.is(
      all.reduce((sum, one) => sum + one, 0),
      20,
    );
  });

  test('what another clock that is a little ahead has taken counts, and what a wrong one has does not', async ({
    store,
  }) => {
    await taken(store, { most: 5, atMs: NOW + 50_000 });
    assert.is(await taken(store), 0);
    await taken(store, { counter: 'ben', most: 5, atMs: NOW + 1000 * HOUR });
    assert.is(await taken(store, { counter: 'ben', most: 9 }), 5);
  });

  test('after a limit was changed a counter that stands beyond the new one counts for nothing, others go on', async ({
    store,
  }) => {
    await taken(store, { most: 5 });
    const faster = { calls: 10, windowMs: MINUTE };
    assert.is(await taken(store, { limit: faster, most: 20 }), 10);
    const slower = { calls: 2, windowMs: HOUR };
    assert.is(await taken(store, { limit: slower, most: 20 }), 1);
  });

  test('it counts exactly as the formula does, whatever comes', async ({ store }) => {
    const random = randomStream(SEED).uniform;
    const below = (end: number): number => Math.floor(random() * end);
    for (const limit of [FIVE_AN_HOUR, { calls: 7, windowMs: MINUTE }, { calls: 1_000_000_000, windowMs: HOUR }]) {
      let arrivalUs: number | null = null;
      let nowMs = NOW;
      for (let step = 0; step < 60; step++) {
        // Clocks have fractions, and do not always go forward.
        nowMs += below(4) === 0 ? -below(1000) : random() * ((2 * limit.windowMs) / limit.calls + 5000);
        const most = 1 + below(4);
        const expected = takeUpTo(arrivalUs, limit, most, nowMs);
        const counter = `model ${String(limit.calls)}`;
        const answer = await asked(store, { counter, limit, most, atMs: nowMs });
        assert.equal(answer, expected, `seed ${String(SEED)}, ${String(limit.calls)} calls, step ${String(step)}`);
        // What was refused has left the counter as it was; adapters may write it or not.
        if (expected.taken > 0 || arrivalUs === null) arrivalUs = expected.arrivalUs;
      }
    }
  });

  run();
}

/** What `RateCounters` that outlive their process promise besides. */
export function durableRateCountersContract(name: string, make: () => Promise<DurableUnderTest<RateCounters>>): void {
  const { test, run } = suiteOver<RateCounters, DurableUnderTest<RateCounters>>(`durable rate counters: ${name}`, make);

  test('what was taken is taken after closing and opening again', async (under) => {
    assert.is(await taken(under.store, { most: 3 }), 3);
    assert.is(await taken(await under.reopen(), { most: 3 }), 2);
  });

  run();
}

/** What `RateCounters` that several processes work on promise besides. */
export function sharedRateCountersContract(name: string, make: () => Promise<SharedUnderTest<RateCounters>>): void {
  const { test, run } = suiteOver<RateCounters, SharedUnderTest<RateCounters>>(`shared rate counters: ${name}`, make);

  test('what one process takes is taken for every other', async ({ store, other }) => {
    assert.is(await taken(store, { most: 3 }), 3);
    assert.is(await taken(other, { most: 3 }), 2);
    assert.is(await taken(store), 0);
  });

  test('processes that take at the same time never get more together than there is', async ({ store, other }) => {
    const limit = { calls: 25, windowMs: HOUR };
    const takes = Array.from({ length: 40 }, (_, i) => taken(i % 2 === 0 ? store : other, { limit }));
    const all = await Promise.all(takes);
    assert.is(
      all.reduce((sum, one) => sum + one, 0),
      25,
    );
  });

  run();
}
