import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAT_SIZES, tensorsOf, type PatArchitecture, type PatSize } from '../../../core/pat/encoder/architecture.ts';
import type { StoredTensor, WeightFile } from '../../../core/pat/ports.ts';
import { recogniseWeights, type WeightsRefusalCode } from '../../../core/pat/installed/recognise-weights.ts';
import { namedTensors } from '../../../core/pat/encoder/weights.ts';
import { kerasName } from '../../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../result-values.ts';

const ANY_SHA256 = 'a'.repeat(64);
const QUERY = '/encoder_layer_1_transformer/encoder_layer_1_attention/query/kernel:0';
const GAMMA = '/encoder_layer_1_transformer/encoder_layer_1_norm1/gamma:0';
const BETA = '/encoder_layer_1_transformer/encoder_layer_1_norm1/beta:0';
const BLOCK = '/encoder_layer_1_transformer';

/** A weight file that a test may still change. */
interface Draft {
  readonly tensors: Map<string, StoredTensor>;
  readonly groups: Map<string, readonly string[]>;
}

/** A file of this shape; every tensor is filled with a number of its own. */
function draft(architecture: PatArchitecture, root = ''): Draft {
  const tensors = new Map<string, StoredTensor>();
  const groups = new Map<string, string[]>([['/', []]]);
  if (root !== '') groups.set(root, []);
  tensorsOf(architecture).forEach(({ name, shape }, i) => {
    const path = `${root}/${kerasName(name)}`;
    const count = shape.reduce((product, side) => product * side, 1);
    tensors.set(path, { shape, values: new Float32Array(count).fill(i + 0.5) });
    const group = `${root}/${kerasName(name).split('/')[0] ?? ''}`;
    groups.set(group, [...(groups.get(group) ?? []), path]);
  });
  return { tensors, groups };
}

/** Moves a tensor elsewhere, in the list of its group too. */
function move(file: Draft, from: string, to: string): void {
  const tensor = file.tensors.get(from);
  if (tensor === undefined) throw new Error(`there is no ${from}`);
  file.tensors.delete(from);
  file.tensors.set(to, tensor);
  file.groups.set(
    BLOCK,
    (file.groups.get(BLOCK) ?? []).map((path) => (path === from ? to : path)),
  );
}

const recognised = (file: WeightFile) => valueOf(recogniseWeights(file, ANY_SHA256));
const refusedAs = (file: WeightFile, code: WeightsRefusalCode, reason: RegExp | string): void => {
  const error = errorOf(recogniseWeights(file, ANY_SHA256));
  assert.is(error.kind, 'weights-refused');
  assert.is(error.code, code);
  assert.match(error.reason, reason);
};

for (const size of Object.keys(PAT_SIZES) as PatSize[]) {
  for (const root of ['', '/model_weights']) {
    test(`PAT-${size} is known by its content below ${root || '/'}, every tensor in its place`, () => {
      const file = draft(PAT_SIZES[size], root);
      const weights = recognised(file);
      assert.equal(weights.architecture, PAT_SIZES[size]);
      for (const [name, values] of namedTensors(weights)) {
        assert.is(values, file.tensors.get(`${root}/${kerasName(name)}`)?.values, name);
      }
    });
  }
}

test('what else a file holds is ignored', () => {
  const file = draft(PAT_SIZES.S, '/model_weights');
  file.groups.set('/optimizer_weights', ['/optimizer_weights/Adam/iter:0']);
  file.tensors.set('/optimizer_weights/Adam/iter:0', { shape: [], values: null });
  file.groups.set('/model_weights/pooling', []);
  file.tensors.set('/model_weights/pooling/kernel:0', { shape: [1], values: Float32Array.of(Number.NaN) });
  assert.equal(recognised(file).architecture, PAT_SIZES.S);
});

test('a tensor that is not at its path is taken by its place in the list of its layer', () => {
  const file = draft(PAT_SIZES.S);
  const values = file.tensors.get(GAMMA)?.values;
  move(file, GAMMA, `${BLOCK}/another_name/gamma:0`);
  const { blocks } = recognised(file);
  assert.is(blocks[0]?.norm1.gamma, values);
});

test('a whole layer under other names is taken by the order of its list', () => {
  const file = draft(PAT_SIZES.S);
  const before = namedTensors(recognised(file));
  for (const path of file.groups.get(BLOCK) ?? []) move(file, path, path.replace('encoder_layer_1_', 'block_'));
  for (const [name, values] of namedTensors(recognised(file))) assert.is(values, before.get(name), name);
});

test('a tensor taken by its place must have the shape too', () => {
  const file = draft(PAT_SIZES.S);
  move(file, GAMMA, `${BLOCK}/another_name/gamma:0`);
  file.tensors.set(`${BLOCK}/another_name/gamma:0`, { shape: [95], values: new Float32Array(95) });
  refusedAs(file, 'tensor-shape', 'encoder_layer_1_norm1/gamma:0 has the shape (95) instead of (96)');
});

test('a list that is one short gives no tensor its neighbour’s numbers', () => {
  const file = draft(PAT_SIZES.S);
  file.tensors.delete(GAMMA);
  file.groups.set(
    BLOCK,
    (file.groups.get(BLOCK) ?? []).filter((path) => path !== GAMMA),
  );
  refusedAs(file, 'tensor-missing', 'encoder_layer_1_norm1/gamma:0');
});

test('a list in another order, with a tensor twice, or of other kinds does not stand in for a path', () => {
  for (const inItsPlace of [BETA, `${BLOCK}/another_name/beta:0`, `${BLOCK}/nothing/gamma:0`]) {
    const file = draft(PAT_SIZES.S);
    file.tensors.set(`${BLOCK}/another_name/beta:0`, { shape: [96], values: new Float32Array(96) });
    move(file, GAMMA, inItsPlace);
    if (inItsPlace.includes('nothing')) file.tensors.delete(inItsPlace);
    refusedAs(file, 'tensor-missing', 'encoder_layer_1_norm1/gamma:0');
  }
});

test('every tensor that is missing is refused by its name', () => {
  for (const { name } of tensorsOf(PAT_SIZES.M)) {
    const file = draft(PAT_SIZES.M);
    file.tensors.delete(`/${kerasName(name)}`);
    refusedAs(file, 'tensor-missing', kerasName(name));
  }
});

test('every tensor of another shape is refused', () => {
  for (const { name, shape } of tensorsOf(PAT_SIZES.S)) {
    const file = draft(PAT_SIZES.S);
    const values = file.tensors.get(`/${kerasName(name)}`)?.values ?? null;
    file.tensors.set(`/${kerasName(name)}`, { shape: [1, ...shape], values });
    refusedAs(file, 'tensor-shape', `${kerasName(name)} has the shape (1, `);
  }
});

test('tensors of the right size with swapped sides are refused', () => {
  const file = draft(PAT_SIZES.S);
  file.tensors.set(QUERY, { shape: [6, 96, 96], values: file.tensors.get(QUERY)?.values ?? null });
  refusedAs(file, 'tensor-shape', 'query/kernel:0 has the shape (6, 96, 96) instead of (96, heads, 96)');
});

test('numbers that are not float32 are refused, and so are those that are not finite', () => {
  const file = draft(PAT_SIZES.S);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const values = new Float32Array(96);
    values[17] = value;
    file.tensors.set(BETA, { shape: [96], values });
    refusedAs(file, 'tensor-not-finite', `encoder_layer_1_norm1/beta:0 holds ${String(value)} as its number 18`);
  }
  file.tensors.set(BETA, { shape: [96], values: null });
  refusedAs(file, 'tensor-type', 'encoder_layer_1_norm1/beta:0');
});

test('a shape that was never published is refused, though every tensor fits it', () => {
  refusedAs(draft({ patchMinutes: 5, heads: 12, layers: 8 }), 'unknown-size', 'blocks 8, heads 12, minutes a patch 5');
  refusedAs(
    draft({ patchMinutes: 18, heads: 12, layers: 1 }),
    'unknown-size',
    'blocks 1, heads 12, minutes a patch 18',
  );
});

test('blocks that are not numbered from one are no encoder', () => {
  const file = draft(PAT_SIZES.S);
  file.groups.set('/encoder_layer_3_transformer', []);
  refusedAs(file, 'tensor-missing', 'encoder_layer_2_transformer');
});

test('a file without blocks is no PAT encoder', () => {
  refusedAs({ tensors: new Map(), groups: new Map([['/', []]]) }, 'not-pat', 'no blocks');
  const elsewhere = draft(PAT_SIZES.S, '/another_root');
  refusedAs(elsewhere, 'not-pat', 'no blocks');
});

test('the known placeholders are refused by their hash, whatever is in them', () => {
  for (const sha256 of [
    '37b3c530b8d9d89416d28fddbb4545de568cc52ddf6f5c700eeb4aa78f1c3616',
    'c432f3f6f48cdd7817368d30fcad87708d6994c61324ae64885bb9f871dba575',
    '19f9ad1235bdbea2636b6b40c6425536d624450f0b97302b7440bf978c3ee04f',
  ]) {
    const error = errorOf(recogniseWeights(draft(PAT_SIZES.S), sha256));
    assert.is(error.code, 'placeholder');
    assert.match(error.reason, 'random numbers');
  }
});

test('a hash of unknown meaning is not held against a file', () => {
  const sha256 = 'df8d9f0f66bab088d2d4870cb2df4342745940c732d008cd3d74687be4ee99be';
  valueOf(recogniseWeights(draft(PAT_SIZES.S), sha256));
});

test('the layers of a placeholder are refused wherever they lie', () => {
  for (const root of ['', '/model_weights']) {
    for (const layer of ['patch_embedding', 'transformer_block_0']) {
      const file = draft(PAT_SIZES.S);
      file.groups.set(`${root}/${layer}`, []);
      refusedAs(file, 'placeholder', 'random numbers');
    }
  }
});

test('PAT-Conv is refused by its name', () => {
  const file = draft(PAT_SIZES.S);
  file.groups.delete('/dense');
  file.groups.set('/conv1d_patch_embedding', []);
  refusedAs(file, 'pat-conv', 'PAT-Conv');
});

test.run();
