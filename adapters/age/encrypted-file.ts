import { Decrypter, Encrypter } from 'age-encryption';
import { err, ok, type Result } from 'neverthrow';
import { passphraseIdentity, passphraseRecipient } from './passphrase.ts';

/** Who can open a file: whoever knows the passphrase, or whoever has the identity of one of the recipients (`age1...`). */
export type FileLock =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] };

/** What a file is opened with; an identity is the line `AGE-SECRET-KEY-1...` of the file that age-keygen writes. */
export type FileKey =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'identities'; readonly identities: readonly string[] };

/** A recipient or an identity that is none: mistyped, or of another kind. */
export interface UnusableKey {
  readonly kind: 'unusable-key';
}

/** None of the keys opens the file, or its beginning is not that of an encrypted file. */
export interface FileLocked {
  readonly kind: 'file-locked';
}

/** What a file that age has written begins with; one in text form ("armor") does not. */
const MAGIC = Buffer.from('age-encryption.org/v1\n');
/** So many bytes of a file tell whether it is an encrypted one. */
export const AGE_HEAD_BYTES = MAGIC.length;

export const isAgeFile = (head: Uint8Array): boolean => MAGIC.equals(head.subarray(0, MAGIC.length));

/**
 * Encrypts on the way through, in the format of age (https://age-encryption.org/v1: ChaCha20-Poly1305 in STREAM segments of
 * 64 KiB; the passphrase through scrypt with N = 2^18), so that others open the file without this program.
 */
export async function encrypted(
  content: AsyncIterable<Uint8Array>,
  lock: FileLock,
): Promise<Result<AsyncIterable<Uint8Array>, UnusableKey>> {
  const encrypter = new Encrypter();
  try {
    if (lock.kind === 'passphrase') encrypter.addRecipient(passphraseRecipient(lock.passphrase));
    else for (const recipient of lock.recipients) encrypter.addRecipient(recipient);
  } catch {
    // What the library says of a key may show a part of it.
    return err({ kind: 'unusable-key' });
  }
  return ok(await encrypter.encrypt(ReadableStream.from(content)));
}

/**
 * Opens what `encrypted` or age has written. The stream throws where the file was changed or cut short; what came before that
 * is what was written.
 */
export async function decrypted(
  content: AsyncIterable<Uint8Array>,
  key: FileKey,
): Promise<Result<AsyncIterable<Uint8Array>, UnusableKey | FileLocked>> {
  const decrypter = new Decrypter();
  try {
    if (key.kind === 'passphrase') decrypter.addIdentity(passphraseIdentity(key.passphrase));
    else for (const identity of key.identities) decrypter.addIdentity(identity);
  } catch {
    // What the library says of a key may show a part of it.
    return err({ kind: 'unusable-key' });
  }
  try {
    return ok(await decrypter.decrypt(ReadableStream.from(content)));
  } catch {
    return err({ kind: 'file-locked' });
  }
}
