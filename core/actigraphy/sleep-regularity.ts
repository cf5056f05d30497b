import { ok, type Result } from 'neverthrow';
import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import { notComputable, type NotComputable } from './not-computable.ts';
import { dayCountOf, type MinuteClock } from './series.ts';
import { UNSCORED, type SleepStates } from './sleep-scoring.ts';

const NOT_RECORDED = 254;

/**
 * Sleep Regularity Index, -100 + 200 * (share of pairs in the same state), -100 to 100 (Phillips 2017, Sci Rep 7:3216).
 * A pair is the same local CLOCK minute on two consecutive local days, not two minutes 24 elapsed hours apart, so a
 * daylight-saving change does not shift a person's days against each other; of a clock minute that comes twice in a day
 * the first is taken. Only pairs with both states known count; not computable without any. A record that is all sleep
 * or all wake scores 100: mask non-wear before scoring.
 */
export function sleepRegularityIndex(states: SleepStates, clock: MinuteClock): Result<number, NotComputable> {
  const days = dayCountOf(clock);
  const grid = new Uint8Array(days * MINUTES_PER_DAY).fill(NOT_RECORDED);
  for (let i = 0; i < states.length; i++) {
    const cell = (clock.dayIndex[i] as number) * MINUTES_PER_DAY + (clock.clockMinute[i] as number);
    if (grid[cell] === NOT_RECORDED) grid[cell] = states[i] as number;
  }
  let pairs = 0;
  let same = 0;
  for (let cell = MINUTES_PER_DAY; cell < grid.length; cell++) {
    const today = grid[cell] as number;
    const yesterday = grid[cell - MINUTES_PER_DAY] as number;
    if (!isKnown(today) || !isKnown(yesterday)) continue;
    pairs++;
    if (today === yesterday) same++;
  }
  if (pairs === 0) {
    return notComputable(
      `the sleep regularity index needs clock minutes scored on two consecutive days; there were 0 in ${days} days`,
    );
  }
  return ok(-100 + (200 * same) / pairs);
}

function isKnown(state: number): boolean {
  return state !== UNSCORED && state !== NOT_RECORDED;
}
