import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { err, ok, type Result } from 'neverthrow';
import type { DataKey, SealedPlace } from '../../core/encryption/model.ts';
import {
  damaged,
  type Damaged,
  type ObjectHead,
  type SegmentOpener,
  type SegmentSealer,
} from '../../core/encryption/ports.ts';
import { boundTo } from './sealed-text.ts';

/** Sixteen bytes that no text and no archive begins with: none of them is ASCII, and together they are no UTF-8. */
const MAGIC = Buffer.from('c1fe80d3f5a1ff93c0e8ad97fb84de01', 'hex');
const KEY_ID_BYTES = 8;
const SALT_BYTES = 32;
const TAG_BYTES = 16;

/** The magic with the format in its last byte, the key id, and the salt of the object's own key. */
export const HEADER_BYTES = MAGIC.length + KEY_ID_BYTES + SALT_BYTES;

const FORMAT = 'clarity object 1';

/**
 * A key for this object alone, so that counters may be its nonces (as Tink's AES-GCM-HKDF streaming does it): a segment
 * of another object does not open under it, nor any under a changed header.
 */
const objectKey = ({ secret }: DataKey, header: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, header.subarray(MAGIC.length + KEY_ID_BYTES), FORMAT, 32));

/** STREAM (Hoang et al. 2015): seven bytes, the segment's number, and whether it is the last. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export function sealSegments(key: DataKey, place: SealedPlace): SegmentSealer {
  const header = Buffer.concat([MAGIC, Buffer.from(key.keyId, 'hex'), randomBytes(SALT_BYTES)]);
  const secret = objectKey(key, header);
  const bound = Buffer.concat([header, boundTo(place, FORMAT)]);
  return {
    header,
    seal: (index, isLast, plain) => {
      const cipher = createCipheriv('aes-256-gcm', secret, nonceOf(index, isLast));
      cipher.setAAD(bound);
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
  };
}

export function openSegments(key: DataKey, place: SealedPlace, header: Uint8Array): SegmentOpener {
  const secret = objectKey(key, header);
  const bound = Buffer.concat([header, boundTo(place, FORMAT)]);
  return {
    open: (index, isLast, sealed): Result<Uint8Array, Damaged> => {
      if (sealed.length < TAG_BYTES) return err(damaged('was cut short'));
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', secret, nonceOf(index, isLast), { authTagLength: TAG_BYTES });
      decipher.setAAD(bound);
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return ok(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]));
      } catch {
        return err(damaged('is not what was written there'));
      }
    },
  };
}

/**
 * Plain is what hardly agrees with the magic: a magic that was changed or cut short makes no plain object of a sealed one.
 * Nothing at all is no object: a sealed one has a header, and no older version stored an empty one.
 */
export function objectHead(beginning: Uint8Array): Result<ObjectHead, Damaged> {
  const compared = Math.min(beginning.length, MAGIC.length);
  let agreeing = 0;
  for (let i = 0; i < compared; i++) if (beginning[i] === MAGIC[i]) agreeing++;
  if (compared === 0) return err(damaged('is empty'));
  if (agreeing * 2 < compared) return ok({ kind: 'plain' });
  if (beginning.length < HEADER_BYTES) return err(damaged('was cut short'));
  if (agreeing < MAGIC.length) return err(damaged('does not begin as what is sealed does'));
  const keyId = Buffer.from(beginning.subarray(MAGIC.length, MAGIC.length + KEY_ID_BYTES)).toString('hex');
  return ok({ kind: 'sealed', keyId });
}
