import { randomUUID } from 'node:crypto';
import type { Ids } from '../../core/kernel/ids.ts';

/**
 * RFC 9562 UUIDs of version 7: the millisecond, then 74 random bits from the operating system's generator. What is made
 * at about the same time lies together in an index, so that a batch touches few of its pages.
 */
export const randomIds: Ids = {
  uuid: () => {
    const time = Date.now().toString(16).padStart(12, '0');
    // The random bits of version 4 lie where those of version 7 do; its version is the fifteenth character.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
  },
};
