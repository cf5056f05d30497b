import { err, ok, type Result } from 'neverthrow';
import { isRoundingError } from '../actigraphy/rounding.ts';
import { MINUTES_PER_WEEK } from './ports.ts';

/** The week cannot be given to the encoder; `reason` is one plain sentence with the number that failed. */
export interface WeekNotUsable {
  readonly kind: 'week-not-usable';
  readonly reason: string;
}

/** A week ready for the encoder, and how it was standardised. */
export interface PreparedWeek {
  readonly values: Float32Array;
  readonly scaling: 'per-person';
}

/**
 * Takes the last seven local days of a day grid (rows of 1,440 minutes) and standardises them.
 *
 * The published procedure standardises each minute of the week against a cohort. Without a reference population the
 * only statistics at hand are the person's own, so the result is labelled `per-person`: it removes the person's overall
 * level, and published accuracies do not carry over. A missing minute is not filled in: the week is refused.
 */
export function prepareWeek(grid: Float32Array): Result<PreparedWeek, WeekNotUsable> {
  if (grid.length < MINUTES_PER_WEEK) {
    return refuse(`the encoder needs seven local days; the window has ${String(Math.floor(grid.length / 1440))}`);
  }
  const week = grid.slice(grid.length - MINUTES_PER_WEEK);
  let missing = 0;
  let sum = 0;
  let largest = 0;
  for (const value of week) {
    if (Number.isNaN(value)) missing++;
    else {
      sum += value;
      largest = Math.max(largest, Math.abs(value));
    }
  }
  if (missing > 0) {
    return refuse(
      `the encoder needs every minute of the last seven local days; ${String(missing)} of 10080 are missing`,
    );
  }
  const mean = sum / week.length;
  let squares = 0;
  for (const value of week) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / week.length);
  if (isRoundingError(deviation, largest))
    return refuse('every minute of the last seven local days has the same value');
  for (let i = 0; i < week.length; i++) week[i] = ((week[i] as number) - mean) / deviation;
  return ok({ values: week, scaling: 'per-person' });
}

const refuse = (reason: string): Result<never, WeekNotUsable> => err({ kind: 'week-not-usable', reason });
