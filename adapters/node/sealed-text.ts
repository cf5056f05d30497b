import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { err, ok, type Result } from 'neverthrow';
import type { DataKey, SealedPlace } from '../../core/encryption/model.ts';
import { damaged, type Damaged, type TextHead } from '../../core/encryption/ports.ts';

/** Four characters of Unicode's private use, which nobody's own text begins with. */
const MARKER = '\ue0c1\ue0a2\ue0f4\ue09b';

/** Of the bytes behind the marker. */
const FORMAT = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** What the ciphertext is bound to, with the format, so that no part can be taken for another. */
export const boundTo = ({ owner, purpose, record }: SealedPlace, format: string): Buffer =>
  Buffer.from(JSON.stringify([format, owner, purpose, record]));

/** The marker, then base64url of: format, key id, nonce, ciphertext, tag. */
export function sealText({ keyId, secret }: DataKey, place: SealedPlace, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  cipher.setAAD(boundTo(place, `clarity text ${FORMAT}`));
  const content = Buffer.concat([
    Buffer.of(FORMAT),
    Buffer.from(keyId, 'hex'),
    nonce,
    // JSON keeps halves of surrogate pairs, which UTF-8 does not have.
    cipher.update(JSON.stringify(text), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return MARKER + content.toString('base64url');
}

/**
 * Plain is what has nothing of the marker in the marker's place: a marker that was changed or cut short makes no plain text
 * of what is sealed.
 */
export function textHead(stored: string): Result<TextHead, Damaged> {
  if (!hasAnyOfMarker(stored)) return ok({ kind: 'plain' });
  return contentOf(stored).map((content) => ({
    kind: 'sealed',
    keyId: content.toString('hex', 1, 1 + KEY_ID_BYTES),
  }));
}

export function openText({ keyId, secret }: DataKey, place: SealedPlace, sealed: string): Result<string, Damaged> {
  return contentOf(sealed).andThen((content) => {
    if (content.toString('hex', 1, 1 + KEY_ID_BYTES) !== keyId) return err(damaged('needs another key'));
    const nonce = content.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(place, `clarity text ${FORMAT}`));
    decipher.setAuthTag(content.subarray(content.length - TAG_BYTES));
    try {
      const text = decipher.update(content.subarray(HEAD_BYTES, content.length - TAG_BYTES), undefined, 'utf8');
      return ok(JSON.parse(text + decipher.final('utf8')) as string);
    } catch {
      return err(damaged('is not what was written there'));
    }
  });
}

function hasAnyOfMarker(stored: string): boolean {
  for (let i = 0; i < MARKER.length; i++) if (stored.charCodeAt(i) === MARKER.charCodeAt(i)) return true;
  return false;
}

function contentOf(stored: string): Result<Buffer, Damaged> {
  if (!stored.startsWith(MARKER)) return err(damaged('does not begin as what is sealed does'));
  const encoded = stored.slice(MARKER.length);
  const content = Buffer.from(encoded, 'base64url');
  // A lenient decoder takes several texts for the same bytes.
  if (content.toString('base64url') !== encoded) return err(damaged('has characters that were never written'));
  if (content[0] !== FORMAT) return err(damaged('has a format that is not known'));
  return content.length < HEAD_BYTES + TAG_BYTES ? err(damaged('was cut short')) : ok(content);
}
