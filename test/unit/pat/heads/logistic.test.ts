import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { solveCholesky } from '../../../../core/pat/heads/cholesky.ts';
import { fitLogistic, logLoss, sigmoid, type LogisticProblem } from '../../../../core/pat/heads/logistic.ts';
import { randomStream } from '../../../../core/simulation/random.ts';

/** The gradient of the objective as its formula reads, row by row; the intercept's part comes last. */
function gradientAt(problem: LogisticProblem, coefficients: Float64Array, intercept: number): number[] {
  const { columns, features, targets, weights, lambda } = problem;
  const rows = Array.from({ length: weights.length }, (_, i) => i);
  const total = rows.reduce((sum, i) => sum + weights[i]!, 0);
  const residual = rows.map((i) => {
    const logit = coefficients.reduce((sum, b, j) => sum + b * features[i * columns + j]!, intercept);
    return (weights[i]! / total) * (1 / (1 + Math.exp(-logit)) - targets[i]!);
  });
  const slopes = Array.from(
    coefficients,
    (b, j) => rows.reduce((sum, i) => sum + residual[i]! * features[i * columns + j]!, 0) + lambda * b,
  );
  return [...slopes, residual.reduce((sum, part) => sum + part, 0)];
}

function randomProblem(seed: number, rows: number, columns: number, lambda: number): LogisticProblem {
  const random = randomStream(seed, 'logistic');
  return {
    columns,
    features: Float64Array.from({ length: rows * columns }, () => random.normal(0, 1)),
    // One of each class at least.
    targets: Float64Array.from({ length: rows }, (_, i) => (i < 2 ? i : Number(random.chance(0.3)))),
    weights: Float64Array.from({ length: rows }, () => random.between(0.1, 2)),
    lambda,
  };
}

const largest = (values: Iterable<number>): number => Math.max(0, ...Array.from(values, Math.abs));
const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  largest(Array.from(a, (value, i) => value - b[i]!));

test('at the fit the gradient is zero, also with more features than rows', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom(1e-3, 0.03, 1, 30),
      (seed, rows, columns, lambda) => {
        const problem = randomProblem(seed, rows, columns, lambda);
        const { coefficients, intercept } = fitLogistic(problem);
        assert.ok(largest(gradientAt(problem, coefficients, intercept)) < 1e-8);
      },
    ),
    { numRuns: 60 },
  );
});

test('plain gradient descent comes to the same coefficients', () => {
  const problem = randomProblem(3, 40, 3, 0.05);
  let point = new Float64Array(4);
  for (let i = 0; i < 5000; i++) {
    const gradient = gradientAt(problem, point.subarray(0, 3), point[3]!);
    point = point.map((at, j) => at - 0.5 * gradient[j]!);
  }
  const { coefficients, intercept } = fitLogistic(problem);
  assert.ok(difference([...coefficients, intercept], point) < 1e-9);
});

test('without features the intercept is the logit of the weighted share', () => {
  const targets = [1, 0, 0, 1, 0];
  const weights = [2, 1, 1, 1, 3];
  const { coefficients, intercept } = fitLogistic({
    columns: 0,
    features: new Float64Array(),
    targets,
    weights,
    lambda: 0,
  });
  assert.is(coefficients.length, 0);
  assert.ok(Math.abs(intercept - Math.log(3 / 5)) < 1e-9);
});

test('separable classes get finite coefficients, the larger the weaker the penalty', () => {
  const features = Float64Array.of(-3, -2, -1, 1, 2, 3);
  const targets = [0, 0, 0, 1, 1, 1];
  const weights = new Float64Array(6).fill(1);
  let last = 0;
  for (const lambda of [10, 1, 0.1, 0.01, 1e-4, 1e-6]) {
    const { coefficients, intercept } = fitLogistic({ columns: 1, features, targets, weights, lambda });
    assert.ok(coefficients[0]! > last && coefficients[0]! < 100);
    assert.ok(Math.abs(intercept) < 1e-9);
    last = coefficients[0]!;
  }
});

test('features of very different size are fitted too', () => {
  const sizes = [1e4, 1e-2, 1];
  const { features, ...rest } = randomProblem(8, 60, 2, 1e-6);
  const scaled = { ...rest, features: features.map((value, i) => value * sizes[i % 2]!) };
  const { coefficients, intercept } = fitLogistic(scaled);
  const gradient = gradientAt(scaled, coefficients, intercept);
  assert.ok(largest(gradient.map((part, j) => part / sizes[j]!)) < 1e-8);
});

test('a row with double weight counts like the row twice', () => {
  const problem = randomProblem(5, 20, 2, 0.1);
  const weights = Float64Array.from(problem.weights).fill(1);
  const doubled = weights.slice();
  doubled[4] = 2;
  const heavy = fitLogistic({ ...problem, weights: doubled });
  const twice = fitLogistic({
    ...problem,
    features: Float64Array.of(...problem.features, ...problem.features.subarray(8, 10)),
    targets: [...Array.from(problem.targets), problem.targets[4]!],
    weights: [...weights, 1],
  });
  assert.ok(difference(heavy.coefficients, twice.coefficients) < 1e-9);
});

test('only the ratios of weights matter, and exchanged classes turn every sign', () => {
  const problem = randomProblem(6, 25, 4, 0.1);
  const fit = fitLogistic(problem);
  const heavier = fitLogistic({ ...problem, weights: Float64Array.from(problem.weights, (weight) => 1000 * weight) });
  const exchanged = fitLogistic({ ...problem, targets: Float64Array.from(problem.targets, (target) => 1 - target) });
  assert.ok(difference(fit.coefficients, heavier.coefficients) < 1e-9);
  assert.ok(
    difference(
      fit.coefficients,
      exchanged.coefficients.map((b) => -b),
    ) < 1e-9,
  );
  assert.ok(Math.abs(fit.intercept + exchanged.intercept) < 1e-9);
});

test('where the iteration starts makes no difference', () => {
  const problem = randomProblem(9, 30, 5, 0.01);
  const fit = fitLogistic(problem);
  const start = { coefficients: Float64Array.of(9, -9, 9, -9, 9), intercept: -20 };
  const elsewhere = fitLogistic(problem, start);
  assert.ok(difference(fit.coefficients, elsewhere.coefficients) < 1e-8);
  assert.equal(start.coefficients, Float64Array.of(9, -9, 9, -9, 9));
});

test('the same problem gives the same bits', () => {
  const problem = randomProblem(10, 50, 10, 0.03);
  assert.equal(fitLogistic(problem), fitLogistic(problem));
});

test('sigmoid and log loss hold far out', () => {
  assert.is(sigmoid(0), 0.5);
  assert.is(sigmoid(-800), 0);
  assert.is(sigmoid(800), 1);
  assert.ok(Math.abs(sigmoid(2) + sigmoid(-2) - 1) < 1e-15);
  assert.ok(Math.abs(logLoss(0, 1) - Math.log(2)) < 1e-15);
  assert.is(logLoss(800, 1), 0);
  assert.is(logLoss(-800, 1), 800);
  assert.is(logLoss(800, 0), 800);
});

test('Cholesky solves what it is given, reading the lower triangle only', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, size) => {
      const random = randomStream(seed, 'cholesky');
      const root = Float64Array.from({ length: size * size }, () => random.normal(0, 1));
      const product = (i: number, j: number): number =>
        Array.from({ length: size }, (_, k) => root[i * size + k]! * root[j * size + k]!).reduce((a, b) => a + b) +
        Number(i === j);
      const solution = Float64Array.from({ length: size }, () => random.normal(0, 1));
      const matrix = new Float64Array(size * size).fill(Number.NaN);
      const vector = new Float64Array(size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          if (j <= i) matrix[i * size + j] = product(i, j);
          vector[i]! += product(i, j) * solution[j]!;
        }
      }
      assert.ok(solveCholesky(matrix, vector));
      assert.ok(difference(vector, solution) < 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('Cholesky refuses what is not positive definite', () => {
  assert.not.ok(solveCholesky(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1)));
  assert.not.ok(solveCholesky(Float64Array.of(0), Float64Array.of(1)));
  assert.not.ok(solveCholesky(Float64Array.of(Number.NaN), Float64Array.of(1)));
});

test.run();
