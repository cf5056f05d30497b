import { errAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRateCounters } from '../../../adapters/memory/rate-counters.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { TakenCalls } from '../../../core/limits/cell-rate.ts';
import type { RateCounters } from '../../../core/limits/ports.ts';
import { ShelteredCounters } from '../../../hosts/wiring/sheltered-counters.ts';
import { SettableClock } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

const LOST = portUnavailable('RateCounters', 'take', 'gone');
const LIMIT = { calls: 2, windowMs: 3_600_000 };

function sheltered() {
  const clock = new SettableClock();
  const working = new MemoryRateCounters();
  const told: (string | null)[] = [];
  const state = { asked: 0, answers: 'yes' as 'yes' | 'no' | 'never' };
  const shared: RateCounters = {
    take: (wanted): ResultAsync<TakenCalls, PortUnavailable> => {
      state.asked++;
      if (state.answers === 'no') return errAsync(LOST);
      if (state.answers === 'never') return new ResultAsync(new Promise(() => undefined));
      return working.take(wanted);
    },
  };
  const counters = new ShelteredCounters({
    shared,
    own: new MemoryRateCounters(),
    clock,
    changed: (lost) => told.push(lost === null ? null : lost.cause),
  });
  const take = async () =>
    valueOf(await counters.take({ counter: 'ada', limit: LIMIT, most: 1, nowMs: clock.now() })).taken;
  return { clock, state, told, counters, take };
}

test('while the shared counters answer, they are what counts', async () => {
  const { take, counters, told } = sheltered();
  assert.equal([await take(), await take(), await take()], [1, 1, 0]);
  assert.is(valueOf(await counters.check()), null);
  assert.equal(told, []);
});

test('where they are lost the process counts by itself, says so once, and asks seldom', async () => {
  const { take, state, counters, told, clock } = sheltered();
  await take();
  state.answers = 'no';
  assert.equal([await take(), await take(), await take()], [1, 1, 0], 'its own counters begin anew');
  assert.is(state.asked, 2);
  assert.is(valueOf(await counters.check())?.cause, 'gone');
  assert.is(state.asked, 2);
  clock.nowMs += 5000;
  await take();
  assert.is(state.asked, 3);
  assert.equal(told, ['gone']);
});

test('when they are back they count again, with what they knew', async () => {
  const { take, state, counters, told, clock } = sheltered();
  await take();
  state.answers = 'no';
  await take();
  state.answers = 'yes';
  clock.nowMs += 4999;
  assert.ok(valueOf(await counters.check()) !== null);
  clock.nowMs += 1;
  assert.equal([await take(), await take()], [1, 0]);
  assert.is(valueOf(await counters.check()), null);
  assert.equal(told, ['gone', null]);
});

test('a check is enough to find them again', async () => {
  const { state, counters, told, clock } = sheltered();
  state.answers = 'no';
  assert.ok(valueOf(await counters.check()) !== null);
  state.answers = 'yes';
  clock.nowMs += 5000;
  assert.is(valueOf(await counters.check()), null);
  assert.equal(told, ['gone', null]);
});

test('counters that never answer keep nobody waiting for long, and one call alone', async () => {
  const { take, state, told, clock } = sheltered();
  state.answers = 'never';
  assert.is(await take(), 1);
  assert.is(await take(), 1);
  assert.is(state.asked, 1);
  clock.nowMs += 5000;
  const [slow, quick] = [take(), take()];
  assert.is(state.asked, 2);
  const first = await Promise.race([slow.then(() => 'the one that asks'), quick.then(() => 'the other')]);
  assert.is(first, 'the other');
  await slow;
  assert.match(told[0] ?? '', /^Error: no answer within \d+ ms$/);
});

test.run();
