/** Reads the document's local dates and ISO 8601 instants by what their clock showed; no time zone data is needed. */

import { MINUTES_PER_DAY, MS_PER_DAY, parseIsoDate } from '../../core/kernel/local-time.ts';
import type { EpochDay } from '../../core/kernel/local-time.ts';
import type { AnalysisWindow, LocalDayGrid } from '../../core/analysis/document.ts';

/** A local clock reading: the calendar day, the minute of that day (fractions allowed) and the offset as written. */
export interface LocalReading {
  readonly epochDay: EpochDay;
  readonly minute: number;
  /** Such as `+01:00`; `+00:00` for `Z`. */
  readonly offset: string;
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** The clock reading written in an ISO 8601 instant with offset, or null if it is none. */
export function readingOf(instant: string | null): LocalReading | null {
  const parts = instant === null ? null : INSTANT.exec(instant);
  const epochDay = parseIsoDate(parts?.[1] ?? '');
  if (parts === null || epochDay === null) return null;
  const minute = Number(parts[2]) * 60 + Number(parts[3]) + Number(parts[4] ?? 0) / 60;
  if (minute > MINUTES_PER_DAY) return null;
  return { epochDay, minute, offset: parts[5] === 'Z' ? '+00:00' : (parts[5] ?? '') };
}

const dateFormat = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const WEEKDAY = dateFormat({ weekday: 'short' });
const DAY = dateFormat({ day: 'numeric' });
const MONTH = dateFormat({ month: 'long' });
const LONG_DATE = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' });

const formatDay = (format: Intl.DateTimeFormat, epochDay: EpochDay): string => format.format(epochDay * MS_PER_DAY);

/** `Mon 3 Mar`. */
export function shortDay(epochDay: EpochDay): string {
  return `${formatDay(WEEKDAY, epochDay)} ${shortDate(epochDay)}`;
}

/** `3 Mar`. */
export function shortDate(epochDay: EpochDay): string {
  return `${formatDay(DAY, epochDay)} ${monthName(epochDay).slice(0, 3)}`;
}

/** `3 March 2025`. */
function longDate(epochDay: EpochDay): string {
  return formatDay(LONG_DATE, epochDay);
}

/** `March`. */
export function monthName(epochDay: EpochDay): string {
  return formatDay(MONTH, epochDay);
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOf(epochDay: EpochDay): number {
  return (((epochDay + 3) % 7) + 7) % 7;
}

export function dayOfMonth(epochDay: EpochDay): number {
  return new Date(epochDay * MS_PER_DAY).getUTCDate();
}

/** `Mon 3 Mar`, or the text itself when it is not an ISO date. */
export function shortDayOrText(date: string): string {
  const epochDay = parseIsoDate(date);
  return epochDay === null ? date : shortDay(epochDay);
}

/** `Mon 3 Mar, 07:12`, or the text itself when it is not an ISO instant. */
export function dayAndClock(instant: string): string {
  const reading = readingOf(instant);
  if (reading === null) return instant;
  const minute = Math.floor(reading.minute);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${shortDay(reading.epochDay)}, ${clock}`;
}

/** The span's end as `09:40` where the span stays in one day, else like `dayAndClock`. */
export function endOfSpan(start: string, end: string): string {
  const [from, to] = [readingOf(start), readingOf(end)];
  const whole = dayAndClock(end);
  return from !== null && to !== null && from.epochDay === to.epochDay ? whole.slice(whole.indexOf(', ') + 2) : whole;
}

/** `2025-04-01 08:00 UTC`, or `unknown` for an instant that no calendar has. */
export function utcText(instantMs: number): string {
  const date = new Date(instantMs);
  if (Number.isNaN(date.getTime())) return 'unknown';
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The window as minutes counted from the grid's first midnight; the whole grid if the window cannot be read. */
export function windowInGrid(
  window: AnalysisWindow,
  grid: LocalDayGrid,
): { readonly startMinute: number; readonly endMinute: number } {
  const whole = { startMinute: 0, endMinute: grid.dates.length * MINUTES_PER_DAY };
  const firstDay = parseIsoDate(grid.dates[0] ?? '');
  const start = readingOf(window.start);
  const end = readingOf(window.end);
  if (firstDay === null || start === null || end === null) return whole;
  const minuteOf = (reading: LocalReading): number => (reading.epochDay - firstDay) * MINUTES_PER_DAY + reading.minute;
  const startMinute = Math.max(0, minuteOf(start));
  const endMinute = Math.min(whole.endMinute, minuteOf(end));
  return startMinute < endMinute ? { startMinute, endMinute } : whole;
}

/** The window's first and last local day (the end is exclusive), or null if it cannot be read. */
export function windowDays(window: AnalysisWindow): { readonly first: EpochDay; readonly last: EpochDay } | null {
  const start = readingOf(window.start);
  const end = readingOf(window.end);
  if (start === null || end === null) return null;
  const last = end.minute > 0 ? end.epochDay : end.epochDay - 1;
  return { first: start.epochDay, last: Math.max(start.epochDay, last) };
}

/** `3 – 30 March 2025`, with month and year repeated only where they differ. */
export function dateRange(first: EpochDay, last: EpochDay): string {
  if (first === last) return longDate(first);
  const from = longDate(first);
  const to = longDate(last);
  const [fromDay = '', fromMonth = '', fromYear = ''] = from.split(' ');
  const [, toMonth, toYear] = to.split(' ');
  if (fromYear !== toYear) return `${from} – ${to}`;
  return fromMonth === toMonth ? `${fromDay} – ${to}` : `${fromDay} ${fromMonth} – ${to}`;
}
