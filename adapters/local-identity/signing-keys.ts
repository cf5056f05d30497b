import { err, ok, okAsync, ResultAsync } from 'neverthrow';
import type { SigningKeyStore, StoredSigningKey } from '../../core/auth/signing-key-store.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { hasEnded, KEYS_LOOKED_UP_EVERY_MS, reignsOf, signingAt, type Reign } from './key-succession.ts';
import { newSigningKey, readSigningKey, type SigningKey } from './signing-key.ts';

/** Whoever sends tokens of unknown keys makes the store be asked no more often than this. */
const UNKNOWN_LOOKED_UP_EVERY_MS = 1000;

interface Loaded {
  readonly reigns: readonly Reign<SigningKey>[];
  readonly atMs: EpochMs;
}

/**
 * The keys that sign the local provider's tokens and check them: the newest signs, older ones check until their tokens
 * have ended. The first is made at the first start. New ones are learned of while serving.
 */
export class SigningKeys {
  readonly #store: SigningKeyStore;
  readonly #clock: Clock;
  #loaded: Loaded | null = null;
  #loading: ResultAsync<Loaded, PortUnavailable> | null = null;

  constructor(store: SigningKeyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The key that signs now. */
  current(): ResultAsync<SigningKey, PortUnavailable> {
    return this.#lookedUpWithin(KEYS_LOOKED_UP_EVERY_MS).andThen(({ reigns }) => {
      const key = signingAt(reigns, this.#clock.now());
      return key === undefined ? err(portUnavailable('SigningKeyStore', 'loadOrCreate', 'no key', false)) : ok(key);
    });
  }

  /** The key of this id, if tokens of it can still be good. One that is not known is looked for in the store. */
  find(keyId: string): ResultAsync<SigningKey | null, PortUnavailable> {
    const isKnown = this.#loaded !== null && keyOf(this.#loaded, keyId, this.#clock.now()) !== null;
    return this.#lookedUpWithin(isKnown ? KEYS_LOOKED_UP_EVERY_MS : UNKNOWN_LOOKED_UP_EVERY_MS).map((loaded) =>
      keyOf(loaded, keyId, this.#clock.now()),
    );
  }

  /** What was loaded no longer ago than this. A store that is down is passed over as long as there are keys at hand. */
  #lookedUpWithin(ms: number): ResultAsync<Loaded, PortUnavailable> {
    const loaded = this.#loaded;
    const ageMs = loaded === null ? Infinity : this.#clock.now() - loaded.atMs;
    // A clock that was set back makes nothing fresh.
    if (loaded !== null && ageMs >= 0 && ageMs < ms) return okAsync(loaded);
    return this.#load().orElse((error) => (loaded === null ? err(error) : ok(loaded)));
  }

  /** One look at a time, for all who wait for it. */
  #load(): ResultAsync<Loaded, PortUnavailable> {
    if (this.#loading !== null) return this.#loading;
    const atMs = this.#clock.now();
    const loading = this.#store
      .loadOrCreate(async () => (await newSigningKey(atMs)).jwk)
      .andThen(readAll)
      .map((keys) => (this.#loaded = { reigns: reignsOf(keys), atMs }));
    const done = (): void => {
      this.#loading = null;
    };
    this.#loading = loading;
    void loading.then(done, done);
    return loading;
  }
}

/** The stored keys, checked and ready for use. */
export const readAll = (stored: readonly StoredSigningKey[]): ResultAsync<readonly SigningKey[], PortUnavailable> =>
  ResultAsync.fromPromise(Promise.all(stored.map(({ jwk }) => readSigningKey(jwk))), () =>
    portUnavailable('SigningKeyStore', 'read the signing keys', 'not an ES256 private key in JWK form', false),
  );

function keyOf({ reigns }: Loaded, keyId: string, nowMs: EpochMs): SigningKey | null {
  const reign = reigns.find(({ key }) => key.keyId === keyId);
  return reign === undefined || hasEnded(reign, nowMs) ? null : reign.key;
}
