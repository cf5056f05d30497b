import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockedUntil, withFailure, type FailedLogins } from '../../../core/auth/login-lock.ts';

const POLICY = { mostFailures: 3, lockMs: 900_000 };

test('nothing known is not locked, and its first failure is the first', () => {
  assert.is(lockedUntil(null, 0, POLICY), null);
  assert.equal(withFailure(null, 7, POLICY), { failures: 1, forgetAtMs: 900_007 });
});

test('an operator who asks for less tries locks those who had them already', () => {
  const failed = withFailure(withFailure(null, 0, POLICY), 0, POLICY);
  assert.is(lockedUntil(failed, 1, POLICY), null);
  assert.is(lockedUntil(failed, 1, { ...POLICY, mostFailures: 2 }), 900_000);
});

test('a lock of another process whose clock goes a little ahead counts, one of a wrong clock does not', () => {
  const until = (forgetAtMs: number) => lockedUntil({ failures: 3, forgetAtMs }, 0, POLICY);
  assert.is(until(POLICY.lockMs + 60_000), POLICY.lockMs + 60_000);
  assert.is(until(POLICY.lockMs + 60_001), null);
});

test('whoever guesses at any pace has at most the allowed tries in any stretch as long as a lock', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, mostFailures) => {
        const policy = { mostFailures, lockMs: 100 };
        const looked: number[] = [];
        let failed: FailedLogins | null = null;
        let nowMs = 0;
        for (const step of steps) {
          nowMs += step;
          const until = lockedUntil(failed, nowMs, policy);
          if (until === null) {
            failed = withFailure(failed, nowMs, policy);
            looked.push(nowMs);
          } else {
            // However many tries came meanwhile, the lock ends no later than it takes from the last that was looked at.
            assert.is(until, looked.at(-1)! + 100);
          }
        }
        for (const at of looked) {
          assert.ok(looked.filter((other) => other > at - 100 && other <= at).length <= mostFailures);
        }
      },
    ),
  );
});

test.run();
