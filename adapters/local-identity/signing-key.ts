import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { EpochMs } from '../../core/kernel/clock.ts';

/** ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4): what every platform and key service can sign and check. */
export const SIGNING_ALGORITHM = 'ES256';

export interface SigningKey {
  /** RFC 7638 SHA-256 thumbprint of the public key. */
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** 0 of one that was made before keys said it. */
  readonly createdAtMs: EpochMs;
}

/** A new key as a private JWK in JSON, with its thumbprint. */
export async function newSigningKey(createdAtMs: EpochMs): Promise<{ readonly keyId: string; readonly jwk: string }> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  const jwk = JSON.stringify({ kty, crv, x, y, d, alg: SIGNING_ALGORITHM, use: 'sig', created_at_ms: createdAtMs });
  return { keyId: await calculateJwkThumbprint(await exportJWK(privateKey), 'sha256'), jwk };
}

/** Rejects on anything but a private key on P-256. The cause is to be dropped by the caller, for it may quote the key. */
export async function readSigningKey(json: string): Promise<SigningKey> {
  const {
    kty,
    crv,
    x,
    y,
    d,
    created_at_ms: createdAtMs,
  } = JSON.parse(json) as JWK & { readonly created_at_ms?: unknown };
  if (kty !== 'EC' || crv !== 'P-256' || typeof d !== 'string') throw new TypeError('not a private key on P-256');
  if (typeof x !== 'string' || typeof y !== 'string') throw new TypeError('no public key');
  const publicJwk = { kty, crv, x, y };
  return {
    keyId: await calculateJwkThumbprint(publicJwk, 'sha256'),
    privateKey: await importCryptoKey({ ...publicJwk, d }),
    publicKey: await importCryptoKey(publicJwk),
    createdAtMs: typeof createdAtMs === 'number' ? createdAtMs : 0,
  };
}

async function importCryptoKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('not an asymmetric key');
  return key;
}
