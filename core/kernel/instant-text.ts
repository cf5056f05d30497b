import type { EpochMs } from './clock.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from './local-time.ts';

/** The last day of ECMAScript's time values is left out, so that an offset always has room. */
const LATEST_MS = 8.64e15 - 2 * MS_PER_DAY;
/** Offsets of a day and more are none. */
const MOST_OFFSET_MINUTES = 1439;

/**
 * ISO 8601 to the millisecond, without milliseconds where there are none, in the offset (minutes east of UTC), or with
 * `Z` where that is null or none that a clock can have; null for an instant that has no such text. Fractions of a
 * millisecond are cut off. Made for millions of instants.
 */
export function instantText(ms: EpochMs, offsetMinutes: number | null = null): string | null {
  if (!(Math.abs(ms) < LATEST_MS)) return null;
  const offset = offsetMinutes !== null && Math.abs(offsetMinutes) <= MOST_OFFSET_MINUTES ? offsetMinutes : null;
  const utcText = new Date(ms + (offset ?? 0) * MS_PER_MINUTE).toISOString();
  const local = utcText.slice(0, utcText.endsWith('.000Z') ? -5 : -1);
  return `${local}${offset === null ? 'Z' : offsetText(offset)}`;
}

function offsetText(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  const rest = minutes % 60;
  const hours = (minutes - rest) / 60;
  return `${minutesEast < 0 ? '-' : '+'}${hours < 10 ? '0' : ''}${hours}:${rest < 10 ? '0' : ''}${rest}`;
}
