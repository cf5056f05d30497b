import { okAsync, type ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import { cellRateOf, standingOf, type Standing, type TakenCalls } from './cell-rate.ts';
import type { RateLimit } from './model.ts';
import type { WantedCalls } from './ports.ts';

/** Whether a call may be made, and how its counter stands after it. */
export interface Admission extends Standing {
  readonly admitted: boolean;
}

/** Counters that always answer, such as those of a process itself where the shared ones do not. */
export interface AnsweringCounters {
  take(wanted: WantedCalls): ResultAsync<TakenCalls, never>;
}

/** What this process holds of a counter. */
interface Lease {
  readonly limit: RateLimit;
  /** How many calls were taken of the counter. */
  readonly size: number;
  left: number;
  readonly arrivalUs: number;
  /** By then the counter has got back as many calls as were taken of it: what is left of the lease is worth nothing. */
  readonly lapsesAtMs: EpochMs;
}

/** At most this part of a limit is taken at once, and no more calls than the second number. */
const LARGEST_PART = 1 / 50;
const LARGEST_LEASE = 100;

/**
 * Takes calls of shared counters some at a time, so that most calls of somebody busy ask nobody. A lease begins with one
 * call, and doubles whenever it is used up before it lapses: whoever calls now and then takes one call for each, and
 * however many processes there are, none holds calls that nobody makes. A limit of less than a hundred calls is counted
 * call by call. What is admitted never exceeds the limit: a lease was taken before it is given out.
 */
export class CallLeases {
  readonly #counters: AnsweringCounters;
  /** By counter; the one that was taken longest ago first. */
  readonly #leases = new Map<string, Lease>();
  readonly #taking = new Map<string, ResultAsync<void, never>>();

  constructor(counters: AnsweringCounters) {
    this.#counters = counters;
  }

  /** How many counters this process holds something of. */
  get size(): number {
    return this.#leases.size;
  }

  /** Takes one call. `nameOf` gives the counter's name for others, when it is needed. */
  take(key: string, limit: RateLimit, nowMs: EpochMs, nameOf: (key: string) => string): ResultAsync<Admission, never> {
    const lease = this.#leases.get(key);
    if (lease !== undefined && lease.limit === limit) {
      if (lease.left > 0 && nowMs < lease.lapsesAtMs) {
        lease.left -= 1;
        return okAsync(admissionOf(lease, true, nowMs));
      }
      // Others can only have made it later.
      if (lease.size === 0 && nowMs < lease.lapsesAtMs) return okAsync(admissionOf(lease, false, nowMs));
    }
    const taking = this.#taking.get(key);
    // Whoever comes while a lease is being taken waits for it, and then takes of it or of the next one.
    if (taking !== undefined) return taking.andThen(() => this.take(key, limit, nowMs, nameOf));
    const most = nextSize(lease, limit, nowMs);
    const taken = this.#counters
      .take({ counter: nameOf(key), limit, most, nowMs })
      .map((answer) => this.#keep(key, limit, answer, nowMs));
    this.#taking.set(
      key,
      taken.map(() => {
        this.#taking.delete(key);
      }),
    );
    return taken;
  }

  #keep(key: string, limit: RateLimit, { taken, arrivalUs }: TakenCalls, nowMs: EpochMs): Admission {
    const lease: Lease = {
      limit,
      size: taken,
      left: Math.max(0, taken - 1),
      arrivalUs,
      lapsesAtMs:
        taken === 0
          ? standingOf(arrivalUs, limit, nowMs).nextAtMs
          : nowMs + (taken * cellRateOf(limit).spacingUs) / 1000,
    };
    this.#leases.delete(key);
    this.#leases.set(key, lease);
    this.#forgetLapsed(nowMs);
    return admissionOf(lease, taken > 0, nowMs);
  }

  #forgetLapsed(nowMs: EpochMs): void {
    for (const [key, { lapsesAtMs }] of this.#leases) {
      if (nowMs < lapsesAtMs) return;
      this.#leases.delete(key);
    }
  }
}

function nextSize(lease: Lease | undefined, limit: RateLimit, nowMs: EpochMs): number {
  const most = Math.max(1, Math.min(LARGEST_LEASE, Math.floor(limit.calls * LARGEST_PART)));
  const isUsedUp = lease !== undefined && lease.limit === limit && lease.left === 0 && nowMs < lease.lapsesAtMs;
  return isUsedUp ? Math.min(most, Math.max(1, lease.size * 2)) : 1;
}

function admissionOf({ limit, left, arrivalUs }: Lease, admitted: boolean, nowMs: EpochMs): Admission {
  const standing = standingOf(arrivalUs, limit, nowMs);
  return { ...standing, admitted, remaining: Math.min(limit.calls, standing.remaining + left) };
}
