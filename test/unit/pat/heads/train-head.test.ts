import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { headText } from '../../../../core/pat/heads/head.ts';
import { parseHead } from '../../../../core/pat/heads/parse-head.ts';
import { scoreOf } from '../../../../core/pat/heads/score.ts';
import { trainHead, type HeadTraining } from '../../../../core/pat/heads/train-head.ts';
import type { TrainingSample } from '../../../../core/pat/heads/training-set.ts';
import { errorOf, valueOf } from '../../result-values.ts';
import { rhythmHead, rhythmTraining, simulatedSamples, WITH_ENCODER } from './training-samples.ts';

const PLANTED = { seed: 3, people: 90, weeks: 2, columns: 6, effect: 2 };

test('a planted signal is found, and the card has the figures', () => {
  const samples = simulatedSamples(PLANTED);
  const head = valueOf(trainHead(samples, rhythmTraining(6)));
  const { card } = head;
  assert.ok(card.auc.value > 0.8, String(card.auc.value));
  assert.ok(
    card.auc.low > 0.7 && card.auc.high <= 1 && card.auc.low < card.auc.value && card.auc.value < card.auc.high,
  );
  assert.ok(card.brier < card.brier_of_base_rate);
  assert.is(card.n_weeks, 180);
  assert.is(card.n_people, 90);
  const positive = samples.filter(({ label }) => label === 1);
  assert.equal(card.n_positive, { weeks: positive.length, people: new Set(positive.map(({ person }) => person)).size });
  assert.is(
    card.calibration_curve.reduce((sum, { n }) => sum + n, 0),
    180,
  );
  const [planted, ...others] = head.coefficients.map(Math.abs);
  assert.ok(Math.max(...others) < planted! / 2);
  assert.is(card.auc.resampled_by, 'person');
  assert.equal(card.lambda_grid, [0.01, 0.1, 1]);
});

test('labels that mean nothing give an interval with 0.5 in it, and the card warns', () => {
  const samples = simulatedSamples({ ...PLANTED, columns: 14, effect: 0 });
  const head = valueOf(trainHead(samples, rhythmTraining(14)));
  const { auc, warnings } = head.card;
  assert.ok(auc.low <= 0.5 && auc.high >= 0.5);
  assert.ok(warnings.some((warning) => warning.includes('includes 0.5')));
  // The head's own samples would have told another story.
  const rule = {
    ...head.standardisation,
    coefficients: head.coefficients,
    intercept: 0,
    calibration: { slope: 1, intercept: 0 },
  };
  const [ones, zeros] = [1, 0].map((label) =>
    samples.filter((sample) => sample.label === label).map(({ features }) => scoreOf(rule, features)),
  ) as [number[], number[]];
  const won = ones.flatMap((one) => zeros.map((zero) => Number(one > zero))).reduce((sum, win) => sum + win, 0);
  assert.ok(won / (ones.length * zeros.length) > auc.high, 'the area on the training samples');
});

test('the same samples and seed give the same head to the last byte; another seed deals other folds', () => {
  const samples = simulatedSamples({ ...PLANTED, people: 30 });
  const train = (seed: number): string => headText(valueOf(trainHead(samples, rhythmTraining(6, { seed, folds: 3 }))));
  assert.is(train(7), train(7));
  assert.is.not(train(7), train(8));
});

test('whatever is trained can be read back', () => {
  const head = rhythmHead();
  assert.equal(valueOf(parseHead(headText(head))), head);
});

test('people without a plain label, some weeks positive and some not, are trained on too', () => {
  const samples = simulatedSamples({ ...PLANTED, people: 20, weeks: 4 }).map((sample, i): TrainingSample => ({
    ...sample,
    label: i % 2 === 0 ? 1 : 0,
  }));
  const { card } = valueOf(trainHead(samples, rhythmTraining(6)));
  assert.equal(card.n_positive, { weeks: 40, people: 20 });
  assert.is(card.warnings.filter((warning) => warning.startsWith('Only 20 people')).length, 2);
});

test('as few people of a label as folds are enough', () => {
  const samples = simulatedSamples({ ...PLANTED, people: 12, weeks: 1 }).map((sample, i): TrainingSample => ({
    ...sample,
    label: i < 3 ? 1 : 0,
  }));
  const { card } = valueOf(trainHead(samples, rhythmTraining(6, { folds: 3 })));
  assert.is(card.n_positive.people, 3);
  assert.ok(
    card.warnings.includes(
      'Only 3 people have a week with label 1; with fewer than 50 the figures of this card are rough.',
    ),
  );
});

test('the card warns of steps and of scaling by person', () => {
  const samples = simulatedSamples({ seed: 2, people: 30, weeks: 1, columns: 96, effect: 3 });
  const { card } = valueOf(
    trainHead(
      samples,
      rhythmTraining(0, {
        features: { embedding: true, rhythm: [] },
        requires: { ...WITH_ENCODER, signal: 'steps', scaling: 'per-person', reference_population: null },
        folds: 3,
        lambdas: [0.1],
        resamples: 100,
      }),
    ),
  );
  assert.ok(card.warnings.some((warning) => warning.includes('trained on steps')));
  assert.ok(card.warnings.some((warning) => warning.includes("person's own mean")));
  assert.is(card.encoder_sha256, WITH_ENCODER.encoder!.source_sha256);
});

const refusals: readonly [string, readonly TrainingSample[], HeadTraining, string, RegExp][] = [
  ['no samples', [], rhythmTraining(6), 'no-sample', /no labelled week/],
  [
    'a single class',
    simulatedSamples(PLANTED).map((sample) => ({ ...sample, label: 0 })),
    rhythmTraining(6),
    'one-class',
    /all 180 labelled weeks have the label 0/,
  ],
  [
    'fewer people of a label than folds',
    simulatedSamples(PLANTED).map((sample, i) => ({ ...sample, label: i < 8 ? 1 : 0 })),
    rhythmTraining(6),
    'too-few-people',
    /5 folds need 5 people of each label; 4 have a week with label 1 and 86 one with label 0/,
  ],
  [
    'a feature that is not finite',
    simulatedSamples(PLANTED).map((sample, i) =>
      i === 11 ? { ...sample, features: sample.features.with(2, Number.NaN) } : sample,
    ),
    rhythmTraining(6),
    'not-finite',
    /relative_amplitude of sample 12 is not a finite number/,
  ],
  [
    'a feature that is the same for all',
    simulatedSamples(PLANTED).map((sample) => ({ ...sample, features: sample.features.with(3, 0.1) })),
    rhythmTraining(6),
    'constant-feature',
    /1 of 6 features are the same in every week: l5_log_mean$/,
  ],
  [
    'two folds',
    simulatedSamples(PLANTED),
    rhythmTraining(6, { folds: 2 }),
    'bad-settings',
    /2 folds were asked for; there can be 3 to 10/,
  ],
  ['a penalty of 0', simulatedSamples(PLANTED), rhythmTraining(6, { lambdas: [1, 0] }), 'bad-settings', /above 0/],
  ['no penalty', simulatedSamples(PLANTED), rhythmTraining(6, { lambdas: [] }), 'bad-settings', /one or more/],
  ['ten resamples', simulatedSamples(PLANTED), rhythmTraining(6, { resamples: 10 }), 'bad-settings', /100 to 100000/],
  ['a seed below 0', simulatedSamples(PLANTED), rhythmTraining(6, { seed: -1 }), 'bad-settings', /\/seed expected/],
  ['a task with a slash', simulatedSamples(PLANTED), rhythmTraining(6, { task: 'a/b' }), 'bad-settings', /\/task/],
  ['no feature', simulatedSamples(PLANTED), rhythmTraining(0), 'bad-settings', /neither embedding nor rhythm/],
  [
    'a card without an intended use',
    simulatedSamples(PLANTED),
    rhythmTraining(6, { card: { ...rhythmTraining(6).card, intended_use: ' ' } }),
    'bad-settings',
    /\/card\/intended_use expected a text/,
  ],
  [
    'an embedding without an encoder',
    simulatedSamples(PLANTED),
    rhythmTraining(6, { features: { embedding: true, rhythm: [] } }),
    'bad-settings',
    /\/requires\/encoder is needed with an embedding/,
  ],
];
for (const [what, samples, training, problem, reason] of refusals) {
  test(`${what} is refused`, () => {
    const error = errorOf(trainHead(samples, training));
    assert.is(error.kind, 'head-not-trainable');
    assert.is(error.problem, problem);
    assert.match(error.reason, reason);
  });
}

test('samples that do not have the features they are said to have are a mistake', () => {
  assert.throws(() => trainHead(simulatedSamples(PLANTED), rhythmTraining(5)), /6 features for 5 names/);
});

test('a trained head scores new people of each kind apart', () => {
  const head = valueOf(trainHead(simulatedSamples(PLANTED), rhythmTraining(6)));
  const rule = {
    ...head.standardisation,
    coefficients: head.coefficients,
    intercept: head.intercept,
    calibration: head.calibration,
  };
  const others = simulatedSamples({ ...PLANTED, seed: 99, weeks: 1 });
  const meanOf = (label: number): number => {
    const scores = others.filter((sample) => sample.label === label).map(({ features }) => scoreOf(rule, features));
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  };
  assert.ok(meanOf(1) > meanOf(0) + 0.3);
});

test.run();
