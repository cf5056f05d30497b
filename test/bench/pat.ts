import { execFile } from 'node:child_process';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { availableParallelism } from 'node:os';
import { CPU_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE } from '../../adapters/tfjs/tfjs-encoder.ts';
import { ONNX_ENGINE } from '../../adapters/onnx/onnx-encoder.ts';
import { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { PatSize } from '../../core/pat/encoder/architecture.ts';
import { MINUTES_PER_WEEK, type EngineModule, type EngineName } from '../../core/pat/ports.ts';
import { repositoryWith } from '../fixtures/pat/installed-models.ts';
import { seededWeights, uniformPlusMinusOne } from '../fixtures/pat/seeded-weights.ts';
import { valueOf } from '../unit/result-values.ts';
import { loadPlainEncoder, type PlainEngine } from './plain-encoders.ts';

const ENGINES: Readonly<Record<EngineName, EngineModule>> = {
  onnx: ONNX_ENGINE,
  tensorflow: TENSORFLOW_ENGINE,
  wasm: WASM_ENGINE,
  cpu: CPU_ENGINE,
};
const SIZES: readonly PatSize[] = ['S', 'M', 'L'];
const BATCHES = [1, 16];
/** So many seconds at least are measured, and so many runs. */
const LEAST_SECONDS = 2;
const LEAST_RUNS = 5;

/** How long an engine takes for a week, and what that costs the process that it works for. */
export interface PatBench {
  /** An engine, or `onnx-plain` and `wasm-plain`: the same encoder as it is usually written, for comparison. */
  readonly engine: EngineName | PlainEngine;
  readonly size: PatSize;
  readonly batch: number;
  /** Median over the runs. */
  readonly ms_per_week: number;
  readonly rss_mb: number;
  /** Of the thread that asks, while it waits; null where that thread computes itself. */
  readonly loop_p99_ms: number | null;
}

const week = (seed: number): Float32Array => Float32Array.from(uniformPlusMinusOne(BigInt(seed), MINUTES_PER_WEEK));
const WEEKS = Array.from({ length: 16 }, (_, i) => week(i));

/**
 * Every engine that loads and every size, each in a process of its own, so that one's memory is not counted as
 * another's. Arguments choose some: engines by name, sizes by letter.
 */
export async function benchPat(args: readonly string[]): Promise<readonly unknown[]> {
  if (args[0] === '--one') return benchOne(args[1] as EngineName | PlainEngine, args[2] as PatSize);
  const wanted = new Set(args);
  const chosen = <T extends string>(all: readonly T[]): readonly T[] =>
    all.some((name) => wanted.has(name)) ? all.filter((name) => wanted.has(name)) : all;
  const known: readonly (EngineName | PlainEngine)[] = [
    'onnx',
    'onnx-plain',
    'wasm',
    'wasm-plain',
    'tensorflow',
    'cpu',
  ];
  const engines = chosen(known);
  const rows: unknown[] = [];
  for (const size of chosen(SIZES)) {
    for (const engine of engines) {
      // Plain JavaScript takes minutes for the larger sizes; it has to be asked for.
      if (engine === 'cpu' && size !== 'S' && !wanted.has('cpu')) continue;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...process.execArgv, process.argv[1]!, 'pat', '--one', engine, size],
        { maxBuffer: 1e7 },
      );
      const { results } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { readonly results: readonly unknown[] };
      for (const row of results) process.stdout.write(`${JSON.stringify(row)}\n`);
      rows.push(...results);
    }
  }
  return rows;
}

async function benchOne(engine: EngineName | PlainEngine, size: PatSize): Promise<readonly unknown[]> {
  return engine === 'onnx-plain' || engine === 'wasm-plain' ? benchPlain(engine, size) : benchEngine(engine, size);
}

async function benchEngine(engine: EngineName, size: PatSize): Promise<readonly unknown[]> {
  const model = new WorkerActigraphyModel({
    repository: await repositoryWith(seededWeights(size)),
    wanted: null,
    engines: [ENGINES[engine]],
    processors: availableParallelism(),
    mostWeeks: 64,
    deadlineMsAWeek: 600_000,
  });
  const { status, message } = valueOf(await model.describe());
  if (status !== 'ready') return [{ engine, size, not_measured: message }];
  const rows: PatBench[] = [];
  for (const batch of BATCHES) {
    const encode = async (): Promise<void> => {
      valueOf(await model.encode(WEEKS.slice(0, batch)));
    };
    await encode();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const msPerWeek = (await medianMs(encode)) / batch;
    delay.disable();
    rows.push(row(engine, size, batch, msPerWeek, delay.percentile(99) / 1e6 - 5));
  }
  await model.close();
  return rows;
}

async function benchPlain(engine: PlainEngine, size: PatSize): Promise<readonly unknown[]> {
  const encode = await loadPlainEncoder(engine, seededWeights(size), availableParallelism());
  await encode(WEEKS[0]!);
  const msPerWeek = await medianMs(() => encode(WEEKS[0]!));
  return [row(engine, size, 1, msPerWeek, null)];
}

async function medianMs(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  const began = performance.now();
  while (times.length < LEAST_RUNS || performance.now() - began < LEAST_SECONDS * 1000) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

const row = (
  engine: PatBench['engine'],
  size: PatSize,
  batch: number,
  msPerWeek: number,
  loopP99Ms: number | null,
): PatBench => ({
  engine,
  size,
  batch,
  ms_per_week: Number(msPerWeek.toFixed(2)),
  rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
  loop_p99_ms: loopP99Ms === null ? null : Number(Math.max(0, loopP99Ms).toFixed(2)),
});
