import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { ResultAsync } from 'neverthrow';
import type { HeadSignature, HeadSigner } from '../../core/audit/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

/** Where the private key is kept: answers the one that is there, or keeps what `create` makes. */
export type LoadOrCreateKey = (create: () => Promise<string>) => ResultAsync<string, PortUnavailable>;

interface Key {
  /** RFC 7638 SHA-256 thumbprint of the public key. */
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Signs the heads of the audit log with Ed25519 (RFC 8032). The key is made at the first use and read once a process. */
export class Ed25519HeadSigner implements HeadSigner {
  readonly #loadOrCreate: LoadOrCreateKey;
  #key: ResultAsync<Key, PortUnavailable> | null = null;

  constructor(loadOrCreate: LoadOrCreateKey) {
    this.#loadOrCreate = loadOrCreate;
  }

  sign(text: string): ResultAsync<HeadSignature, PortUnavailable> {
    return this.#current().map(({ keyId, privateKey }) => ({
      keyId,
      signature: sign(null, Buffer.from(text), privateKey).toString('base64url'),
    }));
  }

  isGenuine(text: string, { keyId, signature }: HeadSignature): ResultAsync<boolean, PortUnavailable> {
    return this.#current().map((key) => {
      const bytes = Buffer.from(signature, 'base64url');
      // Decoding base64 forgives what does not belong to it.
      const isWritten = bytes.toString('base64url') === signature;
      return isWritten && keyId === key.keyId && verify(null, Buffer.from(text), key.publicKey, bytes);
    });
  }

  #current(): ResultAsync<Key, PortUnavailable> {
    this.#key ??= this.#load().mapErr((error) => {
      // A store that was down is asked again by the next caller.
      this.#key = null;
      return error;
    });
    return this.#key;
  }

  #load(): ResultAsync<Key, PortUnavailable> {
    return this.#loadOrCreate(() => Promise.resolve(newPrivateJwk())).andThen((json) =>
      ResultAsync.fromPromise(
        Promise.resolve().then(() => keyOf(json)),
        // The cause is left out, for it may quote the key.
        () => portUnavailable('HeadSigner', 'read the key', 'not an Ed25519 private key in JWK form', false),
      ),
    );
  }
}

const newPrivateJwk = (): string =>
  JSON.stringify({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), use: 'sig' });

/** @throws on anything but an Ed25519 private key in JWK form (RFC 8037) */
function keyOf(json: string): Key {
  const privateKey = createPrivateKey({ key: JSON.parse(json) as never, format: 'jwk' });
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  const keyId = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  return { keyId, privateKey, publicKey };
}
