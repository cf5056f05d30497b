import { err, errAsync, ok, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../../core/kernel/errors.ts';
import type { ModelEntry } from '../../../../core/pat/installed/catalogue.ts';
import { applyHead } from '../../../../core/pat/heads/apply-head.ts';
import { fitHead, type FitHead, type PrepareForEncoder } from '../../../../core/pat/heads/fit-head.ts';
import { headText } from '../../../../core/pat/heads/head.ts';
import { parseHead } from '../../../../core/pat/heads/parse-head.ts';
import { rhythmFeatures } from '../../../../core/pat/heads/rhythm-features.ts';
import type { TrainingLabel, TrainingWeek } from '../../../../core/pat/heads/training-data.ts';
import type { ActigraphyModel, AnsweredWeek } from '../../../../core/pat/ports.ts';
import { randomStream } from '../../../../core/simulation/random.ts';
import { errorOf, valueOf } from '../../result-values.ts';
import { rhythmTraining, SHA } from './training-samples.ts';

const DAYS = 3;
const MINUTES = DAYS * 1440;

/** A person's days: active by day, less so with label 1. */
function weekOf(person: number, week: number, label: 0 | 1): TrainingWeek {
  const random = randomStream(person, 'fit-head', week);
  const level = (label === 1 ? 150 : 300) + random.between(-40, 40);
  const wakes = 400 + random.wholeBetween(0, 60);
  const values = Float32Array.from({ length: MINUTES }, (_, t) => {
    const awake = t % 1440 >= wakes && t % 1440 < wakes + 960;
    return random.chance(awake ? 0.8 : 0.1) ? Math.round(random.between(0, 2 * level)) : 0;
  });
  return { person: `p${String(person)}`, week: `w${String(week)}`, values };
}

const labelOf = (person: number): 0 | 1 => (person % 2 === 0 ? 1 : 0);
const WEEKS = Array.from({ length: 40 }, (_, i) => weekOf(i >> 1, i & 1, labelOf(i >> 1)));
const LABELS: readonly TrainingLabel[] = Array.from({ length: 20 }, (_, person) => ({
  person: `p${String(person)}`,
  week: null,
  label: labelOf(person),
}));

const ENTRY: ModelEntry = {
  id: `PAT-S-${SHA.encoder.slice(0, 12)}`,
  name: 'PAT-S',
  size: 'S',
  architecture: { patchMinutes: 18, heads: 6, layers: 1 },
  parameters: 274_720,
  source: { location: 'nowhere', sha256: SHA.encoder, bytes: 1 },
  converted: { format: 'safetensors', file: 'x', sha256: SHA.encoder, bytes: 1 },
  licence: 'CC BY 4.0',
  attribution: 'nobody',
  citation: 'none',
  installed_at: '2025-01-06T12:00:00Z',
  golden: { input: 'none', pooled: [], tolerance: 0 },
};

/** An encoder that sums every 96th minute, and remembers how many weeks each call had. */
function summingModel(): ActigraphyModel & { readonly calls: number[] } {
  const calls: number[] = [];
  const encoded = (week: Float32Array): AnsweredWeek => {
    const pooled = new Float32Array(96);
    week.forEach((value, t) => (pooled[(t >> 3) % 96]! += value / 30));
    return { tokens: pooled, pooled, attentionReceived: Float32Array.of(1), by: { entry: ENTRY, engine: 'sums' } };
  };
  return {
    calls,
    describe: () => okAsync({ status: 'ready', name: 'PAT-S', engine: 'sums', message: 'It sums.', entry: ENTRY }),
    encode(weeks) {
      calls.push(weeks.length);
      return okAsync(weeks.map(encoded));
    },
  };
}

/** Divides by 100 as if that were the deviation of some population. */
const prepare: PrepareForEncoder = (grid) => {
  const missing = grid.filter(Number.isNaN).length;
  if (missing > 0) return err({ reason: `${String(missing)} minutes are missing` });
  return ok({
    values: grid.map((value) => value / 100),
    scaling: 'population' as const,
    referencePopulation: 'wrist-2013',
  });
};

function command(changes: Partial<FitHead> = {}): FitHead {
  const { task, seed, card } = rhythmTraining(1);
  return {
    task,
    seed,
    card,
    weeks: WEEKS,
    labels: LABELS,
    signal: 'counts',
    features: { embedding: true, rhythm: ['m10_log_mean', 'interdaily_stability'] },
    prepare,
    folds: 3,
    lambdas: [0.1, 1],
    resamples: 100,
    ...changes,
  };
}
const RHYTHM_ONLY = { embedding: false, rhythm: ['m10_log_mean', 'cosinor_amplitude'] } as const;

test('a head is fitted to embeddings and rhythm, and says what it requires', async () => {
  const model = summingModel();
  const head = valueOf(await fitHead({ model })(command()));
  assert.equal(head.requires, {
    signal: 'counts',
    days: DAYS,
    encoder: { source_sha256: SHA.encoder, size: 'S' },
    scaling: 'population',
    reference_population: 'wrist-2013',
  });
  assert.is(head.coefficients.length, 98);
  assert.is(head.card.n_weeks, 40);
  assert.is(head.card.n_people, 20);
  assert.ok(head.card.auc.value > 0.8, String(head.card.auc.value));
  assert.equal(head.card.weeks_set_aside, []);
  assert.equal(valueOf(parseHead(headText(head))), head);
});

test('weeks are encoded sixteen at a time', async () => {
  const model = summingModel();
  valueOf(await fitHead({ model })(command()));
  assert.equal(model.calls, [16, 16, 8]);
});

test('the head scores new weeks as it was trained', async () => {
  const model = summingModel();
  const head = valueOf(await fitHead({ model })(command()));
  const scoreOf = async (label: 0 | 1): Promise<number> => {
    const { values } = weekOf(1000 + label, 0, label);
    const prepared = valueOf(prepare(values));
    const [encoded] = valueOf(await model.encode([prepared.values]));
    return valueOf(
      applyHead(head, {
        signal: 'counts',
        days: DAYS,
        encoderSha256: SHA.encoder,
        scaling: prepared.scaling,
        referencePopulation: prepared.referencePopulation,
        embedding: encoded!.pooled,
        rhythm: rhythmFeatures(Float64Array.from(values)),
      }),
    );
  };
  assert.ok((await scoreOf(1)) > 0.5 && (await scoreOf(0)) < 0.5);
});

test('the order of weeks and labels does not change a byte', async () => {
  const model = summingModel();
  const plain = valueOf(await fitHead({ model })(command()));
  const turned = valueOf(await fitHead({ model })(command({ weeks: WEEKS.toReversed(), labels: LABELS.toReversed() })));
  assert.is(headText(turned), headText(plain));
});

test('a head on rhythm alone needs no encoder and prepares nothing', async () => {
  const unasked = (): never => {
    throw new Error('it was asked');
  };
  const model: ActigraphyModel = { describe: unasked, encode: unasked };
  const head = valueOf(await fitHead({ model })(command({ features: RHYTHM_ONLY, prepare: unasked })));
  assert.equal(head.requires, {
    signal: 'counts',
    days: DAYS,
    encoder: null,
    scaling: null,
    reference_population: null,
  });
  assert.is(head.card.encoder_sha256, null);
  assert.is(head.coefficients.length, 2);
});

test('weeks that cannot be used are set aside and counted on the card, by reason', async () => {
  const model = summingModel();
  const gap = WEEKS[4]!.values.slice();
  gap[7] = Number.NaN;
  const silent = WEEKS[6]!.values.map((_, t) => (t % 1440 === 5 ? Number.NaN : 1));
  const weeks = [
    ...WEEKS,
    { person: 'stranger', week: 'w0', values: WEEKS[0]!.values },
    { person: 'stranger', week: 'w1', values: WEEKS[1]!.values },
    { person: 'p2', week: 'gap', values: gap },
    { person: 'p3', week: 'silent', values: silent },
    { person: 'p4', week: 'short', values: new Float32Array(1440) },
  ];
  const head = valueOf(await fitHead({ model })(command({ weeks })));
  assert.is(head.card.n_weeks, 40);
  assert.equal(
    [...head.card.weeks_set_aside].sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    [
      { reason: 'it could not be prepared for the encoder, such as: 1 minutes are missing', weeks: 1 },
      {
        reason:
          'its rhythm features are not computable, such as: L5 and M10 need a value for each of the 1440 clock minutes; 1439 have one',
        weeks: 1,
      },
      { reason: 'no label is known for the week', weeks: 2 },
      { reason: 'the week has another length than the first one, or not whole days', weeks: 1 },
    ],
  );
});

test('a week of which not all days would be encoded is set aside', async () => {
  const lastDay: PrepareForEncoder = (grid) =>
    ok({ values: grid.slice(-1440), scaling: 'per-person', referencePopulation: null });
  const error = errorOf(await fitHead({ model: summingModel() })(command({ prepare: lastDay })));
  assert.equal(error, {
    kind: 'head-not-trainable',
    problem: 'no-sample',
    reason: 'none of 40 weeks can be used (40: not all of its days would be encoded, such as: 1 of 3)',
  });
});

test("a week's own label comes before its person's", async () => {
  const own: TrainingLabel[] = [];
  for (const [i, week] of WEEKS.entries()) {
    if (i % 2 === 0) own.push({ person: week.person, week: week.week, label: 1 });
  }
  const head = valueOf(
    await fitHead({ model: summingModel() })(command({ features: RHYTHM_ONLY, labels: [...LABELS, ...own] })),
  );
  // Every person has a positive week now; the second week of those with label 0 is still negative.
  assert.equal(head.card.n_positive, { weeks: 30, people: 20 });
});

test('without a week or a label there is nothing to train on', async () => {
  const none = errorOf(await fitHead({ model: summingModel() })(command({ weeks: [] })));
  assert.equal(none, { kind: 'head-not-trainable', problem: 'no-sample', reason: 'there is no week to train on' });
  const unlabelled = errorOf(await fitHead({ model: summingModel() })(command({ labels: [] })));
  assert.is(
    (unlabelled as { readonly reason: string }).reason,
    'none of 40 weeks can be used (40: no label is known for the week)',
  );
});

test('wrong settings are told before anything is encoded', async () => {
  const model = summingModel();
  const error = errorOf(await fitHead({ model })(command({ folds: 1 })));
  assert.is(error.kind, 'head-not-trainable');
  assert.equal(model.calls, []);
});

test('a model that is not installed, or fails in between, is told as it is', async () => {
  const unavailable = {
    kind: 'model-unavailable',
    status: 'weights_not_installed',
    message: 'No weights are installed.',
  } as const;
  const missing: ActigraphyModel = { ...summingModel(), encode: () => errAsync(unavailable) };
  assert.equal(errorOf(await fitHead({ model: missing })(command())), unavailable);

  const failure = portUnavailable('ActigraphyModel', 'encode', 'the queue is full');
  let calls = 0;
  const working = summingModel();
  const failing: ActigraphyModel = {
    ...working,
    encode: (weeks) => (++calls === 2 ? errAsync(failure) : working.encode(weeks)),
  };
  assert.equal(errorOf(await fitHead({ model: failing })(command())), failure);
  assert.is(calls, 2);
});

for (const exchanged of [1, 16]) {
  test(`weights that are exchanged after ${exchanged} weeks give no head`, async () => {
    const model = summingModel();
    let answered = 0;
    const other = { ...ENTRY, source: { ...ENTRY.source, sha256: 'd'.repeat(64) } };
    const changing: ActigraphyModel = {
      ...model,
      encode: (weeks) =>
        model
          .encode(weeks)
          .map((answers) =>
            answers.map((answer) =>
              answered++ < exchanged ? answer : { ...answer, by: { ...answer.by, entry: other } },
            ),
          ),
    };
    const error = errorOf(await fitHead({ model: changing })(command()));
    assert.is(error.kind, 'port-unavailable');
    assert.match(JSON.stringify(error), 'other weights were installed');
  });
}

test('a preparation that standardises some weeks otherwise is a mistake', async () => {
  let prepared = 0;
  const mixed: PrepareForEncoder = (grid) =>
    prepare(grid).map((week) => (++prepared === 5 ? { ...week, referencePopulation: 'hip-2005' } : week));
  let thrown: unknown = null;
  try {
    await fitHead({ model: summingModel() })(command({ prepare: mixed }));
  } catch (error) {
    thrown = error;
  }
  assert.match(String(thrown), 'every week in the same way');
});

test.run();
