import { ok, type Result } from 'neverthrow';
import { notComputable, type NotComputable } from './not-computable.ts';

/**
 * One state a minute: `WAKE`, `SLEEP`, or `UNSCORED` where the minute is missing. The scorings below are fitted to
 * wrist activity counts of their devices; they hold for neither steps nor MIMS. All call quiet waking sleep too often.
 */
export type SleepStates = Uint8Array;
export const WAKE = 0;
export const SLEEP = 1;
export const UNSCORED = 255;

/** Minutes scored sleep. */
export function countSleep(states: SleepStates): number {
  let minutes = 0;
  for (const state of states) if (state === SLEEP) minutes++;
  return minutes;
}

/**
 * One row of Cole 1992 (Sleep 15:461-469): with A the activity of a minute, D = P * sum w_k A_{t+k} for k = -4..+2,
 * sleep if D < 1. `sleepBelow` is 1/P, so that the comparison is exact for whole counts.
 */
export interface ColeKripkeRow {
  readonly weights: readonly number[];
  readonly sleepBelow: number;
}

/** What a minute's A must be for each row. The last is the row for overlapping 10-s epochs as pyActigraphy gives it. */
export const COLE_KRIPKE_1992 = {
  meanPerMinute: { weights: [106, 54, 58, 76, 230, 74, 67], sleepBelow: 1_000 },
  maximumOf30sEpochs: { weights: [50, 30, 14, 28, 121, 8, 50], sleepBelow: 10_000 },
  maximumOf10sEpochs: { weights: [550, 378, 413, 699, 1736, 287, 309], sleepBelow: 100_000 },
  maximumOfOverlapping10sEpochs: { weights: [50, 30, 300, 400, 1400, 500, 350], sleepBelow: 100_000 },
} as const satisfies Record<string, ColeKripkeRow>;

/** ActiLife divides counts by 100 and cuts them at 300 before it applies the first row. */
export const ACTILIFE_COLE_KRIPKE = { countsPerUnit: 100, maximumUnits: 300 } as const;

const COLE_KRIPKE_MINUTES_BEFORE = 4;

/**
 * Cole-Kripke in the form of ActiLife, for counts a minute of an ActiGraph: the mean-activity row on min(counts/100,
 * 300). Outside the record and in missing minutes activity is 0.
 */
export function scoreColeKripke(values: Float64Array): SleepStates {
  const { countsPerUnit, maximumUnits } = ACTILIFE_COLE_KRIPKE;
  const { weights, sleepBelow } = COLE_KRIPKE_1992.meanPerMinute;
  const totals = weightedTotals(values, weights, COLE_KRIPKE_MINUTES_BEFORE, countsPerUnit * maximumUnits);
  return scored(values, (t) => (totals[t] as number) < countsPerUnit * sleepBelow);
}

/**
 * Cole-Kripke as published, for values that are what the row asks for, such as `COLE_KRIPKE_1992.maximumOf30sEpochs`.
 */
export function scoreColeKripke1992(values: Float64Array, row: ColeKripkeRow): SleepStates {
  const totals = weightedTotals(values, row.weights, COLE_KRIPKE_MINUTES_BEFORE, Number.POSITIVE_INFINITY);
  return scored(values, (t) => (totals[t] as number) < row.sleepBelow);
}

/**
 * After at least `wakeMinutes` of wake, the next `minutes` of sleep become wake. The strongest that applies comes
 * first.
 */
export const WEBSTER_LEADING = [
  { wakeMinutes: 15, minutes: 4 },
  { wakeMinutes: 10, minutes: 3 },
  { wakeMinutes: 4, minutes: 1 },
] as const;

/** Sleep of at most `sleepMinutes` between wakes of at least `wakeMinutes` becomes wake. */
export const WEBSTER_ISOLATED = [
  { sleepMinutes: 6, wakeMinutes: 10 },
  { sleepMinutes: 10, wakeMinutes: 20 },
] as const;

/**
 * Rescoring after Webster 1982 (Sleep 5:389-399). Every rule looks at the runs of the given states, not at what another
 * rule made of them; missing minutes end a run and stay unscored.
 */
export function rescoreWebster(states: SleepStates): SleepStates {
  const rescored = states.slice();
  let wakeBefore = 0;
  for (let start = 0; start < states.length;) {
    const end = endOfRun(states, start);
    if (states[start] === SLEEP) {
      const wakeAfter = states[end] === WAKE ? endOfRun(states, end) - end : 0;
      const leading = WEBSTER_LEADING.find((rule) => wakeBefore >= rule.wakeMinutes)?.minutes ?? 0;
      const isolated = WEBSTER_ISOLATED.some(
        (rule) => end - start <= rule.sleepMinutes && Math.min(wakeBefore, wakeAfter) >= rule.wakeMinutes,
      );
      rescored.fill(WAKE, start, isolated ? end : Math.min(start + leading, end));
    }
    wakeBefore = states[start] === WAKE ? end - start : 0;
    start = end;
  }
  return rescored;
}

function endOfRun(states: SleepStates, start: number): number {
  let end = start + 1;
  while (end < states.length && states[end] === states[start]) end++;
  return end;
}

/** Sadeh in the form of ActiLife, for counts a minute of an ActiGraph: sleep if PS > -4, counts cut at 300. */
export function scoreSadeh(values: Float64Array): SleepStates {
  const index = sadehIndex(values);
  return scored(values, (t) => (index[t] as number) > -4);
}

/** Sadeh with the threshold of the paper, sleep if PS >= 0; counts are cut at 300 as in the ActiLife form. */
export function scoreSadeh1994(values: Float64Array): SleepStates {
  const index = sadehIndex(values);
  return scored(values, (t) => (index[t] as number) >= 0);
}

const SADEH_MAXIMUM_COUNTS = 300;

/**
 * PS = 7.601 - 0.065 MW5 - 1.08 NAT - 0.056 SD6 - 0.703 ln(A_t + 1) (Sadeh 1994, Sleep 17:201-207). MW5: mean of
 * t-5..t+5; NAT: how many of those 11 minutes have 50 <= A < 100; SD6: sample standard deviation of t-5..t. Outside the
 * record and in missing minutes A is 0.
 */
function sadehIndex(values: Float64Array): Float64Array {
  const padded = paddedActivity(values, 5, 5, SADEH_MAXIMUM_COUNTS);
  const index = new Float64Array(values.length);
  for (let t = 0; t < values.length; t++) {
    let sum = 0;
    let sumOfSix = 0;
    let moderate = 0;
    for (let k = 0; k < 11; k++) {
      const activity = padded[t + k] as number;
      sum += activity;
      if (k < 6) sumOfSix += activity;
      if (activity >= 50 && activity < 100) moderate++;
    }
    let squares = 0;
    for (let k = 0; k < 6; k++) squares += ((padded[t + k] as number) - sumOfSix / 6) ** 2;
    const deviation = Math.sqrt(squares / 5);
    const activity = padded[t + 5] as number;
    index[t] = 7.601 - 0.065 * (sum / 11) - 1.08 * moderate - 0.056 * deviation - 0.703 * Math.log(activity + 1);
  }
  return index;
}

/** Wake thresholds of the Actiwatch: the higher the sensitivity to wake, the lower. */
export const OAKLEY_THRESHOLDS = { highSensitivity: 20, mediumSensitivity: 40, lowSensitivity: 80 } as const;

/** The 60-s weights .04 .2 1 .2 .04 times 25, so that the comparison is exact for whole counts. */
const OAKLEY_WEIGHTS = [1, 5, 25, 5, 1] as const;
const OAKLEY_SCALE = 25;

/**
 * Oakley 1997 (Mini-Mitter report; Actiwatch manual), for Actiwatch counts of 60-s epochs: sleep if the weighted total
 * of t-2..t+2 is at most the threshold. Outside the record and in missing minutes activity is 0.
 */
export function scoreOakley(
  values: Float64Array,
  threshold: number = OAKLEY_THRESHOLDS.mediumSensitivity,
): SleepStates {
  const totals = weightedTotals(values, OAKLEY_WEIGHTS, 2, Number.POSITIVE_INFINITY);
  return scored(values, (t) => (totals[t] as number) <= OAKLEY_SCALE * threshold);
}

/**
 * The Actiwatch's automatic threshold for 60-s epochs: 0.88888 * (sum of counts) / (minutes of at least 4 counts). Not
 * computable without such a minute.
 */
export function oakleyAutomaticThreshold(values: Float64Array): Result<number, NotComputable> {
  let sum = 0;
  let mobileMinutes = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    if (value >= 4) mobileMinutes++;
  }
  if (mobileMinutes === 0)
    return notComputable('the automatic threshold needs minutes of at least 4 counts; there were 0');
  return ok((sum / mobileMinutes) * 0.88888);
}

function scored(values: Float64Array, isSleep: (minute: number) => boolean): SleepStates {
  const states = new Uint8Array(values.length);
  for (let t = 0; t < values.length; t++) {
    states[t] = Number.isNaN(values[t]) ? UNSCORED : isSleep(t) ? SLEEP : WAKE;
  }
  return states;
}

/** For each minute the sum of weights times activity, the first weight for the minute `minutesBefore` earlier. */
function weightedTotals(
  values: Float64Array,
  weights: readonly number[],
  minutesBefore: number,
  maximum: number,
): Float64Array {
  const padded = paddedActivity(values, minutesBefore, weights.length - 1 - minutesBefore, maximum);
  const totals = new Float64Array(values.length);
  for (let t = 0; t < values.length; t++) {
    let total = 0;
    for (let k = 0; k < weights.length; k++) total += (weights[k] as number) * (padded[t + k] as number);
    totals[t] = total;
  }
  return totals;
}

/** The series with zeros for what is missing and around it, and no value above `maximum`. */
function paddedActivity(values: Float64Array, before: number, after: number, maximum: number): Float64Array {
  const padded = new Float64Array(before + values.length + after);
  for (let t = 0; t < values.length; t++) {
    const value = values[t] as number;
    if (!Number.isNaN(value)) padded[before + t] = Math.min(value, maximum);
  }
  return padded;
}
