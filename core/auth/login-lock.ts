import type { EpochMs } from '../kernel/clock.ts';
import type { LockPolicy } from './password-ports.ts';

/** The failed logins that count against an account, or against a client who tries it. */
export interface FailedLogins {
  /** In a row. */
  readonly failures: number;
  readonly forgetAtMs: EpochMs;
}

/** What failures count against: those of one client, or of all. */
export interface FailureCounter {
  /** The client's address; empty for all of them. */
  readonly client: string;
  readonly policy: LockPolicy;
}

const EVERYBODY = '';

/**
 * So many times the failures that lock one client lock an account for all: somebody who guesses from many places meets an
 * end, and somebody who wants to keep the owner out needs as many places, and does it for the time of one lock only: a
 * password that is reset by mail forgets the failures.
 */
export const CLIENTS_TO_LOCK_ACCOUNT = 30;

/** What a login of this client counts against; the first one is what a success forgets. */
export const countersOf = (
  client: string | undefined,
  policy: LockPolicy,
): readonly [FailureCounter, ...FailureCounter[]] =>
  client === undefined || client === EVERYBODY
    ? [{ client: EVERYBODY, policy }]
    : [
        { client, policy },
        { client: EVERYBODY, policy: { ...policy, mostFailures: policy.mostFailures * CLIENTS_TO_LOCK_ACCOUNT } },
      ];

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

/** The last of the locks; null where there is none. */
export const latestOf = (locks: readonly (EpochMs | null)[]): EpochMs | null =>
  locks.reduce((latest, lock) => (lock === null || (latest !== null && latest >= lock) ? latest : lock), null);
