import { FEED_FORWARD_WIDTH, LAYER_NORM_EPSILON, WIDTH } from '../../core/pat/encoder/architecture.ts';
import { foldAttention, type FoldedAttention } from '../../core/pat/encoder/fold.ts';
import { positionTable } from '../../core/pat/encoder/positions.ts';
import type { BlockWeights, LayerNorm, PatWeights } from '../../core/pat/encoder/weights.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './onnx-format.ts';

/** Names of what goes in and comes out. */
export const GRAPH_INPUT = 'patches';
export const GRAPH_TOKENS = 'tokens';
export const GRAPH_ATTENTION = 'attention_received';

/**
 * Scores of so many bytes are made, normalised and used up at a time. Measured: a fifth faster for PAT-L than all at once,
 * because they stay in the processor's cache; smaller pieces cost more in nodes than they gain.
 */
const SCORES_BYTES = 8 * 1024 * 1024;

/** A block as the graph computes it. */
export interface GraphBlock {
  readonly attention: FoldedAttention;
  readonly weights: BlockWeights;
}

/** The folding does not depend on the input's length, so it is done once an encoder. */
export const graphBlocks = (weights: PatWeights): readonly GraphBlock[] =>
  weights.blocks.map((block) => ({
    attention: foldAttention(block, weights.architecture.heads),
    weights: block,
  }));

/**
 * The encoder for inputs of `count` patches, as an ONNX graph.
 *
 * The heads stand under each other: one row a token and head, (count · heads, 96). With folded projections keys and
 * values are the tokens themselves, so that all heads' scores are one plain matrix product, in as many pieces as the
 * cache wants, and nothing is ever transposed but the tokens.
 */
export function encoderGraph(weights: PatWeights, blocks: readonly GraphBlock[], count: number): OnnxGraph {
  const { patchMinutes, heads } = weights.architecture;
  const builder = new GraphBuilder();
  const place = positionTable(count).map((position, i) => position + weights.patchEmbedding.bias[i % WIDTH]!);
  const embedded = builder.node('MatMul', [
    GRAPH_INPUT,
    builder.constant([patchMinutes, WIDTH], weights.patchEmbedding.kernel),
  ]);
  let tokens = builder.node('Add', [embedded, builder.constant([count, WIDTH], Float32Array.from(place))]);
  blocks.forEach((block, i) => {
    const isLast = i === blocks.length - 1;
    tokens = addBlock(builder, block, { tokens, count, heads, isLast });
  });
  return {
    inputs: [{ name: GRAPH_INPUT, dims: [count, patchMinutes] }],
    outputs: [
      { name: GRAPH_TOKENS, dims: [count, WIDTH] },
      { name: GRAPH_ATTENTION, dims: [1, count] },
    ],
    constants: builder.constants,
    nodes: builder.nodes,
  };
}

interface BlockPlace {
  readonly tokens: string;
  readonly count: number;
  readonly heads: number;
  /** Only of the last block is it asked how much attention each token received. */
  readonly isLast: boolean;
}

function addBlock(builder: GraphBuilder, { attention, weights }: GraphBlock, at: BlockPlace): string {
  const { tokens, count, heads, isLast } = at;
  const rows = count * heads;
  const columns = heads * WIDTH;
  const wide = builder.dense(tokens, [WIDTH, columns], attention.scoreKernel, attention.scoreBias);
  const queries = builder.reshape(wide, [rows, WIDTH]);
  const keys = builder.node('Transpose', [tokens], [{ name: 'perm', ints: [1, 0] }]);
  const pieces = builder.split(queries, pieceSizes(rows, count));
  const received: string[] = [];
  const mixed = pieces.map(({ name, size }) => {
    const shares = builder.node('Softmax', [builder.node('MatMul', [name, keys])], [{ name: 'axis', int: 1 }]);
    if (isLast) {
      const mean = builder.constant([1, size], new Float32Array(size).fill(1 / rows));
      received.push(builder.node('MatMul', [mean, shares]));
    }
    return builder.node('MatMul', [shares, tokens]);
  });
  if (isLast) builder.node('Sum', received, [], GRAPH_ATTENTION);
  const gathered = builder.reshape(builder.join(mixed), [count, columns]);
  const attended = builder.dense(gathered, [columns, WIDTH], attention.valueKernel, attention.valueBias);
  const middle = builder.layerNorm(builder.node('Add', [tokens, attended]), weights.norm1);
  const { feedForward1, feedForward2 } = weights;
  const hidden = builder.node('Relu', [
    builder.dense(middle, [WIDTH, FEED_FORWARD_WIDTH], feedForward1.kernel, feedForward1.bias),
  ]);
  const fed = builder.dense(hidden, [FEED_FORWARD_WIDTH, WIDTH], feedForward2.kernel, feedForward2.bias);
  return builder.layerNorm(builder.node('Add', [middle, fed]), weights.norm2, isLast ? GRAPH_TOKENS : undefined);
}

/** The rows of a score matrix in as few and as equal pieces as the cache allows. */
function pieceSizes(rows: number, columns: number): readonly number[] {
  const pieces = Math.ceil((rows * columns * Float32Array.BYTES_PER_ELEMENT) / SCORES_BYTES);
  return Array.from(
    { length: pieces },
    (_, i) => Math.floor(((i + 1) * rows) / pieces) - Math.floor((i * rows) / pieces),
  );
}

/** Collects nodes and constants under names of their own. */
class GraphBuilder {
  readonly constants: OnnxTensor[] = [];
  readonly nodes: OnnxNode[] = [];
  #made = 0;

  #name(): string {
    this.#made += 1;
    return `v${String(this.#made)}`;
  }

  constant(dims: readonly number[], data: Float32Array | BigInt64Array): string {
    const name = this.#name();
    this.constants.push({ name, dims, data });
    return name;
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: readonly OnnxAttribute[] = [],
    name: string = this.#name(),
  ): string {
    this.nodes.push({ operator, inputs, outputs: [name], attributes });
    return name;
  }

  reshape(input: string, dims: readonly number[]): string {
    return this.node('Reshape', [input, this.constant([dims.length], BigInt64Array.from(dims, BigInt))]);
  }

  dense(input: string, dims: readonly [number, number], kernel: Float32Array, bias: Float32Array): string {
    return this.node('Gemm', [input, this.constant(dims, kernel), this.constant([dims[1]], bias)]);
  }

  layerNorm(input: string, { gamma, beta }: LayerNorm, name?: string): string {
    return this.node(
      'LayerNormalization',
      [input, this.constant([WIDTH], gamma), this.constant([WIDTH], beta)],
      [
        { name: 'axis', int: 1 },
        { name: 'epsilon', float: LAYER_NORM_EPSILON },
      ],
      name,
    );
  }

  split(input: string, sizes: readonly number[]): readonly { readonly name: string; readonly size: number }[] {
    if (sizes.length === 1) return [{ name: input, size: sizes[0]! }];
    const pieces = sizes.map((size) => ({ name: this.#name(), size }));
    this.nodes.push({
      operator: 'Split',
      inputs: [input, this.constant([sizes.length], BigInt64Array.from(sizes, BigInt))],
      outputs: pieces.map(({ name }) => name),
      attributes: [{ name: 'axis', int: 0 }],
    });
    return pieces;
  }

  join(pieces: readonly string[]): string {
    return pieces.length === 1 ? pieces[0]! : this.node('Concat', pieces, [{ name: 'axis', int: 0 }]);
  }
}
