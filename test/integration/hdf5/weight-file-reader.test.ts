import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { File, Group } from 'h5wasm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Hdf5WeightFileReader } from '../../../adapters/hdf5/weight-file-reader.ts';
import { PAT_SIZES } from '../../../core/pat/encoder/architecture.ts';
import type { WeightFile } from '../../../core/pat/ports.ts';
import { recogniseWeights } from '../../../core/pat/installed/recognise-weights.ts';
import { weightFileReaderContract } from '../../contracts/weight-file-reader.contract.ts';
import {
  writeEndlessH5,
  writePlaceholderH5,
  writeSeededH5,
  writeSmallH5,
  type H5Variant,
} from '../../fixtures/pat/write-h5.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const ANY_SHA256 = 'a'.repeat(64);
/** Far longer than any of these files takes, on a busy machine too. */
const DEADLINE_MS = 20_000;

weightFileReaderContract('HDF5', async () => {
  const reader = new Hdf5WeightFileReader({ deadlineMs: DEADLINE_MS });
  return { store: reader, close: () => reader.close() };
});

const reader = new Hdf5WeightFileReader({ deadlineMs: DEADLINE_MS });
test.after(() => reader.close());

const small = (): Promise<Uint8Array> => writeSmallH5();
const withMore = (extend: (file: File) => void): Promise<Uint8Array> => writeSeededH5('S', { extend });
const read = async (bytes: Uint8Array): Promise<WeightFile> => valueOf(await reader.read(bytes));
const refusal = async (bytes: Uint8Array): Promise<string> => errorOf(await reader.read(bytes)).reason;

for (const layout of ['weights', 'full'] as const) {
  test(`an encoder read from the layout "${layout}" is recognised`, async () => {
    const weights = valueOf(recogniseWeights(await read(await writeSeededH5('S', { layout })), ANY_SHA256));
    assert.equal(weights.architecture, PAT_SIZES.S);
  });

  test(`a placeholder in the layout "${layout}" is known as one`, async () => {
    const error = errorOf(recogniseWeights(await read(await writePlaceholderH5(layout)), ANY_SHA256));
    assert.is(error.code, 'placeholder');
  });
}

const DEFECTS: readonly (readonly [code: string, alter: NonNullable<H5Variant['alter']>])[] = [
  ['tensor-missing', () => null],
  ['tensor-shape', (_, { values }) => ({ shape: [values.length], values })],
  ['tensor-type', (_, { shape, values }) => ({ shape, values: Float64Array.from(values) })],
  ['tensor-not-finite', (_, { shape, values }) => ({ shape, values: values.map(() => Number.NaN) })],
];
for (const [code, alter] of DEFECTS) {
  test(`a file with one tensor altered is refused as ${code}`, async () => {
    const bytes = await writeSeededH5('S', {
      alter: (name, tensor) => (name.endsWith('ff2/kernel:0') ? alter(name, tensor) : tensor),
    });
    // Without the weights, which would be printed if this were no error.
    const error = errorOf(recogniseWeights(await read(bytes), ANY_SHA256).map(() => 'recognised'));
    assert.is(error.code, code);
    assert.match(error.reason, 'encoder_layer_1_ff2/kernel:0');
  });
}

test('a file that would be read for ever ends in an error, and the next one is read', async () => {
  const impatient = new Hdf5WeightFileReader({ deadlineMs: 500 });
  try {
    const endless = impatient.read(await writeEndlessH5());
    const next = impatient.read(await small());
    assert.is(errorOf(await endless).reason, 'The HDF5 file could not be read within 0.5 seconds.');
    assert.is(valueOf(await next).tensors.size, 18);
  } finally {
    await impatient.close();
  }
});

test('a file that is being read when the reader is closed becomes unreadable', async () => {
  const closing = new Hdf5WeightFileReader({ deadlineMs: DEADLINE_MS });
  valueOf(await closing.read(await small()));
  const reading = closing.read(await writeEndlessH5());
  // The file is handed over to the thread meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  await closing.close();
  assert.is(errorOf(await reading).kind, 'weight-file-unreadable');
});

test('a closed reader reads again, with a thread of its own', async () => {
  const closed = new Hdf5WeightFileReader({ deadlineMs: DEADLINE_MS });
  await closed.close();
  assert.is(valueOf(await closed.read(await small())).tensors.size, 18);
  await closed.close();
});

test('soft and external links are not followed, not in circles either', async () => {
  const { groups, tensors } = await read(
    await withMore((file) => {
      const loop = file.create_group('loop');
      loop.create_soft_link('/loop', 'again');
      file.create_soft_link('/dense', 'dense_by_another_name');
      file.create_soft_link('/nowhere', 'broken');
      // One of these is the file itself, by the name under which the library sees it.
      for (let i = 1; i <= 100; i++) file.create_external_link(`/weights-${i}.h5`, '/dense', `elsewhere-${i}`);
    }),
  );
  assert.is(tensors.size, 18);
  assert.equal(groups.get('/loop'), []);
  assert.not.ok([...groups.keys()].some((group) => /again|another_name|broken|elsewhere/.test(group)));
});

test('a group that holds itself is refused', async () => {
  const bytes = await withMore((file) => void file.create_group('loop').create_hard_link('/loop', 'again'));
  assert.is(await refusal(bytes), 'The file nests its groups more than 16 deep.');
});

test('a file of more groups than a model has is refused', async () => {
  const bytes = await withMore((file) => {
    const crowd = file.create_group('crowd');
    for (let i = 0; i < 4100; i++) crowd.create_soft_link('/dense', `link-${i}`);
  });
  assert.is(await refusal(bytes), 'The file holds more than 4096 groups and tensors.');
});

test('a tensor in chunks is refused, whatever it claims to hold', async () => {
  const inChunks = (group: Group): void => {
    group.create_dataset({ name: 'packed', data: new Float32Array(64), shape: [8, 8], chunks: [4, 4], compression: 9 });
  };
  assert.is(
    await refusal(await withMore(inChunks)),
    'The tensor /packed is stored in chunks or compressed; it must be stored in one piece.',
  );
});

test('a tensor that claims billions of numbers is refused before any memory is taken for it', async () => {
  const bytes = await withMore((file) => {
    const data = new Float32Array(4);
    const shape = { shape: [2, 2], maxshape: [null, null], chunks: [2, 2] };
    file.create_dataset({ name: 'hollow', data, ...shape }).resize([2 ** 20, 2 ** 20]);
  });
  assert.ok(bytes.length < 2 ** 21);
  assert.is(await refusal(bytes), 'The file’s tensors have more than 16777216 elements together.');
});

test('a tensor under many names counts once for each of them', async () => {
  const bytes = await withMore((file) => {
    const names = file.create_group('names');
    names.create_dataset({ name: 'large', data: new Float32Array(2 ** 20) });
    for (let i = 1; i < 16; i++) names.create_hard_link('/names/large', `name-${i}`);
  });
  assert.is(await refusal(bytes), 'The file’s tensors have more than 16777216 elements together.');
});

test('a file larger than any model is refused unread', async () => {
  const bytes = new Uint8Array(64 * 1024 * 1024 + 1);
  bytes.set(await small());
  assert.is(await refusal(bytes), 'The file is larger than 64 MiB, which no encoder’s weights are.');
});

test('names of fixed length are read too, and a list of numbers names nothing', async () => {
  const { groups } = await read(
    await withMore((file) => {
      file.create_group('fixed').create_attribute('weight_names', ['dense/kernel', 'bias'], [2], 'S12');
      file.create_group('numbers').create_attribute('weight_names', new Float32Array(2), [2], '<f');
    }),
  );
  assert.equal(groups.get('/fixed'), ['/fixed/dense/kernel', '/fixed/bias']);
  assert.equal(groups.get('/numbers'), []);
});

test('a name that would write on a terminal is shown harmless', async () => {
  const bytes = await withMore((file) => {
    const data = new Float32Array(4);
    file.create_dataset({ name: '\u001b[2Jx', data, shape: [4], chunks: [2] });
  });
  assert.match(await refusal(bytes), 'The tensor /?[2Jx is stored');
});

test('a reader that nobody closed does not keep its process alive, and prints nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-hdf5-'));
  try {
    const [file, script] = [path.join(folder, 'damaged.h5'), path.join(folder, 'read.mjs')];
    const bytes = await small();
    await writeFile(file, bytes.slice(0, bytes.length - 1));
    const module = new URL('../../../adapters/hdf5/weight-file-reader.ts', import.meta.url).href;
    await writeFile(
      script,
      `import { readFileSync } from 'node:fs';
      import { Hdf5WeightFileReader } from ${JSON.stringify(module)};
      const read = await new Hdf5WeightFileReader({ deadlineMs: ${DEADLINE_MS} }).read(readFileSync(process.argv[2]));
      process.stdout.write(read.isErr() ? read.error.reason : 'read');`,
    );
    const args = ['--import', 'tsx', script, file];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    assert.is(stdout, 'The HDF5 file is damaged or cut off.');
    assert.is(stderr, '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
