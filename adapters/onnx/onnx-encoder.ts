import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Ort from 'onnxruntime-common';
import type { EngineModule, EncodedWeek, LoadEncoder, LoadedEncoder } from '../../core/pat/ports.ts';
import { poolTokens } from '../../core/pat/encoder/pool-tokens.ts';
import type { PatWeights } from '../../core/pat/encoder/weights.ts';
import { encoderGraph, GRAPH_ATTENTION, GRAPH_INPUT, GRAPH_TOKENS, graphBlocks } from './encoder-graph.ts';
import { onnxBytes } from './onnx-format.ts';

type OnnxRuntime = typeof Ort;

/** Optional: where it is missing the build must not miss it, so its name is kept from the compiler. */
const PACKAGE: string = 'onnxruntime-node';

/** ONNX Runtime's CPU library, which ships inside its package. */
export const ONNX_ENGINE: EngineModule = {
  name: 'onnx',
  // The ending is that of this file: TypeScript in the sources, JavaScript in the build.
  workerUrl: new URL(`./encode-worker${path.extname(import.meta.url)}`, import.meta.url).href,
  usesAllProcessors: true,
  canBeInterrupted: false,
};

/** Sessions are made for one length each; recordings come in few lengths. */
const MOST_SESSIONS = 4;

/** Loads the library on this thread; rejects where it cannot be loaded. */
export const loadEncoder: LoadEncoder = async ({ weights, threads }) => {
  const runtime = (await import(PACKAGE)) as OnnxRuntime;
  return new OnnxEncoder(runtime, weights, threads);
};

function versionOf(packageName: string): string {
  const require = createRequire(import.meta.url);
  return (require(`${packageName}/package.json`) as { readonly version: string }).version;
}

class OnnxEncoder implements LoadedEncoder {
  readonly engine = `onnxruntime ${versionOf(PACKAGE)} (cpu)`;
  readonly #runtime: OnnxRuntime;
  readonly #weights: PatWeights;
  readonly #threads: number;
  readonly #blocks;
  /** By the number of patches, the last used last. */
  readonly #sessions = new Map<number, Promise<Ort.InferenceSession>>();

  constructor(runtime: OnnxRuntime, weights: PatWeights, threads: number) {
    this.#runtime = runtime;
    this.#weights = weights;
    this.#threads = threads;
    this.#blocks = graphBlocks(weights);
  }

  async encode(week: Float32Array): Promise<EncodedWeek> {
    const { patchMinutes } = this.#weights.architecture;
    const count = week.length / patchMinutes;
    const session = await this.#sessionFor(count);
    const input = new this.#runtime.Tensor('float32', week, [count, patchMinutes]);
    const output = await session.run({ [GRAPH_INPUT]: input });
    const tokens = numbersOf(output[GRAPH_TOKENS]);
    return { tokens, pooled: poolTokens(tokens), attentionReceived: numbersOf(output[GRAPH_ATTENTION]) };
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  /** Two weeks may be in hand at once, so the session that is let go is never one that was just asked for. */
  async #sessionFor(count: number): Promise<Ort.InferenceSession> {
    const session = this.#sessions.get(count) ?? this.#newSession(count);
    this.#sessions.delete(count);
    this.#sessions.set(count, session);
    // One that could not be made is made anew by whoever asks next.
    session.catch(() => this.#sessions.delete(count));
    const [oldest] = this.#sessions;
    if (oldest !== undefined && this.#sessions.size > MOST_SESSIONS) {
      this.#sessions.delete(oldest[0]);
      await (await oldest[1]).release();
    }
    return session;
  }

  #newSession(count: number): Promise<Ort.InferenceSession> {
    const bytes = onnxBytes(encoderGraph(this.#weights, this.#blocks, count));
    return this.#runtime.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      interOpNumThreads: 1,
      intraOpNumThreads: this.#threads,
      // Attention shares that are almost nothing would otherwise cost a hundred times as much as others.
      extra: { session: { set_denormal_as_zero: '1' } },
    });
  }
}

/** The tensor's numbers in memory of their own: the library's is reused by the next run. */
function numbersOf(tensor: Ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the engine answered without float32 numbers');
  return tensor.data.slice();
}
