import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../kernel/errors.ts';
import { MINUTES_PER_DAY } from '../../kernel/local-time.ts';
import type { ActigraphyModel, ModelUnavailable, NotEncodable } from '../ports.ts';
import type { Head, HeadRequirements, HeadScaling, HeadSignal, SetAside } from './head.ts';
import { pickRhythm, rhythmFeatures } from './rhythm-features.ts';
import { setAsideTally } from './set-aside-tally.ts';
import { trainHead } from './train-head.ts';
import type { TrainingLabel, TrainingWeek } from './training-data.ts';
import type { TrainingSample } from './training-set.ts';
import { checkedSettings, notTrainable, type HeadNotTrainable, type TrainingSettings } from './training-settings.ts';

/** A week as the encoder takes it: every day of it, standardised and without missing minutes. */
export interface WeekForEncoder {
  readonly values: Float32Array;
  readonly scaling: HeadScaling;
  readonly referencePopulation: string | null;
}

/** Makes a week ready for the encoder, or says in one sentence why it cannot be. */
export type PrepareForEncoder = (grid: Float32Array) => Result<WeekForEncoder, { readonly reason: string }>;

export interface FitHead extends TrainingSettings {
  /** In any order; no week of a person twice. */
  readonly weeks: readonly TrainingWeek[];
  /** In any order; at most one of a person, and one of each of their weeks. */
  readonly labels: readonly TrainingLabel[];
  readonly signal: HeadSignal;
  /** Asked only where the features include the embedding. It must standardise every week in the same way. */
  readonly prepare: PrepareForEncoder;
}

export type HeadNotFitted = HeadNotTrainable | ModelUnavailable | NotEncodable | PortUnavailable;

/** So many weeks are encoded in one call. */
const BATCH_WEEKS = 16;

/**
 * Encodes labelled weeks, computes their rhythm features and trains a head on them. A week without a label, or one that
 * does not give every feature, is set aside and counted on the card. The order of weeks and labels does not matter.
 */
export function fitHead({ model }: { readonly model: ActigraphyModel }) {
  return (command: FitHead): ResultAsync<Head, HeadNotFitted> =>
    checkedSettings(command)
      .asyncAndThen(() => new ResultAsync(gather(model, command)))
      .andThen(({ samples, weeksSetAside, days, encoding }) => {
        if (samples.length === 0) return err(noSample(command.weeks.length, weeksSetAside));
        const requires: HeadRequirements = { signal: command.signal, days, ...encoding };
        return trainHead(samples, { ...command, requires, weeksSetAside });
      });
}

function noSample(weeks: number, setAside: readonly SetAside[]): HeadNotTrainable {
  if (weeks === 0) return notTrainable('no-sample', 'there is no week to train on');
  const reasons = setAside.map(({ reason, weeks: count }) => `${String(count)}: ${reason}`).join('; ');
  return notTrainable('no-sample', `none of ${String(weeks)} weeks can be used (${reasons})`);
}

interface Gathered {
  readonly samples: readonly TrainingSample[];
  readonly weeksSetAside: readonly SetAside[];
  readonly days: number;
  readonly encoding: Pick<HeadRequirements, 'encoder' | 'scaling' | 'reference_population'>;
}

/** A week whose own part of the features is there, waiting for its embedding. */
interface WaitingWeek {
  readonly person: string;
  readonly label: 0 | 1;
  readonly rhythm: Float64Array;
  /** Null where no embedding is wanted. */
  readonly prepared: WeekForEncoder | null;
}

async function gather(model: ActigraphyModel, command: FitHead): Promise<Result<Gathered, HeadNotFitted>> {
  const setAside = setAsideTally();
  const labelOf = labelLookup(command.labels);
  const samples: TrainingSample[] = [];
  const weeks = [...command.weeks].sort((a, b) => compare(a.person, b.person) || compare(a.week, b.week));
  const minutes = weeks[0]?.values.length ?? 0;
  let scaled: Pick<WeekForEncoder, 'scaling' | 'referencePopulation'> | null = null;
  let encoder: HeadRequirements['encoder'] = null;
  let waiting: WaitingWeek[] = [];

  for (const [i, week] of weeks.entries()) {
    const ready = readyWeek(week, minutes, labelOf(week), command);
    if (ready.isErr()) setAside.add(ready.error.what, ready.error.reason);
    else {
      const { prepared } = ready.value;
      scaled ??= prepared;
      if (prepared?.scaling !== scaled?.scaling || prepared?.referencePopulation !== scaled?.referencePopulation) {
        throw new Error('the preparation did not standardise every week in the same way');
      }
      waiting.push(ready.value);
    }
    if (waiting.length < BATCH_WEEKS && i < weeks.length - 1) continue;
    const batch = await encodedBatch(model, waiting, encoder);
    if (batch.isErr()) return err(batch.error);
    samples.push(...batch.value.samples);
    encoder = batch.value.encoder;
    waiting = [];
  }
  return ok({
    samples,
    weeksSetAside: setAside.counted(),
    days: minutes / MINUTES_PER_DAY,
    encoding: {
      encoder,
      scaling: scaled?.scaling ?? null,
      reference_population: scaled?.referencePopulation ?? null,
    },
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The label of a week: its own, else its person's. */
function labelLookup(labels: readonly TrainingLabel[]): (week: TrainingWeek) => 0 | 1 | undefined {
  const keyOf = (person: string, week: string | null): string => JSON.stringify([person, week]);
  const known = new Map(labels.map(({ person, week, label }) => [keyOf(person, week), label]));
  return ({ person, week }) => known.get(keyOf(person, week)) ?? known.get(keyOf(person, null));
}

interface WeekSetAside {
  readonly what: string;
  readonly reason: string | null;
}

/** All that a week gives by itself; `minutes` is the length that all weeks must have. */
function readyWeek(
  { person, values }: TrainingWeek,
  minutes: number,
  label: 0 | 1 | undefined,
  { features, prepare }: FitHead,
): Result<WaitingWeek, WeekSetAside> {
  const aside = (what: string, reason: string | null = null): Result<never, WeekSetAside> => err({ what, reason });
  if (label === undefined) return aside('no label is known for the week');
  if (values.length !== minutes || minutes % MINUTES_PER_DAY !== 0) {
    return aside('the week has another length than the first one, or not whole days');
  }
  const picked =
    features.rhythm.length === 0
      ? ok(new Float64Array())
      : pickRhythm(rhythmFeatures(Float64Array.from(values)), features.rhythm);
  if (picked.isErr()) return aside('its rhythm features are not computable', picked.error.reason);
  if (!features.embedding) return ok({ person, label, rhythm: picked.value, prepared: null });
  const prepared = prepare(values);
  if (prepared.isErr()) return aside('it could not be prepared for the encoder', prepared.error.reason);
  if (prepared.value.values.length !== minutes) {
    const kept = prepared.value.values.length / MINUTES_PER_DAY;
    return aside('not all of its days would be encoded', `${String(kept)} of ${String(minutes / MINUTES_PER_DAY)}`);
  }
  return ok({ person, label, rhythm: picked.value, prepared: prepared.value });
}

interface EncodedBatch {
  readonly samples: readonly TrainingSample[];
  readonly encoder: HeadRequirements['encoder'];
}

/** The weeks with their embeddings where they have been prepared for one, all by `encoder` unless that is null. */
async function encodedBatch(
  model: ActigraphyModel,
  weeks: readonly WaitingWeek[],
  encoder: HeadRequirements['encoder'],
): Promise<Result<EncodedBatch, HeadNotFitted>> {
  const inputs = weeks.map(({ prepared }) => prepared?.values).filter((values) => values !== undefined);
  const answers = inputs.length === 0 ? ok([]) : await model.encode(inputs);
  if (answers.isErr()) return err(answers.error);
  let sole = encoder;
  for (const { by } of answers.value) {
    const { sha256 } = by.entry.source;
    sole ??= { source_sha256: sha256, size: by.entry.size };
    if (sha256 !== sole.source_sha256) {
      const cause = 'other weights were installed while weeks were encoded';
      return err(portUnavailable('ActigraphyModel', 'encode', cause));
    }
  }
  const samples = weeks.map(({ person, label, rhythm, prepared }, w) => {
    const embedding = prepared === null ? new Float32Array() : answers.value[w]!.pooled;
    return { person, label, features: joined(embedding, rhythm) };
  });
  return ok({ samples, encoder: sole });
}

function joined(embedding: Float32Array, rhythm: Float64Array): Float64Array {
  const features = new Float64Array(embedding.length + rhythm.length);
  features.set(embedding);
  features.set(rhythm, embedding.length);
  return features;
}
