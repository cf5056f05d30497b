import path from 'node:path';
import { err, ok, type Result } from 'neverthrow';

/** The text cannot be a path; `reason` says why. */
export interface UnusablePath {
  readonly kind: 'unusable-path';
  readonly reason: string;
}

/** What every file system takes as the name of a file. */
const LONGEST_SEGMENT_BYTES = 240;

/** Letters, digits and a few marks stand for themselves; every other byte is written `%XX`. */
const PLAIN = /[A-Za-z0-9_.=@+-]/;

/**
 * A text as the name of one file or folder: injective, the same on every system, and never `.`, `..`, hidden, or
 * anything with a separator in it. Upper-case letters are written as bytes, since some file systems do not tell case.
 */
export function segmentOf(text: string): string {
  let name = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    const plain = PLAIN.test(character) && !/[A-Z]/.test(character) && !(character === '.' && name === '');
    name += plain ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return name;
}

/** The text that `segmentOf` made this name of. */
export const textOf = (segment: string): string => decodeURIComponent(segment);

/** The path of a key, with `/` between its segments, below `root`. */
export function pathBelow(root: string, segments: readonly string[]): Result<string, UnusablePath> {
  const names = segments.map(segmentOf);
  if (names.some((name) => name === '')) return err({ kind: 'unusable-path', reason: 'an empty segment' });
  if (names.some((name) => name.length > LONGEST_SEGMENT_BYTES)) {
    return err({ kind: 'unusable-path', reason: 'a segment that is too long' });
  }
  return ok(path.join(root, ...names));
}
