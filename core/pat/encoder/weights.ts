import { tensorsOf, type PatArchitecture } from './architecture.ts';

/** A dense layer: `x @ kernel + bias`, the kernel row-major. */
export interface Dense {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export interface LayerNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

/** One block's learned numbers; shapes as in `tensorsOf`. */
export interface BlockWeights {
  readonly query: Dense;
  readonly key: Dense;
  readonly value: Dense;
  readonly output: Dense;
  readonly norm1: LayerNorm;
  readonly feedForward1: Dense;
  readonly feedForward2: Dense;
  readonly norm2: LayerNorm;
}

/** Everything that an encoder has learned. */
export interface PatWeights {
  readonly architecture: PatArchitecture;
  readonly patchEmbedding: Dense;
  readonly blocks: readonly BlockWeights[];
}

/** Tensors by the names of `tensorsOf`. */
export type NamedTensors = ReadonlyMap<string, Float32Array>;

/**
 * Puts an encoder's tensors in their places. They must be those of the architecture, each of its size: whoever reads a
 * file checks that first, with words that fit the file.
 */
export function assembleWeights(architecture: PatArchitecture, tensors: NamedTensors): PatWeights {
  const take = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`the tensor ${name} is missing`);
    return tensor;
  };
  const dense = (name: string): Dense => ({ kernel: take(`${name}.kernel`), bias: take(`${name}.bias`) });
  const norm = (name: string): LayerNorm => ({ gamma: take(`${name}.gamma`), beta: take(`${name}.beta`) });
  return {
    architecture,
    patchEmbedding: dense('patch_embedding'),
    blocks: Array.from({ length: architecture.layers }, (_, i): BlockWeights => {
      const block = `block_${String(i + 1)}`;
      return {
        query: dense(`${block}_query`),
        key: dense(`${block}_key`),
        value: dense(`${block}_value`),
        output: dense(`${block}_output`),
        norm1: norm(`${block}_norm_1`),
        feedForward1: dense(`${block}_feed_forward_1`),
        feedForward2: dense(`${block}_feed_forward_2`),
        norm2: norm(`${block}_norm_2`),
      };
    }),
  };
}

/** The tensors in the model's order, under the names of `tensorsOf`: what `assembleWeights` takes. */
export function namedTensors(weights: PatWeights): NamedTensors {
  const layers = new Map<string, Dense | LayerNorm>([['patch_embedding', weights.patchEmbedding]]);
  weights.blocks.forEach((block, i) => {
    const name = `block_${String(i + 1)}`;
    layers.set(`${name}_query`, block.query);
    layers.set(`${name}_key`, block.key);
    layers.set(`${name}_value`, block.value);
    layers.set(`${name}_output`, block.output);
    layers.set(`${name}_norm_1`, block.norm1);
    layers.set(`${name}_feed_forward_1`, block.feedForward1);
    layers.set(`${name}_feed_forward_2`, block.feedForward2);
    layers.set(`${name}_norm_2`, block.norm2);
  });
  return new Map(
    tensorsOf(weights.architecture).map(({ name }) => {
      const dot = name.lastIndexOf('.');
      const layer = layers.get(name.slice(0, dot)) as unknown as Readonly<Record<string, Float32Array>>;
      return [name, layer[name.slice(dot + 1)] as Float32Array] as const;
    }),
  );
}
