import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';

/** Readings placed on a grid of elapsed minutes. */
export interface BinnedReadings {
  /** Start of the first minute, a multiple of 60,000. */
  readonly startMs: EpochMs;
  /** Sum of the readings in each minute; NaN where a minute has none. */
  readonly values: Float64Array;
  /** Readings of an instant that had been given already; they are not added. */
  readonly repeated: number;
  /** What those repeated readings sum to. */
  readonly repeatedSum: number;
}

/**
 * Sums readings (counts or steps in short epochs) into the minutes of their timestamps, in any order. A second reading
 * with the very same timestamp repeats the first and is set aside. `timestampsMs` must not be empty; the caller bounds
 * the span, since the result has one value for every minute of it.
 */
export function binToMinutes(timestampsMs: Float64Array, readings: Float64Array): BinnedReadings {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const at of timestampsMs) {
    if (at < first) first = at;
    if (at > last) last = at;
  }
  const firstMinute = Math.floor(first / MS_PER_MINUTE);
  const values = new Float64Array(Math.floor(last / MS_PER_MINUTE) - firstMinute + 1).fill(Number.NaN);
  const seen = new Set<number>();
  let repeated = 0;
  let repeatedSum = 0;
  for (let i = 0; i < timestampsMs.length; i++) {
    const at = timestampsMs[i] as number;
    const reading = readings[i] as number;
    if (seen.has(at)) {
      repeated++;
      if (!Number.isNaN(reading)) repeatedSum += reading;
      continue;
    }
    seen.add(at);
    if (Number.isNaN(reading)) continue;
    const minute = Math.floor(at / MS_PER_MINUTE) - firstMinute;
    const before = values[minute] as number;
    values[minute] = Number.isNaN(before) ? reading : before + reading;
  }
  return { startMs: firstMinute * MS_PER_MINUTE, values, repeated, repeatedSum };
}
