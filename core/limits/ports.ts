import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { TakenCalls } from './cell-rate.ts';
import type { RateLimit } from './model.ts';

/** What is asked of a counter. */
export interface WantedCalls {
  /** A hash: counters name nobody, neither people nor where they are. */
  readonly counter: string;
  readonly limit: RateLimit;
  /** At least 1. */
  readonly most: number;
  readonly nowMs: EpochMs;
}

/**
 * Counts calls for all processes that share it. A counter that was not used for as long as its window is the same as one
 * that never was, so each is forgotten by itself.
 */
export interface RateCounters {
  /** Takes as many of the wanted calls as there are (see `takeUpTo`), in one step, also where several processes take at once. */
  take(wanted: WantedCalls): ResultAsync<TakenCalls, PortUnavailable>;
}
