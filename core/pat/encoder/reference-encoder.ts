import { FEED_FORWARD_WIDTH, LAYER_NORM_EPSILON, WIDTH } from './architecture.ts';
import { positionTable } from './positions.ts';
import type { BlockWeights, Dense, LayerNorm, PatWeights } from './weights.ts';

const NEGLIGIBLE = 1e-300;

/** What the encoder makes of one recording, in float64. */
export interface ReferenceEncoding {
  /** (tokens, 96), row-major. */
  readonly tokens: Float64Array;
  /** Mean over the tokens: 96 numbers. */
  readonly pooled: Float64Array;
  /** Attention received by each token in the last block, mean over heads, summing to 1. */
  readonly attentionReceived: Float64Array;
}

/**
 * The encoder written as its definition reads (Ruan et al. 2024, arXiv:2411.15240), in float64 and without any
 * rearrangement: slow, and what the fast engines are checked against. `minutes` are standardised; their number is a
 * multiple of the patch.
 */
export function encodeByDefinition(weights: PatWeights, minutes: ArrayLike<number>): ReferenceEncoding {
  const { patchMinutes, heads } = weights.architecture;
  const count = minutes.length / patchMinutes;
  let tokens = dense(minutes, weights.patchEmbedding, patchMinutes, WIDTH);
  const positions = positionTable(count);
  for (let i = 0; i < tokens.length; i++) tokens[i]! += positions[i]!;
  let received: Float64Array = new Float64Array(count);
  for (const block of weights.blocks) {
    const attended = attention(tokens, block, heads);
    received = attended.received;
    const middle = layerNorm(sum(tokens, attended.output), block.norm1);
    const hidden = dense(middle, block.feedForward1, WIDTH, FEED_FORWARD_WIDTH);
    for (let i = 0; i < hidden.length; i++) hidden[i] = Math.max(0, hidden[i]!);
    tokens = layerNorm(sum(middle, dense(hidden, block.feedForward2, FEED_FORWARD_WIDTH, WIDTH)), block.norm2);
  }
  const pooled = new Float64Array(WIDTH);
  for (let i = 0; i < tokens.length; i++) pooled[i % WIDTH]! += tokens[i]! / count;
  const total = received.reduce((all, share) => all + share, 0);
  return { tokens, pooled, attentionReceived: received.map((share) => share / total) };
}

/** Scaled dot-product attention of all heads, and how much each token received, summed over queries and heads. */
function attention(
  tokens: Float64Array,
  { query, key, value, output }: BlockWeights,
  heads: number,
): { readonly output: Float64Array; readonly received: Float64Array } {
  const width: number = WIDTH;
  const count = tokens.length / width;
  const columns = heads * width;
  const [queries, keys, values] = [query, key, value].map((layer) => dense(tokens, layer, width, columns)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const received = new Float64Array(count);
  const mixed = new Float64Array(count * columns);
  const row = new Float64Array(count);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < count; i++) {
      const at = i * columns + h * width;
      let highest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < count; j++) {
        let score = 0;
        for (let d = 0; d < width; d++) score += queries[at + d]! * keys[j * columns + h * width + d]!;
        row[j] = score / Math.sqrt(width);
        highest = Math.max(highest, row[j]!);
      }
      let total = 0;
      for (let j = 0; j < count; j++) {
        const weight = Math.exp(row[j]! - highest);
        // Denormal numbers cost the processor a hundred times as much, and add nothing that float64 can hold.
        row[j] = weight < NEGLIGIBLE ? 0 : weight;
        total += row[j]!;
      }
      for (let j = 0; j < count; j++) {
        const share = row[j]! / total;
        if (share === 0) continue;
        received[j]! += share;
        for (let d = 0; d < width; d++) mixed[at + d]! += share * values[j * columns + h * width + d]!;
      }
    }
  }
  return { output: dense(mixed, output, columns, width), received };
}

function dense(input: ArrayLike<number>, { kernel, bias }: Dense, from: number, to: number): Float64Array {
  const rows = input.length / from;
  const result = new Float64Array(rows * to);
  for (let r = 0; r < rows; r++) {
    const row = result.subarray(r * to, (r + 1) * to);
    row.set(bias);
    for (let i = 0; i < from; i++) {
      const factor = input[r * from + i]!;
      for (let j = 0; j < to; j++) row[j]! += factor * kernel[i * to + j]!;
    }
  }
  return result;
}

/** Layer normalisation over a token's features: biased variance, epsilon inside the root (Ba et al. 2016). */
export function layerNorm(input: Float64Array, { gamma, beta }: LayerNorm): Float64Array {
  const width: number = WIDTH;
  const result = new Float64Array(input.length);
  for (let first = 0; first < input.length; first += width) {
    let mean = 0;
    for (let j = 0; j < width; j++) mean += input[first + j]! / width;
    let variance = 0;
    for (let j = 0; j < width; j++) variance += (input[first + j]! - mean) ** 2 / width;
    const deviation = Math.sqrt(variance + LAYER_NORM_EPSILON);
    for (let j = 0; j < width; j++) result[first + j] = ((input[first + j]! - mean) / deviation) * gamma[j]! + beta[j]!;
  }
  return result;
}

const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);
