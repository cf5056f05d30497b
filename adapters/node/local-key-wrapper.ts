import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import {
  DATA_KEY_BYTES,
  localVersionName,
  type KeyHolder,
  type MasterKey,
  type WrappedKey,
} from '../../core/encryption/model.ts';
import type { KeyWrapper, MasterKeys } from '../../core/encryption/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Wraps data keys by AES-256-GCM under a master key of this machine: nonce, ciphertext, tag. A version that another process
 * made since is found when it is needed, so the master key can change while this process serves.
 */
export class LocalKeyWrapper implements KeyWrapper {
  readonly #masterKeys: MasterKeys;
  #known: readonly MasterKey[] = [];

  constructor(masterKeys: MasterKeys) {
    this.#masterKeys = masterKeys;
  }

  newKey(
    holder: KeyHolder,
  ): ResultAsync<{ readonly secret: Uint8Array; readonly wrapping: WrappedKey }, PortUnavailable> {
    const secret = new Uint8Array(randomBytes(DATA_KEY_BYTES));
    return this.#newest().map((master) => ({ secret, wrapping: wrapped(master, holder, secret) }));
  }

  unwrap(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<Uint8Array, PortUnavailable> {
    return this.#master(wrapping.masterVersion).andThen((master) => {
      const secret = unwrapped(master, holder, wrapping.wrapped);
      return secret === null
        ? errAsync(portUnavailable('KeyWrapper', 'unwrap', 'the wrapping is not what was written there', false))
        : okAsync(secret);
    });
  }

  rewrap(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    return this.#newest().andThen((master) =>
      versionText(master) === wrapping.masterVersion
        ? okAsync(wrapping)
        : this.unwrap(holder, wrapping).map((secret) => wrapped(master, holder, secret)),
    );
  }

  /** Looked up each time: what is wrapped under a version that was replaced would have to be wrapped again. */
  #newest(): ResultAsync<MasterKey, PortUnavailable> {
    return this.#masterKeys.versionsOrFirst().andThen((versions) => {
      this.#known = versions;
      const newest = versions.at(-1);
      return newest === undefined
        ? errAsync(portUnavailable('KeyWrapper', 'newKey', 'there is no master key', false))
        : okAsync(newest);
    });
  }

  #master(version: string): ResultAsync<MasterKey, PortUnavailable> {
    const known = this.#known.find((master) => versionText(master) === version);
    if (known !== undefined) return okAsync(known);
    return this.#masterKeys.versions().andThen((versions) => {
      this.#known = versions;
      const found = versions.find((master) => versionText(master) === version);
      return found === undefined
        ? errAsync(portUnavailable('KeyWrapper', 'unwrap', `version ${version} of the master key is missing`, false))
        : okAsync(found);
    });
  }
}

const versionText = ({ version }: MasterKey): string => localVersionName(version);

const boundTo = (master: MasterKey, holder: KeyHolder): Buffer =>
  Buffer.from(JSON.stringify(['clarity data key', versionText(master), holder]));

function wrapped(master: MasterKey, holder: KeyHolder, secret: Uint8Array): WrappedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', master.secret, nonce);
  cipher.setAAD(boundTo(master, holder));
  const content = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return { masterVersion: versionText(master), wrapped: new Uint8Array(content) };
}

function unwrapped(master: MasterKey, holder: KeyHolder, content: Uint8Array): Uint8Array | null {
  if (content.length !== NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES) return null;
  const nonce = content.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', master.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(master, holder));
  decipher.setAuthTag(content.subarray(-TAG_BYTES));
  try {
    const secret = decipher.update(content.subarray(NONCE_BYTES, -TAG_BYTES));
    return new Uint8Array(Buffer.concat([secret, decipher.final()]));
  } catch {
    return null;
  }
}
