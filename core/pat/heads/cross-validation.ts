import { randomStream } from '../../simulation/random.ts';
import { dealFolds } from './folds.ts';
import { fitLogistic, logLoss, type LogisticFit } from './logistic.ts';
import { fitPlatt } from './platt.ts';
import { scoreOf, type ScoringRule } from './score.ts';
import { dividable, momentsOf, standardised } from './standardisation.ts';
import { rowsWhere, subsetOf, type TrainingSet } from './training-set.ts';

export interface FitOptions {
  /** Folds of every loop, the inner and the outer. */
  readonly folds: number;
  /** The penalties to choose from, all positive. */
  readonly lambdas: readonly number[];
  readonly seed: number;
}

/** A fitted head: how it scores, and the penalty it was fitted with. */
export interface CalibratedFit extends ScoringRule {
  readonly lambda: number;
}

/**
 * Fits a head to all of the table. A cross-validation inside it, grouped by person, chooses the penalty with the lowest
 * mean log loss (classes weighted as in the fit; of equals the strongest), and calibrates the logits that its folds gave
 * to people they had not seen. Only then is the regression fitted to all rows. `path` names the loop, so that each deals
 * its folds by its own chance.
 */
export function fitCalibrated(set: TrainingSet, options: FitOptions, path: string): CalibratedFit {
  const lambdas = [...options.lambdas].sort((a, b) => b - a);
  const folds = dealFolds(set, options.folds, randomStream(options.seed, 'inner-folds', path));
  const unseen = logitsOfUnseen(set, folds, options.folds, lambdas);
  const losses = unseen.map((logits) => meanLogLoss(logits, set.labels));
  const best = losses.indexOf(Math.min(...losses));
  const lambda = lambdas[best]!;
  const moments = dividable(momentsOf(set));
  const fit = fitRows(set, standardised(set, moments), lambda, null);
  return { ...moments, ...fit, lambda, calibration: fitPlatt(unseen[best]!, set.labels) };
}

/**
 * What a head says of people it has not seen: for each row the calibrated probability of a head fitted to all other
 * folds. `folds` are the outer ones, one number a row, all rows of a person in the same.
 */
export function crossValidate(set: TrainingSet, folds: Uint8Array, options: FitOptions): Float64Array {
  const scores = new Float64Array(set.rows);
  for (let fold = 0; fold < options.folds; fold++) {
    const fit = fitCalibrated(
      subsetOf(
        set,
        rowsWhere(set, (row) => folds[row] !== fold),
      ),
      options,
      `without outer fold ${String(fold)}`,
    );
    for (const row of rowsWhere(set, (index) => folds[index] === fold)) {
      scores[row] = scoreOf(fit, set.features.subarray(row * set.columns, (row + 1) * set.columns));
    }
  }
  return scores;
}

/** For each penalty the logit of each row from a regression fitted, and standardised, without the row's fold. */
export function logitsOfUnseen(
  set: TrainingSet,
  folds: Uint8Array,
  foldCount: number,
  lambdas: readonly number[],
): readonly Float64Array[] {
  const { columns } = set;
  const unseen = lambdas.map(() => new Float64Array(set.rows));
  for (let fold = 0; fold < foldCount; fold++) {
    const seen = subsetOf(
      set,
      rowsWhere(set, (row) => folds[row] !== fold),
    );
    const testRows = rowsWhere(set, (row) => folds[row] === fold);
    const moments = dividable(momentsOf(seen));
    const training = standardised(seen, moments);
    const testing = standardised(subsetOf(set, testRows), moments);
    let fit: LogisticFit | null = null;
    lambdas.forEach((lambda, l) => {
      // From the strongest penalty on, each solution is near the next.
      const next = fitRows(seen, training, lambda, fit);
      testRows.forEach((row, i) => {
        let logit = next.intercept;
        for (let j = 0; j < columns; j++) logit += next.coefficients[j]! * testing[i * columns + j]!;
        unseen[l]![row] = logit;
      });
      fit = next;
    });
  }
  return unseen;
}

const fitRows = (set: TrainingSet, features: Float64Array, lambda: number, start: LogisticFit | null): LogisticFit =>
  fitLogistic(
    { columns: set.columns, features, targets: set.labels, weights: classWeights(set.labels), lambda },
    start,
  );

/**
 * Class 0 has the weight positives/total and class 1 the weight negatives/total, as in the fine-tuning of PAT (Ruan et
 * al. 2024): both classes then weigh the same.
 */
export function classWeights(labels: Uint8Array): Float64Array {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const [zero, one] = [positives / labels.length, 1 - positives / labels.length];
  return Float64Array.from(labels, (label) => (label === 1 ? one : zero));
}

function meanLogLoss(logits: Float64Array, labels: Uint8Array): number {
  const weights = classWeights(labels);
  let [loss, total] = [0, 0];
  logits.forEach((logit, row) => {
    loss += weights[row]! * logLoss(logit, labels[row]!);
    total += weights[row]!;
  });
  return loss / total;
}
