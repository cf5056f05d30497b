import { createHash } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient, ReEncryptCommand } from '@aws-sdk/client-kms';
import type { ResultAsync } from 'neverthrow';
import { DATA_KEY_BYTES, type KeyHolder, type WrappedKey } from '../../../core/encryption/model.ts';
import type { KeyWrapper } from '../../../core/encryption/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { orUnavailable, type AwsCaller } from '../aws-caller.ts';
import { clientConfig, type AwsSettings } from '../settings.ts';

export interface KmsKeyWrapperDeps {
  readonly settings: AwsSettings;
  /** Id, alias or ARN of a symmetric key. */
  readonly keyId: string;
  readonly caller: AwsCaller;
}

/**
 * Wraps data keys by AWS KMS: the master key never leaves it. The holder is bound to the wrapping by its hash, as what is
 * bound stands in AWS's own logs. A key that KMS itself rotates stays the same key; another key is another version.
 */
export class KmsKeyWrapper implements KeyWrapper {
  readonly #client: KMSClient;
  readonly #keyId: string;
  readonly #caller: AwsCaller;

  constructor({ settings, keyId, caller }: KmsKeyWrapperDeps) {
    this.#client = new KMSClient(clientConfig(settings, 'kms'));
    this.#keyId = keyId;
    this.#caller = caller;
  }

  newKey(
    holder: KeyHolder,
  ): ResultAsync<{ readonly secret: Uint8Array; readonly wrapping: WrappedKey }, PortUnavailable> {
    const command = new GenerateDataKeyCommand({
      KeyId: this.#keyId,
      NumberOfBytes: DATA_KEY_BYTES,
      EncryptionContext: boundTo(holder),
    });
    const made = this.#caller
      .call((abortSignal) => this.#client.send(command, { abortSignal }))
      .then(({ Plaintext: secret, CiphertextBlob: wrapped, KeyId: keyId }) => ({
        secret: secretOf(secret),
        wrapping: wrappingOf(wrapped, keyId),
      }));
    return orUnavailable('KeyWrapper', 'newKey', made);
  }

  unwrap(holder: KeyHolder, { masterVersion, wrapped }: WrappedKey): ResultAsync<Uint8Array, PortUnavailable> {
    const command = new DecryptCommand({
      CiphertextBlob: wrapped,
      KeyId: masterVersion,
      EncryptionContext: boundTo(holder),
    });
    const opened = this.#caller
      .call((abortSignal) => this.#client.send(command, { abortSignal }))
      .then(({ Plaintext: secret }) => secretOf(secret));
    return orUnavailable('KeyWrapper', 'unwrap', opened);
  }

  /** By KMS itself: the data key is not seen here. */
  rewrap(holder: KeyHolder, { masterVersion, wrapped }: WrappedKey): ResultAsync<WrappedKey, PortUnavailable> {
    const command = new ReEncryptCommand({
      CiphertextBlob: wrapped,
      SourceKeyId: masterVersion,
      SourceEncryptionContext: boundTo(holder),
      DestinationKeyId: this.#keyId,
      DestinationEncryptionContext: boundTo(holder),
    });
    const anew = this.#caller
      .call((abortSignal) => this.#client.send(command, { abortSignal }))
      .then(({ CiphertextBlob: rewrapped, KeyId: keyId }) => wrappingOf(rewrapped, keyId));
    return orUnavailable('KeyWrapper', 'rewrap', anew);
  }

  close(): void {
    this.#client.destroy();
  }
}

const boundTo = (holder: KeyHolder): Record<string, string> => ({
  'clarity-holder': createHash('sha256').update(holder).digest('hex'),
});

function secretOf(secret: Uint8Array | undefined): Uint8Array {
  if (secret?.length !== DATA_KEY_BYTES) throw new Error('KMS answered no data key');
  return new Uint8Array(secret);
}

function wrappingOf(wrapped: Uint8Array | undefined, keyId: string | undefined): WrappedKey {
  if (wrapped === undefined || keyId === undefined) throw new Error('KMS answered no wrapped key');
  return { masterVersion: keyId, wrapped: new Uint8Array(wrapped) };
}
