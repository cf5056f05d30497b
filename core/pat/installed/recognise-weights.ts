import { err, ok, Result } from 'neverthrow';
import { sizeOf, tensorsOf, WIDTH, type PatArchitecture } from '../encoder/architecture.ts';
import type { StoredTensor, WeightFile } from '../ports.ts';
import { assembleWeights, type PatWeights } from '../encoder/weights.ts';

/**
 * Why a file is not taken for an encoder's weights. `placeholder`: random numbers under the names of the real files.
 * `pat-conv`: another architecture of the same authors. `not-pat`: none of theirs. `unknown-size`: an encoder of a shape
 * that was never published. The others are about one tensor, which the reason names.
 */
export type WeightsRefusalCode =
  | 'placeholder'
  | 'pat-conv'
  | 'not-pat'
  | 'unknown-size'
  | 'tensor-missing'
  | 'tensor-shape'
  | 'tensor-type'
  | 'tensor-not-finite';

export interface WeightsRefused {
  readonly kind: 'weights-refused';
  readonly code: WeightsRefusalCode;
  /** One plain sentence. */
  readonly reason: string;
}

/** SHA-256 of the placeholders under the names of S, M and L. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  '37b3c530b8d9d89416d28fddbb4545de568cc52ddf6f5c700eeb4aa78f1c3616',
  'c432f3f6f48cdd7817368d30fcad87708d6994c61324ae64885bb9f871dba575',
  '19f9ad1235bdbea2636b6b40c6425536d624450f0b97302b7440bf978c3ee04f',
]);
/** Layers that only the placeholders have. */
const PLACEHOLDER_LAYERS = ['patch_embedding', 'transformer_block_0'];
const CONVOLUTION_LAYER = 'conv1d_patch_embedding';
/** Where a whole model keeps its layers; a file of weights alone has them at the top. */
const MODEL_ROOT = '/model_weights';

/**
 * Takes a file for a PAT encoder by what is in it, never by its name: one of the published sizes, every tensor there,
 * float32, of its shape, all numbers finite. `sha256` is the whole file's, in lower-case hexadecimal digits. What else
 * the file holds, such as an optimizer's state, is ignored.
 */
export function recogniseWeights(file: WeightFile, sha256: string): Result<PatWeights, WeightsRefused> {
  const root = file.groups.has(MODEL_ROOT) ? MODEL_ROOT : '';
  const has = (layer: string): boolean => file.groups.has(`/${layer}`) || file.groups.has(`${MODEL_ROOT}/${layer}`);
  if (PLACEHOLDERS.has(sha256) || PLACEHOLDER_LAYERS.some(has)) {
    return refused(
      'placeholder',
      'The file holds random numbers and no trained weights: it is a placeholder that the service before this one ' +
        'shipped under the name of the real file.',
    );
  }
  if (has(CONVOLUTION_LAYER)) {
    return refused('pat-conv', 'The file is PAT-Conv, which makes its patches by a convolution and is not supported.');
  }
  const blocks = blocksBelow(file, root);
  if (blocks === 0) return refused('not-pat', 'The file holds no blocks of a PAT encoder.');
  const layers = [EMBEDDING, ...Array.from({ length: blocks }, (_, i) => blockLayer(i + 1))];
  return Result.combine(layers.map((layer) => tensorsIn(file, root, layer)))
    .map((found) => new Map(found.flat().map((tensor) => [tensor.name, tensor] as const)))
    .andThen((found) =>
      architectureOf(found, blocks).andThen((architecture) =>
        soundTensors(found, architecture).map((tensors) => assembleWeights(architecture, tensors)),
      ),
    );
}

function blocksBelow(file: WeightFile, root: string): number {
  const inRoot = [...file.groups.keys()].filter((group) => group.startsWith(`${root}/`));
  return inRoot.filter((group) => /^encoder_layer_\d+_transformer$/.test(group.slice(root.length + 1))).length;
}

/** A layer as the authors' framework keeps it: one group, with its tensors in the order in which the group lists them. */
interface KerasLayer {
  readonly group: string;
  readonly tensors: readonly {
    /** As `tensorsOf` calls it. */
    readonly name: string;
    /** Below the group. */
    readonly path: string;
  }[];
}

const DENSE = ['kernel', 'bias'];
const NORM = ['gamma', 'beta'];

const EMBEDDING: KerasLayer = {
  group: 'dense',
  tensors: DENSE.map((leaf) => ({ name: `patch_embedding.${leaf}`, path: `dense/${leaf}:0` })),
};

const BLOCK_PARTS: readonly { readonly name: string; readonly path: string; readonly leaves: readonly string[] }[] = [
  { name: 'query', path: 'attention/query', leaves: DENSE },
  { name: 'key', path: 'attention/key', leaves: DENSE },
  { name: 'value', path: 'attention/value', leaves: DENSE },
  { name: 'output', path: 'attention/attention_output', leaves: DENSE },
  { name: 'norm_1', path: 'norm1', leaves: NORM },
  { name: 'feed_forward_1', path: 'ff1', leaves: DENSE },
  { name: 'feed_forward_2', path: 'ff2', leaves: DENSE },
  { name: 'norm_2', path: 'norm2', leaves: NORM },
];

/** `number` counts from 1. */
function blockLayer(number: number): KerasLayer {
  const prefix = `encoder_layer_${String(number)}`;
  return {
    group: `${prefix}_transformer`,
    tensors: BLOCK_PARTS.flatMap(({ name, path, leaves }) =>
      leaves.map((leaf) => ({
        name: `block_${String(number)}_${name}.${leaf}`,
        path: `${prefix}_${path}/${leaf}:0`,
      })),
    ),
  };
}

interface FoundTensor {
  /** As `tensorsOf` calls it. */
  readonly name: string;
  /** Where the authors' framework keeps it, for messages. */
  readonly path: string;
  readonly stored: StoredTensor;
}

/** The tensors of a layer, each by its path, or else by its place in the list of the layer's group. */
function tensorsIn(file: WeightFile, root: string, layer: KerasLayer): Result<readonly FoundTensor[], WeightsRefused> {
  const group = `${root}/${layer.group}`;
  const listed = file.groups.get(group) ?? [];
  // A list that is one short is shifted from there on, and half of a block's tensors have the same shape.
  const isWhole = listed.length === layer.tensors.length && new Set(listed).size === listed.length;
  const paths = new Set(layer.tensors.map(({ path }) => `${group}/${path}`));
  const byList = (path: string, i: number): StoredTensor | undefined => {
    const other = listed[i];
    if (!isWhole || other === undefined || paths.has(other) || leafOf(other) !== leafOf(path)) return undefined;
    return file.tensors.get(other);
  };
  return Result.combine(
    layer.tensors.map(({ name, path }, i): Result<FoundTensor, WeightsRefused> => {
      const shown = `${layer.group}/${path}`;
      const stored = file.tensors.get(`${group}/${path}`) ?? byList(path, i);
      if (stored === undefined) return refused('tensor-missing', `The file lacks the tensor ${shown}.`);
      return ok({ name, path: shown, stored });
    }),
  );
}

const leafOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

type FoundTensors = ReadonlyMap<string, FoundTensor>;

/** The shape of the encoder, from the sides of two of its tensors and the number of its blocks. */
function architectureOf(found: FoundTensors, layers: number): Result<PatArchitecture, WeightsRefused> {
  const sides = (name: string, expected: readonly (number | string)[]): Result<readonly number[], WeightsRefused> => {
    const { path, stored } = found.get(name)!;
    const fits =
      stored.shape.length === expected.length &&
      stored.shape.every((side, i) => typeof expected[i] === 'string' || side === expected[i]);
    return fits ? ok(stored.shape) : wrongShape(path, stored.shape, expected);
  };
  return Result.combine([
    sides('patch_embedding.kernel', ['minutes', WIDTH]),
    sides('block_1_query.kernel', [WIDTH, 'heads', WIDTH]),
  ]).andThen(([embedding, query]) => {
    const [patchMinutes = 0] = embedding;
    const [, heads = 0] = query;
    const architecture = { patchMinutes, heads, layers };
    if (sizeOf(architecture) !== null) return ok(architecture);
    const shape = `blocks ${String(layers)}, heads ${String(heads)}, minutes a patch ${String(patchMinutes)}`;
    return refused('unknown-size', `No published size has the shape of the file’s encoder: ${shape}.`);
  });
}

/** The numbers of each tensor, after a look at their type, their shape and every one of them. */
function soundTensors(
  found: FoundTensors,
  architecture: PatArchitecture,
): Result<ReadonlyMap<string, Float32Array>, WeightsRefused> {
  const tensors = new Map<string, Float32Array>();
  for (const { name, shape } of tensorsOf(architecture)) {
    const { path, stored } = found.get(name)!;
    if (stored.shape.length !== shape.length || shape.some((side, i) => side !== stored.shape[i])) {
      return wrongShape(path, stored.shape, shape);
    }
    if (stored.values === null) {
      return refused('tensor-type', `The tensor ${path} does not hold 32-bit floating-point numbers.`);
    }
    const bad = stored.values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const value = String(stored.values[bad]);
      return refused('tensor-not-finite', `The tensor ${path} holds ${value} as its number ${String(bad + 1)}.`);
    }
    tensors.set(name, stored.values);
  }
  return ok(tensors);
}

function wrongShape(
  path: string,
  shape: readonly number[],
  expected: readonly (number | string)[],
): Result<never, WeightsRefused> {
  const reason = `The tensor ${path} has the shape (${shape.join(', ')}) instead of (${expected.join(', ')}).`;
  return refused('tensor-shape', reason);
}

const refused = (code: WeightsRefusalCode, reason: string): Result<never, WeightsRefused> =>
  err({ kind: 'weights-refused', code, reason });
