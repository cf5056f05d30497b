import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';

/** A key that signs the local identity provider's tokens. */
export interface StoredSigningKey {
  /** What the store knows it by: letters, digits, `_` and `-`, at most 100. */
  readonly name: string;
  /** A private JWK in JSON. */
  readonly jwk: string;
}

/** Where the local identity provider keeps its signing keys. A key is added and removed whole, and never changed. */
export interface SigningKeyStore {
  /**
   * All keys, in no particular order; where there is none, the one that `create` makes: two processes starting at once get
   * the same.
   */
  loadOrCreate(create: () => Promise<string>): ResultAsync<readonly StoredSigningKey[], PortUnavailable>;
  /** Adds a key beside the others, durably. A name that is taken is `port-unavailable`, and nothing changes. */
  add(key: StoredSigningKey): ResultAsync<void, PortUnavailable>;
  /** Removes a key for good; absent already is fine. */
  remove(name: string): ResultAsync<void, PortUnavailable>;
}
