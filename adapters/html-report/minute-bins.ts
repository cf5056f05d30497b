/** Minutes gathered into the bins that charts draw. NaN is a bin without enough recorded minutes. */

import { quantileSorted } from 'd3-array';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { LocalDayGrid } from '../../core/analysis/document.ts';

/** Day d's bin b is `means[d * binsPerDay + b]`, in the signal's unit a minute. */
export interface DayBins {
  readonly days: number;
  readonly binMinutes: number;
  readonly binsPerDay: number;
  readonly means: Float64Array;
}

/**
 * The mean over each bin's recorded minutes, or NaN where fewer than half of its minutes were recorded. `binMinutes`
 * divides 1440. Infinite values count as missing.
 */
export function binDays(grid: LocalDayGrid, binMinutes: number): DayBins {
  const days = grid.dates.length;
  const binsPerDay = MINUTES_PER_DAY / binMinutes;
  const means = new Float64Array(days * binsPerDay).fill(NaN);
  for (let bin = 0; bin < means.length; bin++) {
    let sum = 0;
    let recorded = 0;
    for (let i = bin * binMinutes; i < (bin + 1) * binMinutes; i++) {
      const value = grid.values[i] ?? NaN;
      if (!Number.isFinite(value)) continue;
      sum += value;
      recorded += 1;
    }
    if (recorded > 0 && recorded * 2 >= binMinutes) means[bin] = sum / recorded;
  }
  return { days, binMinutes, binsPerDay, means };
}

/** The average day in bins, with the middle half of the days around it. */
export interface DayProfile {
  readonly binMinutes: number;
  /** Mean over days of each clock minute, averaged over the bin's minutes that were ever recorded; else NaN. */
  readonly mean: Float64Array;
  /** 25th and 75th percentile of the days' own bin means; NaN in bins that fewer than `MIN_DAYS_FOR_SPREAD` days have. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Quartiles of fewer days than this say little. */
export const MIN_DAYS_FOR_SPREAD = 5;

/** The average day of a grid. */
export function averageDay(grid: LocalDayGrid, binMinutes: number): DayProfile {
  const bins = MINUTES_PER_DAY / binMinutes;
  const mean = new Float64Array(bins).fill(NaN);
  const lower = new Float64Array(bins).fill(NaN);
  const upper = new Float64Array(bins).fill(NaN);
  const { days, means } = binDays(grid, binMinutes);
  for (let bin = 0; bin < bins; bin++) {
    let sum = 0;
    let minutesSeen = 0;
    for (let minute = bin * binMinutes; minute < (bin + 1) * binMinutes; minute++) {
      const minuteMean = clockMinuteMean(grid, minute);
      if (Number.isNaN(minuteMean)) continue;
      sum += minuteMean;
      minutesSeen += 1;
    }
    if (minutesSeen > 0) mean[bin] = sum / minutesSeen;
    const ofDays: number[] = [];
    for (let day = 0; day < days; day++) {
      const value = means[day * bins + bin] ?? NaN;
      if (!Number.isNaN(value)) ofDays.push(value);
    }
    if (ofDays.length < MIN_DAYS_FOR_SPREAD) continue;
    ofDays.sort((a, b) => a - b);
    lower[bin] = quantileSorted(ofDays, 0.25) ?? NaN;
    upper[bin] = quantileSorted(ofDays, 0.75) ?? NaN;
  }
  return { binMinutes, mean, lower, upper };
}

function clockMinuteMean(grid: LocalDayGrid, minute: number): number {
  let sum = 0;
  let recorded = 0;
  for (let day = 0; day < grid.dates.length; day++) {
    const value = grid.values[day * MINUTES_PER_DAY + minute] ?? NaN;
    if (!Number.isFinite(value)) continue;
    sum += value;
    recorded += 1;
  }
  return recorded === 0 ? NaN : sum / recorded;
}

/**
 * The value that full height stands for: the 99.5th percentile of the positive values, so that one extreme bin does not
 * flatten all others; 1 when nothing is positive.
 */
export function displayCeiling(values: Float64Array): number {
  const positive = values.filter((value) => value > 0).sort();
  return quantileSorted(Array.from(positive), 0.995) ?? 1;
}
