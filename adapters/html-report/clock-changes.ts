/** The days on which the zone's clocks were put forward or back. */

import {
  localMinuteOfDay,
  localZone,
  MINUTES_PER_DAY,
  MS_PER_MINUTE,
  parseIsoDate,
  startOfLocalDay,
} from '../../core/kernel/local-time.ts';
import type { LocalZone } from '../../core/kernel/local-time.ts';
import { shortDay } from './local-clock.ts';
import { runsWhere } from './runs.ts';
import type { Run } from './runs.ts';
import { formatDuration } from './text.ts';

export interface ClockChange {
  /** Index of the date. */
  readonly row: number;
  /** Clock minutes of that day that never came; empty where the clocks went back. */
  readonly skipped: readonly Run[];
  /** A sentence saying what happened. */
  readonly sentence: string;
}

/** The changes on the given local dates, in their order; none where the zone or a date is unknown. */
export function clockChanges(timezone: string, dates: readonly string[]): ClockChange[] {
  const zone = localZone(timezone);
  if (zone.isErr()) return [];
  return dates.flatMap((date, row) => changeOn(zone.value, date, row) ?? []);
}

function changeOn(zone: LocalZone, date: string, row: number): ClockChange | null {
  const day = parseIsoDate(date);
  if (day === null) return null;
  const startMs = startOfLocalDay(zone, day);
  const elapsedMinutes = Math.round((startOfLocalDay(zone, day + 1) - startMs) / MS_PER_MINUTE);
  const byMinutes = elapsedMinutes - MINUTES_PER_DAY;
  if (byMinutes === 0) return null;
  if (byMinutes > 0) {
    const sentence = `On ${shortDay(day)} the clocks went back ${formatDuration(byMinutes)}; the minutes that came twice show the mean of both.`;
    return { row, skipped: [], sentence };
  }
  const came = new Uint8Array(MINUTES_PER_DAY);
  for (let minute = 0; minute < elapsedMinutes; minute++) {
    came[localMinuteOfDay(zone, startMs + minute * MS_PER_MINUTE)] = 1;
  }
  return {
    row,
    skipped: runsWhere(MINUTES_PER_DAY, (minute) => came[minute] === 0),
    sentence: `On ${shortDay(day)} the clocks went forward ${formatDuration(-byMinutes)}; the minutes that never came are left blank.`,
  };
}
