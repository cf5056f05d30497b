import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRateCounters } from '../../../adapters/memory/rate-counters.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { DEFAULT_RATE_LIMITS } from '../../../core/limits/model.ts';
import { RateLimiter, type LimitedCall } from '../../../core/limits/rate-limiter.ts';
import { ADA, BOB, SettableClock } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

function limiterAt(clock = new SettableClock()) {
  const limiter = new RateLimiter({
    counters: new MemoryRateCounters(),
    clock,
    digest: nodeDigest,
    limits: { ...DEFAULT_RATE_LIMITS, default: { calls: 3, windowMs: 60_000 } },
  });
  const admit = async (call: Partial<LimitedCall>) =>
    valueOf(await limiter.admit({ limited: 'default', user: null, address: '192.0.2.1', ...call }));
  const admitted = async (times: number, call: Partial<LimitedCall>): Promise<number> => {
    let count = 0;
    for (let i = 0; i < times; i++) if ((await admit(call)).admitted) count++;
    return count;
  };
  return { admit, admitted, clock };
}

test('calls of a person are counted for the person, wherever they come from', async () => {
  const { admitted } = limiterAt();
  assert.is(await admitted(2, { user: ADA, address: '192.0.2.1' }), 2);
  assert.is(await admitted(2, { user: ADA, address: '192.0.2.2' }), 1);
  assert.is(await admitted(5, { user: BOB, address: '192.0.2.1' }), 3);
});

test('calls of nobody known are counted for the address, each for itself', async () => {
  const { admitted } = limiterAt();
  assert.is(await admitted(5, { address: '192.0.2.1' }), 3);
  assert.is(await admitted(5, { address: '2001:db8:0:1::/64' }), 3);
});

test('registering, logging in and recovering count for the address, also for whoever is known', async () => {
  const { admitted } = limiterAt();
  for (const limited of ['register', 'login', 'recovery'] as const) {
    const { calls } = DEFAULT_RATE_LIMITS[limited];
    assert.is(await admitted(1, { limited, user: ADA }), 1, limited);
    assert.is(await admitted(50, { limited, user: BOB }), calls - 1, limited);
    assert.is(await admitted(1, { limited, user: BOB, address: '192.0.2.7' }), 1, limited);
  }
});

test('each class has a limit of its own', async () => {
  const { admitted } = limiterAt();
  assert.is(await admitted(50, { user: ADA, limited: 'step-analysis' }), 20);
  assert.is(await admitted(50, { user: ADA, limited: 'analysis' }), 20);
  assert.is(await admitted(500, { user: ADA, limited: 'upload' }), 100);
  assert.is(await admitted(50, { user: ADA }), 3);
});

test('an admission says how many calls are left, and when they are there again', async () => {
  const { admit, clock } = limiterAt();
  const first = await admit({ user: ADA });
  assert.equal(
    [first.limit, first.remaining, first.resetSeconds, first.retryAfterSeconds],
    [{ calls: 3, windowMs: 60_000 }, 2, 20, 0],
  );
  await admit({ user: ADA });
  await admit({ user: ADA });
  const refused = await admit({ user: ADA });
  assert.equal(
    [refused.admitted, refused.remaining, refused.resetSeconds, refused.retryAfterSeconds],
    [false, 0, 60, 20],
  );
  clock.nowMs += 19_999;
  assert.equal([(await admit({ user: ADA })).admitted, (await admit({ user: ADA })).retryAfterSeconds], [false, 1]);
  clock.nowMs += 1;
  assert.is((await admit({ user: ADA })).admitted, true);
});

test.run();
