import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { err, ok, type Result } from 'neverthrow';
import type { FileKey, FileLock } from '../../adapters/age/encrypted-file.ts';
import { toBase32 } from '../../core/auth/base32.ts';
import { usageError, type UsageError } from './arguments.ts';

/** What a person may ask for of the file that a command writes. */
export interface LockOptions {
  readonly plain?: boolean;
  readonly 'passphrase-file'?: string;
  readonly recipient?: string[];
}

/** What was asked for; `generated` where nothing was. */
export type LockWish =
  | { readonly kind: 'plain' | 'generated' }
  | { readonly kind: 'passphrase-file'; readonly file: string }
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] };

export function lockWish(options: LockOptions): Result<LockWish, UsageError> {
  const { plain = false, 'passphrase-file': file, recipient: recipients = [] } = options;
  const wishes: LockWish[] = [];
  if (plain) wishes.push({ kind: 'plain' });
  if (file !== undefined) wishes.push({ kind: 'passphrase-file', file });
  if (recipients.length > 0) wishes.push({ kind: 'recipients', recipients });
  const [wish = { kind: 'generated' as const }, ...others] = wishes;
  return others.length === 0 ? ok(wish) : err(usageError('one of --plain, --passphrase-file and --recipient'));
}

/** 120 random bits, in letters and digits that are hard to confuse: `k7qf-w2zd-...`. */
export const freshPassphrase = (): string => (toBase32(randomBytes(15)).toLowerCase().match(/.{4}/g) ?? []).join('-');

/** The lock that was asked for, null for none. `passphrase` is the generated one, which the person has to be told. */
export async function lockOf(
  wish: LockWish,
): Promise<Result<{ readonly lock: FileLock | null; readonly passphrase: string | null }, string>> {
  switch (wish.kind) {
    case 'plain':
      return ok({ lock: null, passphrase: null });
    case 'recipients':
      return ok({ lock: wish, passphrase: null });
    case 'generated': {
      const passphrase = freshPassphrase();
      return ok({ lock: { kind: 'passphrase', passphrase }, passphrase });
    }
    case 'passphrase-file':
      return (await passphraseIn(wish.file)).map((passphrase) => ({
        lock: { kind: 'passphrase', passphrase },
        passphrase: null,
      }));
  }
}

/** What a person may open a file with. */
export interface KeyOptions {
  readonly 'passphrase-file'?: string;
  readonly identity?: string;
}

/** The key in the file that was named; null where none was. */
export async function keyOf(options: KeyOptions): Promise<Result<FileKey | null, string>> {
  const { 'passphrase-file': passphraseFile, identity } = options;
  if (passphraseFile !== undefined) {
    return (await passphraseIn(passphraseFile)).map((passphrase) => ({ kind: 'passphrase', passphrase }));
  }
  if (identity === undefined) return ok(null);
  return (await linesOf(identity)).andThen((lines): Result<FileKey, string> => {
    const identities = lines.filter((line) => line.startsWith('AGE-'));
    return identities.length > 0 ? ok({ kind: 'identities', identities }) : err(`${identity} has no identity in it`);
  });
}

/** The first line, so that the newline that editors end a file with is no part of it. */
const passphraseIn = async (file: string): Promise<Result<string, string>> =>
  (await linesOf(file)).andThen(([first = '']) =>
    first === '' ? err(`${nameOf(file)} has no passphrase in its first line`) : ok(first),
  );

const STDIN = '-';
const nameOf = (file: string): string => (file === STDIN ? 'the standard input' : file);

async function linesOf(file: string): Promise<Result<readonly string[], string>> {
  try {
    const content = file === STDIN ? await text(process.stdin) : await readFile(file, 'utf8');
    return ok(content.split(/\r?\n/));
  } catch (cause) {
    return err(`${nameOf(file)} cannot be read (${cause instanceof Error ? cause.message : 'for no known reason'})`);
  }
}
