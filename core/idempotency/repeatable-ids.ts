import type { EpochMs } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Ids } from '../kernel/ids.ts';
import type { IdempotencyScope } from './ports.ts';

/**
 * Ids for the work of one call: RFC 9562 UUIDs of version 8, each the first instant and a part of the SHA-256 of the call
 * and of how many came before it. An attempt that repeats the call, given the same first instant, makes the same ids in
 * the same order; other calls make others, also one that uses a key again after the call of that name was forgotten.
 */
export function repeatableIds(digest: Digest, scope: IdempotencyScope, firstBegunAtMs: EpochMs): Ids {
  const { owner, operation, key } = scope;
  let made = 0;
  return {
    uuid: () => {
      // As JSON no two lists are the same text, whatever characters the key has.
      const hex = digest.sha256Hex(JSON.stringify([owner, operation, key, firstBegunAtMs, made]));
      made++;
      // As in version 7 the millisecond comes first, so that what one call makes lies together in an index.
      const time = firstBegunAtMs.toString(16).padStart(12, '0').slice(-12);
      const variant = ((parseInt(hex.slice(16, 17), 16) & 0b0011) | 0b1000).toString(16);
      const parts = [time.slice(0, 8), time.slice(8), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
      return [...parts, hex.slice(20, 32)].join('-');
    },
  };
}
