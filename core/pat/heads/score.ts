import { sigmoid } from './logistic.ts';
import type { Calibration } from './platt.ts';

/** Everything that turns features into a probability. */
export interface ScoringRule {
  readonly mean: ArrayLike<number>;
  readonly sd: ArrayLike<number>;
  readonly coefficients: ArrayLike<number>;
  readonly intercept: number;
  readonly calibration: Calibration;
}

/** The calibrated probability, 0 to 1. Validation and use both come through here, so they cannot differ. */
export function scoreOf(rule: ScoringRule, features: ArrayLike<number>): number {
  const { mean, sd, coefficients, calibration } = rule;
  let logit = rule.intercept;
  for (let j = 0; j < coefficients.length; j++) logit += (coefficients[j]! * (features[j]! - mean[j]!)) / sd[j]!;
  return sigmoid(calibration.slope * logit + calibration.intercept);
}
