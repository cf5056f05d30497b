import type { EpochMs } from '../../core/kernel/clock.ts';
import { MINUTES_PER_DAY, MS_PER_DAY, MS_PER_MINUTE } from '../../core/kernel/local-time.ts';

/** UTC days from the first to the last, both included. */
export interface DayWindow {
  readonly firstDay: number;
  readonly lastDay: number;
}

/** What became of a reading. */
export type ReadingFate = 'added' | 'repeated-timestamp' | 'second-already-taken' | 'outside-window';

/** Readings summed by minute. */
export interface SummedMinutes {
  readonly startMs: EpochMs;
  /** One an elapsed minute; NaN where nothing is known or a part is missing. */
  readonly values: Float64Array;
  /** Starts of minutes that have fewer readings than a minute of this series has, so that their sum is not known. */
  readonly incompleteMs: readonly EpochMs[];
  /** Starts of minutes that have more readings than a minute of this series has; they were summed. */
  readonly crowdedMs: readonly EpochMs[];
}

/** Sums readings of any order into minutes, in memory that depends on the number of days alone. */
export interface MinuteSums {
  /** NaN for a reading that is there but not known. */
  add(instantMs: EpochMs, value: number): ReadingFate;
  /** The window with the most readings when they spread over more than one window; null as long as they fit. */
  bestWindow(): DayWindow | null;
  /** Null before the first reading. */
  sum(): SummedMinutes | null;
}

/** The minutes of one UTC day: 26 KB, and 170 KB more on a day with fractions of seconds. */
interface DayOfReadings {
  readonly sums: Float64Array;
  readonly readings: Uint8Array;
  /** One bit a second that has a reading; two words a minute. */
  readonly seconds: Uint32Array;
  /** Milliseconds within the second of its reading; allocated with the first that is not zero. */
  milliseconds: Uint16Array | null;
}

/**
 * With a window, readings outside of it are refused. Without one, the first reading decides where the days begin to be
 * kept; once readings are more than `mostDays` apart the sums are given up and only readings a day are counted, for
 * `bestWindow` to choose from. A second takes one reading: counts of less than a second are not what this is for.
 */
export function minuteSums(mostDays: number, window: DayWindow | null): MinuteSums {
  const days = new Map<number, DayOfReadings>();
  const readingsByDay = new Map<number, number>();
  let firstDay = Number.POSITIVE_INFINITY;
  let lastDay = Number.NEGATIVE_INFINITY;
  let spreadTooFar = false;

  const add = (instantMs: EpochMs, value: number): ReadingFate => {
    const day = Math.floor(instantMs / MS_PER_DAY);
    if (window !== null && (day < window.firstDay || day > window.lastDay)) return 'outside-window';
    readingsByDay.set(day, (readingsByDay.get(day) ?? 0) + 1);
    if (day < firstDay) firstDay = day;
    if (day > lastDay) lastDay = day;
    if (spreadTooFar) return 'outside-window';
    if (lastDay - firstDay >= mostDays) {
      spreadTooFar = true;
      days.clear();
      return 'outside-window';
    }
    let readings = days.get(day);
    if (readings === undefined) {
      readings = {
        sums: new Float64Array(MINUTES_PER_DAY),
        readings: new Uint8Array(MINUTES_PER_DAY),
        seconds: new Uint32Array(2 * MINUTES_PER_DAY),
        milliseconds: null,
      };
      days.set(day, readings);
    }
    return addToDay(readings, instantMs - day * MS_PER_DAY, value);
  };

  return {
    add,
    bestWindow: () => (spreadTooFar ? fullestWindow(readingsByDay, mostDays) : null),
    sum: () => (days.size === 0 ? null : joinDays(days, firstDay, lastDay)),
  };
}

function addToDay(day: DayOfReadings, msOfDay: number, value: number): ReadingFate {
  const minute = Math.floor(msOfDay / MS_PER_MINUTE);
  const secondOfDay = Math.floor(msOfDay / 1000);
  const secondOfMinute = secondOfDay - minute * 60;
  const millisecond = msOfDay - secondOfDay * 1000;
  const word = 2 * minute + (secondOfMinute >>> 5);
  const bit = 1 << (secondOfMinute & 31);
  if (((day.seconds[word] as number) & bit) !== 0) {
    return (day.milliseconds?.[secondOfDay] ?? 0) === millisecond ? 'repeated-timestamp' : 'second-already-taken';
  }
  day.seconds[word] = (day.seconds[word] as number) | bit;
  if (millisecond !== 0) {
    day.milliseconds ??= new Uint16Array(86_400);
    day.milliseconds[secondOfDay] = millisecond;
  }
  // An unknown part makes the minute's sum unknown: NaN stays NaN.
  day.sums[minute] = (day.sums[minute] as number) + value;
  day.readings[minute] = (day.readings[minute] as number) + 1;
  return 'added';
}

/** The `mostDays` consecutive days with the most readings; the earliest of equals. */
function fullestWindow(readingsByDay: ReadonlyMap<number, number>, mostDays: number): DayWindow {
  const days = [...readingsByDay].sort(([a], [b]) => a - b);
  let best = 0;
  let bestFirst = 0;
  let inside = 0;
  for (let first = 0, next = 0; first < days.length; first++) {
    const firstDay = (days[first] as [number, number])[0];
    for (; next < days.length && (days[next] as [number, number])[0] < firstDay + mostDays; next++) {
      inside += (days[next] as [number, number])[1];
    }
    if (inside > best) {
      best = inside;
      bestFirst = firstDay;
    }
    inside -= (days[first] as [number, number])[1];
  }
  return { firstDay: bestFirst, lastDay: bestFirst + mostDays - 1 };
}

function joinDays(days: ReadonlyMap<number, DayOfReadings>, firstDay: number, lastDay: number): SummedMinutes {
  const all = (lastDay - firstDay + 1) * MINUTES_PER_DAY;
  const values = new Float64Array(all).fill(Number.NaN);
  const usual = usualReadingsPerMinute(days);
  const incompleteMs: EpochMs[] = [];
  const crowdedMs: EpochMs[] = [];
  let first = all;
  let last = -1;
  for (let index = 0; index < all; index++) {
    const day = days.get(firstDay + Math.floor(index / MINUTES_PER_DAY));
    const minute = index % MINUTES_PER_DAY;
    const readings = day?.readings[minute] ?? 0;
    if (day === undefined || readings === 0) continue;
    first = Math.min(first, index);
    last = index;
    const minuteMs = firstDay * MS_PER_DAY + index * MS_PER_MINUTE;
    if (readings < usual) incompleteMs.push(minuteMs);
    else values[index] = day.sums[minute] as number;
    if (readings > usual) crowdedMs.push(minuteMs);
  }
  const startMs = firstDay * MS_PER_DAY + first * MS_PER_MINUTE;
  return { startMs, values: values.slice(first, last + 1), incompleteMs, crowdedMs };
}

/** How many readings a minute most minutes with readings have; the fewer of equals. */
function usualReadingsPerMinute(days: ReadonlyMap<number, DayOfReadings>): number {
  const minutesWith = new Float64Array(61);
  for (const { readings } of days.values()) {
    for (const count of readings) minutesWith[count] = (minutesWith[count] as number) + 1;
  }
  let usual = 1;
  for (let count = 2; count <= 60; count++) {
    if ((minutesWith[count] as number) > (minutesWith[usual] as number)) usual = count;
  }
  return usual;
}
