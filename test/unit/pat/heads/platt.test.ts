import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sigmoid } from '../../../../core/pat/heads/logistic.ts';
import { fitPlatt } from '../../../../core/pat/heads/platt.ts';
import { randomStream } from '../../../../core/simulation/random.ts';

/** Logits of so many rows, and labels drawn with the probability sigmoid(slope * logit + intercept). */
function drawn(seed: number, rows: number, slope: number, intercept: number): [Float64Array, Uint8Array] {
  const random = randomStream(seed, 'platt');
  const logits = Float64Array.from({ length: rows }, () => random.normal(1, 2));
  return [logits, Uint8Array.from(logits, (logit) => Number(random.chance(sigmoid(slope * logit + intercept))))];
}

test('logits that are too steep and shifted are brought back', () => {
  const { slope, intercept } = fitPlatt(...drawn(1, 20_000, 0.4, -1));
  assert.ok(Math.abs(slope - 0.4) < 0.03, String(slope));
  assert.ok(Math.abs(intercept + 1) < 0.05, String(intercept));
});

test('slope and intercept solve the likelihood equations with smoothed targets', () => {
  const [logits, labels] = drawn(2, 40, 1, 0);
  const { slope, intercept } = fitPlatt(logits, labels);
  const positives = labels.filter((label) => label === 1).length;
  const excess = Array.from(labels, (label, i) => {
    const target = label === 1 ? (positives + 1) / (positives + 2) : 1 / (40 - positives + 2);
    return sigmoid(slope * logits[i]! + intercept) - target;
  });
  assert.ok(Math.abs(excess.reduce((sum, part) => sum + part, 0)) < 1e-7);
  assert.ok(Math.abs(excess.reduce((sum, part, i) => sum + part * logits[i]!, 0)) < 1e-7);
});

test('logits that separate the classes get a finite slope', () => {
  const { slope, intercept } = fitPlatt(Float64Array.of(-2, -1, 1, 2), Uint8Array.of(0, 0, 1, 1));
  assert.ok(slope > 0 && slope < 100);
  assert.ok(Math.abs(intercept) < 1e-9);
});

for (const [what, logits] of [
  ['run against the labels', Float64Array.of(2, 1, 3, -2, -1)],
  ['do not vary', new Float64Array(5).fill(0.3)],
] as const) {
  test(`logits that ${what} give everybody the base rate`, () => {
    const { slope, intercept } = fitPlatt(logits, Uint8Array.of(0, 0, 0, 1, 1));
    assert.is(slope, 0);
    // Two of five, with one more of each class spread by the smoothing: (2 * 3/4 + 3 * 1/5) / 5.
    assert.ok(Math.abs(sigmoid(intercept) - 2.1 / 5) < 1e-12);
  });
}

test.run();
