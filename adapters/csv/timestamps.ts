import type { EpochMs } from '../../core/kernel/clock.ts';
import {
  MS_PER_DAY,
  MS_PER_MINUTE,
  parseIsoDate,
  type EpochDay,
  type LocalZone,
} from '../../core/kernel/local-time.ts';

/** A timestamp as written. */
export interface WrittenTimestamp {
  /** What a clock on the wall showed, as milliseconds since its own 1970-01-01T00:00. */
  readonly wallMs: number;
  /** Minutes east of UTC, or null where the text does not say. */
  readonly offsetMinutes: number | null;
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?))?$/i;

/**
 * Reads ISO 8601 and `YYYY-MM-DD HH:MM:SS`: `T` or a space between date and time, seconds and their fraction optional,
 * then nothing, `Z`, `+01:00`, `+0100` or `+01`. Digits beyond the millisecond are dropped. Null for anything else and
 * for dates and times that do not exist.
 */
export function timestampParser(): (text: string) => WrittenTimestamp | null {
  // Neighbouring rows share their date.
  let lastDate = '';
  let lastDay: EpochDay | null = null;
  return (text) => {
    const parts = TIMESTAMP.exec(text);
    if (parts === null) return null;
    const date = parts[1] as string;
    if (date !== lastDate) {
      lastDate = date;
      lastDay = parseIsoDate(date);
    }
    const [hour, minute, second] = [Number(parts[2]), Number(parts[3]), Number(parts[4] ?? 0)];
    if (lastDay === null || hour > 23 || minute > 59 || second > 59) return null;
    const milliseconds = parts[5] === undefined ? 0 : Number(parts[5].padEnd(3, '0').slice(0, 3));
    const wallMs = lastDay * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
    if (parts[6] !== undefined) return { wallMs, offsetMinutes: 0 };
    if (parts[7] === undefined) return { wallMs, offsetMinutes: null };
    const [offsetHours, offsetMinutes] = [Number(parts[8]), Number(parts[9] ?? 0)];
    if (offsetHours > 23 || offsetMinutes > 59) return null;
    return { wallMs, offsetMinutes: (parts[7] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) };
  };
}

/** What instant a wall-clock time is, or why there is none. */
export type ResolvedTime =
  | { readonly kind: 'instant'; readonly instantMs: EpochMs; readonly ambiguous: boolean }
  | { readonly kind: 'skipped-by-clocks' };

/**
 * Turns wall-clock times of a zone into instants, in the order of the file.
 *
 * A time in the hour that the clocks repeat in autumn is two instants. In a file that runs forward, times go on rising
 * through the first pass and fall back once at its end, so: the first instant as long as that does not go back behind the
 * row before, else the second. In a file that runs backward it is the other way round. The direction is the one of the
 * last two rows that are not ambiguous themselves. Without any order the choice is a guess, so it is always reported.
 */
export function wallClockResolver(zone: LocalZone): (written: WrittenTimestamp) => ResolvedTime {
  let previousMs = Number.NEGATIVE_INFINITY;
  let previousPlainMs: EpochMs | null = null;
  let backward = false;
  // The offset of a date on which, and around which, the clocks do not change.
  let steadyDay = Number.NaN;
  let steadyOffsetMs = 0;

  const plain = (instantMs: EpochMs): ResolvedTime => {
    if (previousPlainMs !== null && instantMs !== previousPlainMs) backward = instantMs < previousPlainMs;
    previousPlainMs = instantMs;
    previousMs = instantMs;
    return { kind: 'instant', instantMs, ambiguous: false };
  };

  return ({ wallMs, offsetMinutes }) => {
    if (offsetMinutes !== null) return plain(wallMs - offsetMinutes * MS_PER_MINUTE);
    const day = Math.floor(wallMs / MS_PER_DAY);
    if (day === steadyDay) return plain(wallMs - steadyOffsetMs);
    // No zone is a day or more away from UTC, so these two instants enclose the whole local date.
    const before = zone.offsetMinutesAt((day - 1) * MS_PER_DAY) * MS_PER_MINUTE;
    const after = zone.offsetMinutesAt((day + 2) * MS_PER_DAY) * MS_PER_MINUTE;
    if (before === after) {
      steadyDay = day;
      steadyOffsetMs = before;
      return plain(wallMs - before);
    }
    const shows = (instantMs: EpochMs): boolean =>
      instantMs + zone.offsetMinutesAt(instantMs) * MS_PER_MINUTE === wallMs;
    const first = wallMs - Math.max(before, after);
    const second = wallMs - Math.min(before, after);
    if (!shows(first)) return shows(second) ? plain(second) : { kind: 'skipped-by-clocks' };
    if (!shows(second)) return plain(first);
    const instantMs = backward ? (second <= previousMs ? second : first) : first >= previousMs ? first : second;
    previousMs = instantMs;
    return { kind: 'instant', instantMs, ambiguous: true };
  };
}
