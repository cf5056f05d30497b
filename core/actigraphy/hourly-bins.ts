import type { MinuteClock } from './series.ts';

/** An hour's mean counts when at least this many of its 60 minutes are present. */
export const VALID_HOUR_MINUTES = 30;

/**
 * A series as means of clock-aligned hours in order of time, one entry an elapsed hour: an hour that the clocks repeat
 * is two bins with the same hour and day, one that they skip is none.
 */
export interface HourlyBins {
  /** Mean of the present minutes; NaN with fewer than `VALID_HOUR_MINUTES` of them. */
  readonly mean: Float64Array;
  /** Clock hour, 0 to 23. */
  readonly hour: Uint8Array;
  readonly dayIndex: Int32Array;
}

/** Bins a minute series by the hours that its local clock shows. */
export function hourlyBins(values: Float64Array, clock: MinuteClock): HourlyBins {
  const binOf = new Uint32Array(values.length);
  let bins = 0;
  for (let i = 0; i < values.length; i++) {
    if (i === 0 || startsBin(clock, i)) bins++;
    binOf[i] = bins - 1;
  }
  const mean = new Float64Array(bins);
  const present = new Uint8Array(bins);
  const hour = new Uint8Array(bins);
  const dayIndex = new Int32Array(bins);
  for (let i = 0; i < values.length; i++) {
    const bin = binOf[i] as number;
    hour[bin] = hourOf(clock, i);
    dayIndex[bin] = clock.dayIndex[i] as number;
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    (mean[bin] as number) += value;
    (present[bin] as number)++;
  }
  for (let bin = 0; bin < bins; bin++) {
    const minutes = present[bin] as number;
    mean[bin] = minutes >= VALID_HOUR_MINUTES ? (mean[bin] as number) / minutes : Number.NaN;
  }
  return { mean, hour, dayIndex };
}

function startsBin(clock: MinuteClock, i: number): boolean {
  return (
    hourOf(clock, i) !== hourOf(clock, i - 1) ||
    // The clocks went back within the hour or by exactly one.
    (clock.clockMinute[i] as number) <= (clock.clockMinute[i - 1] as number)
  );
}

function hourOf(clock: MinuteClock, i: number): number {
  return Math.floor((clock.clockMinute[i] as number) / 60);
}
