import { createHash } from 'node:crypto';
import type { UserId } from '../../../core/kernel/ids.ts';

/** DynamoDB takes sort keys of 1024 bytes; a key has a few parts. */
const MOST_BYTES = 400;

/**
 * A part of a key: the text itself, where it is an ordinary one. What would be taken for a separator or has no UTF-8
 * form is escaped, and what is too long is replaced by its hash, so that different texts are different parts.
 */
export function keyText(text: string): string {
  const escaped = text
    .replace(/[%#]/g, (character) => (character === '%' ? '%25' : '%23'))
    .replace(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (half) => `%u${half.charCodeAt(0).toString(16)}`,
    );
  if (Buffer.byteLength(escaped) <= MOST_BYTES) return escaped;
  return `%sha256-${createHash('sha256').update(escaped).digest('hex')}`;
}

/** The partition of everything that belongs to a person. */
export const ownerKey = (owner: UserId): string => `USER#${keyText(owner)}`;

/** Just above every key that begins with `prefix`. */
export const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;
