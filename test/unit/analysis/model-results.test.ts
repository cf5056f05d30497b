import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import type { MinuteRecording } from '../../../core/analysis/recording.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { populationText } from '../../../core/pat/population.ts';
import type { ActigraphyModel, ModelRepository } from '../../../core/pat/ports.ts';
import { memoryWorld, MODEL_WITHOUT_WEIGHTS, READY_MODEL, TEST_ENTRY } from '../memory-world.ts';
import { FIXTURE_POPULATION } from '../pat/fixture-population.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { constant, recording, WEEK_COUNTS } from './recordings.ts';

const documentOf = async (
  changes: Partial<MinuteRecording>,
  ports: { readonly model?: ActigraphyModel; readonly models?: ModelRepository } = {},
): Promise<AnalysisDocument> =>
  valueOf(await analyzeSeries(memoryWorld({ model: READY_MODEL, ...ports }))(recording(changes))).document;

const reasonOf = (document: AnalysisDocument, field: string): string =>
  document.not_computed.find((entry) => entry.field === field)?.reason ?? '';

/** An encoder that keeps what it was given. */
function listening(): { readonly model: ActigraphyModel; readonly given: Float32Array[] } {
  const given: Float32Array[] = [];
  const model: ActigraphyModel = {
    ...READY_MODEL,
    encode: (weeks) => (given.push(...weeks), READY_MODEL.encode(weeks)),
  };
  return { model, given };
}

async function withPopulation(): Promise<MemoryModelRepository> {
  const models = new MemoryModelRepository(nodeDigest);
  const stored = valueOf(await models.writeText('fixture.population.json', populationText(FIXTURE_POPULATION)));
  const entry = { name: FIXTURE_POPULATION.name, signal: FIXTURE_POPULATION.signal, ...stored, installed_at: 'now' };
  valueOf(await models.changeCatalogue((catalogue) => ({ ...catalogue, populations: [entry] })));
  return models;
}

test('without weights the model says so, and everything of the model has its reason', async () => {
  const document = await documentOf({}, { model: MODEL_WITHOUT_WEIGHTS });
  assert.equal(document.model, {
    status: 'weights_not_installed',
    name: null,
    engine: null,
    scaling: null,
    embedding: null,
    encoding: null,
  });
  for (const field of ['name', 'engine', 'scaling', 'embedding', 'encoding']) {
    assert.match(reasonOf(document, `model.${field}`), 'not installed');
  }
});

test('a ready model gives its name and engine, the embedding, and all that was done for it', async () => {
  const { model, algorithms } = await documentOf({});
  assert.is(model.status, 'ready');
  assert.is(model.name, 'PAT-S');
  assert.is(model.engine, 'arithmetic');
  assert.is(model.scaling, 'per-person');
  assert.equal(
    model.embedding,
    Array.from({ length: 96 }, (_, i) => i),
  );
  const { importance, ...encoding } = model.encoding!;
  assert.equal(encoding, {
    model_id: TEST_ENTRY.id,
    weights_sha256: TEST_ENTRY.source.sha256,
    signal: 'counts',
    reference_population: null,
    first_day: '2025-01-06',
    days: 7,
    length_note: null,
    missing_minutes: { imputed: 0, most: 1008, policy: encoding.missing_minutes.policy },
  });
  assert.match(encoding.missing_minutes.policy, 'van Hees');
  assert.is(importance.patch_minutes, 18);
  assert.is(importance.per_patch.length, 560);
  assert.match(importance.method, 'not why');
  assert.ok('pat_encoder' in algorithms);
});

test('an embedding of steps says that it is of steps', async () => {
  const { model } = await documentOf({ kind: 'steps' });
  assert.is(model.encoding?.signal, 'steps');
  assert.is(model.scaling, 'per-person');
});

test('of a longer window the last seven local days are given, standardised', async () => {
  const { model, given } = listening();
  const values = new Float64Array(11_520);
  values.fill(9999, 0, 1440);
  values.set(WEEK_COUNTS, 1440);
  const document = await documentOf({ values }, { model });
  const [week = new Float32Array()] = given;
  assert.is(document.model.encoding?.first_day, '2025-01-07');
  assert.is(week.length, 10_080);
  const mean = WEEK_COUNTS.reduce((sum, count) => sum + count, 0) / 10_080;
  const deviation = Math.sqrt(WEEK_COUNTS.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 10_080);
  const most = WEEK_COUNTS.indexOf(Math.max(...WEEK_COUNTS));
  assert.ok(Math.abs((week[most] ?? 0) - ((WEEK_COUNTS[most] ?? 0) - mean) / deviation) < 1e-4);
});

test('more or fewer days than seven are encoded when they are all there is or when they are asked for, and it is said', async () => {
  const three = await documentOf({ values: WEEK_COUNTS.slice(0, 3 * 1440) });
  assert.is(three.model.encoding?.days, 3);
  assert.is(three.model.encoding?.importance.per_patch.length, 240);
  assert.match(three.model.encoding?.length_note ?? '', '3 local days were encoded');
  const fortnight = new Float64Array(20_160);
  fortnight.set(WEEK_COUNTS);
  fortnight.set(WEEK_COUNTS, 10_080);
  const asked = await documentOf({ values: fortnight, encodedDays: 14 });
  assert.is(asked.model.encoding?.days, 14);
  assert.match(asked.model.encoding?.length_note ?? '', '14 local days were encoded');
  const tooMany = await documentOf({ encodedDays: 14 });
  assert.is(tooMany.model.embedding, null);
  assert.match(reasonOf(tooMany, 'model.embedding'), '14 local days were asked for; the window has 7');
});

test('a few missing minutes are filled by a named method and counted', async () => {
  const values = WEEK_COUNTS.slice().fill(Number.NaN, 5, 8);
  const { model } = await documentOf({ values });
  assert.is(model.encoding?.missing_minutes.imputed, 3);
  assert.is(model.embedding?.length, 96);
});

test('a week with 30 % missing minutes, a constant one and one without a minute are null with the reason', async () => {
  const sparse = WEEK_COUNTS.map((count, i) => (i % 10 < 3 ? Number.NaN : count));
  const cases = [
    [await documentOf({ values: sparse }), 'lack 3024'],
    [await documentOf({ values: constant(7, 10_080) }), 'the same value'],
    [await documentOf({ values: constant(Number.NaN, 10_080) }), 'lack 10080'],
  ] as const;
  for (const [document, reason] of cases) {
    assert.is(document.model.embedding, null);
    assert.is(document.model.encoding, null);
    assert.is(document.model.name, 'PAT-S');
    assert.match(reasonOf(document, 'model.embedding'), reason);
    assert.not.ok('pat_encoder' in document.algorithms);
  }
});

test('where a reference population of the signal is installed each minute is standardised against it, and it is named', async () => {
  const { model, given } = listening();
  const models = await withPopulation();
  const document = await documentOf({}, { model, models });
  assert.is(document.model.scaling, 'population');
  assert.is(document.model.encoding?.reference_population, FIXTURE_POPULATION.name);
  const at = 777;
  const expected = (WEEK_COUNTS[at]! - FIXTURE_POPULATION.mean[at]!) / FIXTURE_POPULATION.sd[at]!;
  assert.ok(Math.abs(given[0]![at]! - expected) < 1e-6);
  const steps = await documentOf({ kind: 'steps' }, { models });
  assert.is(steps.model.scaling, 'per-person');
});

test('a reference population that is damaged gives no embedding instead of another scaling', async () => {
  const models = await withPopulation();
  models.damage('fixture.population.json');
  const document = await documentOf({}, { models });
  assert.is(document.model.embedding, null);
  assert.match(reasonOf(document, 'model.embedding'), 'not the file that was installed');
});

test('an engine that fails, or answers nothing or no numbers, leaves the rest of the document as it is', async () => {
  const refusing: ActigraphyModel = {
    ...READY_MODEL,
    encode: () =>
      errAsync({ kind: 'model-unavailable', status: 'weights_corrupt', message: 'the weights are damaged' }),
  };
  const silent: ActigraphyModel = { ...READY_MODEL, encode: () => okAsync([]) };
  const broken: ActigraphyModel = {
    ...READY_MODEL,
    encode: (weeks) =>
      READY_MODEL.encode(weeks).map((encoded) =>
        encoded.map((week) => ({ ...week, pooled: week.pooled.fill(Number.NaN) })),
      ),
  };
  for (const [model, reason] of [
    [refusing, 'the weights are damaged'],
    [silent, 'answered without a week'],
    [broken, 'not finite'],
  ] as const) {
    const document = await documentOf({}, { model });
    assert.is(document.model.embedding, null);
    assert.match(reasonOf(document, 'model.embedding'), reason);
    assert.ok(document.rhythm.interdaily_stability !== null);
  }
});

test('an encoder that has no room now fails the analysis, so that it can be made again', async () => {
  const busy: ActigraphyModel = {
    ...READY_MODEL,
    encode: () => errAsync(portUnavailable('ActigraphyModel', 'encode', 'the queue is full')),
  };
  const analysed = await analyzeSeries(memoryWorld({ model: busy }))(recording());
  assert.is(errorOf(analysed).kind, 'port-unavailable');
});

test.run();
