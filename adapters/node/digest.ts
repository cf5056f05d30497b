import { createHash } from 'node:crypto';
import type { Digest } from '../../core/kernel/digest.ts';

/** SHA-256 by the platform. */
export const nodeDigest: Digest = {
  sha256Hex: (content) => createHash('sha256').update(content).digest('hex'),
};
