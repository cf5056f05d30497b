import { err, ok, type Result } from 'neverthrow';
import type { EpochMs } from './clock.ts';

export const MS_PER_MINUTE = 60_000;
export const MINUTES_PER_DAY = 1440;
export const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 in the proleptic Gregorian calendar, of a local calendar date. */
export type EpochDay = number;

export interface UnknownTimeZone {
  readonly kind: 'unknown-time-zone';
  readonly name: string;
}

/** A time zone that can answer quickly for millions of instants. */
export interface LocalZone {
  /** IANA name (`Europe/Berlin`), or a fixed offset written `UTC+01:00`. */
  readonly name: string;
  /** Minutes east of UTC in force at the instant, whole. Throws a RangeError for an instant that `Date` cannot hold. */
  offsetMinutesAt(instantMs: EpochMs): number;
}

const FIXED_OFFSET = /^(?:UTC)?([+-])(\d{2}):(\d{2})$/;

/**
 * The zone of that name: an IANA name as the platform's tz database knows it, `UTC`, or a fixed offset written
 * `UTC+01:00` or `+01:00` (less than 24 hours). Offsets with seconds (mostly before 1972) are rounded to the minute.
 */
export function localZone(name: string): Result<LocalZone, UnknownTimeZone> {
  if (name === 'UTC') return ok(fixedOffsetZone(0));
  const fixed = FIXED_OFFSET.exec(name);
  if (fixed !== null) {
    const [hours, minutes] = [Number(fixed[2]), Number(fixed[3])];
    if (hours > 23 || minutes > 59) return err({ kind: 'unknown-time-zone', name });
    return ok(fixedOffsetZone((fixed[1] === '-' ? -1 : 1) * (hours * 60 + minutes)));
  }
  try {
    return ok(ianaZone(name, new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })));
  } catch {
    return err({ kind: 'unknown-time-zone', name });
  }
}

/** A zone that is always `minutesEast` (whole minutes, less than 24 hours) of UTC; named `UTC` or like `UTC-03:30`. */
export function fixedOffsetZone(minutesEast: number): LocalZone {
  return {
    name: minutesEast === 0 ? 'UTC' : `UTC${offsetText(minutesEast)}`,
    offsetMinutesAt: () => minutesEast,
  };
}

/** The local calendar date at the instant. */
export function localDayOf(zone: LocalZone, instantMs: EpochMs): EpochDay {
  return Math.floor(localMsOf(zone, instantMs) / MS_PER_DAY);
}

/** Minutes the local clock shows past midnight at the instant, whole, 0 to 1439. */
export function localMinuteOfDay(zone: LocalZone, instantMs: EpochMs): number {
  const localMs = localMsOf(zone, instantMs);
  return Math.floor((localMs - Math.floor(localMs / MS_PER_DAY) * MS_PER_DAY) / MS_PER_MINUTE);
}

/**
 * The first instant of the local date: midnight, the first of two midnights, or, where the clocks skip midnight, the
 * instant they skip it. A date that the zone never had (Pacific/Apia 2011-12-30) starts when the next date does, so the
 * days between consecutive starts always cover the time line.
 */
export function startOfLocalDay(zone: LocalZone, day: EpochDay): EpochMs {
  return instantOfWallTime(zone, day * MS_PER_DAY, 'end-of-gap');
}

/**
 * The instant at which the local clock shows the date and time of day. A time that happens twice (clocks going back) is
 * the first of the two; one that is skipped (clocks going forward) is moved on by the length of the gap, so that in
 * Europe/Berlin 2025-03-30 02:30 reads as 03:30+02:00.
 */
export function localToInstant(zone: LocalZone, day: EpochDay, minuteOfDay: number, secondOfMinute = 0): EpochMs {
  const wallMs = day * MS_PER_DAY + minuteOfDay * MS_PER_MINUTE + Math.round(secondOfMinute * 1000);
  return instantOfWallTime(zone, wallMs, 'shift-forward');
}

/** ISO 8601 with the offset in force, such as `2025-03-30T00:00:00+01:00`; milliseconds only where there are any. */
export function formatLocal(zone: LocalZone, instantMs: EpochMs): string {
  const utcText = new Date(localMsOf(zone, instantMs)).toISOString();
  return utcText.replace(/(?:\.000)?Z$/, offsetText(zone.offsetMinutesAt(instantMs)));
}

/** `2025-03-30`; years outside 0000 to 9999 are written with a sign and six digits. */
export function isoDate(day: EpochDay): string {
  const text = new Date(day * MS_PER_DAY).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** Reads `YYYY-MM-DD`; null for any other form and for dates that do not exist. */
export function parseIsoDate(text: string): EpochDay | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const day = Date.parse(`${text}T00:00:00Z`) / MS_PER_DAY;
  // Date.parse reads February 30 as March 2.
  return Number.isNaN(day) || isoDate(day) !== text ? null : day;
}

/** What the local clock shows, as milliseconds since its own 1970-01-01T00:00. */
function localMsOf(zone: LocalZone, instantMs: EpochMs): number {
  return instantMs + zone.offsetMinutesAt(instantMs) * MS_PER_MINUTE;
}

function instantOfWallTime(zone: LocalZone, wallMs: number, inGap: 'shift-forward' | 'end-of-gap'): EpochMs {
  // No zone is a day or more away from UTC, so the offset before and after any change near the wall time is one of two.
  const before = zone.offsetMinutesAt(wallMs - MS_PER_DAY);
  const after = zone.offsetMinutesAt(wallMs + MS_PER_DAY);
  const first = wallMs - Math.max(before, after) * MS_PER_MINUTE;
  if (localMsOf(zone, first) === wallMs) return first;
  const second = wallMs - Math.min(before, after) * MS_PER_MINUTE;
  if (localMsOf(zone, second) === wallMs) return second;
  if (inGap === 'shift-forward') return second;
  // `first` still shows an earlier time and `second` a later one; the change between them is the end of the gap.
  return firstInstant(first, second, (instantMs) => localMsOf(zone, instantMs) >= wallMs);
}

/** The first whole millisecond in (`from`, `to`] for which `holds`, given that it fails at `from` and holds at `to`. */
function firstInstant(from: EpochMs, to: EpochMs, holds: (instantMs: EpochMs) => boolean): EpochMs {
  let fails = from;
  let works = to;
  while (works - fails > 1) {
    const middle = Math.floor((fails + works) / 2);
    if (holds(middle)) works = middle;
    else fails = middle;
  }
  return works;
}

function offsetText(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  const twoDigits = (part: number): string => String(part).padStart(2, '0');
  return `${minutesEast < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** A stretch of time with one offset, `[fromMs, toMs)`. */
interface OffsetInterval {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly minutesEast: number;
}

/** Offset changes are looked up a page at a time; about a year keeps a page to a handful of intervals. */
const PAGE_MS = 400 * MS_PER_DAY;
/**
 * Shorter than any two offset changes since 1900 are apart (Africa/Freetown 1939: 3.98 days), so none is stepped over.
 */
const PROBE_MS = 2.5 * MS_PER_DAY;
/** Only instants from 1900 to 2200 are kept in pages, so that odd input cannot fill the memory with them. */
const PAGED_FROM_MS = Date.UTC(1900, 0, 1);
const PAGED_TO_MS = Date.UTC(2200, 0, 1);

function ianaZone(name: string, format: Intl.DateTimeFormat): LocalZone {
  const pages = new Map<number, readonly OffsetInterval[]>();
  // Callers walk through time, so the interval of the last answer nearly always holds the next instant too.
  let lastFromMs = 0;
  let lastToMs = 0;
  let lastMinutesEast = 0;

  return {
    name,
    offsetMinutesAt(instantMs) {
      if (instantMs >= lastFromMs && instantMs < lastToMs) return lastMinutesEast;
      if (!(instantMs >= PAGED_FROM_MS && instantMs < PAGED_TO_MS)) return offsetByFormat(format, instantMs);
      const pageNumber = Math.floor(instantMs / PAGE_MS);
      let page = pages.get(pageNumber);
      if (page === undefined) {
        page = offsetIntervals(format, pageNumber * PAGE_MS, (pageNumber + 1) * PAGE_MS);
        pages.set(pageNumber, page);
      }
      for (const interval of page) {
        if (instantMs >= interval.toMs) continue;
        lastFromMs = interval.fromMs;
        lastToMs = interval.toMs;
        lastMinutesEast = interval.minutesEast;
        break;
      }
      return lastMinutesEast;
    },
  };
}

/** The intervals of constant offset that make up `[fromMs, toMs)`. */
function offsetIntervals(format: Intl.DateTimeFormat, fromMs: EpochMs, toMs: EpochMs): readonly OffsetInterval[] {
  const intervals: OffsetInterval[] = [];
  let startMs = fromMs;
  let minutesEast = offsetByFormat(format, fromMs);
  for (let probeMs = fromMs; probeMs < toMs; probeMs += PROBE_MS) {
    const nextMs = probeMs + PROBE_MS;
    const nextMinutesEast = offsetByFormat(format, nextMs);
    if (nextMinutesEast === minutesEast) continue;
    const current = minutesEast;
    const changeMs = firstInstant(probeMs, nextMs, (instantMs) => offsetByFormat(format, instantMs) !== current);
    intervals.push({ fromMs: startMs, toMs: changeMs, minutesEast });
    startMs = changeMs;
    minutesEast = nextMinutesEast;
  }
  intervals.push({ fromMs: startMs, toMs, minutesEast });
  return intervals;
}

/** Reads the offset from text like `3/30/2025, GMT+01:00`, `..., GMT-00:44:30` or, for zero, `..., GMT`. */
function offsetByFormat(format: Intl.DateTimeFormat, instantMs: EpochMs): number {
  const offset = /GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(format.format(instantMs));
  if (offset === null) return 0;
  const seconds = Number(offset[2]) * 3600 + Number(offset[3]) * 60 + Number(offset[4] ?? 0);
  return (offset[1] === '-' ? -1 : 1) * Math.round(seconds / 60);
}
