import { runsWhere, type MinuteRun } from './minute-runs.ts';
import { dayCountOf, type MinuteClock } from './series.ts';

/** A day counts as valid with at least ten hours of wear (Troiano 2008, Med Sci Sports Exerc 40:181-188). */
export const VALID_DAY_MINUTES = 600;

/** How much of one local day was recorded and worn. */
export interface DayWear {
  readonly dayIndex: number;
  /** Minutes of the series that fall on the day, missing ones included. */
  readonly recordedMinutes: number;
  /** Minutes with a value. */
  readonly validMinutes: number;
  /** Whether the day has `VALID_DAY_MINUTES`. */
  readonly valid: boolean;
}

/** The gaps of the series: its runs of missing minutes, in time order. */
export function missingRuns(values: Float64Array): readonly MinuteRun[] {
  return runsWhere(values.length, (i) => Number.isNaN(values[i]));
}

/** Minutes with a value on each local day, indexed by `dayIndex`. Mask non-wear first: a missing minute is not worn. */
export function validMinutesByDay(values: Float64Array, clock: MinuteClock): Uint16Array {
  const valid = new Uint16Array(dayCountOf(clock));
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) (valid[clock.dayIndex[i] as number] as number)++;
  }
  return valid;
}

/** The wear of each local day in order, under the ten-hour rule. */
export function wearByDay(values: Float64Array, clock: MinuteClock): readonly DayWear[] {
  const recorded = new Uint16Array(dayCountOf(clock));
  for (const day of clock.dayIndex) (recorded[day] as number)++;
  return Array.from(validMinutesByDay(values, clock), (validMinutes, dayIndex) => ({
    dayIndex,
    recordedMinutes: recorded[dayIndex] as number,
    validMinutes,
    valid: validMinutes >= VALID_DAY_MINUTES,
  }));
}
