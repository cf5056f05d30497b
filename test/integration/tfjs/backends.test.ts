import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBackend, type Backend } from '../../../adapters/tfjs/backends.ts';
import { tfjsEncoder } from '../../../adapters/tfjs/tfjs-encoder.ts';
import { encodeByDefinition } from '../../../core/pat/encoder/reference-encoder.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';

const day = Float32Array.from({ length: 1440 }, (_, minute) => Math.sin(minute / 60));

const reasonOf = async (opening: Promise<Backend>): Promise<string> => {
  try {
    await opening;
    return 'it opened';
  } catch (cause) {
    return (cause as Error).message;
  }
};

test('the native package is not even loaded on a Node.js that it breaks on', async () => {
  const importModule = (): Promise<unknown> => {
    throw new Error('it must not be loaded');
  };
  assert.match(await reasonOf(openBackend('tensorflow', { nodeVersion: '23.0.0', importModule })), 'before 23');
  assert.match(await reasonOf(openBackend('tensorflow', { nodeVersion: '24.1.0', importModule })), '24.1.0');
});

test('a native package that is absent, or whose library is missing, is told apart', async () => {
  const failing = (error: Error) => ({ nodeVersion: '22.1.0', importModule: () => Promise.reject(error) });
  const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  assert.match(await reasonOf(openBackend('tensorflow', failing(absent))), 'is not installed (npm install');
  const broken = new Error('libtensorflow.so.2: cannot open shared object file\n    at somewhere');
  const reason = await reasonOf(openBackend('tensorflow', failing(broken)));
  assert.match(reason, 'does not load: libtensorflow.so.2');
  assert.not.match(reason, 'somewhere');
});

test('a native package is used through its default export, and one whose backend does not start is refused', async () => {
  const { tf } = await openBackend('cpu');
  const native = (setBackend: (name: string) => Promise<boolean>) => ({
    nodeVersion: '22.1.0',
    importModule: async () => ({ default: { ...tf, setBackend } }),
  });
  const asked: string[] = [];
  const backend = await openBackend(
    'tensorflow',
    native(async (name) => asked.push(name) > 0),
  );
  assert.equal(asked, ['tensorflow']);
  assert.match(backend.description, /^TensorFlow\.js \d.*\(native\)$/);
  const encoded = await tfjsEncoder(backend, seededWeights('S')).encode(day);
  const expected = encodeByDefinition(seededWeights('S'), day).pooled;
  assert.ok(expected.every((value, i) => Math.abs(value - encoded.pooled[i]!) < 2e-5));
  assert.match(
    await reasonOf(
      openBackend(
        'tensorflow',
        native(async () => false),
      ),
    ),
    'did not start',
  );
});

test('no tensor is left behind by a week, and none by an encoder that is disposed of', async () => {
  const backend = await openBackend('wasm');
  const { tf } = backend;
  const before = tf.memory().numTensors;
  const encoder = tfjsEncoder(backend, seededWeights('S'));
  await encoder.encode(day);
  const loaded = tf.memory().numTensors;
  for (let i = 0; i < 20; i++) await encoder.encode(day);
  assert.is(tf.memory().numTensors, loaded);
  await encoder.dispose();
  assert.is(tf.memory().numTensors, before);
});

test.run();
