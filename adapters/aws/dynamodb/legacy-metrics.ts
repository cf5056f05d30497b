import { parseTimestamp } from '../../../core/apple-health/timestamps.ts';
import { METRIC_TYPES, type Metric, type MetricBlock, type MetricType } from '../../../core/health-data/model.ts';
import { metricFingerprint } from '../../../core/health-data/upload-metrics.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Item } from './dynamo-table.ts';
import { placeOfUpload } from './upload-place.ts';

type Attributes = Readonly<Record<string, unknown>>;

const BLOCK_NAMES = ['biometric_data', 'sleep_data', 'activity_data', 'mental_health_data'] as const;

/** A metric inside an upload's item, with where it lies there: the map's key, or the list's index. */
interface LegacyEntry {
  readonly type: MetricType;
  readonly place: string;
  readonly attributes: Attributes;
}

/** How many readable metrics of each type lie inside the item of an upload, as the older service wrote them. */
export function legacyMetricCounts(item: Item): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of entriesOf(item)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/**
 * The metrics inside the item of an upload, as the older service wrote them: a map by type, or a list. What is no metric
 * is left out. A metric without an instant has its upload's, one without an id has one that is always the same.
 */
export function legacyMetrics(item: Item, digest: Digest): readonly Metric[] {
  const place = placeOfUpload(item);
  if (place === null) return [];
  return entriesOf(item).map(({ type, place: within, attributes }) => {
    const createdAtMs = instantOf(attributes['created_at']) ?? instantOf(item['timestamp']) ?? place.placedAtMs;
    const [biometric_data, sleep_data, activity_data, mental_health_data] = BLOCK_NAMES.map((name) =>
      blockOf(attributes[name]),
    ) as [MetricBlock | null, MetricBlock | null, MetricBlock | null, MetricBlock | null];
    const blocks = { biometric_data, sleep_data, activity_data, mental_health_data };
    return {
      ...blocks,
      metricId: textOf(attributes['metric_id']) ?? derivedId(digest.sha256Hex(`${item.pk} ${item.sk} ${within}`)),
      metricType: type,
      processingId: place.processingId,
      uploadSource: textOf(item['upload_source']) ?? 'unknown',
      createdAtMs,
      deviceId: textOf(attributes['device_id']),
      rawData: blockOf(attributes['raw_data']),
      metadata: blockOf(attributes['metadata']),
      fingerprint: metricFingerprint(digest, type, createdAtMs, blocks),
    };
  });
}

function entriesOf({ metrics }: Item): readonly LegacyEntry[] {
  const named: readonly (readonly [string, unknown, unknown])[] = Array.isArray(metrics)
    ? metrics.map((entry: unknown, i) => [String(i), isMap(entry) ? entry['metric_type'] : null, entry])
    : isMap(metrics)
      ? Object.entries(metrics).map(([type, entry]) => [type, type, entry])
      : [];
  return named.flatMap(([place, type, entry]) =>
    isMetricType(type) && isMap(entry) && carriesABlock(entry) ? [{ type, place, attributes: entry }] : [],
  );
}

/** Blocks are maps or nothing, and at least one is there. */
const carriesABlock = (attributes: Attributes): boolean =>
  BLOCK_NAMES.every((name) => attributes[name] == null || isMap(attributes[name])) &&
  BLOCK_NAMES.some((name) => attributes[name] != null);

const isMetricType = (type: unknown): type is MetricType => (METRIC_TYPES as readonly unknown[]).includes(type);

const isMap = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Text without an offset is UTC, which the older service took it for. */
const instantOf = (value: unknown): EpochMs | null =>
  typeof value === 'string' ? (parseTimestamp(value)?.ms ?? null) : null;

const blockOf = (value: unknown): MetricBlock | null => (isMap(value) ? (plainOf(value) as MetricBlock) : null);

/** What JSON can say of the value: sets become lists, and bytes, which no client ever sent, nothing. */
function plainOf(value: unknown): unknown {
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)].map(plainOf);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainOf(member)]));
  return typeof value === 'object' ? null : value;
}

/** A UUID of version 8 (RFC 9562 section 5.8) from the first bits of a hash in hexadecimal. */
function derivedId(hex: string): string {
  const variant = (8 + (parseInt(hex.slice(16, 17), 16) % 4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
