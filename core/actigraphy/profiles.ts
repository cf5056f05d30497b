import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import { dayCountOf, type MinuteClock } from './series.ts';
import { validMinutesByDay } from './wear.ts';

/**
 * Sum of the values of each local day, indexed by `dayIndex`, in the series' unit times minutes; null for a day without
 * any value. Missing minutes are left out, not filled: compare totals only with the day's valid minutes beside them.
 */
export function dailyTotals(values: Float64Array, clock: MinuteClock): readonly (number | null)[] {
  const totals = new Float64Array(dayCountOf(clock));
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) (totals[clock.dayIndex[i] as number] as number) += value;
  }
  return Array.from(validMinutesByDay(values, clock), (valid, day) => (valid === 0 ? null : (totals[day] as number)));
}

/** Mean of the valid minutes of each of the 24 local clock hours over all days; null for an hour never seen. */
export function hourlyProfile(values: Float64Array, clock: MinuteClock): readonly (number | null)[] {
  const means = meanByClock(values, clock, 60);
  return Array.from(means, (mean) => (Number.isNaN(mean) ? null : mean));
}

/**
 * The average day at one-minute resolution: 1,440 means over all days, NaN for a clock minute never seen. Where a clock
 * minute comes twice in a day, both count.
 */
export function meanDailyProfile(values: Float64Array, clock: MinuteClock): Float64Array {
  return meanByClock(values, clock, 1);
}

function meanByClock(values: Float64Array, clock: MinuteClock, minutesPerBin: number): Float64Array {
  const bins = MINUTES_PER_DAY / minutesPerBin;
  const sums = new Float64Array(bins);
  const counts = new Uint32Array(bins);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const bin = Math.floor((clock.clockMinute[i] as number) / minutesPerBin);
    (sums[bin] as number) += value;
    (counts[bin] as number)++;
  }
  return sums.map((sum, bin) => sum / (counts[bin] as number));
}
