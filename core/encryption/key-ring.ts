import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import { INSTALLATION, ownerHolder, type DataKey, type KeyHolder, type WrappedKey } from './model.ts';
import type { Cipher, DataKeys, KeyWrapper } from './ports.ts';

export interface KeyRingPorts {
  readonly dataKeys: DataKeys;
  readonly wrapper: KeyWrapper;
  readonly cipher: Pick<Cipher, 'keyId'>;
  readonly clock: Clock;
}

/** So long a key may go on being used after another process has erased it. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1000;

interface Remembered {
  readonly key: DataKey;
  readonly untilMs: EpochMs;
}

/** The data keys of people and of the installation, unwrapped and remembered for a minute. */
export class KeyRing implements ErasesOwner {
  readonly #ports: KeyRingPorts;
  /** The one that was fetched the longest ago first. */
  readonly #remembered = new Map<KeyHolder, Remembered>();
  /** What is being fetched: all who ask meanwhile get the same. */
  readonly #fetching = new Map<KeyHolder, ResultAsync<DataKey | null, PortUnavailable>>();

  constructor(ports: KeyRingPorts) {
    this.#ports = ports;
  }

  /** The key that the person's data are encrypted with from now on; made where there is none yet. */
  ofOwner(owner: UserId): ResultAsync<DataKey, PortUnavailable> {
    return this.#ofHolder(ownerHolder(owner));
  }

  /** The installation's own key; made where there is none yet. */
  ofInstallation(): ResultAsync<DataKey, PortUnavailable> {
    return this.#ofHolder(INSTALLATION);
  }

  /** The person's key of that id. It is not there any more once the person was erased: `port-unavailable`, for good. */
  ofOwnerNamed(owner: UserId, keyId: string): ResultAsync<DataKey, PortUnavailable> {
    const holder = ownerHolder(owner);
    const known = this.#known(holder);
    if (known?.keyId === keyId) return okAsync(known);
    // What is remembered is of before an erasure, or was never asked for.
    this.#remembered.delete(holder);
    return this.#fetched(holder).andThen((key) =>
      key?.keyId === keyId
        ? okAsync(key)
        : errAsync(portUnavailable('DataKeys', 'find', 'the key of these data was erased', false)),
    );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#ports.dataKeys.eraseOwner(owner).map(() => {
      this.#remembered.delete(ownerHolder(owner));
      this.#fetching.delete(ownerHolder(owner));
    });
  }

  #ofHolder(holder: KeyHolder): ResultAsync<DataKey, PortUnavailable> {
    const known = this.#known(holder);
    if (known !== null) return okAsync(known);
    return this.#fetched(holder).andThen((found) => (found === null ? this.#made(holder) : okAsync(found)));
  }

  #known(holder: KeyHolder): DataKey | null {
    const remembered = this.#remembered.get(holder);
    return remembered !== undefined && this.#ports.clock.now() < remembered.untilMs ? remembered.key : null;
  }

  #fetched(holder: KeyHolder): ResultAsync<DataKey | null, PortUnavailable> {
    const under = this.#fetching.get(holder);
    if (under !== undefined) return under;
    const fetching = this.#ports.dataKeys
      .find(holder)
      .andThen((wrapping) => (wrapping === null ? okAsync(null) : this.#unwrapped(holder, wrapping)));
    this.#fetching.set(holder, fetching);
    const settled = (key: DataKey | null): void => {
      // Unless the person was erased meanwhile.
      if (this.#fetching.get(holder) !== fetching) return;
      this.#fetching.delete(holder);
      if (key !== null) this.#remember(holder, key);
    };
    void fetching.match(settled, () => {
      settled(null);
    });
    return fetching;
  }

  #made(holder: KeyHolder): ResultAsync<DataKey, PortUnavailable> {
    const { dataKeys, wrapper, cipher } = this.#ports;
    return wrapper.newKey(holder).andThen(({ secret, wrapping }) =>
      dataKeys.insertOnce(holder, wrapping).andThen((kept) => {
        // Of two who make one at once, the first one's is kept.
        if (!sameWrapping(kept, wrapping)) return this.#unwrapped(holder, kept);
        const key = { keyId: cipher.keyId(secret), secret };
        this.#remember(holder, key);
        return okAsync(key);
      }),
    );
  }

  #unwrapped(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<DataKey, PortUnavailable> {
    const { wrapper, cipher } = this.#ports;
    return wrapper.unwrap(holder, wrapping).map((secret) => ({ keyId: cipher.keyId(secret), secret }));
  }

  #remember(holder: KeyHolder, key: DataKey): void {
    this.#remembered.delete(holder);
    this.#remembered.set(holder, { key, untilMs: this.#ports.clock.now() + REMEMBERED_MS });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Whether two wrappings are the same bytes under the same master key. */
export const sameWrapping = (a: WrappedKey, b: WrappedKey): boolean =>
  a.masterVersion === b.masterVersion &&
  a.wrapped.length === b.wrapped.length &&
  a.wrapped.every((byte, i) => byte === b.wrapped[i]);
