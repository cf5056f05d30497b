import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RedisRateCounters } from '../../../adapters/redis/rate-counters.ts';
import type { RateCounters } from '../../../core/limits/ports.ts';
import {
  durableRateCountersContract,
  rateCountersContract,
  sharedRateCountersContract,
} from '../../contracts/rate-counters.contract.ts';
import { startRedis, type RedisUnderTest } from '../../emulators/redis.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const NOW = Date.UTC(2025, 2, 10, 12);
const LIMIT = { calls: 5, windowMs: 3_600_000 };

/** A Redis for the suites: a stand-in, or a real one where `TEST_REDIS_URL` names it. */
const standIn = process.env['TEST_REDIS_URL'] === undefined ? await startRedis() : null;
const url = process.env['TEST_REDIS_URL'] ?? standIn?.url ?? '';

/** Counters of their own for each test, in a Redis that others use. */
const named = (counters: RedisRateCounters, name: string): RateCounters => ({
  take: (wanted) => counters.take({ ...wanted, counter: `${name} ${wanted.counter}` }),
});

const make = async () => {
  const name = randomUUID();
  const opened: RedisRateCounters[] = [];
  const open = (): RateCounters => {
    const counters = new RedisRateCounters(url);
    opened.push(counters);
    return named(counters, name);
  };
  return {
    store: open(),
    other: open(),
    reopen: async () => open(),
    close: async () => {
      for (const counters of opened) await counters.close();
    },
  };
};

rateCountersContract('redis', make);
durableRateCountersContract('redis', make);
sharedRateCountersContract('redis', make);

const take = (counters: RedisRateCounters) => counters.take({ counter: 'ada', limit: LIMIT, most: 1, nowMs: NOW });

async function withStandIn(work: (redis: RedisUnderTest, counters: RedisRateCounters) => Promise<void>): Promise<void> {
  const redis = await startRedis();
  const counters = new RedisRateCounters(redis.url);
  try {
    await work(redis, counters);
  } finally {
    await counters.close();
    await redis.close();
  }
}

test('the script is sent once, and again when Redis has forgotten it', () =>
  withStandIn(async (redis, counters) => {
    for (let i = 0; i < 3; i++) assert.is(valueOf(await take(counters)).taken, 1);
    assert.equal(redis.commands(), { ...redis.commands(), EVALSHA: 3, EVAL: 1 });
    redis.forgetScripts();
    assert.is(valueOf(await take(counters)).taken, 1);
    assert.equal(redis.commands(), { ...redis.commands(), EVALSHA: 4, EVAL: 2 });
  }));

test('a Redis that is lost is unavailable at once, and counts on when it is back', () =>
  withStandIn(async (redis, counters) => {
    assert.is(valueOf(await take(counters)).taken, 1);
    await redis.vanish();
    const { kind, port } = errorOf(await take(counters));
    assert.equal([kind, port], ['port-unavailable', 'RateCounters']);
    await redis.listen();
    // It connects by itself, after a pause; until then every call says so at once.
    for (;;) {
      const again = await take(counters);
      if (again.isErr()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      assert.is(again.value.arrivalUs, NOW * 1000 + (2 * LIMIT.windowMs * 1000) / LIMIT.calls);
      return;
    }
  }));

test('a Redis that was never there is unavailable, and nobody waits for it twice', () =>
  withStandIn(async (redis, counters) => {
    await redis.vanish();
    errorOf(await take(counters));
    errorOf(await take(counters));
  }));

test('after the end nothing is counted', () =>
  withStandIn(async (_redis, counters) => {
    assert.is(valueOf(await take(counters)).taken, 1);
    await counters.close();
    errorOf(await take(counters));
  }));

test.after(async () => {
  await standIn?.close();
});

test.run();
