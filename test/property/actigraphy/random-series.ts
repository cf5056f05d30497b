import * as fc from 'fast-check';
import { plainClock, type MinuteClock } from '../../../core/actigraphy/series.ts';

/** A minute series with its clock, and what it was made from for the failure report. */
export interface RandomSeries {
  readonly values: Float64Array;
  readonly clock: MinuteClock;
}

/** Repeatable numbers in [0, 1) from a 32-bit seed (mulberry32); long series would be slow to draw one by one. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Whole counts with quiet nights, bursts, and missing stretches of up to three hours; starts at any clock minute. */
export function activity(seed: number, minutes: number, startMinute: number, missing: boolean): RandomSeries {
  const random = uniform(seed);
  const values = new Float64Array(minutes);
  for (let i = 0; i < minutes; i++) {
    const hour = ((startMinute + i) % 1440) / 60;
    const level = hour < 7 ? 0.1 : 0.7;
    values[i] = random() < level ? Math.floor(random() ** 3 * 900) : 0;
  }
  for (let gaps = missing ? Math.floor(random() * 6) : 0; gaps > 0; gaps--) {
    const start = Math.floor(random() * minutes);
    values.fill(Number.NaN, start, start + Math.ceil(random() * 180));
  }
  return { values, clock: plainClock(startMinute, minutes) };
}

/** One to five days of activity with gaps. */
export const anyActivity: fc.Arbitrary<RandomSeries> = fc
  .record({ seed: fc.integer(), minutes: fc.integer({ min: 1, max: 7000 }), start: fc.integer({ min: 0, max: 1439 }) })
  .map(({ seed, minutes, start }) => activity(seed, minutes, start, true));

/** Whole days from midnight without gaps. */
export const wholeDays: fc.Arbitrary<RandomSeries & { readonly days: number }> = fc
  .record({ seed: fc.integer(), days: fc.integer({ min: 2, max: 5 }) })
  .map(({ seed, days }) => ({ ...activity(seed, days * 1440, 0, false), days }));

/** Sleep, wake and unscored minutes in stretches. */
export const anyStates: fc.Arbitrary<Uint8Array> = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 1, 1, 255), fc.integer({ min: 1, max: 40 })), { maxLength: 300 })
  .map((runs) => Uint8Array.from(runs.flatMap(([state, minutes]) => Array<number>(minutes).fill(state))));

/** The series with its days in another order: day d of the result is day `order[d]`. */
export function reorderDays(values: Float64Array, order: readonly number[]): Float64Array {
  const reordered = new Float64Array(values.length);
  order.forEach((day, d) => reordered.set(values.subarray(day * 1440, (day + 1) * 1440), d * 1440));
  return reordered;
}

export function isClose(actual: number, expected: number, relative = 1e-9, absolute = 1e-9): boolean {
  return Math.abs(actual - expected) <= Math.max(absolute, relative * Math.abs(expected));
}
