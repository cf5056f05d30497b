import type { EpochMs } from '../kernel/clock.ts';
import { MINUTES_PER_DAY, MS_PER_MINUTE, type LocalZone } from '../kernel/local-time.ts';

/**
 * What the local clock shows at each minute of a series. A series is a `Float64Array` with one value per ELAPSED
 * minute, NaN where the minute is missing; its clock has the same length. On a 25-hour day an hour of clock minutes
 * comes twice, on a 23-hour day one does not come at all.
 */
export interface MinuteClock {
  /** Minutes past local midnight, 0 to 1439. */
  readonly clockMinute: Uint16Array;
  /**
   * Local days since the day of the first minute. Never decreases: where a zone once went back over midnight
   * (America/St_Johns until 2011, at 00:01) the hour after belongs to the new day.
   */
  readonly dayIndex: Int32Array;
}

/** The clock of `minutes` elapsed minutes from `startMs` in the zone. */
export function clockOf(zone: LocalZone, startMs: EpochMs, minutes: number): MinuteClock {
  const clockMinute = new Uint16Array(minutes);
  const dayIndex = new Int32Array(minutes);
  const startMinute = Math.floor(startMs / MS_PER_MINUTE);
  const firstDay = minutes === 0 ? 0 : Math.floor((startMinute + zone.offsetMinutesAt(startMs)) / MINUTES_PER_DAY);
  let latest = 0;
  for (let i = 0; i < minutes; i++) {
    const localMinute = startMinute + i + zone.offsetMinutesAt(startMs + i * MS_PER_MINUTE);
    const localDay = Math.floor(localMinute / MINUTES_PER_DAY);
    if (localDay - firstDay > latest) latest = localDay - firstDay;
    clockMinute[i] = localMinute - localDay * MINUTES_PER_DAY;
    dayIndex[i] = latest;
  }
  return { clockMinute, dayIndex };
}

/** The clock of a series without a zone: it starts at clock minute `startMinute` and every day has 1,440 minutes. */
export function plainClock(startMinute: number, minutes: number): MinuteClock {
  const clockMinute = new Uint16Array(minutes);
  const dayIndex = new Int32Array(minutes);
  for (let i = 0; i < minutes; i++) {
    clockMinute[i] = (startMinute + i) % MINUTES_PER_DAY;
    dayIndex[i] = Math.floor((startMinute + i) / MINUTES_PER_DAY);
  }
  return { clockMinute, dayIndex };
}

/** How many local days the clock runs over, partial ones and skipped dates included. */
export function dayCountOf(clock: MinuteClock): number {
  const last = clock.dayIndex.at(-1);
  return last === undefined ? 0 : last + 1;
}
