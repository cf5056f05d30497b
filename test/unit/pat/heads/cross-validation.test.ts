import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  classWeights,
  crossValidate,
  fitCalibrated,
  logitsOfUnseen,
  type FitOptions,
} from '../../../../core/pat/heads/cross-validation.ts';
import { dealFolds } from '../../../../core/pat/heads/folds.ts';
import { areaUnderCurve, aucWithInterval } from '../../../../core/pat/heads/metrics.ts';
import { scoreOf } from '../../../../core/pat/heads/score.ts';
import { dividable, momentsOf, standardised } from '../../../../core/pat/heads/standardisation.ts';
import { rowsWhere, subsetOf, trainingSetOf, type TrainingSet } from '../../../../core/pat/heads/training-set.ts';
import { randomStream } from '../../../../core/simulation/random.ts';
import { simulatedSamples } from './training-samples.ts';

const OPTIONS: FitOptions = { folds: 3, lambdas: [0.01, 0.1, 1, 10], seed: 5 };

const setOf = (people: number, columns: number, effect: number, seed = 1): TrainingSet =>
  trainingSetOf(simulatedSamples({ seed, people, weeks: 2, columns, effect }));
const outerFolds = (set: TrainingSet): Uint8Array => dealFolds(set, OPTIONS.folds, randomStream(1, 'outer'));

/** The scores of rows in the fold, and of the others. */
const partedBy = (folds: Uint8Array, fold: number, scores: Float64Array): [Float64Array, Float64Array] => [
  scores.filter((_, row) => folds[row] === fold),
  scores.filter((_, row) => folds[row] !== fold),
];

test('what is known of people has no part in their own scores', () => {
  const set = setOf(30, 4, 1);
  const folds = outerFolds(set);
  const [theirs, others] = partedBy(folds, 1, crossValidate(set, folds, OPTIONS));

  const relabelled = { ...set, labels: set.labels.map((label, row) => (folds[row] === 1 ? 1 - label : label)) };
  const [theirsRelabelled, othersRelabelled] = partedBy(folds, 1, crossValidate(relabelled, folds, OPTIONS));
  assert.equal(theirsRelabelled, theirs);
  // That the test can see a difference at all: the others' heads were trained on the changed labels.
  assert.not.equal(othersRelabelled, others);
});

test('the features of a row have no part in the standardisation that its fold is scored with', () => {
  const set = setOf(30, 4, 1);
  const folds = outerFolds(set);
  const changed = rowsWhere(set, (row) => folds[row] === 1)[0]!;
  const features = set.features.slice();
  features.fill(1000, changed * set.columns, (changed + 1) * set.columns);
  const before = crossValidate(set, folds, OPTIONS);
  const after = crossValidate({ ...set, features }, folds, OPTIONS);
  const sameFold = rowsWhere(set, (row) => folds[row] === 1 && row !== changed);
  assert.ok(sameFold.every((row) => before[row] === after[row]));
  assert.is.not(before[changed], after[changed]);
});

test('penalty and calibration are chosen by logits that neither labels nor features of their fold had a part in', () => {
  const set = setOf(30, 4, 1);
  const folds = outerFolds(set);
  const changed = rowsWhere(set, (row) => folds[row] === 1)[0]!;
  const labels = set.labels.map((label, row) => (folds[row] === 1 ? 1 - label : label));
  const features = set.features.slice();
  features.fill(1000, changed * set.columns, (changed + 1) * set.columns);
  const before = logitsOfUnseen(set, folds, OPTIONS.folds, OPTIONS.lambdas);
  const after = logitsOfUnseen({ ...set, labels, features }, folds, OPTIONS.folds, OPTIONS.lambdas);
  OPTIONS.lambdas.forEach((_, l) => {
    for (let row = 0; row < set.rows; row++) {
      if (folds[row] === 1 && row !== changed) assert.is(after[l]![row], before[l]![row]);
      if (folds[row] === 0) assert.is.not(after[l]![row], before[l]![row]);
    }
  });
});

test('a fit that knows its own rows by heart is calibrated by what it says of others', () => {
  const set = setOf(40, 90, 0);
  const weak = fitCalibrated(set, { ...OPTIONS, lambdas: [0.01] }, 'everybody');
  // Logits of the rows themselves separate the labels; a slope made of them would be near 1 or above.
  assert.ok(weak.calibration.slope < 0.3, String(weak.calibration.slope));
});

test('scores are those of a head fitted to the other folds', () => {
  const set = setOf(24, 3, 1);
  const folds = outerFolds(set);
  const scores = crossValidate(set, folds, OPTIONS);
  const fit = fitCalibrated(
    subsetOf(
      set,
      rowsWhere(set, (row) => folds[row] !== 2),
    ),
    OPTIONS,
    'without outer fold 2',
  );
  for (const row of rowsWhere(set, (index) => folds[index] === 2)) {
    assert.is(scores[row], scoreOf(fit, set.features.subarray(row * 3, row * 3 + 3)));
  }
});

test('labels that mean nothing give areas about 0.5, although a fit to everybody separates the classes', () => {
  const areas: number[] = [];
  let covered = 0;
  for (let seed = 0; seed < 12; seed++) {
    const set = setOf(40, 90, 0, seed);
    const folds = outerFolds(set);
    const weak = { ...OPTIONS, lambdas: [0.01] };
    const rows = { ...set, folds, scores: crossValidate(set, folds, weak) };
    const auc = aucWithInterval(rows, 200, randomStream(seed))!;
    areas.push(auc.value);
    if (auc.low <= 0.5 && auc.high >= 0.5) covered++;
    const everybody = fitCalibrated(set, weak, 'everybody');
    const trained = Float64Array.from({ length: set.rows }, (_, row) =>
      scoreOf(
        { ...everybody, calibration: { slope: 1, intercept: 0 } },
        set.features.subarray(row * set.columns, (row + 1) * set.columns),
      ),
    );
    assert.is(areaUnderCurve({ ...set, scores: trained, folds: new Uint8Array(set.rows) }), 1);
  }
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  assert.ok(Math.abs(mean - 0.5) < 0.06, String(areas));
  assert.ok(covered >= 10, `${String(covered)} of 12 intervals cover 0.5`);
});

test('the penalty is strong where features mean nothing and weak where one tells all', () => {
  assert.is(fitCalibrated(setOf(60, 20, 0), OPTIONS, 'everybody').lambda, 10);
  assert.ok(fitCalibrated(setOf(60, 1, 6), OPTIONS, 'everybody').lambda < 1);
});

test('of penalties with equal loss the strongest is taken, whatever their order', () => {
  const set = setOf(30, 3, 1);
  const fits = [
    [0.1, 1],
    [1, 0.1],
  ].map((lambdas) => fitCalibrated(set, { ...OPTIONS, lambdas }, 'everybody'));
  assert.equal(fits[0], fits[1]);
  // A feature that is the same for everybody leaves nothing to choose by.
  const constant = { ...set, features: new Float64Array(set.features.length) };
  assert.is(fitCalibrated(constant, OPTIONS, 'everybody').lambda, 10);
});

test('a feature that does not vary in a training part has no weight there', () => {
  const set = setOf(24, 2, 2);
  const features = set.features.map((value, i) => (i % 2 === 1 ? 4 : value));
  const fit = fitCalibrated({ ...set, features }, OPTIONS, 'everybody');
  assert.ok(Math.abs(fit.coefficients[1]!) < 1e-20);
  assert.ok(fit.coefficients[0]! > 0);
});

test('calibrated scores are about as high as the labels are frequent', () => {
  const set = setOf(200, 2, 1.5);
  const scores = crossValidate(set, outerFolds(set), OPTIONS);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const frequency = set.labels.reduce((sum, label) => sum + label, 0) / set.rows;
  assert.ok(Math.abs(mean - frequency) < 0.03);
});

test('both classes weigh the same', () => {
  const weights = classWeights(Uint8Array.of(1, 0, 0, 0));
  assert.equal(weights, Float64Array.of(0.75, 0.25, 0.25, 0.25));
});

test('standardised features have mean 0 and deviation 1 in the part they were fitted to', () => {
  const set = setOf(20, 3, 1);
  const scaled = { ...set, features: standardised(set, momentsOf(set)) };
  const { mean, sd } = momentsOf(scaled);
  assert.ok(mean.every((value) => Math.abs(value) < 1e-12));
  assert.ok(sd.every((value) => Math.abs(value - 1) < 1e-12));
});

test('a feature that differs by rounding alone does not vary, and is divided by 1', () => {
  const set = { ...setOf(20, 1, 1), features: Float64Array.from({ length: 40 }, (_, i) => 0.1 + (i % 2) * 1e-17) };
  assert.is(momentsOf(set).sd[0], 0);
  assert.is(dividable(momentsOf(set)).sd[0], 1);
});

test('samples with different numbers of features are a mistake', () => {
  const sample = { person: 'a', label: 0, features: new Float64Array(2) } as const;
  assert.throws(() => trainingSetOf([sample, { ...sample, features: new Float64Array(3) }]), /sample 1 has 3 of 2/);
});

test.run();
