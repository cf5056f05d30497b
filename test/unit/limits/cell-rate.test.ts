import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellRateOf, standingOf, takeUpTo } from '../../../core/limits/cell-rate.ts';

const NOW = 1_741_000_000_000;
const TEN_A_MINUTE = { calls: 10, windowMs: 60_000 };

test('the spacing and the burst are whole microseconds, and together at least the window', () => {
  assert.equal(cellRateOf(TEN_A_MINUTE), { spacingUs: 6_000_000, burstUs: 60_000_000 });
  assert.equal(cellRateOf({ calls: 7, windowMs: 1000 }), { spacingUs: 142_858, burstUs: 1_000_006 });
  assert.equal(cellRateOf({ calls: 1_000_000_000, windowMs: 1 }), { spacingUs: 1, burstUs: 1_000_000_000 });
});

test('so many calls in a window and a burst, and not one more, however they are spread', () => {
  // The bound of the algorithm: in any stretch of time as long as n windows at most n + 1 times the calls.
  for (const everyMs of [1, 10, 997, 5999, 6000, 6001]) {
    let arrivalUs: number | null = null;
    let taken = 0;
    for (let atMs = 0; atMs < 300_000; atMs += everyMs) {
      const answer = takeUpTo(arrivalUs, TEN_A_MINUTE, 1, NOW + atMs);
      arrivalUs = answer.arrivalUs;
      taken += answer.taken;
    }
    const most = Math.min(60, Math.ceil(300_000 / everyMs));
    assert.ok(taken <= most && taken >= most - 1, `every ${everyMs} ms: ${taken} of ${most}`);
  }
});

test('a standing says how many there are, when the next is there and when all are', () => {
  const { arrivalUs } = takeUpTo(null, TEN_A_MINUTE, 10, NOW);
  assert.equal(standingOf(arrivalUs, TEN_A_MINUTE, NOW), {
    remaining: 0,
    fullAtMs: NOW + 60_000,
    nextAtMs: NOW + 6000,
  });
  assert.is(standingOf(arrivalUs, TEN_A_MINUTE, NOW + 6000).remaining, 1);
  assert.is(standingOf(arrivalUs, TEN_A_MINUTE, NOW + 600_000).remaining, 10);
});

test.run();
