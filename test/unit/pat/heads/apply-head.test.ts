import { err } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyHead, type HeadInput } from '../../../../core/pat/heads/apply-head.ts';
import type { Head } from '../../../../core/pat/heads/head.ts';
import { rhythmFeatures, type RhythmFeatures } from '../../../../core/pat/heads/rhythm-features.ts';
import { errorOf, valueOf } from '../../result-values.ts';
import { embeddingHead, rhythmHead, SHA } from './training-samples.ts';

const WEEK = rhythmFeatures(
  Float64Array.from({ length: 7 * 1440 }, (_, t) => (t % 1440 < 420 ? 0 : 50 + (t % 97) + (t % 1440) / 10)),
);
const HEAD = embeddingHead();
const INPUT: HeadInput = {
  signal: 'counts',
  days: 7,
  encoderSha256: SHA.encoder,
  scaling: 'population',
  referencePopulation: 'wrist-2013',
  embedding: Float32Array.from({ length: 96 }, (_, i) => 10 + Math.sin(i)),
  rhythm: WEEK,
};

test('a head that can be worked out by hand gives that score', () => {
  const head: Head = {
    ...rhythmHead(),
    features: { embedding: false, rhythm: ['cosinor_r_squared', 'relative_amplitude'] },
    standardisation: { mean: [0.1, 0.5], sd: [0.2, 0.25] },
    coefficients: [2, -1],
    intercept: 0.3,
    calibration: { slope: 0.5, intercept: -1 },
  };
  const rSquared = valueOf(WEEK.cosinor_r_squared);
  const amplitude = valueOf(WEEK.relative_amplitude);
  const logit = 0.3 + (2 * (rSquared - 0.1)) / 0.2 - (amplitude - 0.5) / 0.25;
  const score = valueOf(applyHead(head, INPUT));
  assert.ok(Math.abs(score - 1 / (1 + Math.exp(-(0.5 * logit - 1)))) < 1e-12);
});

test('the embedding comes first and the rhythm features behind it', () => {
  const coefficients = HEAD.coefficients.map(() => 0);
  coefficients[95] = 1;
  coefficients[97] = 1;
  const head: Head = {
    ...HEAD,
    coefficients,
    intercept: 0,
    standardisation: { mean: HEAD.standardisation.mean.map(() => 0), sd: HEAD.standardisation.sd.map(() => 1) },
    calibration: { slope: 0.01, intercept: 0 },
  };
  const logit = INPUT.embedding![95]! + valueOf(WEEK.cosinor_mesor);
  assert.ok(Math.abs(valueOf(applyHead(head, INPUT)) - 1 / (1 + Math.exp(-0.01 * logit))) < 1e-12);
});

test('a score lies between 0 and 1', () => {
  const score = valueOf(applyHead(HEAD, INPUT));
  assert.ok(score >= 0 && score <= 1);
});

const other = 'd'.repeat(64);
const refusals: readonly [string, Partial<HeadInput>, string][] = [
  ['another signal', { signal: 'steps' }, 'the head was trained on counts, and these are steps'],
  ['another number of days', { days: 3 }, 'the head was trained on 7 days, and these are 3 days'],
  ['a single day', { days: 1 }, 'the head was trained on 7 days, and this is 1 day'],
  [
    'another encoder',
    { encoderSha256: other },
    'the head was trained on the encoder PAT-S cccccccccccc, and these days were encoded by dddddddddddd',
  ],
  [
    'another scaling',
    { scaling: 'per-person', referencePopulation: null },
    'the head was trained on minutes standardised against the population wrist-2013, and these are per person',
  ],
  [
    'another population',
    { referencePopulation: 'hip-2005' },
    'the head was trained on minutes standardised against the population wrist-2013, and these are against the population hip-2005',
  ],
  [
    'an unknown scaling',
    { scaling: null },
    'the head was trained on minutes standardised against the population wrist-2013, and these are in no way that is known',
  ],
  ['no embedding', { embedding: null }, 'the head needs an embedding, and these days were not encoded'],
  ['no encoder', { encoderSha256: null }, 'the head needs an embedding, and these days were not encoded'],
  ['no rhythm', { rhythm: null }, 'the head needs rhythm features, and these days have none'],
  [
    'an embedding that is not finite',
    { embedding: new Float32Array(96).fill(Number.NaN) },
    'the embedding has a number that is not finite',
  ],
];
for (const [what, change, reason] of refusals) {
  test(`${what} is refused`, () => {
    assert.equal(errorOf(applyHead(HEAD, { ...INPUT, ...change })), { kind: 'head-not-applicable', reason });
  });
}

test('a head trained on weeks scaled by person refuses those scaled by a population', () => {
  const head: Head = { ...HEAD, requires: { ...HEAD.requires, scaling: 'per-person', reference_population: null } };
  assert.is(
    errorOf(applyHead(head, INPUT)).reason,
    'the head was trained on minutes standardised per person, and these are against the population wrist-2013',
  );
});

test('a rhythm feature that is not computable is refused with its own reason', () => {
  const rhythm: RhythmFeatures = {
    ...WEEK,
    relative_amplitude: err({ kind: 'not-computable', reason: 'it is all 0' }),
  };
  assert.is(errorOf(applyHead(HEAD, { ...INPUT, rhythm })).reason, 'it is all 0');
  // A head that does not ask for it does not mind.
  const head: Head = { ...HEAD, features: { embedding: true, rhythm: ['cosinor_mesor', 'cosinor_amplitude'] } };
  valueOf(applyHead(head, { ...INPUT, rhythm }));
});

test('a head on rhythm alone asks for no encoder and no scaling', () => {
  const bare = { ...INPUT, embedding: null, encoderSha256: null, scaling: null, referencePopulation: null };
  const score = valueOf(applyHead(rhythmHead(), bare));
  assert.is(score, valueOf(applyHead(rhythmHead(), INPUT)));
  assert.match(errorOf(applyHead(rhythmHead(), { ...bare, signal: 'steps' })).reason, 'counts');
});

test('an embedding of another width is a mistake', () => {
  assert.throws(() => applyHead(HEAD, { ...INPUT, embedding: new Float32Array(95) }), /96 numbers, not 95/);
});

test.run();
