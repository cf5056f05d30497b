import { err, ok, type Result } from 'neverthrow';
import { isRoundingError } from '../actigraphy/rounding.ts';
import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import type { ReferencePopulation } from './population.ts';
import { MOST_MINUTES } from './ports.ts';

/** The minutes cannot be given to the encoder; `reason` is one plain sentence with the number that failed. */
export interface WeekNotUsable {
  readonly kind: 'week-not-usable';
  readonly reason: string;
}

/** What the encoder was pretrained on, and what is encoded unless fewer days are there or more are asked for. */
export const PRETRAINED_DAYS = 7;
/** The most days that are encoded. */
export const MOST_ENCODED_DAYS = MOST_MINUTES / MINUTES_PER_DAY;

/** Of the encoded minutes at most this share may be missing: less than one day of a week. */
export const MOST_MISSING_SHARE = 0.1;

/** How missing minutes are dealt with, in words for the result. */
export const MISSING_MINUTE_POLICY =
  'same-clock-minute mean: a missing minute takes the mean of the same clock minute on the other encoded days ' +
  '(van Hees VT et al. PLoS ONE 2013;8:e61691); nothing is encoded above the limit';

/** Minutes ready for the encoder, and all that was done to them. */
export interface PreparedWeek {
  /** `days * 1440` standardised values. */
  readonly values: Float32Array;
  /** The same days as they were, in the signal's unit; NaN is missing. */
  readonly raw: Float32Array;
  /** Row of the grid that the first day is. */
  readonly firstRow: number;
  readonly days: number;
  readonly imputedMinutes: number;
  readonly mostMissingMinutes: number;
  readonly scaling: 'population' | 'per-person';
  readonly referencePopulation: string | null;
}

export interface PrepareOptions {
  /** How many days to encode; null for seven, or all where there are fewer. */
  readonly days: number | null;
  /** What each minute is standardised against; null for the person's own mean and deviation. */
  readonly population: ReferencePopulation | null;
}

/**
 * Takes whole local days of a day grid (rows of 1,440 minutes, NaN is missing), fills the few missing minutes, and
 * standardises.
 *
 * Which days: the latest so many consecutive ones of which at most a tenth of the minutes are missing. The published
 * procedure standardises each minute of the week against a cohort (Ruan et al. 2024); without a population the person's
 * own mean and deviation take its place, which takes away the person's overall level: the result says which it was.
 */
export function prepareWeek(grid: Float32Array, options: PrepareOptions): Result<PreparedWeek, WeekNotUsable> {
  const rows = Math.floor(grid.length / MINUTES_PER_DAY);
  if (rows < 1) return refuse('the window holds no local day to encode');
  const days = options.days ?? Math.min(PRETRAINED_DAYS, rows);
  if (days < 1 || days > MOST_ENCODED_DAYS) {
    return refuse(`the encoder takes 1 to ${String(MOST_ENCODED_DAYS)} local days; ${String(days)} were asked for`);
  }
  if (days > rows) return refuse(`${String(days)} local days were asked for; the window has ${String(rows)}`);
  return chooseDays(grid, rows, days).andThen(({ firstRow, missing, most }) => {
    const raw = grid.slice(firstRow * MINUTES_PER_DAY, (firstRow + days) * MINUTES_PER_DAY);
    return filled(raw, days)
      .andThen((values) => standardised(values, options.population))
      .map((values) => ({
        values,
        raw,
        firstRow,
        days,
        imputedMinutes: missing,
        mostMissingMinutes: most,
        scaling: options.population === null ? ('per-person' as const) : ('population' as const),
        referencePopulation: options.population?.name ?? null,
      }));
  });
}

/** Says so where the encoded days are not those that PAT was pretrained on. */
export function lengthNote(days: number): string | null {
  if (days === PRETRAINED_DAYS) return null;
  return (
    `${days === 1 ? '1 local day was' : `${String(days)} local days were`} encoded; PAT was pretrained on seven, ` +
    'and no published result is for another length'
  );
}

const refuse = (reason: string): Result<never, WeekNotUsable> => err({ kind: 'week-not-usable', reason });

interface ChosenDays {
  readonly firstRow: number;
  readonly missing: number;
  readonly most: number;
}

function chooseDays(grid: Float32Array, rows: number, days: number): Result<ChosenDays, WeekNotUsable> {
  const missingOfRow = Array.from({ length: rows }, (_, row) => {
    let missing = 0;
    for (let i = row * MINUTES_PER_DAY; i < (row + 1) * MINUTES_PER_DAY; i++) if (!isNumber(grid[i]!)) missing++;
    return missing;
  });
  const minutes = days * MINUTES_PER_DAY;
  const most = Math.floor(minutes * MOST_MISSING_SHARE);
  let fewest = minutes;
  for (let firstRow = rows - days; firstRow >= 0; firstRow--) {
    const missing = missingOfRow.slice(firstRow, firstRow + days).reduce((sum, count) => sum + count, 0);
    if (missing <= most) return ok({ firstRow, missing, most });
    fewest = Math.min(fewest, missing);
  }
  return refuse(
    `of ${days === 1 ? 'a local day' : `${String(days)} consecutive local days`} at most ${String(most)} of ` +
      `${String(minutes)} minutes may be missing; the best here ${days === 1 ? 'lacks' : 'lack'} ${String(fewest)}`,
  );
}

const isNumber = (value: number): boolean => Number.isFinite(value);

/** The days with each missing minute at the mean of the same clock minute on the others. */
function filled(raw: Float32Array, days: number): Result<Float32Array, WeekNotUsable> {
  const values = raw.slice();
  for (let minute = 0; minute < MINUTES_PER_DAY; minute++) {
    let sum = 0;
    let known = 0;
    for (let day = 0; day < days; day++) {
      const value = raw[day * MINUTES_PER_DAY + minute]!;
      if (!isNumber(value)) continue;
      sum += value;
      known++;
    }
    if (known === days) continue;
    if (known === 0) {
      return refuse(
        `the clock minute ${clockTime(minute)} is missing on every one of the ${String(days)} encoded days, ` +
          'so nothing can stand in for it',
      );
    }
    for (let i = minute; i < values.length; i += MINUTES_PER_DAY) if (!isNumber(values[i]!)) values[i] = sum / known;
  }
  return ok(values);
}

const clockTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function standardised(
  values: Float32Array,
  population: ReferencePopulation | null,
): Result<Float32Array, WeekNotUsable> {
  let sum = 0;
  let largest = 0;
  for (const value of values) {
    sum += value;
    largest = Math.max(largest, Math.abs(value));
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  // A device that lay in a drawer tells nothing, whatever it is standardised against.
  if (isRoundingError(deviation, largest)) return refuse('every encoded minute has the same value');
  if (population === null) return ok(values.map((value) => (value - mean) / deviation));
  const { mean: means, sd } = population;
  const scaled = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const minuteOfWeek = i % means.length;
    const spread = sd[minuteOfWeek]!;
    scaled[i] = (values[i]! - means[minuteOfWeek]!) / (spread === 0 ? 1 : spread);
  }
  return ok(scaled);
}
