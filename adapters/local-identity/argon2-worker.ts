import { argon2id } from 'hash-wasm';
import type { Argon2Task } from './argon2.ts';

/** One computation on this thread, by WebAssembly. */
export function deriveArgon2({ password, salt, octets, cost }: Argon2Task): Promise<Uint8Array> {
  return argon2id({
    password,
    salt,
    memorySize: cost.memoryKiB,
    iterations: cost.passes,
    parallelism: cost.lanes,
    hashLength: octets,
    outputType: 'binary',
  });
}
