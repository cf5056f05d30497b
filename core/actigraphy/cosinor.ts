import { ok, type Result } from 'neverthrow';
import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import { notComputable, type NotComputable } from './not-computable.ts';
import { isRoundingError } from './rounding.ts';
import type { MinuteClock } from './series.ts';

const TURN = 2 * Math.PI;
const COS = Float64Array.from({ length: MINUTES_PER_DAY }, (_, t) => Math.cos((TURN * t) / MINUTES_PER_DAY));
const SIN = Float64Array.from({ length: MINUTES_PER_DAY }, (_, t) => Math.sin((TURN * t) / MINUTES_PER_DAY));

/** A 24-hour cosine fitted to a series, y = mesor + amplitude * cos(2 pi t / 1440 + acrophase), t in clock minutes. */
export interface CosinorFit {
  /** Rhythm-adjusted mean, in the series' unit. */
  readonly mesor: number;
  /** Half the height from trough to peak, in the series' unit; never negative. */
  readonly amplitude: number;
  /** Clock minute of the fitted peak, in [0, 1440); null when the amplitude is zero. */
  readonly acrophaseMinute: number | null;
  /** Phase in radians as published, atan2(-gammaSin, betaCos), in [-pi, pi]; null when the amplitude is zero. */
  readonly acrophaseRad: number | null;
  /** Share of the variance that the cosine explains, 0 to 1; null for a series that does not vary. */
  readonly rSquared: number | null;
  /**
   * F statistic with 2 and n - 3 degrees of freedom; null without degrees of freedom or without residuals. It takes
   * residuals as independent, which those of minute data are not: its p-value would be far too small.
   */
  readonly f: number | null;
  /** Minutes used. */
  readonly n: number;
  readonly betaCos: number;
  readonly gammaSin: number;
}

/**
 * Single-component 24-hour cosinor by ordinary least squares (Cornelissen 2014, Theor Biol Med Model 11:16). Missing
 * minutes are left out. Not computable when first and last value are less than a day apart or fewer than three
 * different clock minutes have values (three points fix the curve).
 */
export function cosinor(values: Float64Array, clock: MinuteClock): Result<CosinorFit, NotComputable> {
  const data = byClockMinute(values, clock);
  if (data.spanMinutes < MINUTES_PER_DAY) {
    return notComputable(`a cosinor needs values over at least 1440 minutes; these cover ${data.spanMinutes}`);
  }
  if (data.clockMinutes < 3) {
    return notComputable(`a cosinor needs at least 3 different clock minutes; there were ${data.clockMinutes}`);
  }
  const { n, mean } = data;
  if (isRoundingError(data.high - data.low, data.largest)) {
    return ok({
      mesor: mean,
      amplitude: 0,
      acrophaseMinute: null,
      acrophaseRad: null,
      rSquared: null,
      f: null,
      n,
      betaCos: 0,
      gammaSin: 0,
    });
  }

  const { betaCos, gammaSin, mesor, explained } = leastSquares(data);
  const { total, residual, largestResidual } = sumsOfSquares(values, clock, mean, mesor, betaCos, gammaSin);
  const amplitude = Math.hypot(betaCos, gammaSin);
  const flat = isRoundingError(amplitude, data.largest);
  const exact = isRoundingError(largestResidual, data.largest);
  return ok({
    mesor,
    amplitude,
    acrophaseMinute: flat ? null : peakMinute(betaCos, gammaSin),
    acrophaseRad: flat ? null : Math.atan2(-gammaSin, betaCos),
    rSquared: Math.min(1, explained / total),
    f: n === 3 || exact ? null : explained / 2 / (residual / (n - 3)),
    n,
    betaCos,
    gammaSin,
  });
}

/** All that the fit needs of the data: the cosine is the same at the same clock minute, whatever the day. */
interface ClockMinuteSums {
  readonly counts: Uint32Array;
  readonly sums: Float64Array;
  readonly n: number;
  readonly mean: number;
  readonly clockMinutes: number;
  /** From the first value to the last, both included. */
  readonly spanMinutes: number;
  readonly low: number;
  readonly high: number;
  readonly largest: number;
}

function byClockMinute(values: Float64Array, clock: MinuteClock): ClockMinuteSums {
  const counts = new Uint32Array(MINUTES_PER_DAY);
  const sums = new Float64Array(MINUTES_PER_DAY);
  let n = 0;
  let sum = 0;
  let clockMinutes = 0;
  let first = 0;
  let last = -1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    if (n === 0) first = i;
    last = i;
    n++;
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
    const minute = clock.clockMinute[i] as number;
    if (counts[minute] === 0) clockMinutes++;
    (counts[minute] as number)++;
    (sums[minute] as number) += value;
  }
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return { counts, sums, n, mean: sum / n, clockMinutes, spanMinutes: last - first + 1, low, high, largest };
}

/**
 * Orthogonalises (Gram-Schmidt) the cosine against the constant and the sine against both, which stays accurate when
 * the values crowd into a small part of the day. `explained` is the sum of squares of the fitted curve about the mean.
 */
function leastSquares(data: ClockMinuteSums): {
  betaCos: number;
  gammaSin: number;
  mesor: number;
  explained: number;
} {
  const { counts, sums, n, mean } = data;
  let cosMean = 0;
  let sinMean = 0;
  for (let t = 0; t < MINUTES_PER_DAY; t++) {
    cosMean += ((counts[t] as number) * (COS[t] as number)) / n;
    sinMean += ((counts[t] as number) * (SIN[t] as number)) / n;
  }
  let cosSquares = 0;
  let cosSin = 0;
  let cosValues = 0;
  for (let t = 0; t < MINUTES_PER_DAY; t++) {
    const count = counts[t] as number;
    const c = (COS[t] as number) - cosMean;
    cosSquares += count * c * c;
    cosSin += count * c * ((SIN[t] as number) - sinMean);
    cosValues += c * ((sums[t] as number) - count * mean);
  }
  const sinOnCos = cosSin / cosSquares;
  const valuesOnCos = cosValues / cosSquares;
  let sinSquares = 0;
  let sinValues = 0;
  for (let t = 0; t < MINUTES_PER_DAY; t++) {
    const count = counts[t] as number;
    const c = (COS[t] as number) - cosMean;
    const s = (SIN[t] as number) - sinMean - sinOnCos * c;
    sinSquares += count * s * s;
    sinValues += s * ((sums[t] as number) - count * (mean + valuesOnCos * c));
  }
  const gammaSin = sinValues / sinSquares;
  const betaCos = valuesOnCos - gammaSin * sinOnCos;
  return {
    betaCos,
    gammaSin,
    mesor: mean - betaCos * cosMean - gammaSin * sinMean,
    explained: valuesOnCos * valuesOnCos * cosSquares + gammaSin * gammaSin * sinSquares,
  };
}

function sumsOfSquares(
  values: Float64Array,
  clock: MinuteClock,
  mean: number,
  mesor: number,
  betaCos: number,
  gammaSin: number,
): { total: number; residual: number; largestResidual: number } {
  let total = 0;
  let residual = 0;
  let largestResidual = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const minute = clock.clockMinute[i] as number;
    const rest = value - mesor - betaCos * (COS[minute] as number) - gammaSin * (SIN[minute] as number);
    total += (value - mean) ** 2;
    residual += rest * rest;
    largestResidual = Math.max(largestResidual, Math.abs(rest));
  }
  return { total, residual, largestResidual };
}

function peakMinute(betaCos: number, gammaSin: number): number {
  const minute = (Math.atan2(gammaSin, betaCos) * MINUTES_PER_DAY) / TURN;
  // A peak a hair before midnight rounds up to 1440 itself.
  return minute >= 0 ? minute : (minute + MINUTES_PER_DAY) % MINUTES_PER_DAY;
}
