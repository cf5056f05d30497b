import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { TENSORFLOW_ENGINE } from '../../../adapters/tfjs/tfjs-encoder.ts';
import type { WorkerActigraphyModel } from '../../../adapters/worker-threads/worker-actigraphy-model.ts';
import { enginesOf } from '../../../core/pat/encoder/choose-engines.ts';
import type { EncodedWeek } from '../../../core/pat/ports.ts';
import { encodeByDefinition } from '../../../core/pat/encoder/reference-encoder.ts';
import { installWeights, repositoryWith } from '../../fixtures/pat/installed-models.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { ENGINES, modelOn } from './engines-under-test.ts';

const threads = suite('the encoder on worker threads');

const day = (phase = 0): Float32Array =>
  Float32Array.from({ length: 1440 }, (_, minute) => Math.sin((2 * Math.PI * (minute + phase)) / 1440));
const opened: WorkerActigraphyModel[] = [];
const keep = (model: WorkerActigraphyModel): WorkerActigraphyModel => {
  opened.push(model);
  return model;
};
const causeOf = (error: unknown): string => (error as { readonly cause?: string }).cause ?? JSON.stringify(error);

threads.after.each(async () => {
  for (const model of opened.splice(0)) await model.close();
});

threads(
  'a model installed while another one works takes over: what was begun ends on the old one, nothing is dropped',
  async () => {
    const [before, after] = [seededWeights('S', 1), seededWeights('S', 2)];
    const models = await repositoryWith(before);
    const model = keep(modelOn(models, ENGINES.wasm, { processors: 1 }));
    const firstId = valueOf(await model.describe()).entry?.id;
    const begun = Array.from({ length: 6 }, () => model.encode([day()]));
    await begun[0];
    await installWeights(models, 'PAT-S-later', after);
    const later = await model.encode([day()]);
    const old = (await Promise.all(begun)).map((result) => valueOf(result)[0] as EncodedWeek);
    const near = (encoded: EncodedWeek, weights: typeof before): boolean =>
      encodeByDefinition(weights, day()).pooled.every((value, i) => Math.abs(value - encoded.pooled[i]!) < 1e-4);
    assert.ok(old.every((encoded) => near(encoded, before)));
    assert.ok(near(valueOf(later)[0]!, after));
    assert.is(firstId, 'PAT-S-seeded');
    assert.is(valueOf(await model.describe()).entry?.id, 'PAT-S-later');
  },
);

threads('a change of the manifest that is not about the weights in use leaves them where they are', async () => {
  const models = await repositoryWith(seededWeights('S'));
  const model = keep(modelOn(models, ENGINES.cpu, { processors: 1 }));
  valueOf(await model.describe());
  // Weeks take this engine seconds, so they are still in hand when the manifest has been looked at again.
  const cancel = new AbortController();
  const week = new Float32Array(10_080).fill(1);
  const begun = model.encode([week, week, week], cancel.signal);
  await new Promise((resolve) => setImmediate(resolve));
  valueOf(await models.changeCatalogue((catalogue) => ({ ...catalogue, heads: [] })));
  valueOf(await model.describe());
  assert.is(model.statistics().weeksInHand, 3);
  cancel.abort();
  errorOf(await begun);
});

threads(
  'weights that are damaged after a swap are not used, and the old ones are not used in their place',
  async () => {
    const models = await repositoryWith(seededWeights('S'));
    const model = keep(modelOn(models, ENGINES.wasm, { processors: 1 }));
    assert.is(valueOf(await model.describe()).status, 'ready');
    const entry = await installWeights(models, 'PAT-S-later', seededWeights('S', 2));
    models.damage(entry.converted.file);
    const refused = errorOf(await model.encode([day()]));
    assert.is(refused.kind, 'model-unavailable');
    assert.is(valueOf(await model.describe()).status, 'weights_corrupt');
  },
);

threads('weights that compute something else than at their installation are refused', async () => {
  const models = new MemoryModelRepository(nodeDigest);
  await installWeights(models, 'PAT-S-one', seededWeights('S'));
  valueOf(
    await models.changeCatalogue((catalogue) => ({
      ...catalogue,
      models: catalogue.models.map((entry) => ({
        ...entry,
        golden: { ...entry.golden, pooled: entry.golden.pooled.map((value) => value + 0.01) },
      })),
    })),
  );
  const model = keep(modelOn(models, ENGINES.wasm, { processors: 1 }));
  const { status, message } = valueOf(await model.describe());
  assert.is(status, 'weights_corrupt');
  assert.match(message, 'off by 0.01');
});

threads('a call for which there is no room is turned away at once, and says how many are before it', async () => {
  const models = await repositoryWith(seededWeights('S'));
  const model = keep(modelOn(models, ENGINES.wasm, { processors: 1, mostWeeks: 3 }));
  valueOf(await model.describe());
  const held = model.encode([day(), day(1), day(2)]);
  const refused = errorOf(await model.encode([day()]));
  assert.is(refused.kind, 'port-unavailable');
  assert.ok('retryable' in refused && refused.retryable);
  assert.match(causeOf(refused), 'at most 3 may');
  assert.is(valueOf(await held).length, 3);
  assert.is(valueOf(await model.encode([day()])).length, 1);
  assert.is(valueOf(await model.encode([day(), day(), day(), day(), day()])).length, 5);
});

for (const name of ['onnx', 'wasm'] as const) {
  threads(`a caller who loses interest is told so at once, and the next one is served (${name})`, async () => {
    const models = await repositoryWith(seededWeights('S'));
    const model = keep(modelOn(models, ENGINES[name], { processors: 1 }));
    valueOf(await model.describe());
    const cancel = new AbortController();
    const lost = model.encode(
      Array.from({ length: 20 }, () => day()),
      cancel.signal,
    );
    const waiting = model.encode([day()]);
    setImmediate(() => {
      cancel.abort();
    });
    assert.match(causeOf(errorOf(await lost)), 'lost interest');
    assert.is(valueOf(await waiting).length, 1);
    assert.match(causeOf(errorOf(await model.encode([day()], AbortSignal.abort()))), 'lost interest');
  });
}

threads('a call that misses its deadline ends, and can be made again', async () => {
  const models = await repositoryWith(seededWeights('S'));
  const slow = keep(modelOn(models, ENGINES.cpu, { processors: 1, deadlineMsAWeek: 1 }));
  valueOf(await slow.describe());
  const late = errorOf(await slow.encode([new Float32Array(20_160).fill(1)]));
  assert.is(late.kind, 'port-unavailable');
  assert.match(causeOf(late), 'deadline');
});

threads('an engine that does not load is passed over for the next one, and it is said', async () => {
  const models = await repositoryWith(seededWeights('S'));
  const broken = { ...TENSORFLOW_ENGINE, workerUrl: new URL('./no-such-worker.js', import.meta.url).href };
  const model = keep(modelOn(models, broken, { engines: [broken, ENGINES.wasm], processors: 1 }));
  const { status, engine, message } = valueOf(await model.describe());
  assert.is(status, 'ready');
  assert.match(engine ?? '', 'WebAssembly');
  assert.match(message, 'not used: tensorflow');
  assert.match(message, 'no-such-worker.js');
  assert.not.match(message, process.cwd());
  const alone = keep(modelOn(models, broken));
  assert.is(valueOf(await alone.describe()).status, 'engine_unavailable');
});

threads('the native TensorFlow engine either runs or says why it does not', async () => {
  const models = await repositoryWith(seededWeights('S'));
  const model = keep(modelOn(models, TENSORFLOW_ENGINE));
  const { status, engine, message } = valueOf(await model.describe());
  if (status === 'ready') assert.match(engine ?? '', 'native');
  else {
    assert.is(status, 'engine_unavailable');
    assert.match(message, 'tfjs-node');
  }
});

threads('it counts what it has done', async () => {
  const model = keep(modelOn(await repositoryWith(seededWeights('S')), ENGINES.onnx));
  assert.equal(model.statistics(), { weeksEncoded: 0, callsFailed: 0, weeksInHand: 0 });
  valueOf(await model.encode([day(), day(5)]));
  errorOf(await model.encode([new Float32Array(7)]));
  assert.equal(model.statistics(), { weeksEncoded: 2, callsFailed: 1, weeksInHand: 0 });
});

threads('after it is closed it answers nobody', async () => {
  const model = modelOn(await repositoryWith(seededWeights('S')), ENGINES.onnx);
  valueOf(await model.describe());
  await model.close();
  assert.is(errorOf(await model.encode([day()])).kind, 'model-unavailable');
});

threads('auto tries the fastest first; a choice is the only one tried', () => {
  const known = [ENGINES.cpu, TENSORFLOW_ENGINE, ENGINES.wasm, ENGINES.onnx];
  const names = (choice: Parameters<typeof enginesOf>[0]): readonly string[] =>
    enginesOf(choice, known).map(({ name }) => name);
  assert.equal(names('auto'), ['onnx', 'tensorflow', 'wasm', 'cpu']);
  assert.equal(names('wasm'), ['wasm']);
});

threads.run();
