import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Piscina } from 'piscina';
import type { Argon2Engine, Argon2Task } from './argon2.ts';

/** What is used of `@node-rs/argon2`. */
interface NativeLibrary {
  readonly hashRaw: (
    password: Uint8Array,
    options: {
      readonly algorithm: number;
      readonly version: number;
      readonly memoryCost: number;
      readonly timeCost: number;
      readonly parallelism: number;
      readonly outputLen: number;
      readonly salt: Uint8Array;
    },
  ) => Promise<Uint8Array>;
}

/** Optional: where it is missing the build must not miss it, so its name is kept from the compiler. */
const PACKAGE: string = '@node-rs/argon2';
/** The library's numbers for Argon2id and for version 0x13; its constants exist for the compiler alone. */
const ARGON2ID = 2;
const VERSION_0X13 = 1;

/** A thread that has nothing to do for so long ends, and gives its memory back. */
const IDLE_MS = 60_000;
// The ending is that of this file: TypeScript in the sources, JavaScript in the build.
const WORKER_URL = new URL(`./argon2-worker${path.extname(import.meta.url)}`, import.meta.url).href;

/** The native library, which computes on libuv's threads; rejects where it is not installed or does not load. */
export async function nativeArgon2(): Promise<Argon2Engine> {
  const { hashRaw } = (await import(PACKAGE)) as NativeLibrary;
  return ({ password, salt, octets, cost }) =>
    hashRaw(password, {
      algorithm: ARGON2ID,
      version: VERSION_0X13,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes,
      outputLen: octets,
      salt,
    });
}

/**
 * WebAssembly, which loads everywhere, on threads of its own. They start when they are needed and do not keep the process
 * alive.
 */
export function wasmArgon2(): Argon2Engine {
  const threads = new Piscina<Argon2Task, Uint8Array>({
    filename: WORKER_URL,
    name: 'deriveArgon2',
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: IDLE_MS,
  });
  // An idle thread that dies is replaced; whoever waits for an answer learns it from the call.
  threads.on('error', () => undefined);
  return (task) => threads.run(task);
}

export interface Argon2Choice {
  /** Loads the engine that is preferred; the native one unless told. */
  readonly preferred?: () => Promise<Argon2Engine>;
  /** Is told, once, why the preferred engine is not used. */
  readonly passedOver?: (cause: unknown) => void;
}

/** The native library where it loads, and WebAssembly elsewhere; the choice is made once, by the first computation. */
export function bestArgon2({ preferred = nativeArgon2, passedOver }: Argon2Choice = {}): Argon2Engine {
  let chosen: Promise<Argon2Engine> | null = null;
  return async (task) => {
    chosen ??= preferred().catch((cause: unknown) => {
      passedOver?.(cause);
      return wasmArgon2();
    });
    const compute = await chosen;
    return compute(task);
  };
}
