import { createHash } from 'node:crypto';
import type { StreamDigest } from '../../core/account/account-side.ts';

/** SHA-256 of a stream by the platform. */
export const nodeStreamDigest: StreamDigest = {
  begin: () => {
    const hash = createHash('sha256');
    return {
      add: (bytes) => {
        hash.update(bytes);
      },
      sha256Hex: () => hash.digest('hex'),
    };
  },
};
