import type { EpochMs } from '../kernel/clock.ts';
import { localDayOf, localMinuteOfDay, MS_PER_MINUTE, startOfLocalDay, type LocalZone } from '../kernel/local-time.ts';
import type { SeriesResolution } from './model.ts';

const MINUTES_PER_HOUR = 60;

/** The whole minute that holds the instant. */
export const minuteFloor = (instantMs: EpochMs): EpochMs => Math.floor(instantMs / MS_PER_MINUTE) * MS_PER_MINUTE;

/** The first whole minute at or after the instant. */
export const minuteCeil = (instantMs: EpochMs): EpochMs => Math.ceil(instantMs / MS_PER_MINUTE) * MS_PER_MINUTE;

/**
 * The end of the bin that holds `fromMs` (a whole minute). Hours and days begin by the local clock: where clocks change,
 * a day is 23 or 25 hours long, an hour that happens twice is two bins, and an hour that is cut short is a short one.
 */
function nextEdge(zone: LocalZone, resolution: SeriesResolution, fromMs: EpochMs): EpochMs {
  switch (resolution) {
    case 'minute':
      return fromMs + MS_PER_MINUTE;
    case 'hour': {
      const offset = zone.offsetMinutesAt(fromMs);
      const fullMs = fromMs + (MINUTES_PER_HOUR - (localMinuteOfDay(zone, fromMs) % MINUTES_PER_HOUR)) * MS_PER_MINUTE;
      // Clocks change once an hour at most, so equal offsets at both ends are equal in between.
      if (zone.offsetMinutesAt(fullMs - MS_PER_MINUTE) === offset) return fullMs;
      let atMs = fromMs + MS_PER_MINUTE;
      while (zone.offsetMinutesAt(atMs) === offset) atMs += MS_PER_MINUTE;
      return atMs;
    }
    case 'day': {
      // A date that the zone never had has no length.
      for (let day = localDayOf(zone, fromMs) + 1; ; day += 1) {
        const startMs = startOfLocalDay(zone, day);
        if (startMs > fromMs) return startMs;
      }
    }
  }
}

/** The start of the bin that holds the instant, where it is not cut by a query. */
export function binStart(zone: LocalZone, resolution: SeriesResolution, instantMs: EpochMs): EpochMs {
  const minuteMs = minuteFloor(instantMs);
  if (resolution === 'minute') return minuteMs;
  if (resolution === 'day') {
    const day = localDayOf(zone, minuteMs);
    // Clocks that go back over midnight show the evening before once more, within the day that has begun.
    const nextMs = startOfLocalDay(zone, day + 1);
    return nextMs <= minuteMs ? nextMs : startOfLocalDay(zone, day);
  }
  const offset = zone.offsetMinutesAt(minuteMs);
  let startMs = minuteMs;
  for (let left = localMinuteOfDay(zone, minuteMs) % MINUTES_PER_HOUR; left > 0; left -= 1) {
    if (zone.offsetMinutesAt(startMs - MS_PER_MINUTE) !== offset) break;
    startMs -= MS_PER_MINUTE;
  }
  return startMs;
}

/**
 * The edges of the bins from `fromMs` to `toMs` (whole minutes), `[edges[i], edges[i + 1])` being one bin: at most `most`
 * of them, the first and the last cut where the span is. There are at least two edges where the span is not empty.
 */
export function binEdges(
  zone: LocalZone,
  resolution: SeriesResolution,
  fromMs: EpochMs,
  toMs: EpochMs,
  most: number,
): Float64Array {
  const edges: EpochMs[] = [fromMs];
  for (let atMs = fromMs; atMs < toMs && edges.length <= most;) {
    atMs = Math.min(nextEdge(zone, resolution, atMs), toMs);
    edges.push(atMs);
  }
  return Float64Array.from(edges);
}
