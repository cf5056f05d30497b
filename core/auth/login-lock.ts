import type { EpochMs } from '../kernel/clock.ts';
import type { LockPolicy } from './ports.ts';

/** The failed logins that count against an address. */
export interface FailedLogins {
  /** In a row. */
  readonly failures: number;
  readonly forgetAtMs: EpochMs;
}

/** The clocks of two processes may differ by this much. */
const CLOCKS_DIFFER_MS = 60_000;

/** Until when logins are refused for these failures; null where they are not. */
export const lockedUntil = (failed: FailedLogins | null, nowMs: EpochMs, policy: LockPolicy): EpochMs | null =>
  failed !== null && isCounted(failed, nowMs, policy) && failed.failures >= policy.mostFailures
    ? failed.forgetAtMs
    : null;

/** The failures with one more now. Not to be asked while logins are refused: that would prolong the refusal. */
export const withFailure = (failed: FailedLogins | null, nowMs: EpochMs, policy: LockPolicy): FailedLogins => ({
  failures: failed !== null && isCounted(failed, nowMs, policy) ? failed.failures + 1 : 1,
  forgetAtMs: nowMs + policy.lockMs,
});

/**
 * What says that it counts for longer than a failure now would was written by a clock that was wrong, or before the
 * operator chose a shorter time. Nobody stays locked out for it.
 */
const isCounted = ({ forgetAtMs }: FailedLogins, nowMs: EpochMs, { lockMs }: LockPolicy): boolean =>
  nowMs < forgetAtMs && forgetAtMs <= nowMs + lockMs + CLOCKS_DIFFER_MS;
