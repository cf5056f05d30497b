import path from 'node:path';
import type { Rank, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { FEED_FORWARD_WIDTH, LAYER_NORM_EPSILON, WIDTH } from '../../core/pat/encoder/architecture.ts';
import { foldAttention } from '../../core/pat/encoder/fold.ts';
import { poolTokens } from '../../core/pat/encoder/pool-tokens.ts';
import { positionTable } from '../../core/pat/encoder/positions.ts';
import type { EncodedWeek, EngineModule, LoadEncoder, LoadedEncoder } from '../../core/pat/ports.ts';
import type { BlockWeights, LayerNorm, PatWeights } from '../../core/pat/encoder/weights.ts';
import { openBackend, type Backend, type TensorFlow } from './backends.ts';

/** The ending is that of this file: TypeScript in the sources, JavaScript in the build. */
const WORKER_URL = new URL(`./encode-worker${path.extname(import.meta.url)}`, import.meta.url).href;

/** TensorFlow's native library, where the operator has installed `@tensorflow/tfjs-node`. */
export const TENSORFLOW_ENGINE: EngineModule = {
  name: 'tensorflow',
  workerUrl: WORKER_URL,
  usesAllProcessors: true,
  canBeInterrupted: false,
};

const ON_ONE_PROCESSOR = { workerUrl: WORKER_URL, usesAllProcessors: false, canBeInterrupted: true } as const;
/** WebAssembly with SIMD: ships inside its package, runs everywhere, one thread an encoder. */
export const WASM_ENGINE: EngineModule = { name: 'wasm', ...ON_ONE_PROCESSOR };
/** Plain JavaScript: what remains where nothing else loads. */
export const CPU_ENGINE: EngineModule = { name: 'cpu', ...ON_ONE_PROCESSOR };

/** Loads the backend on this thread; rejects where it cannot be loaded. */
export const loadEncoder: LoadEncoder = async ({ engine, weights }) => {
  if (engine === 'onnx') throw new Error('ONNX Runtime is not an engine of TensorFlow.js');
  return tfjsEncoder(await openBackend(engine), weights);
};

/** An encoder on a backend that is open. */
export const tfjsEncoder = (backend: Backend, weights: PatWeights): LoadedEncoder => new TfjsEncoder(backend, weights);

/** Scores of so many bytes are made, normalised and used up at a time: a backend's memory grows, and never shrinks. */
const SCORES_BYTES = 8 * 1024 * 1024;

/** First row and number of rows of each piece of a score matrix. */
function pieces(rows: number, columns: number): readonly (readonly [first: number, size: number])[] {
  const count = Math.ceil((rows * columns * Float32Array.BYTES_PER_ELEMENT) / SCORES_BYTES);
  const start = (i: number): number => Math.floor((i * rows) / count);
  return Array.from({ length: count }, (_, i) => [start(i), start(i + 1) - start(i)]);
}

interface NormTensors {
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
}

interface DenseTensors {
  readonly kernel: Tensor2D;
  readonly bias: Tensor1D;
}

interface BlockTensors {
  readonly scores: DenseTensors;
  readonly values: DenseTensors;
  readonly norm1: NormTensors;
  readonly feedForward1: DenseTensors;
  readonly feedForward2: DenseTensors;
  readonly norm2: NormTensors;
}

/**
 * The encoder in TensorFlow.js operations. Every product is a plain two-dimensional one without transposed operands:
 * the batched and the transposing kernels of the WebAssembly backend are several times slower. How that is possible with
 * many heads is told at `foldAttention`.
 */
class TfjsEncoder implements LoadedEncoder {
  readonly engine: string;
  readonly #tf: TensorFlow;
  readonly #weights: PatWeights;
  readonly #patchKernel: Tensor2D;
  readonly #blocks: readonly BlockTensors[];
  /** Positions and the embedding's bias, by the number of patches; recordings come in few lengths. */
  readonly #places = new Map<number, Tensor2D>();

  constructor({ tf, description }: Backend, weights: PatWeights) {
    this.engine = description;
    this.#tf = tf;
    this.#weights = weights;
    this.#patchKernel = tf.tensor2d(weights.patchEmbedding.kernel, [weights.architecture.patchMinutes, WIDTH]);
    this.#blocks = weights.blocks.map((block) => this.#blockTensors(block));
  }

  async encode(week: Float32Array): Promise<EncodedWeek> {
    const { patchMinutes } = this.#weights.architecture;
    const count = week.length / patchMinutes;
    const place = this.#placeOf(count);
    const outputs = this.#tf.tidy(() => {
      const patches = this.#tf.tensor2d(week, [count, patchMinutes]);
      return this.#run(this.#tf.add(this.#tf.matMul(patches, this.#patchKernel), place));
    });
    const tokens = new Float32Array(await outputs.tokens.data());
    const attentionReceived = new Float32Array(await outputs.received.data());
    this.#tf.dispose({ ...outputs });
    return { tokens, pooled: poolTokens(tokens), attentionReceived };
  }

  async dispose(): Promise<void> {
    this.#tf.dispose([this.#patchKernel, ...this.#places.values()]);
    for (const block of this.#blocks) this.#tf.dispose(block as unknown as Record<string, Tensor2D>);
    this.#places.clear();
  }

  #run(embedded: Tensor2D): { tokens: Tensor2D; received: Tensor2D } {
    let tokens = embedded;
    let received: Tensor2D | null = null;
    for (const block of this.#blocks) {
      const isLast = block === this.#blocks.at(-1);
      const [next, share] = this.#tf.tidy(() => this.#block(tokens, block, isLast));
      tokens = next!;
      received = share ?? null;
    }
    if (received === null) throw new Error('an encoder has at least one block');
    return { tokens, received };
  }

  /** The block's tokens and, of the last one, the attention that each token received. */
  #block(tokens: Tensor2D, block: BlockTensors, isLast: boolean): Tensor2D[] {
    const tf = this.#tf;
    const { heads } = this.#weights.architecture;
    const count = tokens.shape[0];
    const rows = count * heads;
    const queries = tf.reshape<Rank.R2>(this.#dense(tokens, block.scores), [rows, WIDTH]);
    const keys = tf.transpose(tokens);
    const received: Tensor2D[] = [];
    const mixed = pieces(rows, count).map(([first, size]) => {
      const made = tf.tidy(() => {
        const piece = size === rows ? queries : tf.slice(queries, [first, 0], [size, WIDTH]);
        const shares = tf.softmax(tf.matMul(piece, keys));
        const mean = isLast ? [tf.matMul(tf.fill<Rank.R2>([1, size], 1 / rows), shares)] : [];
        return [tf.matMul(shares, tokens), ...mean] as Tensor2D[];
      });
      received.push(...made.slice(1));
      return made[0]!;
    });
    const gathered = tf.reshape<Rank.R2>(tf.concat(mixed, 0), [count, heads * WIDTH]);
    const middle = this.#layerNorm(tf.add(tokens, this.#dense(gathered, block.values)), block.norm1);
    const hidden = tf.relu(this.#dense(middle, block.feedForward1));
    const next = this.#layerNorm(tf.add(middle, this.#dense(hidden, block.feedForward2)), block.norm2);
    return isLast ? [next, tf.addN(received)] : [next];
  }

  #dense(input: Tensor2D, { kernel, bias }: DenseTensors): Tensor2D {
    return this.#tf.add(this.#tf.matMul(input, kernel), bias);
  }

  #layerNorm(input: Tensor2D, { gamma, beta }: NormTensors): Tensor2D {
    const tf = this.#tf;
    const centred = tf.sub(input, tf.mean(input, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON)));
    return tf.add(tf.mul(scaled, gamma), beta);
  }

  #placeOf(count: number): Tensor2D {
    const known = this.#places.get(count);
    if (known !== undefined) return known;
    const { bias } = this.#weights.patchEmbedding;
    const values = Float32Array.from(positionTable(count), (position, i) => position + bias[i % WIDTH]!);
    const place = this.#tf.tensor2d(values, [count, WIDTH]);
    this.#places.set(count, place);
    return place;
  }

  #blockTensors(block: BlockWeights): BlockTensors {
    const tf = this.#tf;
    const columns = this.#weights.architecture.heads * WIDTH;
    const folded = foldAttention(block, this.#weights.architecture.heads);
    const dense = (kernel: Float32Array, shape: [number, number], bias: Float32Array): DenseTensors => ({
      kernel: tf.tensor2d(kernel, shape),
      bias: tf.tensor1d(bias),
    });
    const norm = ({ gamma, beta }: LayerNorm): NormTensors => ({ gamma: tf.tensor1d(gamma), beta: tf.tensor1d(beta) });
    const { feedForward1, feedForward2 } = block;
    return {
      scores: dense(folded.scoreKernel, [WIDTH, columns], folded.scoreBias),
      values: dense(folded.valueKernel, [columns, WIDTH], folded.valueBias),
      norm1: norm(block.norm1),
      feedForward1: dense(feedForward1.kernel, [WIDTH, FEED_FORWARD_WIDTH], feedForward1.bias),
      feedForward2: dense(feedForward2.kernel, [FEED_FORWARD_WIDTH, WIDTH], feedForward2.bias),
      norm2: norm(block.norm2),
    };
  }
}
