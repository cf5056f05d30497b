import { err, ok, type Result } from 'neverthrow';
import type { FitOptions } from './cross-validation.ts';
import type { CardFacts, HeadFeatures } from './head.ts';
import { CARD_FACTS, FEATURES, featuresContradiction, SEED, TASK } from './parse-head.ts';

/** How a head is trained, and what its card will say besides the figures. */
export interface TrainingSettings {
  readonly task: string;
  readonly features: HeadFeatures;
  readonly seed: number;
  readonly card: CardFacts;
  /** Folds of both loops, 3 to 10; `DEFAULT_FOLDS` unless given. */
  readonly folds?: number;
  /** Penalties to choose from; `DEFAULT_LAMBDAS` unless given. */
  readonly lambdas?: readonly number[];
  /** Bootstrap resamples; `DEFAULT_RESAMPLES` unless given. */
  readonly resamples?: number;
}

export const DEFAULT_FOLDS = 5;
/** From nearly no penalty to one that leaves nearly nothing of the coefficients. */
export const DEFAULT_LAMBDAS: readonly number[] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
export const DEFAULT_RESAMPLES = 2000;

/** With fewer folds the inner loop of a small class could be left without one of its people. */
export const FEWEST_FOLDS = 3;
export const MOST_FOLDS = 10;
/** With fewer resamples the ends of the interval are single draws. */
export const FEWEST_RESAMPLES = 100;
export const MOST_RESAMPLES = 100_000;

/** No head comes of this; `reason` is one plain sentence with the numbers. */
export interface HeadNotTrainable {
  readonly kind: 'head-not-trainable';
  readonly problem: 'bad-settings' | 'no-sample' | 'one-class' | 'too-few-people' | 'not-finite' | 'constant-feature';
  readonly reason: string;
}

export const notTrainable = (problem: HeadNotTrainable['problem'], reason: string): HeadNotTrainable => ({
  kind: 'head-not-trainable',
  problem,
  reason,
});

/** Settings with nothing left open. */
export interface CheckedSettings extends FitOptions {
  readonly resamples: number;
}

/** The settings with their defaults, the penalties from weak to strong, or what is wrong with them. */
export function checkedSettings(settings: TrainingSettings): Result<CheckedSettings, HeadNotTrainable> {
  const { folds = DEFAULT_FOLDS, lambdas = DEFAULT_LAMBDAS, resamples = DEFAULT_RESAMPLES } = settings;
  const refuse = (reason: string): Result<never, HeadNotTrainable> => err(notTrainable('bad-settings', reason));
  const misfit = TASK(settings.task, '/task')
    .andThen(() => SEED(settings.seed, '/seed'))
    .andThen(() => CARD_FACTS(settings.card, '/card'))
    .andThen(() => FEATURES(settings.features, '/features'))
    .match(featuresContradiction, (error) => error);
  if (misfit !== null) return refuse(`${misfit.pointer} ${misfit.reason}`);
  if (!isWholeBetween(folds, FEWEST_FOLDS, MOST_FOLDS)) {
    return refuse(
      `${String(folds)} folds were asked for; there can be ${String(FEWEST_FOLDS)} to ${String(MOST_FOLDS)}`,
    );
  }
  if (lambdas.length === 0 || !lambdas.every((lambda) => Number.isFinite(lambda) && lambda > 0)) {
    return refuse('the penalties to choose from must be one or more numbers above 0');
  }
  if (!isWholeBetween(resamples, FEWEST_RESAMPLES, MOST_RESAMPLES)) {
    const range = `${String(FEWEST_RESAMPLES)} to ${String(MOST_RESAMPLES)}`;
    return refuse(`${String(resamples)} resamples were asked for; there can be ${range}`);
  }
  return ok({ folds, lambdas: [...new Set(lambdas)].sort((a, b) => a - b), resamples, seed: settings.seed });
}

const isWholeBetween = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;
