import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { InvalidCredentials, TooManyAttempts } from '../../core/auth/errors.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/password-ports.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Three failures, then a quarter of an hour. */
export const DEFAULT_LOCK: LockPolicy = { mostFailures: 3, lockMs: 15 * 60_000 };

/**
 * Ends guessing: after some failed logins of an account from one client none from there is tried for a while, whether there
 * is an account or not.
 * What came at the same time is judged one after the other, so of a storm of guesses no more are answered than of a
 * sequence of them.
 */
export class LoginLock {
  readonly #attempts: LoginAttempts;
  readonly #clock: Clock;
  readonly #policy: LockPolicy;

  constructor(attempts: LoginAttempts, clock: Clock, policy: LockPolicy) {
    if (!(policy.mostFailures >= 1) || !(policy.lockMs >= 1000)) throw new RangeError('a lock needs tries and a time');
    this.#attempts = attempts;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Whether a password may be looked at. */
  admit(emailKey: string, client?: string): ResultAsync<void, TooManyAttempts | PortUnavailable> {
    const nowMs = this.#clock.now();
    return this.#attempts
      .lockedUntil(emailKey, nowMs, this.#policy, client)
      .andThen((untilMs) => unlessLocked(untilMs, nowMs));
  }

  /**
   * Writes down how it ended: with the account that the password is of, or with null. When logins have come to be
   * refused since `admit`, they are refused whatever the password was.
   */
  judge<A>(
    emailKey: string,
    found: A | null,
    client?: string,
  ): ResultAsync<A, InvalidCredentials | TooManyAttempts | PortUnavailable> {
    const nowMs = this.#clock.now();
    const recorded =
      found === null
        ? this.#attempts.recordFailure(emailKey, nowMs, this.#policy, client)
        : this.#attempts.recordSuccess(emailKey, nowMs, this.#policy, client);
    return recorded.andThen((untilMs) => {
      if (untilMs !== null) return err(tooMany(untilMs, nowMs));
      return found === null ? err(INVALID_CREDENTIALS) : ok(found);
    });
  }

  /**
   * Takes one of the tries, before anything is looked at: for what is done by a right one cannot be taken back afterwards.
   * Whoever was right has the failures forgotten by `clear`.
   */
  take(key: string): ResultAsync<void, TooManyAttempts | PortUnavailable> {
    const nowMs = this.#clock.now();
    return this.#attempts.recordFailure(key, nowMs, this.#policy).andThen((untilMs) => unlessLocked(untilMs, nowMs));
  }

  /** Forgets the failures, for whoever has shown otherwise that the address is theirs. */
  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    return this.#attempts.clear(emailKey);
  }
}

const INVALID_CREDENTIALS: InvalidCredentials = { kind: 'invalid-credentials' };

const unlessLocked = (untilMs: EpochMs | null, nowMs: EpochMs): Result<void, TooManyAttempts> =>
  untilMs === null ? ok(undefined) : err(tooMany(untilMs, nowMs));

const tooMany = (untilMs: EpochMs, nowMs: EpochMs): TooManyAttempts => ({
  kind: 'too-many-attempts',
  retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1000),
});
