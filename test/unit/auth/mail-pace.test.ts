import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pacedMail } from '../../../core/auth/mail-pace.ts';

const PACE = { pauseMs: 60, windowMs: 3600, mostInWindow: 5 };
const MOST = fc.integer({ min: 1, max: 6 });

test('the first mail goes at once, the next after the pause', () => {
  assert.equal(pacedMail([], 1000, PACE), { untilMs: null, recentMs: [] });
  assert.is(pacedMail([1000], 1059, PACE).untilMs, 1060);
  assert.is(pacedMail([1000], 1060, PACE).untilMs, null);
});

test('a full window opens when its oldest mail leaves it', () => {
  const sent = [0, 100, 200, 300, 400];
  assert.is(pacedMail(sent, 500, PACE).untilMs, 3600);
  assert.equal(pacedMail(sent, 3600, PACE), { untilMs: null, recentMs: [100, 200, 300, 400] });
});

test('a mail from the future, which only a wrong clock knows, holds nobody up', () => {
  assert.equal(pacedMail([1e15], 1000, PACE), { untilMs: null, recentMs: [] });
});

test('however often somebody asks, no stretch of time has too many mails, and none is held up for ever', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 });
  fc.assert(
    fc.property(waits, MOST, fc.integer({ min: 1, max: 30 }), (steps, mostInWindow, pauseMs) => {
      const pace = { pauseMs, windowMs: 100, mostInWindow };
      const sent: number[] = [];
      let kept: readonly number[] = [];
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step;
        const { untilMs, recentMs } = pacedMail(kept, nowMs, pace);
        if (untilMs === null) {
          sent.push(nowMs);
          kept = [...recentMs, nowMs];
        } else {
          assert.ok(untilMs > nowMs && untilMs <= nowMs + 100);
          assert.is(pacedMail(kept, untilMs, pace).untilMs, null);
        }
      }
      for (const [i, at] of sent.entries()) {
        assert.ok(i === 0 || at - sent[i - 1]! >= pauseMs);
        assert.ok(sent.filter((other) => other > at - 100 && other <= at).length <= mostInWindow);
      }
    }),
  );
});

test.run();
