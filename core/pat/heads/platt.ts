import { isRoundingError } from '../../actigraphy/rounding.ts';
import { fitLogistic } from './logistic.ts';

/** The calibrated probability of a logit z is sigmoid(slope * z + intercept). */
export interface Calibration {
  /** Never negative, so that calibration never turns a ranking round. */
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Platt's calibration (Platt 1999, in: Advances in Large Margin Classifiers, 61-74) with his smoothed targets,
 * (n1 + 1)/(n1 + 2) and 1/(n0 + 2), which keep it finite where the logits separate the classes. Logits that run against
 * the labels, or do not vary, get the slope 0, the likeliest that is not negative: everybody then gets the base rate.
 * The logits must come from fits that did not see their rows.
 */
export function fitPlatt(logits: Float64Array, labels: Uint8Array): Calibration {
  const rows = labels.length;
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (rows - positives + 2)];
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low));
  const mean = logits.reduce((sum, logit) => sum + logit / rows, 0);
  const sd = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2 / rows, 0));
  const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  if (!isRoundingError(sd, largest)) {
    const features = logits.map((logit) => (logit - mean) / sd);
    const weights = new Float64Array(rows).fill(1);
    const { coefficients, intercept } = fitLogistic({ columns: 1, features, targets, weights, lambda: 0 });
    const slope = coefficients[0]! / sd;
    if (slope > 0) return { slope, intercept: intercept - slope * mean };
  }
  const share = targets.reduce((sum, target) => sum + target / rows, 0);
  return { slope: 0, intercept: Math.log(share / (1 - share)) };
}
