import type * as Tf from '@tensorflow/tfjs-core';
import type * as Ort from 'onnxruntime-common';
import { onnxBytes, type OnnxAttribute, type OnnxNode, type OnnxTensor } from '../../adapters/onnx/onnx-format.ts';
import { openBackend } from '../../adapters/tfjs/backends.ts';
import { FEED_FORWARD_WIDTH, LAYER_NORM_EPSILON, WIDTH } from '../../core/pat/encoder/architecture.ts';
import { positionTable } from '../../core/pat/encoder/positions.ts';
import { MINUTES_PER_WEEK } from '../../core/pat/ports.ts';
import type { Dense, LayerNorm, PatWeights } from '../../core/pat/encoder/weights.ts';

/**
 * The encoder as it is usually written, projections unfolded: an ONNX graph with batched products, and TensorFlow.js on
 * WebAssembly with one two-dimensional product a head. What the engines are compared with in one run.
 */
export type PlainEngine = 'onnx-plain' | 'wasm-plain';

interface Layer {
  readonly kernel: Tf.Tensor2D;
  readonly bias: Tf.Tensor1D;
}

/** Encodes one week on the calling thread. */
export async function loadPlainEncoder(
  engine: PlainEngine,
  weights: PatWeights,
  threads: number,
): Promise<(week: Float32Array) => Promise<void>> {
  return engine === 'onnx-plain' ? plainOnnx(weights, threads) : plainWasm(weights);
}

async function plainOnnx(weights: PatWeights, threads: number): Promise<(week: Float32Array) => Promise<void>> {
  const name: string = 'onnxruntime-node';
  const runtime = (await import(name)) as typeof Ort;
  const { patchMinutes, heads } = weights.architecture;
  const count = MINUTES_PER_WEEK / patchMinutes;
  const constants: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [];
  const constant = (dims: readonly number[], data: Float32Array | BigInt64Array): string => {
    const name = `c${constants.length}`;
    constants.push({ name, dims, data });
    return name;
  };
  const node = (operator: string, inputs: readonly string[], attributes: readonly OnnxAttribute[] = [], name = '') => {
    const output = name === '' ? `v${nodes.length}` : name;
    nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  };
  const dense = (input: string, { kernel, bias }: Dense, from: number, to: number): string =>
    node('Add', [node('MatMul', [input, constant([from, to], kernel)]), constant([to], bias)]);
  const norm = (input: string, { gamma, beta }: LayerNorm, name = ''): string =>
    node(
      'LayerNormalization',
      [input, constant([WIDTH], gamma), constant([WIDTH], beta)],
      [
        { name: 'axis', int: 1 },
        { name: 'epsilon', float: LAYER_NORM_EPSILON },
      ],
      name,
    );
  const reshape = (input: string, dims: readonly number[]): string =>
    node('Reshape', [input, constant([dims.length], BigInt64Array.from(dims, BigInt))]);
  const transpose = (input: string, perm: readonly number[]): string =>
    node('Transpose', [input], [{ name: 'perm', ints: perm }]);
  let tokens = node('Add', [
    dense('patches', weights.patchEmbedding, patchMinutes, WIDTH),
    constant([count, WIDTH], Float32Array.from(positionTable(count))),
  ]);
  let shares = '';
  weights.blocks.forEach((block, i) => {
    const isLast = i === weights.blocks.length - 1;
    const split = (layer: Dense, perm: readonly number[]): string =>
      transpose(reshape(dense(tokens, layer, WIDTH, heads * WIDTH), [count, heads, WIDTH]), perm);
    const products = node('MatMul', [split(block.query, [1, 0, 2]), split(block.key, [1, 2, 0])]);
    const scores = node('Mul', [products, constant([1], Float32Array.of(1 / Math.sqrt(WIDTH)))]);
    shares = node('Softmax', [scores], [{ name: 'axis', int: 2 }]);
    const mixed = transpose(node('MatMul', [shares, split(block.value, [1, 0, 2])]), [1, 0, 2]);
    const attended = dense(reshape(mixed, [count, heads * WIDTH]), block.output, heads * WIDTH, WIDTH);
    const middle = norm(node('Add', [tokens, attended]), block.norm1);
    const hidden = node('Relu', [dense(middle, block.feedForward1, WIDTH, FEED_FORWARD_WIDTH)]);
    const fed = dense(hidden, block.feedForward2, FEED_FORWARD_WIDTH, WIDTH);
    tokens = norm(node('Add', [middle, fed]), block.norm2, isLast ? 'tokens' : '');
  });
  const axes = constant([2], BigInt64Array.of(0n, 1n));
  node('ReduceSum', [shares, axes], [{ name: 'keepdims', int: 0 }], 'received');
  const bytes = onnxBytes({
    inputs: [{ name: 'patches', dims: [count, patchMinutes] }],
    outputs: [
      { name: 'tokens', dims: [count, WIDTH] },
      { name: 'received', dims: [count] },
    ],
    constants,
    nodes,
  });
  const session = await runtime.InferenceSession.create(bytes, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  return async (week) => {
    await session.run({ patches: new runtime.Tensor('float32', week, [count, patchMinutes]) });
  };
}

async function plainWasm(weights: PatWeights): Promise<(week: Float32Array) => Promise<void>> {
  const { tf } = await openBackend('wasm');
  const { patchMinutes, heads } = weights.architecture;
  const count = MINUTES_PER_WEEK / patchMinutes;
  const layer = ({ kernel, bias }: Dense, from: number): Layer => ({
    kernel: tf.tensor2d(kernel, [from, kernel.length / from]),
    bias: tf.tensor1d(bias),
  });
  /** The columns of a projection that make one head. */
  const headsOf = ({ kernel, bias }: Dense): readonly Layer[] =>
    Array.from({ length: heads }, (_, h) => ({
      kernel: tf.tensor2d(
        Float32Array.from({ length: WIDTH * WIDTH }, (__, i) => {
          const [row, column] = [Math.floor(i / WIDTH), i % WIDTH];
          return kernel[row * heads * WIDTH + h * WIDTH + column]!;
        }),
        [WIDTH, WIDTH],
      ),
      bias: tf.tensor1d(bias.slice(h * WIDTH, (h + 1) * WIDTH)),
    }));
  const dense = (input: Tf.Tensor2D, { kernel, bias }: Layer): Tf.Tensor2D => tf.add(tf.matMul(input, kernel), bias);
  const norm = (input: Tf.Tensor2D, { gamma, beta }: LayerNorm): Tf.Tensor2D => {
    const centred = tf.sub(input, tf.mean(input, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON))), tf.tensor1d(gamma)), beta);
  };
  const embedding = layer(weights.patchEmbedding, patchMinutes);
  const positions = tf.tensor2d(Float32Array.from(positionTable(count)), [count, WIDTH]);
  const blocks = weights.blocks.map((block) => ({
    ...block,
    queries: headsOf(block.query),
    keys: headsOf(block.key),
    values: headsOf(block.value),
    attended: layer(block.output, heads * WIDTH),
    first: layer(block.feedForward1, WIDTH),
    second: layer(block.feedForward2, FEED_FORWARD_WIDTH),
  }));
  return async (week) => {
    const outputs = tf.tidy(() => {
      let tokens: Tf.Tensor2D = tf.add(dense(tf.tensor2d(week, [count, patchMinutes]), embedding), positions);
      let received: Tf.Tensor = tf.scalar(0);
      blocks.forEach((block, i) => {
        const mixed = block.queries.map((query, h) => {
          const keys = tf.transpose(dense(tokens, block.keys[h]!));
          const scores = tf.mul(tf.matMul(dense(tokens, query), keys), 1 / Math.sqrt(WIDTH));
          const shares = tf.softmax(scores as Tf.Tensor2D);
          if (i === blocks.length - 1) received = tf.add(received, tf.sum(shares, 0));
          return tf.matMul(shares, dense(tokens, block.values[h]!));
        });
        const middle = norm(tf.add(tokens, dense(tf.concat(mixed, 1) as Tf.Tensor2D, block.attended)), block.norm1);
        tokens = norm(tf.add(middle, dense(tf.relu(dense(middle, block.first)), block.second)), block.norm2);
      });
      return [tokens, received];
    });
    for (const output of outputs) {
      await output.data();
      output.dispose();
    }
  };
}
