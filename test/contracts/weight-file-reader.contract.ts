import * as assert from 'uvu/assert';
import type { WeightFile, WeightFileReader } from '../../core/pat/ports.ts';
import { namedTensors, type NamedTensors } from '../../core/pat/encoder/weights.ts';
import { kerasName, seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { writeSeededH5, writeSmallH5, type H5Tensor } from '../fixtures/pat/write-h5.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { suiteOver, type UnderTest } from './under-test.ts';

const BIAS = 'dense/dense/bias:0';
const KERNEL = 'dense/dense/kernel:0';

const bits = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function hasBitForBit(file: WeightFile, root: string, weights: NamedTensors): void {
  assert.is(file.tensors.size, weights.size);
  for (const [name, values] of weights) {
    const stored = file.tensors.get(`${root}/${kerasName(name)}`)?.values ?? new Float32Array(0);
    assert.is(Buffer.compare(bits(stored), bits(values)), 0, name);
  }
}

/** What every `WeightFileReader` does. */
export function weightFileReaderContract(name: string, make: () => Promise<UnderTest<WeightFileReader>>): void {
  const { test, run } = suiteOver(`WeightFileReader: ${name}`, make);

  test('reads both layouts bit for bit, and leaves the bytes it was given as they were', async ({ store: reader }) => {
    const small = namedTensors(seededWeights('S'));
    const medium = namedTensors(seededWeights('M'));
    for (const [layout, root] of [
      ['weights', ''],
      ['full', '/model_weights'],
    ] as const) {
      const bytes = await writeSeededH5('S', { layout });
      const before = bytes.slice();
      hasBitForBit(valueOf(await reader.read(bytes)), root, small);
      assert.is(Buffer.compare(bytes, before), 0);
      hasBitForBit(valueOf(await reader.read(await writeSeededH5('M', { layout }))), root, medium);
    }
  });

  test('tells the groups, the empty ones too, and the tensors that they list', async ({ store: reader }) => {
    const { groups, tensors } = valueOf(await reader.read(await writeSmallH5()));
    assert.equal(groups.get('/dense'), [`/${KERNEL}`, `/${BIAS}`]);
    const listed = groups.get('/encoder_layer_1_transformer') ?? [];
    assert.is(listed.length, 16);
    assert.ok(listed.every((path) => tensors.has(path)));
    for (const empty of ['/', '/inputs', '/reshape', '/top_level_model_weights', '/dense/dense']) {
      assert.equal(groups.get(empty), [], empty);
    }
  });

  test('judges no shape and no number, and leaves out what is not there', async ({ store: reader }) => {
    const odd: ReadonlyMap<string, H5Tensor> = new Map([
      [KERNEL, { shape: [2, 1, 3], values: Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -0, 5, 6) }],
      [BIAS, { shape: [0], values: new Float32Array(0) }],
    ]);
    const bytes = await writeSeededH5('S', {
      alter: (path, tensor) => (path.includes('/query/') ? null : (odd.get(path) ?? tensor)),
    });
    const { tensors } = valueOf(await reader.read(bytes));
    for (const [path, { shape, values }] of odd) {
      const stored = tensors.get(`/${path}`);
      assert.equal(stored?.shape, shape);
      assert.equal(stored?.values && bits(stored.values), bits(values));
    }
    assert.is(tensors.size, 16);
    assert.not.ok([...tensors.keys()].some((path) => path.includes('/query/')));
  });

  test('hands on the shape alone where the numbers are not float32', async ({ store: reader }) => {
    const bytes = await writeSeededH5('S', {
      alter: (_, { shape, values }) => ({ shape, values: Float64Array.from(values) }),
    });
    const { tensors } = valueOf(await reader.read(bytes));
    assert.equal(tensors.get(`/${KERNEL}`), { shape: [18, 96], values: null });
  });

  test('refuses what is no such file, and reads the next one', async ({ store: reader }) => {
    const sound = await writeSmallH5();
    const noise = Uint8Array.from({ length: 4096 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 11) & 0xff);
    const signed = noise.slice();
    signed.set(sound.subarray(0, 8));
    for (const bytes of [
      new Uint8Array(0),
      noise,
      signed,
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'),
      sound.slice(0, 8),
      sound.slice(0, 100),
      sound.slice(0, sound.length / 2),
      sound.slice(0, -1),
    ]) {
      const error = errorOf(await reader.read(bytes));
      assert.is(error.kind, 'weight-file-unreadable');
      assert.match(error.reason, /^The [^\n]+\.$/);
    }
    assert.is(valueOf(await reader.read(sound)).tensors.size, 18);
  });

  test('answers each of several at once with its own content', async ({ store: reader }) => {
    const [small, seeded] = await Promise.all([writeSmallH5(), writeSeededH5('S')]);
    const files = await Promise.all([small, seeded, small.slice(0, 100), small].map((bytes) => reader.read(bytes)));
    assert.equal(
      files.map((file) => (file.isOk() ? file.value.tensors.get(`/${KERNEL}`)?.shape : null)),
      [[2, 2], [18, 96], null, [2, 2]],
    );
  });

  run();
}
