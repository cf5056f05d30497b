import { createHmac } from 'node:crypto';
import type { Cipher } from '../../core/encryption/ports.ts';
import { HEADER_BYTES, objectHead, openSegments, sealSegments } from './sealed-segments.ts';
import { openText, sealText, textHead } from './sealed-text.ts';

/** Half of a key's id would do to tell two keys of one person apart. */
const KEY_ID_BYTES = 8;

/** AES-256-GCM, HKDF and HMAC by the platform. */
export const nodeCipher: Cipher = {
  keyId: (secret) => createHmac('sha256', secret).update('clarity key id').digest().toString('hex', 0, KEY_ID_BYTES),
  sealText,
  textHead,
  openText,
  blindIndex: ({ secret }, purpose, text) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['clarity index', purpose, text]))
      .digest('hex'),
  headerBytes: HEADER_BYTES,
  sealSegments,
  objectHead,
  openSegments,
};
