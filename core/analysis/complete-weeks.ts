import type { EpochDay } from '../kernel/local-time.ts';
import type { DayRange } from './analyze-window.ts';

const DAYS_PER_WEEK = 7;

/** Monday is 0. 1970-01-01 was a Thursday. */
const weekdayOf = (day: EpochDay): number => (((day + 3) % DAYS_PER_WEEK) + DAYS_PER_WEEK) % DAYS_PER_WEEK;

/** The ISO weeks, Monday to Sunday, that lie wholly inside the range, in time order. */
export function completeWeeks({ firstDay, lastDay }: DayRange): readonly DayRange[] {
  const weeks: DayRange[] = [];
  const monday = firstDay + ((DAYS_PER_WEEK - weekdayOf(firstDay)) % DAYS_PER_WEEK);
  for (let day = monday; day + DAYS_PER_WEEK - 1 <= lastDay; day += DAYS_PER_WEEK) {
    weeks.push({ firstDay: day, lastDay: day + DAYS_PER_WEEK - 1 });
  }
  return weeks;
}
