/** The days that the pretrained model encoded, found in the record, with how much it looked at each minute of them. */

import { max, min, sum } from 'd3-array';
import { err, ok } from 'neverthrow';
import type { Result } from 'neverthrow';
import { MINUTES_PER_DAY, parseIsoDate } from '../../core/kernel/local-time.ts';
import type { EpochDay } from '../../core/kernel/local-time.ts';
import type { LocalDayGrid, ModelEncoding } from '../../core/analysis/document.ts';
import { meanDayImportance, minuteImportance } from '../../core/pat/explain.ts';
import { MOST_MINUTES } from '../../core/pat/ports.ts';
import { isKnown } from './text.ts';

/**
 * Importance is given in even shares: 1 is what every patch would receive if the model looked at all of them alike, so
 * that records of any length read the same.
 */
export interface EncodedDays {
  /** The row of the grid that is the first encoded day. */
  readonly firstRow: number;
  readonly days: number;
  readonly patchMinutes: number;
  /** The encoded days alone. */
  readonly grid: LocalDayGrid;
  /** Minute m of the d-th encoded day is `perMinute[d * 1440 + m]`. */
  readonly perMinute: Float32Array;
  /** The mean over the days of each clock minute. */
  readonly meanDay: Float32Array;
  readonly least: number;
  readonly most: number;
}

/** The document's numbers do not say where the model looked; `reason` is a clause for the reader. */
export interface NotDrawable {
  readonly kind: 'not-drawable';
  readonly reason: string;
}

/** Shares come in single precision and sum to 1 within far less than this. */
const SUM_TOLERANCE = 0.001;

/** Finds the encoded days. The document may hold anything, so every number is looked at before it is used. */
export function encodedDays(encoding: ModelEncoding, grid: LocalDayGrid): Result<EncodedDays, NotDrawable> {
  const { days, importance } = encoding;
  const patchMinutes = importance.patch_minutes;
  const shares = importance.per_patch;
  if (!isWhole(days) || days > MOST_MINUTES / MINUTES_PER_DAY || !isWhole(patchMinutes)) {
    return notDrawable('the number of days or the length of a patch is none that the model takes');
  }
  if (shares.length * patchMinutes !== days * MINUTES_PER_DAY) {
    return notDrawable(
      `the document gives ${shares.length} numbers for ${patchMinutes} minutes each, which is not the length of the encoded days`,
    );
  }
  if (!shares.every((share) => isKnown(share) && share >= 0)) return notDrawable('not all of its numbers are shares');
  if (Math.abs(sum(shares) - 1) > SUM_TOLERANCE) return notDrawable('its numbers do not sum to 1, as shares do');
  const firstRow = grid.dates.indexOf(encoding.first_day);
  const dates = grid.dates.slice(Math.max(0, firstRow), Math.max(0, firstRow) + days);
  if (firstRow < 0 || dates.length < days)
    return notDrawable('the encoded days are not all among the days of this record');
  const relative = shares.map((share) => share * shares.length);
  const perMinute = minuteImportance(relative, patchMinutes);
  const values = grid.values.subarray(firstRow * MINUTES_PER_DAY, (firstRow + days) * MINUTES_PER_DAY);
  return ok({
    firstRow,
    days,
    patchMinutes,
    grid: { dates, values },
    perMinute,
    meanDay: meanDayImportance(perMinute),
    least: min(relative) ?? 1,
    most: max(relative) ?? 1,
  });
}

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 1;

const notDrawable = (reason: string): Result<never, NotDrawable> => err({ kind: 'not-drawable', reason });

/** The first and the last encoded day, or null where the document does not tell them. */
export function encodedRange({
  first_day: firstDay,
  days,
}: ModelEncoding): { readonly first: EpochDay; readonly last: EpochDay } | null {
  const first = parseIsoDate(firstDay);
  if (first === null || !isWhole(days) || days > MOST_MINUTES / MINUTES_PER_DAY) return null;
  return { first, last: first + days - 1 };
}
