import { solveCholesky } from './cholesky.ts';

/** What a logistic regression is fitted to. */
export interface LogisticProblem {
  readonly columns: number;
  /** Row-major (rows, columns). */
  readonly features: Float64Array;
  /** One a row, 0 to 1; classes are 0 and 1. */
  readonly targets: ArrayLike<number>;
  /** One a row, not negative, not all 0; only their ratios matter. */
  readonly weights: ArrayLike<number>;
  /** Strength of the penalty, not negative; it does not grow with the number of rows. */
  readonly lambda: number;
}

/** The fitted line: the logit of a row is intercept + its features times the coefficients. */
export interface LogisticFit {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** Below this squared Newton decrement one more full step ends within rounding of the minimum. */
const SMALL_DECREMENT = 1e-10;
/** Share of the decrease that the slope promises which a step must keep (Armijo). */
const KEPT_SHARE = 1e-4;
const MOST_STEPS = 500;
const SHORTEST_STEP = 2 ** -60;

/**
 * Minimises the weighted mean log loss plus the ridge penalty,
 *
 *     sum_i w_i (log(1 + exp(z_i)) - y_i z_i) / sum_i w_i + lambda/2 |coefficients|^2,    z = intercept + x coefficients,
 *
 * by Newton's method with step halving (which for this loss is iteratively reweighted least squares; le Cessie and van
 * Houwelingen 1992, J R Stat Soc C 41:191-201). The intercept is not penalised. The problem is strictly convex and has
 * one minimum when lambda is positive and both classes have weight, also where the classes are separable or features
 * outnumber rows; with lambda 0 the caller sees to it that there is one. Deterministic; `start` only shortens the way.
 */
export function fitLogistic(problem: LogisticProblem, start: LogisticFit | null = null): LogisticFit {
  const { columns } = problem;
  let point = new Float64Array(columns + 1);
  if (start !== null) {
    point.set(start.coefficients);
    point[columns] = start.intercept;
  }
  const objective = objectiveOf(problem);
  let at = valueAt(objective, point);
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    const { gradient, hessian } = derivativesAt(objective, point, at.logits);
    const step = newtonStep(hessian, gradient);
    const decrement = dot(step, gradient);
    const full = moved(point, step, 1);
    if (decrement <= SMALL_DECREMENT) return { coefficients: full.slice(0, columns), intercept: full[columns]! };
    let share = 1;
    let next = full;
    let there = valueAt(objective, next);
    while (!(there.loss <= at.loss - KEPT_SHARE * share * decrement)) {
      share /= 2;
      if (share < SHORTEST_STEP) throw new Error('a Newton step of the logistic regression leads nowhere');
      next = moved(point, step, share);
      there = valueAt(objective, next);
    }
    point = next;
    at = there;
  }
  throw new Error('the logistic regression has no minimum to come to');
}

/** The problem as the iteration reads it: column by column, with weights that sum to 1. */
interface Objective extends Pick<LogisticProblem, 'targets' | 'lambda'> {
  readonly columns: readonly Float64Array[];
  readonly weights: Float64Array;
}

function objectiveOf({ columns, features, targets, weights, lambda }: LogisticProblem): Objective {
  const shares = Float64Array.from(weights);
  const sum = shares.reduce((total, weight) => total + weight, 0);
  for (let i = 0; i < shares.length; i++) shares[i]! /= sum;
  const byColumn = Array.from({ length: columns }, () => new Float64Array(shares.length));
  byColumn.forEach((column, j) => {
    for (let i = 0; i < column.length; i++) column[i] = features[i * columns + j]!;
  });
  return { columns: byColumn, targets, weights: shares, lambda };
}

/** log(1 + exp(z)) - target * z without overflow: the log loss of a logit. */
export const logLoss = (logit: number, target: number): number =>
  Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - target * logit;

/** 1 / (1 + exp(-z)) without overflow. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const odds = Math.exp(logit);
  return odds / (1 + odds);
}

/** In four parts, which a processor adds up side by side. */
function dot(a: Float64Array, b: Float64Array): number {
  const { length } = a;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** The objective, and the logit of each row; the intercept is the point's last part. */
function valueAt(
  { columns, targets, weights, lambda }: Objective,
  point: Float64Array,
): { readonly loss: number; readonly logits: Float64Array } {
  const logits = new Float64Array(weights.length).fill(point[columns.length]!);
  let loss = 0;
  columns.forEach((column, j) => {
    const coefficient = point[j]!;
    loss += (lambda / 2) * coefficient * coefficient;
    for (let i = 0; i < logits.length; i++) logits[i]! += coefficient * column[i]!;
  });
  for (let i = 0; i < logits.length; i++) loss += weights[i]! * logLoss(logits[i]!, targets[i]!);
  return { loss, logits };
}

/** Gradient and (lower triangle of the) Hessian; the intercept comes last. */
function derivativesAt(
  { columns, targets, weights, lambda }: Objective,
  point: Float64Array,
  logits: Float64Array,
): { readonly gradient: Float64Array; readonly hessian: Float64Array } {
  const size = columns.length + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const pull = new Float64Array(logits.length);
  const curvature = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const chance = sigmoid(logits[i]!);
    pull[i] = weights[i]! * (chance - targets[i]!);
    curvature[i] = weights[i]! * chance * (1 - chance);
  }
  const ones = new Float64Array(logits.length).fill(1);
  const bent = new Float64Array(logits.length);
  [...columns, ones].forEach((column, j) => {
    for (let i = 0; i < bent.length; i++) bent[i] = curvature[i]! * column[i]!;
    for (let k = 0; k < j; k++) hessian[j * size + k] = dot(bent, columns[k]!);
    const penalty = column === ones ? 0 : lambda;
    hessian[j * size + j] = dot(bent, column) + penalty;
    gradient[j] = dot(pull, column) + penalty * point[j]!;
  });
  return { gradient, hessian };
}

/**
 * Solves for the step. Far out, where every probability has saturated, the curvature can vanish to rounding; a small
 * multiple of the identity then keeps the step a descent.
 */
function newtonStep(hessian: Float64Array, gradient: Float64Array): Float64Array {
  const size = gradient.length;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += hessian[i * size + i]!;
  for (let share = 0; share <= 1; share = share === 0 ? 1e-14 : share * 100) {
    const factor = hessian.slice();
    for (let i = 0; i < size; i++) factor[i * size + i]! += share * (trace + Number.MIN_VALUE);
    const step = gradient.slice();
    if (solveCholesky(factor, step)) return step;
  }
  throw new Error('the curvature of the logistic regression is not a number');
}

function moved(point: Float64Array, step: Float64Array, share: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(point, (at, i) => at - share * step[i]!);
}
