import type { EpochMs } from '../kernel/clock.ts';
import type { RateLimit } from './model.ts';

/**
 * The generic cell rate algorithm (GCRA): ATM Forum, Traffic Management Specification 4.0 (1996), section 4.4.2, in the
 * form of virtual scheduling, as redis-cell and throttled use it for calls. All that is kept of a counter is one number,
 * the theoretical arrival time: the instant at which all its calls will be there again. In whole microseconds, so that
 * every adapter computes the same, exactly.
 */
export interface CellRate {
  /** How long it takes until one more call is there. */
  readonly spacingUs: number;
  /** How long it takes until all are. */
  readonly burstUs: number;
}

const US_PER_MS = 1000;

/** The clocks of two processes may differ by this much. */
export const CLOCKS_DIFFER_US = 60_000 * US_PER_MS;

export const cellRateOf = ({ calls, windowMs }: RateLimit): CellRate => {
  const spacingUs = Math.max(1, Math.ceil((windowMs * US_PER_MS) / calls));
  return { spacingUs, burstUs: spacingUs * calls };
};

export const inMicroseconds = (ms: EpochMs): number => Math.floor(ms * US_PER_MS);

/** What was taken of a counter, and how it stands afterwards. */
export interface TakenCalls {
  /** From 0 to as many as were wanted. */
  readonly taken: number;
  /** The theoretical arrival time, in microseconds since 1970. */
  readonly arrivalUs: number;
}

/**
 * Takes as many of `most` calls as there are. `arrivalUs` is null for a counter of which nothing was taken yet. What says
 * that it is used up for longer than it can be was written by a clock that was wrong, or before the operator chose
 * another limit, and counts for nothing.
 */
export function takeUpTo(arrivalUs: number | null, limit: RateLimit, most: number, nowMs: EpochMs): TakenCalls {
  const { spacingUs, burstUs } = cellRateOf(limit);
  const nowUs = inMicroseconds(nowMs);
  const counts = arrivalUs !== null && arrivalUs > nowUs && arrivalUs <= nowUs + burstUs + CLOCKS_DIFFER_US;
  const from = counts ? arrivalUs : nowUs;
  const taken = Math.max(0, Math.min(most, Math.floor((nowUs + burstUs - from) / spacingUs)));
  return { taken, arrivalUs: from + taken * spacingUs };
}

/** How a counter stands at an instant. */
export interface Standing {
  /** How many calls are there. */
  readonly remaining: number;
  /** When all are there again; not later than now where they are. */
  readonly fullAtMs: EpochMs;
  /** When the next one is there; not later than now where one is. */
  readonly nextAtMs: EpochMs;
}

export function standingOf(arrivalUs: number, limit: RateLimit, nowMs: EpochMs): Standing {
  const { spacingUs, burstUs } = cellRateOf(limit);
  const free = burstUs - Math.max(0, arrivalUs - inMicroseconds(nowMs));
  return {
    remaining: Math.max(0, Math.floor(free / spacingUs)),
    fullAtMs: arrivalUs / US_PER_MS,
    nextAtMs: (arrivalUs - burstUs + spacingUs) / US_PER_MS,
  };
}
