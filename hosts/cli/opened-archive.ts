import { err, ok, type Result } from 'neverthrow';
import { AGE_HEAD_BYTES, decrypted, isAgeFile } from '../../adapters/age/encrypted-file.ts';
import { fileByteSource } from '../../adapters/filesystem/byte-source.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { keyOf, type KeyOptions } from './archive-lock.ts';

/** An archive that can be read. An encrypted one can only be read once, from its beginning. */
export type OpenedArchive =
  | { readonly kind: 'plain'; readonly file: ByteSource }
  | {
      readonly kind: 'decrypted';
      readonly content: AsyncIterable<Uint8Array>;
      /** Whether the content has ended because the file is not what was encrypted. */
      readonly isDamaged: () => boolean;
    };

/** Opens the file, with the key where it is encrypted; or a sentence for the person that says what is missing. */
export async function openedArchive(path: string, options: KeyOptions): Promise<Result<OpenedArchive, string>> {
  const key = await keyOf(options);
  if (key.isErr()) return err(key.error);
  const opened = await fileByteSource(path);
  if (opened.isErr()) return err(`${path} cannot be read (${opened.error.cause})`);
  const file = opened.value;
  if (!isAgeFile(await headOf(file))) {
    return key.value === null ? ok({ kind: 'plain', file }) : err(`${path} is not encrypted, and needs no key`);
  }
  if (key.value === null) return err(`${path} is encrypted: --passphrase-file FILE or --identity FILE is needed`);
  const content = await decrypted(file.stream(), key.value);
  if (content.isOk()) return ok({ kind: 'decrypted', ...watched(content.value) });
  switch (content.error.kind) {
    case 'unusable-key':
      return err('the identity is no secret key of age, such as AGE-SECRET-KEY-1... of age-keygen');
    case 'file-locked':
      return err(`${path} was not encrypted for this ${key.value.kind === 'passphrase' ? 'passphrase' : 'identity'}`);
  }
}

async function headOf(file: ByteSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of file.stream({ start: 0, end: Math.min(AGE_HEAD_BYTES, file.sizeBytes) })) parts.push(part);
  return Buffer.concat(parts);
}

function watched(content: AsyncIterable<Uint8Array>) {
  let damaged = false;
  async function* through(): AsyncGenerator<Uint8Array> {
    try {
      yield* content;
    } catch (cause) {
      damaged = true;
      throw cause;
    }
  }
  return { content: through(), isDamaged: () => damaged };
}
