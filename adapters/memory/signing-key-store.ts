import { ResultAsync } from 'neverthrow';
import type { SigningKeyStore } from '../../core/auth/ports.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** A signing key in the process's memory: tokens are worth nothing after a restart. */
export class MemorySigningKeyStore implements SigningKeyStore {
  #key: Promise<string> | null = null;

  loadOrCreate(create: () => Promise<string>): ResultAsync<string, PortUnavailable> {
    this.#key ??= create();
    const key = this.#key;
    return ResultAsync.fromPromise(key, (cause) => {
      // The next call may try again.
      if (this.#key === key) this.#key = null;
      return portUnavailable('SigningKeyStore', 'loadOrCreate', cause);
    });
  }
}
