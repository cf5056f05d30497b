import { isRoundingError } from '../../actigraphy/rounding.ts';
import type { TrainingSet } from './training-set.ts';

/** Mean and standard deviation (ddof 0) of each feature. A feature that does not vary has the deviation 0. */
export interface Moments {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** The moments of each column of the table. */
export function momentsOf({ rows, columns, features }: TrainingSet): Moments {
  const mean = new Float64Array(columns);
  const sd = new Float64Array(columns);
  const largest = new Float64Array(columns);
  for (let i = 0; i < features.length; i++) {
    const column = i % columns;
    mean[column]! += features[i]! / rows;
    largest[column] = Math.max(largest[column]!, Math.abs(features[i]!));
  }
  for (let i = 0; i < features.length; i++) {
    const column = i % columns;
    sd[column]! += (features[i]! - mean[column]!) ** 2 / rows;
  }
  for (let column = 0; column < columns; column++) {
    const deviation = Math.sqrt(sd[column]!);
    sd[column] = isRoundingError(deviation, largest[column]!) ? 0 : deviation;
  }
  return { mean, sd };
}

/** Moments that can be divided by: a feature that does not vary has the deviation 1, so that it becomes 0. */
export const dividable = ({ mean, sd }: Moments): Moments => ({ mean, sd: sd.map((spread) => spread || 1) });

/** The table's features with these moments taken out, row-major. */
export function standardised({ columns, features }: TrainingSet, { mean, sd }: Moments): Float64Array {
  const scaled = new Float64Array(features.length);
  for (let i = 0; i < features.length; i++) {
    const column = i % columns;
    scaled[i] = (features[i]! - mean[column]!) / sd[column]!;
  }
  return scaled;
}
