import { okAsync, ResultAsync } from 'neverthrow';
import type { SigningKeyStore, StoredSigningKey } from '../../core/auth/signing-key-store.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { hasEnded, reignsOf, type Reign } from './key-succession.ts';
import { newSigningKey, type SigningKey } from './signing-key.ts';
import { readAll } from './signing-keys.ts';

export interface KeyRotationDeps {
  readonly signingKeys: SigningKeyStore;
  readonly clock: Clock;
}

/** A stored key with its place among the others. */
export type StoredReign = Reign<SigningKey & { readonly name: string }>;

export interface RotatedKeys {
  readonly added: string;
  /** Keys of which no token can be good any more. */
  readonly removed: readonly string[];
  readonly signsFromMs: EpochMs;
}

/** The stored keys in the order in which they sign; one is made where there is none. */
export const listSigningKeys = ({
  signingKeys,
  clock,
}: KeyRotationDeps): ResultAsync<readonly StoredReign[], PortUnavailable> =>
  signingKeys.loadOrCreate(async () => (await newSigningKey(clock.now())).jwk).andThen(named);

/**
 * Adds a key, which signs as soon as every process has learned of it, and removes those of which all tokens have ended.
 * The others stay: nobody is logged out. The new key is durable before anything is removed.
 */
export const rotateSigningKeys = (deps: KeyRotationDeps): ResultAsync<RotatedKeys, PortUnavailable> =>
  listSigningKeys(deps)
    // After all others, whatever their clocks said.
    .andThen((reigns) => newKey(Math.max(deps.clock.now(), ...reigns.map(({ key }) => key.createdAtMs + 1))))
    .andThen(({ keyId, jwk }) =>
      deps.signingKeys
        .add({ name: keyId, jwk })
        .andThen(() => listSigningKeys(deps))
        .andThen((reigns) => {
          const ended = reigns.filter((reign) => hasEnded(reign, deps.clock.now()));
          return removeAll(deps.signingKeys, ended).map(() => ({
            added: keyId,
            removed: ended.map(({ key }) => key.keyId),
            signsFromMs: reigns.find(({ key }) => key.keyId === keyId)?.signsFromMs ?? deps.clock.now(),
          }));
        }),
    );

/** The same where the key that was made last is older than that, or does not say when; null where it is not. */
export const rotateAgedKeys = (
  deps: KeyRotationDeps,
  mostAgeMs: number,
): ResultAsync<RotatedKeys | null, PortUnavailable> =>
  listSigningKeys(deps).andThen((reigns): ResultAsync<RotatedKeys | null, PortUnavailable> => {
    const madeLastMs = Math.max(...reigns.map(({ key }) => key.createdAtMs));
    return deps.clock.now() - madeLastMs > mostAgeMs ? rotateSigningKeys(deps) : okAsync(null);
  });

const newKey = (nowMs: EpochMs): ResultAsync<Awaited<ReturnType<typeof newSigningKey>>, PortUnavailable> =>
  ResultAsync.fromPromise(newSigningKey(nowMs), (cause) => portUnavailable('SigningKeyStore', 'make a key', cause));

const named = (stored: readonly StoredSigningKey[]): ResultAsync<readonly StoredReign[], PortUnavailable> =>
  readAll(stored).map((keys) => reignsOf(keys.map((key, i) => ({ ...key, name: stored[i]?.name ?? '' }))));

const removeAll = (store: SigningKeyStore, ended: readonly StoredReign[]): ResultAsync<void, PortUnavailable> =>
  ended.reduce<ResultAsync<void, PortUnavailable>>(
    (before, { key }) => before.andThen(() => store.remove(key.name)),
    okAsync(undefined),
  );
