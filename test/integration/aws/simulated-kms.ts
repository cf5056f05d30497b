import { createHash, randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  InvalidCiphertextException,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';

type Context = Readonly<Record<string, string>> | undefined;

const ARN = 'arn:aws:kms:us-east-1:000000000000:key/';
const arnOf = (keyId: string | undefined): string =>
  keyId?.startsWith(ARN) === true ? keyId : `${ARN}${String(keyId)}`;

/**
 * KMS as far as data keys need it, behind the SDK's own client: a ciphertext opens under its key and context alone. Keys
 * are answered by their ARN, as KMS does whatever they were asked for by.
 */
export function simulatedKms() {
  const kept = new Map<string, { readonly arn: string; readonly context: string; readonly plain: Uint8Array }>();
  const hashOf = (blob: Uint8Array | undefined): string =>
    createHash('sha256')
      .update(blob ?? '')
      .digest('hex');
  const encrypt = (keyId: string | undefined, context: Context, plain: Uint8Array) => {
    const blob = new Uint8Array(randomBytes(80));
    kept.set(hashOf(blob), { arn: arnOf(keyId), context: JSON.stringify(context), plain });
    return { CiphertextBlob: blob, KeyId: arnOf(keyId) };
  };
  const decrypt = (keyId: string | undefined, context: Context, blob: Uint8Array | undefined): Uint8Array => {
    const found = kept.get(hashOf(blob));
    if (found?.arn !== arnOf(keyId) || found.context !== JSON.stringify(context)) {
      throw new InvalidCiphertextException({ message: '', $metadata: { httpStatusCode: 400 } });
    }
    return found.plain;
  };
  const client = mockClient(KMSClient);
  client.on(GenerateDataKeyCommand).callsFake((input: GenerateDataKeyCommand['input']) => {
    const plain = new Uint8Array(randomBytes(input.NumberOfBytes ?? 0));
    return { ...encrypt(input.KeyId, input.EncryptionContext, plain), Plaintext: plain };
  });
  client.on(DecryptCommand).callsFake((input: DecryptCommand['input']) => ({
    Plaintext: decrypt(input.KeyId, input.EncryptionContext, input.CiphertextBlob),
    KeyId: arnOf(input.KeyId),
  }));
  client.on(ReEncryptCommand).callsFake((input: ReEncryptCommand['input']) => {
    const plain = decrypt(input.SourceKeyId, input.SourceEncryptionContext, input.CiphertextBlob);
    return encrypt(input.DestinationKeyId, input.DestinationEncryptionContext, plain);
  });
  return client;
}
