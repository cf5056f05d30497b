import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  areaUnderCurve,
  aucWithInterval,
  brierOfBaseRate,
  brierScore,
  calibrationCurve,
  type ScoredRows,
} from '../../../../core/pat/heads/metrics.ts';
import { randomStream } from '../../../../core/simulation/random.ts';

const oneFold = (scores: readonly number[], labels: readonly number[]) => ({
  scores: Float64Array.from(scores),
  labels: Uint8Array.from(labels),
  folds: new Uint8Array(scores.length),
});

/** Scores of people with `weeks` equal rows each; label 1 scores higher by `effect`. */
function scoredPeople(seed: number, people: number, weeks: number, effect: number): ScoredRows {
  const random = randomStream(seed, 'metrics');
  const drawn = Array.from({ length: people }, (_, person) => {
    const label = Number(random.chance(0.4));
    return { person, label, fold: person % 3, score: random.normal(0, 1) + effect * label };
  }).flatMap((row) => Array.from({ length: weeks }, () => row));
  return {
    scores: Float64Array.from(drawn, ({ score }) => score),
    labels: Uint8Array.from(drawn, ({ label }) => label),
    people: Uint32Array.from(drawn, ({ person }) => person),
    folds: Uint8Array.from(drawn, ({ fold }) => fold),
  };
}

test('the area under the curve is 1 in order, 0 in reverse and counts ties half', () => {
  assert.is(areaUnderCurve(oneFold([1, 2, 3, 4], [0, 0, 1, 1])), 1);
  assert.is(areaUnderCurve(oneFold([1, 2, 3, 4], [1, 1, 0, 0])), 0);
  assert.is(areaUnderCurve(oneFold([7, 7, 7], [0, 1, 1])), 0.5);
  // Pairs: 0.8 beats both, 0.4 ties with one and beats the other.
  assert.is(areaUnderCurve(oneFold([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1])), 3.5 / 4);
});

test('without both classes in a fold there is no area', () => {
  assert.is(areaUnderCurve(oneFold([1, 2], [1, 1])), null);
  assert.is(areaUnderCurve({ ...oneFold([1, 2], [0, 1]), folds: Uint8Array.of(0, 1) }), null);
  assert.is(areaUnderCurve(oneFold([], [])), null);
});

test('rows of different folds are not paired', () => {
  const rows = { ...oneFold([1, 2, 11, 12], [0, 1, 0, 1]), folds: Uint8Array.of(0, 0, 1, 1) };
  assert.is(areaUnderCurve(rows), 1);
  assert.is(areaUnderCurve({ ...rows, folds: new Uint8Array(4) }), 0.75);
});

test('the interval encloses the area and narrows with more people', () => {
  const widths = [30, 120, 480].map((people) => {
    const interval = aucWithInterval(scoredPeople(4, people, 1, 1), 400, randomStream(1));
    assert.ok(interval !== null && interval.low < interval.value && interval.value < interval.high);
    return interval.high - interval.low;
  });
  assert.ok(widths[0]! > 1.5 * widths[1]! && widths[1]! > 1.5 * widths[2]!, String(widths));
});

test('people are resampled and not rows: the same week ten times over makes nobody surer', () => {
  const once = aucWithInterval(scoredPeople(5, 40, 1, 1), 300, randomStream(2));
  const tenTimes = aucWithInterval(scoredPeople(5, 40, 10, 1), 300, randomStream(2));
  assert.equal(once, tenTimes);
});

test('the same seed gives the same interval, and the numbers of people need not be consecutive', () => {
  const rows = scoredPeople(6, 30, 2, 1);
  const interval = aucWithInterval(rows, 200, randomStream(3));
  assert.equal(interval, aucWithInterval(rows, 200, randomStream(3)));
  const renumbered = { ...rows, people: rows.people.map((person) => 1000 + 7 * person) };
  assert.equal(interval, aucWithInterval(renumbered, 200, randomStream(3)));
});

test('an interval of scores that separate the classes is 1 to 1', () => {
  const rows = { ...scoredPeople(7, 12, 1, 100) };
  assert.equal(aucWithInterval(rows, 100, randomStream(4)), { value: 1, low: 1, high: 1 });
});

test('the Brier score is the mean squared distance, and a constant does no better than the base rate', () => {
  const labels = Uint8Array.of(0, 1, 1, 0, 0);
  assert.ok(
    Math.abs(brierScore(Float64Array.of(0.1, 0.9, 0.4, 0, 0.5), labels) - (0.01 + 0.01 + 0.36 + 0 + 0.25) / 5) < 1e-15,
  );
  assert.ok(Math.abs(brierOfBaseRate(labels) - 0.4 * 0.6) < 1e-15);
  for (const constant of [0, 0.2, 0.39, 0.41, 0.7, 1]) {
    assert.ok(brierScore(new Float64Array(5).fill(constant), labels) > brierOfBaseRate(labels));
  }
});

test('a calibration curve has ten bins of equally many rows', () => {
  const scores = Float64Array.from({ length: 50 }, (_, i) => ((i * 17) % 50) / 50);
  const labels = Uint8Array.from(scores, (score) => Number(score >= 0.5));
  const curve = calibrationCurve(scores, labels);
  assert.equal(
    curve.map(({ n }) => n),
    new Array(10).fill(5),
  );
  assert.equal(
    curve.map(({ observed }) => observed),
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
  );
  assert.ok(Math.abs(curve[3]!.predicted - 0.34) < 1e-12);
});

test('equal probabilities share a bin', () => {
  const curve = calibrationCurve(
    new Float64Array(30).fill(0.25),
    Uint8Array.from({ length: 30 }, (_, i) => i % 2),
  );
  assert.equal(curve, [{ predicted: 0.25, observed: 0.5, n: 30 }]);
});

test.run();
