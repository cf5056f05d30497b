import type { ResultAsync } from 'neverthrow';
import type { Clock } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import type { UserId } from '../kernel/ids.ts';
import { CallLeases, type Admission, type AnsweringCounters } from './call-leases.ts';
import { countsForAddress, type LimitedClass, type RateLimit, type RateLimits } from './model.ts';

export interface RateLimiterDeps {
  readonly counters: AnsweringCounters;
  readonly clock: Clock;
  readonly digest: Digest;
  readonly limits: RateLimits;
}

/** A call that somebody wants to make. */
export interface LimitedCall {
  readonly limited: LimitedClass;
  /** Null where nobody has said who they are, or could not show it. */
  readonly user: UserId | null;
  /** Where it comes from; all addresses of one customer's network in one form. */
  readonly address: string;
}

/** What a limiter says of a call. */
export interface LimitedAdmission extends Admission {
  readonly limit: RateLimit;
  /** How long until all calls are there again; 0 where they are. */
  readonly resetSeconds: number;
  /** How long until the next call is there; at least 1 for one that was not admitted. */
  readonly retryAfterSeconds: number;
}

/**
 * Says whether a call may be made: each class of calls is limited for itself, for every person, and for every client
 * address where it is not known whose the call is or the class is one of trying to be somebody.
 */
export class RateLimiter {
  readonly #deps: RateLimiterDeps;
  readonly #leases: CallLeases;

  constructor(deps: RateLimiterDeps) {
    this.#deps = deps;
    this.#leases = new CallLeases(deps.counters);
  }

  /** Counts the call, where it is admitted. */
  admit({ limited, user, address }: LimitedCall): ResultAsync<LimitedAdmission, never> {
    const { clock, digest, limits } = this.#deps;
    const nowMs = clock.now();
    const limit = limits[limited];
    const key =
      user === null || countsForAddress(limited) ? `${limited} address ${address}` : `${limited} user ${user}`;
    return this.#leases
      .take(key, limit, nowMs, (plain) => digest.sha256Hex(plain))
      .map((admission) => ({
        ...admission,
        limit,
        resetSeconds: secondsUntil(admission.fullAtMs, nowMs),
        retryAfterSeconds: Math.max(admission.admitted ? 0 : 1, secondsUntil(admission.nextAtMs, nowMs)),
      }));
  }
}

const secondsUntil = (thenMs: number, nowMs: number): number => Math.max(0, Math.ceil((thenMs - nowMs) / 1000));
