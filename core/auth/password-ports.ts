import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';

/** When logging in is refused for a while. */
export interface LockPolicy {
  /** As many failures in a row ... */
  readonly mostFailures: number;
  /** ... refuse every login for this long after the last. After the same time without another one they are forgotten. */
  readonly lockMs: number;
}

/**
 * Failed logins of an account (its `emailKey`), whether there is one or not, by the client's address: those from one address
 * refuse logins from that address alone, and only very many from anywhere refuse all (see `countersOf`). Where no client is
 * named, all of the account's count together. Every method is one step, also where several processes share the store. What
 * is over is removed in passing.
 */
export interface LoginAttempts {
  /** Until when logins are refused; null where they are not. */
  lockedUntil(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /** Counts a failure and answers null; where logins are refused by now, nothing changes, and it says until when. */
  recordFailure(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /**
   * Forgets the failures from there and answers null; where logins are refused by now, nothing changes, and it says until
   * when. What came from elsewhere is not forgotten: others may be guessing meanwhile.
   */
  recordSuccess(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /** Forgets the failures from anywhere, also where logins are refused for them. */
  clear(emailKey: string): ResultAsync<void, PortUnavailable>;
}

/** The passwords that most people choose, and that whoever guesses tries first. */
export interface KnownPasswords {
  /** Whether the password, in whatever case it is written, is one of them. */
  includes(password: string): ResultAsync<boolean, PortUnavailable>;
}
