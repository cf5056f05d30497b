import { err, ok, Result } from 'neverthrow';
import {
  featureNames,
  PAT_SIZE_NAMES,
  TASK_NAME,
  type CardFacts,
  type Head,
  type HeadCard,
  type HeadFeatures,
  type HeadRequirements,
  type SetAside,
} from './head.ts';
import { list, nullable, number, oneOf, record, text, truth, whole, type Misfit, type Reader } from './json-readers.ts';
import type { CalibrationBin } from './metrics.ts';
import { RHYTHM_FEATURES } from './rhythm-features.ts';

/** The text is no head that can be used. */
export interface HeadUnreadable {
  readonly kind: 'head-unreadable';
  /** RFC 6901 pointer to what does not fit; empty for the whole. */
  readonly pointer: string;
  /** Such as `expected a number from 0 to 1`. */
  readonly reason: string;
}

/** Reads a head file. Every field is checked, and the fields against each other; a field that is not known is refused. */
export function parseHead(json: string): Result<Head, HeadUnreadable> {
  return parseJson(json)
    .andThen((value) => HEAD(value, ''))
    .andThen((head) => {
      const contradiction = contradictionIn(head);
      return contradiction === null ? ok(head) : err(contradiction);
    })
    .mapErr((misfit) => ({ kind: 'head-unreadable', ...misfit }));
}

const parseJson = Result.fromThrowable(
  (json: string): unknown => JSON.parse(json),
  (): Misfit => ({ pointer: '', reason: 'is not JSON' }),
);

const share = number((value) => value >= 0 && value <= 1, 'a number from 0 to 1');
const positive = number((value) => value > 0, 'a number above 0');
const notNegative = number((value) => value >= 0, 'a number from 0 on');
const sha256 = text(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');
const instantForm = text(
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/,
  'an instant such as 2025-01-06T12:00:00Z',
);
const instant: Reader<string> = (value, pointer) =>
  instantForm(value, pointer).andThen((read) =>
    Number.isNaN(Date.parse(read)) ? err({ pointer, reason: 'expected an instant that exists' }) : ok(read),
  );

export const TASK: Reader<string> = text(TASK_NAME, 'lower-case letters, digits, - and _, a letter first');
export const SEED: Reader<number> = whole(0);

const FACTS: { readonly [K in keyof CardFacts]: Reader<CardFacts[K]> } = {
  title: text(),
  data_description: text(),
  intended_use: text(),
  licence: text(),
  label: text(),
  trained_at: instant,
  weeks_sha256: sha256,
  labels_sha256: sha256,
  clarity_version: text(),
};
export const CARD_FACTS: Reader<CardFacts> = record<CardFacts>(FACTS);

const CARD = record<HeadCard>({
  ...FACTS,
  encoder_sha256: nullable(sha256),
  n_weeks: whole(1),
  n_people: whole(1),
  n_positive: record<HeadCard['n_positive']>({ weeks: whole(1), people: whole(1) }),
  weeks_set_aside: list(record<SetAside>({ reason: text(), weeks: whole(1) })),
  validation: record<HeadCard['validation']>({ method: text(), outer_folds: whole(2), inner_folds: whole(2) }),
  auc: record<HeadCard['auc']>({
    value: share,
    low: share,
    high: share,
    confidence: oneOf([0.95]),
    resamples: whole(1),
    resampled_by: oneOf(['person']),
  }),
  brier: share,
  brier_of_base_rate: share,
  calibration_curve: list(record<CalibrationBin>({ predicted: share, observed: share, n: whole(1) })),
  lambda_grid: list(positive),
  warnings: list(text()),
});

export const FEATURES: Reader<HeadFeatures> = record<HeadFeatures>({
  embedding: truth,
  rhythm: list(oneOf(RHYTHM_FEATURES)),
});

export const REQUIREMENTS: Reader<HeadRequirements> = record<HeadRequirements>({
  signal: oneOf(['counts', 'steps']),
  days: whole(1),
  encoder: nullable(
    record<NonNullable<HeadRequirements['encoder']>>({ source_sha256: sha256, size: oneOf(PAT_SIZE_NAMES) }),
  ),
  scaling: nullable(oneOf(['population', 'per-person'])),
  reference_population: nullable(text()),
});

const HEAD = record<Head>({
  schema: oneOf(['clarity.head/1']),
  task: TASK,
  features: FEATURES,
  requires: REQUIREMENTS,
  standardisation: record<Head['standardisation']>({ mean: list(number()), sd: list(positive) }),
  coefficients: list(number()),
  intercept: number(),
  calibration: record<Head['calibration']>({ slope: notNegative, intercept: number() }),
  lambda: positive,
  seed: SEED,
  card: CARD,
});

/** What two fields say that cannot both be so, or null. */
function contradictionIn(head: Head): Misfit | null {
  return (
    featuresContradiction(head.features) ??
    requirementsContradiction(head.features, head.requires) ??
    lengthContradiction(head) ??
    cardContradiction(head)
  );
}

/** What is wrong with a choice of features, or null. */
export function featuresContradiction(features: HeadFeatures): Misfit | null {
  const names = featureNames(features);
  if (names.length === 0) return { pointer: '/features', reason: 'ask for neither embedding nor rhythm' };
  return new Set(names).size === names.length ? null : { pointer: '/features/rhythm', reason: 'names a feature twice' };
}

/** What features and requirements say that cannot both be so, or null. */
export function requirementsContradiction({ embedding }: HeadFeatures, requires: HeadRequirements): Misfit | null {
  for (const need of ['encoder', 'scaling'] as const) {
    if (embedding === (requires[need] === null)) {
      const reason = embedding ? 'is needed with an embedding' : 'has no part in a head without an embedding';
      return { pointer: `/requires/${need}`, reason };
    }
  }
  if ((requires.scaling === 'population') === (requires.reference_population === null)) {
    return { pointer: '/requires/reference_population', reason: 'goes with the scaling population, and with it alone' };
  }
  return null;
}

function lengthContradiction({ features, standardisation, coefficients }: Head): Misfit | null {
  const expected = featureNames(features).length;
  const lists: readonly (readonly [string, readonly number[]])[] = [
    ['/standardisation/mean', standardisation.mean],
    ['/standardisation/sd', standardisation.sd],
    ['/coefficients', coefficients],
  ];
  for (const [pointer, { length }] of lists) {
    if (length !== expected) {
      return { pointer, reason: `has ${String(length)} numbers for ${String(expected)} features` };
    }
  }
  return null;
}

function cardContradiction({ requires, lambda, card }: Head): Misfit | null {
  const { auc, n_weeks, n_people, n_positive } = card;
  if (card.encoder_sha256 !== (requires.encoder?.source_sha256 ?? null)) {
    return { pointer: '/card/encoder_sha256', reason: 'is not the hash of the required encoder' };
  }
  if (n_people > n_weeks) return { pointer: '/card/n_people', reason: 'are more than there are weeks' };
  if (n_positive.weeks >= n_weeks) return { pointer: '/card/n_positive/weeks', reason: 'leave no negative week' };
  if (n_positive.people > Math.min(n_people, n_positive.weeks)) {
    return { pointer: '/card/n_positive/people', reason: 'are more than there are people or positive weeks' };
  }
  if (auc.low > auc.high) return { pointer: '/card/auc/low', reason: 'is above the high end of the interval' };
  if (card.calibration_curve.reduce((sum, { n }) => sum + n, 0) !== n_weeks) {
    return { pointer: '/card/calibration_curve', reason: `does not have ${String(n_weeks)} weeks in all` };
  }
  if (!card.lambda_grid.includes(lambda)) return { pointer: '/lambda', reason: 'is not in the lambda_grid' };
  return null;
}
