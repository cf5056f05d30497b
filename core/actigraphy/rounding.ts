/** Differences below this share of the values' own size come from rounding, not from the data. */
const ROUNDING = 1e-12;

/** Whether a quantity in the unit of the data is zero but for rounding, given the largest magnitude in the data. */
export function isRoundingError(quantity: number, largestMagnitude: number): boolean {
  return Math.abs(quantity) <= ROUNDING * largestMagnitude;
}
