import type { Clock } from '../../../core/kernel/clock.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';

/** How long new items are kept; DynamoDB removes them afterwards by itself, where the table's TTL attribute is `ttl`. */
export interface Retention {
  /** Null keeps them until they are deleted. */
  readonly ttlDays: number | null;
  readonly clock: Clock;
}

/** The attribute that ends an item's life, in seconds since 1970, or none. */
export const ttlFact = ({ ttlDays, clock }: Retention): { readonly ttl?: number } =>
  ttlDays === null ? {} : { ttl: Math.ceil((clock.now() + ttlDays * MS_PER_DAY) / 1000) };
