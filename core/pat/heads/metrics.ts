import type { RandomStream } from '../../simulation/random.ts';

/** Scores with what is needed to judge them, one entry a row. */
export interface ScoredRows {
  readonly scores: Float64Array;
  /** 0 or 1. */
  readonly labels: Uint8Array;
  /** The row's person. */
  readonly people: Uint32Array;
  /** The fold whose fit gave the score. */
  readonly folds: Uint8Array;
}

/** An area under the curve with its percentile interval. */
export interface AucInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What the interval covers. */
export const CONFIDENCE = 0.95;

/**
 * Area under the ROC curve as Mann and Whitney count it: the share of pairs, one positive and one negative row, in which
 * the positive one scores higher, a tie counting half. Only rows of one fold are paired, because scores of different fits
 * are on different footings and pairing them draws the area below its value (Airola 2011, Comput Stat Data Anal
 * 55:1828-1844). `weights` says how often each row counts, once unless given. Null without a pair.
 */
export function areaUnderCurve(
  rows: Pick<ScoredRows, 'scores' | 'labels' | 'folds'>,
  weights: ArrayLike<number> | null = null,
): number | null {
  return areaInOrder(rows, ascending(rows), weights);
}

/**
 * The area with its 95 % percentile bootstrap interval (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch.
 * 13). People are resampled, each with all rows, because rows of one person are not independent. A resample without a
 * pair is drawn anew. Null without a pair in the rows themselves.
 */
export function aucWithInterval(rows: ScoredRows, resamples: number, random: RandomStream): AucInterval | null {
  const order = ascending(rows);
  const value = areaInOrder(rows, order, null);
  if (value === null) return null;
  const people = [...new Set(rows.people)].sort((a, b) => a - b);
  const position = new Map(people.map((person, i) => [person, i]));
  const positionOf = Uint32Array.from(rows.people, (person) => position.get(person)!);
  const times = new Uint32Array(people.length);
  const weights = new Uint32Array(rows.labels.length);
  const areas = new Float64Array(resamples);
  for (let drawn = 0; drawn < resamples;) {
    times.fill(0);
    for (let i = 0; i < people.length; i++) times[random.wholeBetween(0, people.length - 1)]!++;
    for (let row = 0; row < weights.length; row++) weights[row] = times[positionOf[row]!]!;
    const area = areaInOrder(rows, order, weights);
    if (area !== null) areas[drawn++] = area;
  }
  areas.sort();
  const tail = (1 - CONFIDENCE) / 2;
  return { value, low: quantile(areas, tail), high: quantile(areas, 1 - tail) };
}

/** Rows by fold and, within a fold, by rising score. */
function ascending({ scores, folds }: Pick<ScoredRows, 'scores' | 'folds'>): Uint32Array {
  return Uint32Array.from(scores, (_, row) => row).sort(
    (a, b) => folds[a]! - folds[b]! || scores[a]! - scores[b]! || a - b,
  );
}

function areaInOrder(
  { scores, labels, folds }: Pick<ScoredRows, 'scores' | 'labels' | 'folds'>,
  order: Uint32Array,
  weights: ArrayLike<number> | null,
): number | null {
  let [pairs, won] = [0, 0];
  for (let i = 0; i < order.length;) {
    const fold = folds[order[i]!]!;
    let [positives, negatives] = [0, 0];
    while (i < order.length && folds[order[i]!] === fold) {
      const score = scores[order[i]!]!;
      let [tiedPositives, tiedNegatives] = [0, 0];
      for (; i < order.length && folds[order[i]!] === fold && scores[order[i]!] === score; i++) {
        const weight = weights === null ? 1 : weights[order[i]!]!;
        if (labels[order[i]!] === 1) tiedPositives += weight;
        else tiedNegatives += weight;
      }
      won += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    pairs += positives * negatives;
  }
  return pairs === 0 ? null : won / pairs;
}

/** The quantile of sorted values, linear between them (type 7 of Hyndman and Fan 1996, Am Stat 50:361-365). */
function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const [from, to] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return from + (at - below) * (to - from);
}

/** Mean squared distance of probability and label (Brier 1950, Mon Weather Rev 78:1-3); 0 is perfect. */
export function brierScore(scores: Float64Array, labels: Uint8Array): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row++) sum += (scores[row]! - labels[row]!) ** 2;
  return sum / scores.length;
}

/** The Brier score of giving every row the share of positive rows, which no constant betters. */
export function brierOfBaseRate(labels: Uint8Array): number {
  const share = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  return share * (1 - share);
}

/** One bin of a calibration curve. */
export interface CalibrationBin {
  /** Mean of the probabilities in the bin. */
  readonly predicted: number;
  /** Share of positive rows in it. */
  readonly observed: number;
  readonly n: number;
}

const BINS = 10;

/**
 * Probability against frequency in ten bins of about equally many rows, by rising probability. Rows with the same
 * probability share a bin, so that ties make fewer bins.
 */
export function calibrationCurve(scores: Float64Array, labels: Uint8Array): readonly CalibrationBin[] {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const bins: CalibrationBin[] = [];
  for (let from = 0, bin = 1; from < order.length; bin++) {
    let to = Math.max(from, Math.round((order.length * bin) / BINS));
    while (to > from && to < order.length && scores[order[to]!] === scores[order[to - 1]!]) to++;
    if (to === from) continue;
    const rows = order.subarray(from, to);
    const predicted = rows.reduce((sum, row) => sum + scores[row]!, 0) / rows.length;
    const observed = rows.reduce((sum, row) => sum + labels[row]!, 0) / rows.length;
    bins.push({ predicted, observed, n: rows.length });
    from = to;
  }
  return bins;
}
