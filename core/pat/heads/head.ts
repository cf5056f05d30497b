import { PAT_SIZES, WIDTH, type PatSize } from '../encoder/architecture.ts';
import type { CalibrationBin } from './metrics.ts';
import type { RhythmFeature } from './rhythm-features.ts';

/**
 * `clarity.head/1`: a logistic regression on what an encoder and the rhythm measures say of some days, with the model
 * card without which it is not published. Its JSON form is a published document, so its names are the published ones.
 */
export interface Head {
  readonly schema: 'clarity.head/1';
  /** What it scores, such as `depression`: lower-case letters, digits, dashes and underscores. */
  readonly task: string;
  readonly features: HeadFeatures;
  readonly requires: HeadRequirements;
  /** Taken from each feature before the coefficients apply, in the order of `featureNames`. */
  readonly standardisation: { readonly mean: readonly number[]; readonly sd: readonly number[] };
  readonly coefficients: readonly number[];
  readonly intercept: number;
  /** Platt's: the score is sigmoid(slope * logit + intercept). */
  readonly calibration: { readonly slope: number; readonly intercept: number };
  /** The penalty that the inner cross-validation chose. */
  readonly lambda: number;
  /** The chance by which folds and resamples were drawn. */
  readonly seed: number;
  readonly card: HeadCard;
}

/** What goes into a head: the pooled embedding if asked for, then rhythm features in this order. */
export interface HeadFeatures {
  readonly embedding: boolean;
  readonly rhythm: readonly RhythmFeature[];
}

export type HeadSignal = 'counts' | 'steps';
export type HeadScaling = 'population' | 'per-person';

/** What must be as it was in training for the coefficients to mean anything. */
export interface HeadRequirements {
  readonly signal: HeadSignal;
  /** Whole local days that one score is of. */
  readonly days: number;
  /** Null for a head on rhythm features alone; `source_sha256` is of the file that the weights were installed from. */
  readonly encoder: { readonly source_sha256: string; readonly size: PatSize } | null;
  /** Null for a head on rhythm features alone. */
  readonly scaling: HeadScaling | null;
  /** The population's name; null unless `scaling` is `population`. */
  readonly reference_population: string | null;
}

/** What the operator and the host know of a training. */
export interface CardFacts {
  readonly title: string;
  /** Whose weeks, recorded with what, when, and how the labels came about. */
  readonly data_description: string;
  readonly intended_use: string;
  readonly licence: string;
  /** What label 1 means, such as `PHQ-9 of 10 or more`. */
  readonly label: string;
  /** ISO 8601, UTC. */
  readonly trained_at: string;
  readonly weeks_sha256: string;
  readonly labels_sha256: string;
  readonly clarity_version: string;
}

/** The model card: whom the head was trained on, how well it does with people it has not seen, and what is doubtful. */
export interface HeadCard extends CardFacts {
  /** The same hash as the required encoder's, or null. */
  readonly encoder_sha256: string | null;
  readonly n_weeks: number;
  readonly n_people: number;
  /** Weeks with label 1, and people with such a week. */
  readonly n_positive: { readonly weeks: number; readonly people: number };
  /** Weeks that were given but not trained on, by reason. */
  readonly weeks_set_aside: readonly SetAside[];
  readonly validation: {
    readonly method: string;
    readonly outer_folds: number;
    readonly inner_folds: number;
  };
  readonly auc: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly confidence: 0.95;
    readonly resamples: number;
    readonly resampled_by: 'person';
  };
  readonly brier: number;
  /** Of giving everybody the share of positive weeks. */
  readonly brier_of_base_rate: number;
  readonly calibration_curve: readonly CalibrationBin[];
  readonly lambda_grid: readonly number[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}

export interface SetAside {
  /** One plain sentence. */
  readonly reason: string;
  readonly weeks: number;
}

/** The lower-case form of names that a head may have; they go into file names. */
export const TASK_NAME = /^[a-z][a-z0-9_-]{0,63}$/;

export const PAT_SIZE_NAMES = Object.keys(PAT_SIZES) as readonly PatSize[];

/** One name a feature, in the order of means and coefficients. */
export function featureNames({ embedding, rhythm }: HeadFeatures): readonly string[] {
  const dimensions = Array.from({ length: embedding ? WIDTH : 0 }, (_, i) => `embedding_${String(i)}`);
  return [...dimensions, ...rhythm];
}

/** A head as the JSON text that `parseHead` reads. */
export const headText = (head: Head): string => `${JSON.stringify(head, null, 2)}\n`;
