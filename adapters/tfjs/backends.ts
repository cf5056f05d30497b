import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Tf from '@tensorflow/tfjs-core';

/** The part of TensorFlow.js that is the same for every backend. */
export type TensorFlow = typeof Tf;
export type TensorFlowEngine = 'tensorflow' | 'wasm' | 'cpu';

/** A backend that computes. */
export interface Backend {
  readonly tf: TensorFlow;
  /** Such as `TensorFlow.js 4.22.0 (WebAssembly, SIMD)`. */
  readonly description: string;
}

/** What this module needs from outside; tests give others. */
export interface Surroundings {
  /** The version of Node.js, such as `22.11.0`. */
  readonly nodeVersion: string;
  readonly importModule: (name: string) => Promise<unknown>;
}

const here: Surroundings = {
  nodeVersion: process.versions.node,
  importModule: (name) => import(name),
};

const NATIVE_PACKAGE = '@tensorflow/tfjs-node';
/** Its last release calls functions that Node.js removed in this version. */
const NATIVE_BREAKS_FROM_NODE = 23;

/** Opens a backend in this process or thread; rejects with the reason where it cannot be had. */
export async function openBackend(engine: TensorFlowEngine, surroundings = here): Promise<Backend> {
  switch (engine) {
    case 'tensorflow':
      return openNative(surroundings);
    case 'wasm':
      return openWasm();
    case 'cpu':
      return openPlain();
  }
}

async function openNative({ nodeVersion, importModule }: Surroundings): Promise<Backend> {
  if (Number.parseInt(nodeVersion, 10) >= NATIVE_BREAKS_FROM_NODE) {
    throw new Error(`${NATIVE_PACKAGE} 4.22 does not run on Node.js ${nodeVersion}; it needs one before 23`);
  }
  let loaded: Record<string, unknown>;
  try {
    loaded = (await importModule(NATIVE_PACKAGE)) as Record<string, unknown>;
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const words = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new Error(
      isAbsent
        ? `${NATIVE_PACKAGE} is not installed (npm install --no-save ${NATIVE_PACKAGE} adds it)`
        : `${NATIVE_PACKAGE} does not load: ${words}`,
      { cause },
    );
  }
  // A CommonJS package: its exports are the default export, and by name as far as Node.js can tell.
  const tf = (loaded['default'] ?? loaded) as TensorFlow;
  return started(tf, 'tensorflow', 'native');
}

async function openWasm(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}${path.sep}`);
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
  return started(tf, 'wasm', simd ? 'WebAssembly, SIMD' : 'WebAssembly');
}

async function openPlain(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  // It would print an advertisement for the native package otherwise.
  tf.env().set('IS_TEST', true);
  await import('@tensorflow/tfjs-backend-cpu');
  return started(tf, 'cpu', 'JavaScript');
}

async function started(tf: TensorFlow, backend: TensorFlowEngine, words: string): Promise<Backend> {
  if (!(await tf.setBackend(backend))) throw new Error(`the TensorFlow.js backend "${backend}" did not start`);
  await tf.ready();
  return { tf, description: `TensorFlow.js ${tf.version_core} (${words})` };
}
