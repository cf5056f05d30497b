import { MINUTES_PER_DAY } from '../../kernel/local-time.ts';
import type { ModelEntry } from '../installed/catalogue.ts';
import { encodeByDefinition } from './reference-encoder.ts';
import type { PatWeights } from './weights.ts';

/** The name of `goldenInput`, kept with what came of it. */
const GOLDEN_INPUT = 'two-waves-1-day/1';

/**
 * How far an engine's pooled numbers may lie from the reference's: float32 against float64, with room for the order of
 * summation. Every known mistake in an encoder is far beyond it.
 */
const GOLDEN_TOLERANCE = 2e-4;

/** One day of two waves with a step in it: what every engine has to encode before its answers are believed. */
export const goldenInput = (): Float32Array =>
  Float32Array.from(
    { length: MINUTES_PER_DAY },
    (_, minute) =>
      Math.sin((2 * Math.PI * minute) / MINUTES_PER_DAY) +
      0.5 * Math.cos((2 * Math.PI * minute) / 97) +
      (minute > 480 && minute < 900 ? 0.75 : -0.25),
  );

/** What the reference encoder makes of the golden input with these weights. */
export const goldenOf = (weights: PatWeights): ModelEntry['golden'] => ({
  input: GOLDEN_INPUT,
  pooled: Array.from(encodeByDefinition(weights, goldenInput()).pooled),
  tolerance: GOLDEN_TOLERANCE,
});

/** How far an engine's answer to the golden input lies from the recorded one, as a sentence where that is too far. */
export function goldenFault(golden: ModelEntry['golden'], pooled: Float32Array): string | null {
  if (golden.input !== GOLDEN_INPUT) return `its self-test "${golden.input}" is not known to this version`;
  let farthest = 0;
  for (const [i, expected] of golden.pooled.entries()) {
    const distance = Math.abs(expected - (pooled[i] ?? Number.NaN));
    if (!(distance <= farthest)) farthest = distance;
  }
  return farthest <= golden.tolerance
    ? null
    : `its answer to the self-test is off by ${farthest.toPrecision(2)}; at most ${String(golden.tolerance)} is rounding`;
}
