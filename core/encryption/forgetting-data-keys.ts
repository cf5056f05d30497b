import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { KeyRing } from './key-ring.ts';
import type { KeyHolder, WrappedKey } from './model.ts';
import type { DataKeys, HeldKey } from './ports.ts';

/** The data keys as everybody else in this process is to see them: a key that is erased is not remembered either. */
export class ForgettingDataKeys implements DataKeys {
  readonly #dataKeys: DataKeys;
  readonly #keyRing: KeyRing;

  constructor(dataKeys: DataKeys, keyRing: KeyRing) {
    this.#dataKeys = dataKeys;
    this.#keyRing = keyRing;
  }

  find(holder: KeyHolder): ResultAsync<WrappedKey | null, PortUnavailable> {
    return this.#dataKeys.find(holder);
  }

  insertOnce(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    return this.#dataKeys.insertOnce(holder, wrapping);
  }

  replace(holder: KeyHolder, before: WrappedKey, after: WrappedKey): ResultAsync<boolean, PortUnavailable> {
    return this.#dataKeys.replace(holder, before, after);
  }

  list(after: KeyHolder | null, limit: number): ResultAsync<readonly HeldKey[], PortUnavailable> {
    return this.#dataKeys.list(after, limit);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#keyRing.eraseOwner(owner);
  }
}
