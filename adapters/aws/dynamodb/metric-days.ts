import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { Metric } from '../../../core/health-data/model.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { ownerKey } from './key-text.ts';
import { type Retention, ttlFact } from './retention.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import { type Blob, VersionedBlobs } from './versioned-blobs.ts';

/** Begins the sort keys of the days. */
export const METRIC_DAY_PREFIX = 'METRICS#';

/** Days that lie next to each other and are read at a time. */
const DAYS_A_READ = 8;

/** ECMAScript's time values end this many days before and after 1970-01-01. */
const MOST_DAYS = 100_000_000;

/** The layout of the bytes: this number, then deflated JSON. */
const VERSION = 1;

/** Claims that were loosened with this token, and whose metrics are gone from the day. */
export interface LeavingClaims {
  readonly token: string;
  readonly ids: readonly string[];
}

/** What a day holds. */
export interface MetricDayContent {
  readonly metrics: readonly Metric[];
  /** Until they are removed, they are named here, so that whoever comes after a crash finds them. */
  readonly leaving: readonly LeavingClaims[];
}

/** A day as it was read. */
export interface MetricDay {
  readonly owner: UserId;
  /** Days since 1970-01-01, UTC, on which the metrics lie. */
  readonly day: number;
  readonly content: MetricDayContent;
  readonly blob: Blob;
}

const EMPTY: MetricDayContent = { metrics: [], leaving: [] };

/** The UTC day of the instant. A RangeError where `Date` cannot hold it. */
export function metricDayOf(createdAtMs: EpochMs): number {
  const day = Math.floor(createdAtMs / MS_PER_DAY);
  if (!(Math.abs(day) <= MOST_DAYS)) throw new RangeError(`${String(createdAtMs)} ms is no instant of a metric`);
  return day;
}

/**
 * An owner's metrics, one versioned blob a UTC day at `METRICS#<day>`. Every write stands on the token of a day that is
 * there: a day is first made empty, then written to. So nobody can write to a day that was removed since he read it, or
 * made anew.
 */
export class MetricDays {
  readonly #blobs: VersionedBlobs;
  readonly #retention: Retention;

  constructor(table: DynamoTable, retention: Retention) {
    this.#blobs = new VersionedBlobs(table);
    this.#retention = retention;
  }

  async read(owner: UserId, day: number): Promise<MetricDay | null> {
    const blob = await this.#blobs.read(keyOf(owner, day));
    return blob === null ? null : dayOf(owner, blob);
  }

  /** The day, made empty where there is none; null where it was removed again in between. */
  async open(owner: UserId, day: number): Promise<MetricDay | null> {
    const before = await this.read(owner, day);
    if (before !== null) return before;
    await this.#blobs.write(keyOf(owner, day), await encoded(EMPTY), this.#facts(day, EMPTY), null);
    return this.read(owner, day);
  }

  /** Replaces what was read; false, without a change, where something else is there by now. */
  async write({ blob, day }: MetricDay, content: MetricDayContent): Promise<boolean> {
    return this.#blobs.write(blob, await encoded(content), this.#facts(day, content), blob);
  }

  /** Removes what was read; false where something else is there by now. */
  async remove({ blob }: MetricDay): Promise<boolean> {
    return this.#blobs.remove(blob);
  }

  /** The days from `first` to `last`, both inclusive, in this order. */
  async *between(
    owner: UserId,
    first: number,
    last: number,
    order: 'newest-first' | 'oldest-first',
  ): AsyncGenerator<MetricDay, void, undefined> {
    const { pk, sk: from } = keyOf(owner, first);
    const to = keyOf(owner, last).sk;
    const range = { pk, from, to, descending: order === 'newest-first', pageSize: DAYS_A_READ };
    for await (const blob of this.#blobs.readRange(range)) yield dayOf(owner, blob);
  }

  #facts(day: number, { metrics }: MetricDayContent): Readonly<Record<string, unknown>> {
    const date = new Date(day * MS_PER_DAY).toISOString().replace(/T.*/, '');
    return { kind: 'metrics', date, metric_count: metrics.length, ...ttlFact(this.#retention) };
  }
}

/** Days before `Date`'s first are taken as that, and days after its last as that. */
function keyOf(owner: UserId, day: number): ItemKey {
  const sortable = Math.min(Math.max(day, -MOST_DAYS), MOST_DAYS) + MOST_DAYS;
  return { pk: ownerKey(owner), sk: `${METRIC_DAY_PREFIX}${String(sortable).padStart(9, '0')}` };
}

const deflated = promisify<Uint8Array, Buffer>(deflate);
const inflated = promisify<Uint8Array, Buffer>(inflate);

async function encoded({ metrics, leaving }: MetricDayContent): Promise<Uint8Array> {
  const inOrder = [...metrics].sort(
    (a, b) => a.createdAtMs - b.createdAtMs || compareCodePoints(a.metricId, b.metricId),
  );
  const json = JSON.stringify({ metrics: inOrder, leaving } satisfies MetricDayContent);
  return Buffer.concat([Uint8Array.of(VERSION), await deflated(Buffer.from(json))]);
}

async function dayOf(owner: UserId, blob: Blob): Promise<MetricDay> {
  const day = Number(blob.sk.slice(METRIC_DAY_PREFIX.length)) - MOST_DAYS;
  try {
    if (blob.bytes[0] !== VERSION) throw new Error(`its layout is ${String(blob.bytes[0])}`);
    const json = (await inflated(blob.bytes.subarray(1))).toString();
    return { owner, day, blob, content: JSON.parse(json) as MetricDayContent };
  } catch (cause) {
    throw new Error(`${blob.sk} of ${blob.pk} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
