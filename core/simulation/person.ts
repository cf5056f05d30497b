import type { EpochDay } from '../kernel/local-time.ts';
import { randomStream, type RandomStream } from './random.ts';

export type ExerciseKind = 'running' | 'cycling' | 'strength';

/** What stays the same about a simulated person. Minutes are local clock minutes from midnight. */
export interface SimulatedPerson {
  /**
   * Chronotype as the middle of sleep on free days (Roenneberg 2003, J Biol Rhythms 18:80-90): around 04:20, early
   * types before 03:30, late types after 05:30.
   */
  readonly midSleepFreeMinute: number;
  readonly sleepNeedMinutes: number;
  readonly workStartMinute: number;
  readonly workMinutes: number;
  /** Walk to the stop, ride, walk to work. */
  readonly commuteMinutes: readonly [number, number, number];
  readonly morningMinutes: number;
  /** The weekday (Monday is 0) on which the person works from home, or null. */
  readonly homeWeekday: number | null;
  readonly exercise: ExerciseKind;
  /** Weekdays with exercise, Monday is 0. */
  readonly exerciseWeekdays: readonly number[];
  readonly restingHeartRateBpm: number;
  readonly heartRateVariabilityMs: number;
  readonly respirationPerMinute: number;
  readonly oxygenSaturationPercent: number;
  readonly wristTemperatureCelsius: number;
  readonly bodyMassKg: number;
  readonly cadenceStepsPerMinute: number;
  readonly strideMetres: number;
}

/** The person that belongs to a seed. */
export function personOf(seed: number): SimulatedPerson {
  const random = randomStream(seed, 'person');
  return {
    midSleepFreeMinute: Math.round(clamp(random.normal(260, 45), 165, 390)),
    sleepNeedMinutes: Math.round(clamp(random.normal(470, 25), 400, 540)),
    workStartMinute: pick(random, [480, 510, 540]),
    workMinutes: random.wholeBetween(480, 525),
    commuteMinutes: [random.wholeBetween(6, 14), random.wholeBetween(15, 35), random.wholeBetween(4, 10)],
    morningMinutes: random.wholeBetween(45, 65),
    homeWeekday: random.chance(0.4) ? random.wholeBetween(0, 4) : null,
    exercise: pick<ExerciseKind>(random, ['running', 'cycling', 'strength']),
    exerciseWeekdays: pick(random, [
      [1, 3, 5],
      [0, 2, 6],
      [2, 5],
    ]),
    restingHeartRateBpm: random.wholeBetween(49, 65),
    heartRateVariabilityMs: random.between(36, 68),
    respirationPerMinute: random.between(12.5, 16),
    oxygenSaturationPercent: random.between(95.5, 98),
    wristTemperatureCelsius: random.between(35, 36.2),
    bodyMassKg: random.between(56, 88),
    cadenceStepsPerMinute: random.wholeBetween(104, 116),
    strideMetres: random.between(0.66, 0.78),
  };
}

/** 0 for Monday to 6 for Sunday. */
export const weekdayOf = (day: EpochDay): number => (((day + 3) % 7) + 7) % 7;

/** Whether the person is free on the day: a Saturday, a Sunday or one of the odd days off. */
export function isFreeDay(seed: number, day: EpochDay): boolean {
  return weekdayOf(day) >= 5 || randomStream(seed, 'day off', day).chance(0.03);
}

/** The value, or the bound that it passes. */
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function pick<Choice>(random: RandomStream, choices: readonly [Choice, ...Choice[]]): Choice {
  return choices[random.wholeBetween(0, choices.length - 1)] ?? choices[0];
}
