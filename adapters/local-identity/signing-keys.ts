import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { ResultAsync } from 'neverthrow';
import type { SigningKeyStore } from '../../core/auth/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

/** ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4): what every platform and key service can sign and check. */
export const SIGNING_ALGORITHM = 'ES256';

export interface SigningKey {
  /** RFC 7638 SHA-256 thumbprint of the public key. */
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** The key that signs the local provider's tokens: made at the first start, read from the store once a process. */
export class SigningKeys {
  readonly #store: SigningKeyStore;
  #current: ResultAsync<SigningKey, PortUnavailable> | null = null;

  constructor(store: SigningKeyStore) {
    this.#store = store;
  }

  current(): ResultAsync<SigningKey, PortUnavailable> {
    this.#current ??= this.#load().mapErr((error) => {
      // A store that was down is asked again by the next caller.
      this.#current = null;
      return error;
    });
    return this.#current;
  }

  #load(): ResultAsync<SigningKey, PortUnavailable> {
    return this.#store
      .loadOrCreate(createPrivateJwk)
      .andThen((json) =>
        ResultAsync.fromPromise(readPrivateJwk(json), () =>
          portUnavailable('SigningKeyStore', 'read the signing key', 'not an ES256 private key in JWK form', false),
        ),
      );
  }
}

async function createPrivateJwk(): Promise<string> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  return JSON.stringify({ kty, crv, x, y, d, alg: SIGNING_ALGORITHM, use: 'sig' });
}

/** Rejects on anything but a private key on P-256. The cause is dropped by the caller, for it may quote the key. */
async function readPrivateJwk(json: string): Promise<SigningKey> {
  const { kty, crv, x, y, d } = JSON.parse(json) as JWK;
  if (kty !== 'EC' || crv !== 'P-256' || typeof d !== 'string') throw new TypeError('not a private key on P-256');
  if (typeof x !== 'string' || typeof y !== 'string') throw new TypeError('no public key');
  const publicJwk = { kty, crv, x, y };
  return {
    keyId: await calculateJwkThumbprint(publicJwk, 'sha256'),
    privateKey: await importCryptoKey({ ...publicJwk, d }),
    publicKey: await importCryptoKey(publicJwk),
  };
}

async function importCryptoKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('not an asymmetric key');
  return key;
}
