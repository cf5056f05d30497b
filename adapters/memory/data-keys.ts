import { okAsync, type ResultAsync } from 'neverthrow';
import { keyHolder, ownerHolder, type KeyHolder, type WrappedKey } from '../../core/encryption/model.ts';
import type { DataKeys, HeldKey } from '../../core/encryption/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Wrapped data keys in the process's memory. */
export class MemoryDataKeys implements DataKeys {
  readonly #kept = new Map<KeyHolder, WrappedKey>();

  find(holder: KeyHolder): ResultAsync<WrappedKey | null, PortUnavailable> {
    const kept = this.#kept.get(holder);
    return okAsync(kept === undefined ? null : copyOf(kept));
  }

  insertOnce(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    const kept = this.#kept.get(holder) ?? copyOf(wrapping);
    this.#kept.set(holder, kept);
    return okAsync(copyOf(kept));
  }

  replace(holder: KeyHolder, before: WrappedKey, after: WrappedKey): ResultAsync<boolean, PortUnavailable> {
    const kept = this.#kept.get(holder);
    if (kept?.masterVersion !== before.masterVersion || Buffer.compare(kept.wrapped, before.wrapped) !== 0) {
      return okAsync(false);
    }
    this.#kept.set(holder, copyOf(after));
    return okAsync(true);
  }

  list(after: KeyHolder | null, limit: number): ResultAsync<readonly HeldKey[], PortUnavailable> {
    const holders = [...this.#kept.keys()].sort(compareCodePoints);
    const following = after === null ? holders : holders.filter((holder) => compareCodePoints(holder, after) > 0);
    return okAsync(
      following.slice(0, limit).map((holder) => ({
        holder: keyHolder(holder),
        wrapping: copyOf(this.#kept.get(holder)!),
      })),
    );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#kept.delete(ownerHolder(owner));
    return okAsync(undefined);
  }
}

const copyOf = ({ masterVersion, wrapped }: WrappedKey): WrappedKey => ({ masterVersion, wrapped: wrapped.slice() });
