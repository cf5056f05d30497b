import { err, ok, type Result } from 'neverthrow';
import { randomStream } from '../../simulation/random.ts';
import { cardWarnings } from './card-warnings.ts';
import { crossValidate, fitCalibrated, type CalibratedFit } from './cross-validation.ts';
import { dealFolds } from './folds.ts';
import { featureNames, type Head, type HeadCard, type HeadRequirements, type SetAside } from './head.ts';
import { aucWithInterval, brierOfBaseRate, brierScore, calibrationCurve, CONFIDENCE } from './metrics.ts';
import { REQUIREMENTS, requirementsContradiction } from './parse-head.ts';
import { momentsOf } from './standardisation.ts';
import { peopleWhere, trainingSetOf, type TrainingSample, type TrainingSet } from './training-set.ts';
import {
  checkedSettings,
  notTrainable,
  type CheckedSettings,
  type HeadNotTrainable,
  type TrainingSettings,
} from './training-settings.ts';

/** How a head is trained, and what is known of its samples. */
export interface HeadTraining extends TrainingSettings {
  readonly requires: HeadRequirements;
  /** Weeks that did not become samples. */
  readonly weeksSetAside: readonly SetAside[];
}

/**
 * Trains a head and measures it: nested cross-validation says how it does with people it has not seen, and the same
 * fitting then runs on everybody. Deterministic: the same samples in the same order and the same seed give the same head
 * to the last bit.
 */
export function trainHead(samples: readonly TrainingSample[], training: HeadTraining): Result<Head, HeadNotTrainable> {
  return checkedSettings(training)
    .andThrough(() => checkRequirements(training))
    .andThen((settings) =>
      tableOf(samples, featureNames(training.features), settings.folds).map((set) => {
        const outerFolds = dealFolds(set, settings.folds, randomStream(settings.seed, 'outer-folds'));
        const scores = crossValidate(set, outerFolds, settings);
        const fit = fitCalibrated(set, settings, 'everybody');
        return headOf(training, settings, fit, countsOf(set), figuresOf(set, scores, outerFolds, settings));
      }),
    );
}

const VALIDATION_METHOD =
  'Nested cross-validation, grouped by person and stratified by label: every score was given by a head fitted to other ' +
  'people, whose penalty was chosen and whose calibration was fitted in folds within those others. Standardisation was ' +
  'fitted within each training part. The area under the curve pairs weeks of the same outer fold.';

const refuse = (problem: HeadNotTrainable['problem'], reason: string): Result<never, HeadNotTrainable> =>
  err(notTrainable(problem, reason));

function checkRequirements({ features, requires }: HeadTraining): Result<void, HeadNotTrainable> {
  const misfit = REQUIREMENTS(requires, '/requires').match(
    () => requirementsContradiction(features, requires),
    (error) => error,
  );
  return misfit === null ? ok(undefined) : refuse('bad-settings', `${misfit.pointer} ${misfit.reason}`);
}

/** The samples as a table from which something can be learned. */
function tableOf(
  samples: readonly TrainingSample[],
  names: readonly string[],
  folds: number,
): Result<TrainingSet, HeadNotTrainable> {
  if (samples.length === 0) return refuse('no-sample', 'there is no labelled week to train on');
  const set = trainingSetOf(samples);
  if (set.columns !== names.length) {
    throw new RangeError(`samples have ${String(set.columns)} features for ${String(names.length)} names`);
  }
  const bad = set.features.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    const place = `${names[bad % set.columns]!} of sample ${String(Math.floor(bad / set.columns) + 1)}`;
    return refuse('not-finite', `${place} is not a finite number`);
  }
  const withLabel = (label: number): number => peopleWhere(set, (row) => set.labels[row] === label);
  const [negatives, positives] = [withLabel(0), withLabel(1)];
  if (negatives === 0 || positives === 0) {
    return refuse('one-class', `all ${String(set.rows)} labelled weeks have the label ${positives === 0 ? '0' : '1'}`);
  }
  if (Math.min(negatives, positives) < folds) {
    return refuse(
      'too-few-people',
      `${String(folds)} folds need ${String(folds)} people of each label; ${String(positives)} have a week with label 1 ` +
        `and ${String(negatives)} one with label 0`,
    );
  }
  const constant = names.filter((_, column) => momentsOf(set).sd[column] === 0);
  if (constant.length > 0) {
    const some = constant.slice(0, 5).join(', ');
    return refuse(
      'constant-feature',
      `${String(constant.length)} of ${String(names.length)} features are the same in every week: ${some}` +
        (constant.length > 5 ? ' and more' : ''),
    );
  }
  return ok(set);
}

type Counts = Pick<HeadCard, 'n_weeks' | 'n_people' | 'n_positive'> & { readonly negativePeople: number };

function countsOf(set: TrainingSet): Counts {
  const peopleWithLabel = (label: number): number => peopleWhere(set, (row) => set.labels[row] === label);
  return {
    n_weeks: set.rows,
    n_people: peopleWhere(set, () => true),
    n_positive: { weeks: set.labels.reduce((sum, label) => sum + label, 0), people: peopleWithLabel(1) },
    negativePeople: peopleWithLabel(0),
  };
}

type Figures = Pick<HeadCard, 'auc' | 'brier' | 'brier_of_base_rate' | 'calibration_curve'>;

function figuresOf(
  { labels, people }: TrainingSet,
  scores: Float64Array,
  folds: Uint8Array,
  { resamples, seed }: CheckedSettings,
): Figures {
  const auc = aucWithInterval({ scores, labels, people, folds }, resamples, randomStream(seed, 'bootstrap'));
  if (auc === null) throw new Error('folds that hold people of both labels have no pair of them');
  return {
    auc: { ...auc, confidence: CONFIDENCE, resamples, resampled_by: 'person' },
    brier: brierScore(scores, labels),
    brier_of_base_rate: brierOfBaseRate(labels),
    calibration_curve: calibrationCurve(scores, labels),
  };
}

function headOf(
  { task, features, requires, card, weeksSetAside }: HeadTraining,
  { folds, lambdas, seed }: CheckedSettings,
  { mean, sd, coefficients, intercept, calibration, lambda }: CalibratedFit,
  { negativePeople, ...counts }: Counts,
  figures: Figures,
): Head {
  return {
    schema: 'clarity.head/1',
    task,
    features,
    requires,
    standardisation: { mean: Array.from(mean), sd: Array.from(sd) },
    coefficients: Array.from(coefficients),
    intercept,
    calibration,
    lambda,
    seed,
    card: {
      ...card,
      encoder_sha256: requires.encoder?.source_sha256 ?? null,
      ...counts,
      weeks_set_aside: weeksSetAside,
      validation: { method: VALIDATION_METHOD, outer_folds: folds, inner_folds: folds },
      ...figures,
      lambda_grid: lambdas,
      warnings: cardWarnings({
        requires,
        calibrationSlope: calibration.slope,
        positivePeople: counts.n_positive.people,
        negativePeople,
        figures,
      }),
    },
  };
}
