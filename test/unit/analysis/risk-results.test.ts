import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import type { MinuteRecording } from '../../../core/analysis/recording.ts';
import { headText, type Head } from '../../../core/pat/heads/head.ts';
import { trainHead } from '../../../core/pat/heads/train-head.ts';
import { installHead } from '../../../core/pat/installed/install-head.ts';
import type { ActigraphyModel } from '../../../core/pat/ports.ts';
import { memoryWorld, MODEL_WITHOUT_WEIGHTS, READY_MODEL, SettableClock, TEST_ENTRY } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { assertTruthful, reasonOf } from './document-nulls.ts';
import { recording } from './recordings.ts';

const CARD = {
  title: 'A head',
  data_description: 'Nobody',
  intended_use: 'Tests',
  licence: 'CC0-1.0',
  label: 'one',
  trained_at: '2025-01-01T00:00:00Z',
  weeks_sha256: 'ab'.repeat(32),
  labels_sha256: 'cd'.repeat(32),
  clarity_version: '0',
};

/** A head on the interdaily stability, or on the embedding of the test's encoder. */
function headFor(task: string, on: 'rhythm' | 'embedding', days = 7): Head {
  const width = on === 'embedding' ? 96 : 1;
  const samples = Array.from({ length: 24 }, (_, person) => ({
    person: `p${person}`,
    label: (person % 2) as 0 | 1,
    features: Float64Array.from({ length: width }, (__, i) => Math.sin(person * 7 + i) + (person % 2)),
  }));
  return valueOf(
    trainHead(samples, {
      task,
      features: { embedding: on === 'embedding', rhythm: on === 'rhythm' ? ['interdaily_stability'] : [] },
      requires: {
        signal: 'counts',
        days,
        encoder: on === 'embedding' ? { source_sha256: TEST_ENTRY.source.sha256, size: 'S' } : null,
        scaling: on === 'embedding' ? 'per-person' : null,
        reference_population: null,
      },
      seed: 1,
      folds: 3,
      resamples: 100,
      card: CARD,
      weeksSetAside: [],
    }),
  );
}

async function withHeads(...heads: readonly Head[]): Promise<MemoryModelRepository> {
  const models = new MemoryModelRepository(nodeDigest);
  for (const head of heads) {
    valueOf(await installHead({ models, digest: nodeDigest, clock: new SettableClock() })(headText(head)));
  }
  return models;
}

async function documentWith(
  models: MemoryModelRepository,
  changes: Partial<MinuteRecording> = {},
  model: ActigraphyModel = READY_MODEL,
): Promise<AnalysisDocument> {
  const { document } = valueOf(await analyzeSeries(memoryWorld({ model, models }))(recording(changes)));
  assertTruthful(document);
  return document;
}

test('without a head there is no score, not even an empty list of them', async () => {
  const { risk, algorithms } = await documentWith(await withHeads());
  assert.equal(risk, { depression: null });
  assert.not.ok('logistic_head' in algorithms);
});

test('a head of depression fills the risk of depression, with its card beside the score', async () => {
  const { risk, algorithms } = await documentWith(await withHeads(headFor('depression', 'embedding')));
  assert.is(risk.scores?.length, 1);
  const [score] = risk.scores ?? [];
  assert.is(score?.score, risk.depression);
  assert.ok(risk.depression !== null && risk.depression >= 0 && risk.depression <= 1);
  assert.match(score?.card_id ?? '', /^depression-[0-9a-f]{12}$/);
  assert.ok('logistic_head' in algorithms);
});

test('a head of another task leaves the risk of depression null', async () => {
  const document = await documentWith(await withHeads(headFor('sleep-disorder', 'embedding')));
  assert.is(document.risk.depression, null);
  assert.match(reasonOf(document, 'risk.depression'), 'no trained head for depression');
  assert.type(document.risk.scores?.[0]?.score, 'number');
});

test('a head that does not fit gives no score, and the reason names what is different', async () => {
  const models = await withHeads(headFor('depression', 'embedding'));
  const steps = await documentWith(models, { kind: 'steps' });
  assert.is(steps.risk.depression, null);
  assert.is(steps.risk.scores?.[0]?.score, null);
  assert.match(reasonOf(steps, 'risk.depression'), 'trained on counts, and these are steps');
  assert.match(reasonOf(steps, 'risk.scores[].score'), 'depression-');
  const short = await documentWith(models, { encodedDays: 3 });
  assert.match(reasonOf(short, 'risk.depression'), 'trained on 7 days');
  const unencoded = await documentWith(models, {}, MODEL_WITHOUT_WEIGHTS);
  assert.match(reasonOf(unencoded, 'risk.depression'), 'not encoded');
});

test('a head on rhythm alone needs no encoder', async () => {
  const { risk } = await documentWith(await withHeads(headFor('depression', 'rhythm')), {}, MODEL_WITHOUT_WEIGHTS);
  assert.type(risk.depression, 'number');
});

test('of a task the head that was installed last scores', async () => {
  const [first, last] = [headFor('depression', 'embedding'), headFor('depression', 'rhythm')];
  const { risk } = await documentWith(await withHeads(first, last));
  assert.is(risk.scores?.length, 1);
  assert.is(risk.scores?.[0]?.card_id, `depression-${nodeDigest.sha256Hex(headText(last)).slice(0, 12)}`);
});

test('a head that is damaged scores nothing, and the others still do', async () => {
  const models = await withHeads(headFor('depression', 'embedding'), headFor('sleep-disorder', 'embedding'));
  const [damaged] = valueOf(await models.catalogue()).heads;
  models.damage(damaged!.file);
  const document = await documentWith(models);
  assert.is(document.risk.depression, null);
  assert.match(reasonOf(document, 'risk.depression'), 'not the file that was installed');
  assert.type(document.risk.scores?.[1]?.score, 'number');
});

test('a text that is no head is not installed', async () => {
  const models = new MemoryModelRepository(nodeDigest);
  const install = installHead({ models, digest: nodeDigest, clock: new SettableClock() });
  assert.is(errorOf(await install('{}')).kind, 'head-unreadable');
  assert.equal(valueOf(await models.catalogue()).heads, []);
});

test.run();
