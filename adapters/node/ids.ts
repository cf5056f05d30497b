import { randomUUID } from 'node:crypto';
import type { Ids } from '../../core/kernel/ids.ts';

/** Random (version 4) UUIDs from the operating system's generator. */
export const randomIds: Ids = { uuid: () => randomUUID() };
