import { hash } from 'node:crypto';
import type { Digest } from '../../core/kernel/digest.ts';

/** SHA-256 by the platform. */
export const nodeDigest: Digest = {
  sha256Hex: (content) => hash('sha256', content, 'hex'),
};
