import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { SigningKeyStore, StoredSigningKey } from '../../core/auth/signing-key-store.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** The name of the key that is made where there is none. */
const FIRST = 'signing-key';

/** Signing keys in the process's memory: tokens are worth nothing after a restart. */
export class MemorySigningKeyStore implements SigningKeyStore {
  readonly #keys = new Map<string, string>();
  #creating: Promise<string> | null = null;

  loadOrCreate(create: () => Promise<string>): ResultAsync<readonly StoredSigningKey[], PortUnavailable> {
    return ResultAsync.fromPromise(this.#loadOrCreate(create), (cause) =>
      portUnavailable('SigningKeyStore', 'loadOrCreate', cause),
    );
  }

  add({ name, jwk }: StoredSigningKey): ResultAsync<void, PortUnavailable> {
    if (this.#keys.has(name)) {
      return errAsync(portUnavailable('SigningKeyStore', 'add', 'a key of this name exists', false));
    }
    this.#keys.set(name, jwk);
    return okAsync(undefined);
  }

  remove(name: string): ResultAsync<void, PortUnavailable> {
    this.#keys.delete(name);
    return okAsync(undefined);
  }

  async #loadOrCreate(create: () => Promise<string>): Promise<readonly StoredSigningKey[]> {
    if (this.#keys.size === 0) {
      this.#creating ??= create();
      try {
        // The same for all who waited for it.
        this.#keys.set(FIRST, await this.#creating);
      } finally {
        // After a failure the next call may try again.
        this.#creating = null;
      }
    }
    return [...this.#keys].map(([name, jwk]) => ({ name, jwk }));
  }
}
