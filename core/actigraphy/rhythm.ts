import { ok, type Result } from 'neverthrow';
import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import { hourlyBins, type HourlyBins } from './hourly-bins.ts';
import { notComputable, type NotComputable } from './not-computable.ts';
import { meanDailyProfile } from './profiles.ts';
import { isRoundingError } from './rounding.ts';
import type { MinuteClock } from './series.ts';

const HOURS_PER_DAY = 24;
const L5_MINUTES = 300;
const M10_MINUTES = 600;
/** Window means closer than this, relative to the extreme one, are a tie; the earliest clock minute wins. */
const TIE = 1e-9;

/** A window of the average day: its mean in the series' unit a minute, and the clock minute it begins at. */
export interface DailyWindow {
  readonly mean: number;
  readonly onsetMinute: number;
}

/** The quietest five and the most active ten hours of the average day. */
export interface RestAndActivePeriods {
  readonly l5: DailyWindow;
  readonly m10: DailyWindow;
  /** (M10 - L5) / (M10 + L5). */
  readonly relativeAmplitude: Result<number, NotComputable>;
}

/**
 * Interdaily stability on hourly means, N * sum_h (Xbar_h - Xbar)^2 / (24 * sum_i (X_i - Xbar)^2): about 24/N without a
 * daily pattern, 1 when every day is the same. Population sums as published (Witting 1990, Biol Psychiatry 27:563-572;
 * Van Someren 1999, Chronobiol Int 16:505-518); with unequal numbers of days per hour it can pass 1. Not computable
 * unless every clock hour has a valid mean on at least two days and the means vary.
 */
export function interdailyStability(values: Float64Array, clock: MinuteClock): Result<number, NotComputable> {
  return hourlyVariation(values, clock).map((v) => (v.bins * v.betweenHours) / (HOURS_PER_DAY * v.total));
}

/**
 * Interdaily stability as eta squared, sum_h n_h (Xbar_h - Xbar)^2 / sum_i (X_i - Xbar)^2: equal to
 * `interdailyStability` when every hour was seen equally often, and never above 1. Same conditions.
 */
export function interdailyStabilityEtaSquared(values: Float64Array, clock: MinuteClock): Result<number, NotComputable> {
  return hourlyVariation(values, clock).map((v) => v.weightedBetweenHours / v.total);
}

/**
 * Intradaily variability on hourly means, (sum of (X_i - X_{i-1})^2 / pairs) / (sum of (X_i - Xbar)^2 / N), over
 * adjacent hours that are both valid (Witting 1990; without missing hours the published form). Near 0 for a slow sine,
 * about 2 for noise, can be more. Not computable with fewer than 24 valid hours, without adjacent ones, or when they do
 * not vary.
 */
export function intradailyVariability(values: Float64Array, clock: MinuteClock): Result<number, NotComputable> {
  const bins = hourlyBins(values, clock);
  const { count, mean, total, constant } = spreadOf(bins);
  if (count < HOURS_PER_DAY) {
    return notComputable(`intradaily variability needs at least 24 valid hours; there were ${count}`);
  }
  if (constant) return notComputable(`intradaily variability needs hours that differ; every valid hour was ${mean}`);
  let pairs = 0;
  let squares = 0;
  for (let i = 1; i < bins.mean.length; i++) {
    const step = (bins.mean[i] as number) - (bins.mean[i - 1] as number);
    if (Number.isNaN(step)) continue;
    pairs++;
    squares += step * step;
  }
  if (pairs === 0) {
    return notComputable(`intradaily variability needs adjacent valid hours; none of the ${count} had a neighbour`);
  }
  return ok(squares / pairs / (total / count));
}

/**
 * L5, M10 and relative amplitude of the average day at one-minute resolution, the day taken as a circle (Van Someren
 * 1999). Not computable unless every one of the 1,440 clock minutes has a value on some day; the relative amplitude
 * alone is not when M10 + L5 is zero.
 */
export function restAndActivePeriods(
  values: Float64Array,
  clock: MinuteClock,
): Result<RestAndActivePeriods, NotComputable> {
  const profile = meanDailyProfile(values, clock);
  let seen = 0;
  for (const mean of profile) if (!Number.isNaN(mean)) seen++;
  if (seen < MINUTES_PER_DAY) {
    return notComputable(`L5 and M10 need a value for each of the 1440 clock minutes; ${seen} have one`);
  }
  const l5 = lowestWindow(circularWindowSums(profile, L5_MINUTES), L5_MINUTES);
  const m10 = highestWindow(circularWindowSums(profile, M10_MINUTES), M10_MINUTES);
  const sum = m10.mean + l5.mean;
  const relativeAmplitude =
    sum === 0
      ? notComputable('relative amplitude divides by M10 + L5, which is 0')
      : ok<number, NotComputable>((m10.mean - l5.mean) / sum);
  return ok({ l5, m10, relativeAmplitude });
}

interface HourlyVariation {
  readonly bins: number;
  /** sum_i (X_i - Xbar)^2 */
  readonly total: number;
  /** sum_h (Xbar_h - Xbar)^2 */
  readonly betweenHours: number;
  /** sum_h n_h (Xbar_h - Xbar)^2 */
  readonly weightedBetweenHours: number;
}

function hourlyVariation(values: Float64Array, clock: MinuteClock): Result<HourlyVariation, NotComputable> {
  const bins = hourlyBins(values, clock);
  const sums = new Float64Array(HOURS_PER_DAY);
  const counts = new Uint32Array(HOURS_PER_DAY);
  const days = new Uint32Array(HOURS_PER_DAY);
  const lastDay = new Int32Array(HOURS_PER_DAY).fill(-1);
  for (let i = 0; i < bins.mean.length; i++) {
    const value = bins.mean[i] as number;
    if (Number.isNaN(value)) continue;
    const hour = bins.hour[i] as number;
    (sums[hour] as number) += value;
    (counts[hour] as number)++;
    if (lastDay[hour] !== bins.dayIndex[i]) (days[hour] as number)++;
    lastDay[hour] = bins.dayIndex[i] as number;
  }
  const short = days.findIndex((seen) => seen < 2);
  if (short !== -1) {
    return notComputable(
      `interdaily stability needs every clock hour on at least 2 days; hour ${short} was seen on ${days[short]}`,
    );
  }
  const { count, mean, total, constant } = spreadOf(bins);
  if (constant) return notComputable(`interdaily stability needs hours that differ; every valid hour was ${mean}`);
  let betweenHours = 0;
  let weightedBetweenHours = 0;
  for (let hour = 0; hour < HOURS_PER_DAY; hour++) {
    const n = counts[hour] as number;
    const deviation = (sums[hour] as number) / n - mean;
    betweenHours += deviation * deviation;
    weightedBetweenHours += n * deviation * deviation;
  }
  return ok({ bins: count, total, betweenHours, weightedBetweenHours });
}

/** Number, mean and sum of squared deviations of the valid bins, and whether they differ by more than rounding. */
function spreadOf(bins: HourlyBins): { count: number; mean: number; total: number; constant: boolean } {
  let count = 0;
  let sum = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of bins.mean) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = sum / count;
  let total = 0;
  for (const value of bins.mean) if (!Number.isNaN(value)) total += (value - mean) ** 2;
  return { count, mean, total, constant: isRoundingError(high - low, Math.max(Math.abs(low), Math.abs(high))) };
}

/**
 * Sum of the `width` values from each index on, past the end continuing at the start. A running sum that adds one value
 * and takes another away would leave rounding behind where the values fall to zero; here each sum is the tail of one
 * block plus the head of the next (van Herk 1992, Pattern Recognit Lett 13:517-521), so nothing is ever taken away.
 */
function circularWindowSums(profile: Float64Array, width: number): Float64Array {
  const n = profile.length;
  const tail = new Float64Array(n + width);
  const head = new Float64Array(n + width);
  for (let i = 0; i < n + width; i++) {
    const value = profile[i % n] as number;
    head[i] = i % width === 0 ? value : (head[i - 1] as number) + value;
  }
  for (let i = n + width - 1; i >= 0; i--) {
    const value = profile[i % n] as number;
    tail[i] = i % width === width - 1 ? value : value + (tail[i + 1] ?? 0);
  }
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    sums[i] = i % width === 0 ? (tail[i] as number) : (tail[i] as number) + (head[i + width - 1] as number);
  }
  return sums;
}

function lowestWindow(sums: Float64Array, width: number): DailyWindow {
  let lowest = Number.POSITIVE_INFINITY;
  for (const sum of sums) lowest = Math.min(lowest, sum);
  const limit = lowest + TIE * Math.abs(lowest);
  const onsetMinute = sums.findIndex((sum) => sum <= limit);
  return { mean: (sums[onsetMinute] as number) / width, onsetMinute };
}

function highestWindow(sums: Float64Array, width: number): DailyWindow {
  const { mean, onsetMinute } = lowestWindow(
    sums.map((sum) => -sum),
    width,
  );
  return { mean: -mean, onsetMinute };
}
