import { err, ok, type Result } from 'neverthrow';
import { featureNames, type Head, type HeadScaling, type HeadSignal } from './head.ts';
import { pickRhythm, type RhythmFeatures } from './rhythm-features.ts';
import { scoreOf } from './score.ts';

/** What is known of some days that a head is to score. */
export interface HeadInput {
  readonly signal: HeadSignal;
  /** Whole local days. */
  readonly days: number;
  /** Of the file that the encoder's weights were installed from; null where nothing was encoded. */
  readonly encoderSha256: string | null;
  readonly scaling: HeadScaling | null;
  readonly referencePopulation: string | null;
  /** The pooled vector, or null where nothing was encoded. */
  readonly embedding: ArrayLike<number> | null;
  /** Of the same days, in the signal's unit; null where they were not computed. */
  readonly rhythm: RhythmFeatures | null;
}

/** The head says nothing of these days; `reason` is one plain sentence. */
export interface HeadNotApplicable {
  readonly kind: 'head-not-applicable';
  readonly reason: string;
}

/** The head's calibrated score, 0 to 1, of days that are like those it was trained on; others are refused. */
export function applyHead(head: Head, input: HeadInput): Result<number, HeadNotApplicable> {
  const difference = differenceOf(head, input);
  if (difference !== null) return refuse(difference);
  return featuresOf(head, input).map((features) =>
    scoreOf(
      {
        ...head.standardisation,
        coefficients: head.coefficients,
        intercept: head.intercept,
        calibration: head.calibration,
      },
      features,
    ),
  );
}

const refuse = (reason: string): Result<never, HeadNotApplicable> => err({ kind: 'head-not-applicable', reason });

/** What sets the input apart from the head's training, in words that name both; null where nothing does. */
function differenceOf({ requires, features }: Head, input: HeadInput): string | null {
  if (input.signal !== requires.signal) {
    return `the head was trained on ${requires.signal}, and these are ${input.signal}`;
  }
  if (input.days !== requires.days) {
    return `the head was trained on ${daysText(requires.days)}, and ${input.days === 1 ? 'this is' : 'these are'} ${daysText(input.days)}`;
  }
  if (!features.embedding || requires.encoder === null) return null;
  if (input.embedding === null || input.encoderSha256 === null) {
    return 'the head needs an embedding, and these days were not encoded';
  }
  if (input.encoderSha256 !== requires.encoder.source_sha256) {
    return (
      `the head was trained on the encoder PAT-${requires.encoder.size} ${shortHash(requires.encoder.source_sha256)}, ` +
      `and these days were encoded by ${shortHash(input.encoderSha256)}`
    );
  }
  const trained = scalingText(requires.scaling, requires.reference_population);
  const given = scalingText(input.scaling, input.referencePopulation);
  return trained === given ? null : `the head was trained on minutes standardised ${trained}, and these are ${given}`;
}

function featuresOf({ features }: Head, { embedding, rhythm }: HeadInput): Result<Float64Array, HeadNotApplicable> {
  const values = new Float64Array(featureNames(features).length);
  if (features.embedding) {
    const width = values.length - features.rhythm.length;
    if (embedding?.length !== width) {
      throw new RangeError(`an embedding has ${String(width)} numbers, not ${String(embedding?.length)}`);
    }
    values.set(Float64Array.from(embedding));
    if (!values.every(Number.isFinite)) return refuse('the embedding has a number that is not finite');
  }
  if (features.rhythm.length === 0) return ok(values);
  if (rhythm === null) return refuse('the head needs rhythm features, and these days have none');
  return pickRhythm(rhythm, features.rhythm)
    .mapErr(({ reason }): HeadNotApplicable => ({ kind: 'head-not-applicable', reason }))
    .map((picked) => {
      values.set(picked, values.length - picked.length);
      return values;
    });
}

const daysText = (days: number): string => (days === 1 ? '1 day' : `${String(days)} days`);

/** As many characters as a model's id has. */
const shortHash = (sha256: string): string => sha256.slice(0, 12);

function scalingText(scaling: HeadScaling | null, population: string | null): string {
  if (scaling === null) return 'in no way that is known';
  return scaling === 'per-person' ? 'per person' : `against the population ${population ?? 'without a name'}`;
}
