import type { EpochMs } from '../kernel/clock.ts';
import { MINUTES_PER_DAY, isoDate, localDayOf, type LocalZone } from '../kernel/local-time.ts';
import type { MinuteClock } from '../actigraphy/series.ts';
import type { LocalDayGrid } from './document.ts';

/** Lays elapsed minutes out by local clock, as `LocalDayGrid` describes. */
export function localDayGrid(
  values: Float64Array,
  clock: MinuteClock,
  zone: LocalZone,
  startMs: EpochMs,
): LocalDayGrid {
  const days = values.length === 0 ? 0 : (clock.dayIndex[values.length - 1] as number) + 1;
  const grid = new Float32Array(days * MINUTES_PER_DAY).fill(Number.NaN);
  const seen = new Uint8Array(days * MINUTES_PER_DAY);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const cell = (clock.dayIndex[i] as number) * MINUTES_PER_DAY + (clock.clockMinute[i] as number);
    const times = seen[cell] as number;
    grid[cell] = times === 0 ? value : ((grid[cell] as number) * times + value) / (times + 1);
    seen[cell] = times + 1;
  }
  const firstDay = localDayOf(zone, startMs);
  return { dates: Array.from({ length: days }, (_, d) => isoDate(firstDay + d)), values: grid };
}
