import {
  NO_COUNTS,
  PROCESSING_STATUSES,
  UPLOAD_KINDS,
  type ProcessingStatus,
  type Upload,
  type UploadChange,
  type UploadCounts,
} from '../../../core/health-data/model.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { PRESENT, type Expression, type Item } from './dynamo-table.ts';
import { legacyMetricCounts } from './legacy-metrics.ts';
import { idAttribute, placeOfUpload, uploadKey } from './upload-place.ts';
import { microsecondsOf, microsecondsOfText, utcText } from './utc-text.ts';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * The upload's item at a microsecond: the older service's attributes and those it has no word for. A RangeError for
 * instants that have no microseconds.
 */
export function uploadItem(upload: Upload, microseconds: number, token: string): Item {
  const { owner, processingId, kind, createdAtMs, updatedAtMs, uploadSource, timezone, syncToken } = upload;
  const { status, progress, message, counts, failure, raw } = upload;
  const key = uploadKey(owner, microseconds);
  const createdAt = utcText(microsecondsOf(createdAtMs));
  return {
    ...key,
    id: `${owner}#${utcText(microseconds)}`,
    user_id: owner,
    [idAttribute(processingId)]: processingId,
    timestamp: createdAt,
    upload_source: uploadSource,
    created_at: createdAt,
    token,
    kind,
    created_at_ms: createdAtMs,
    timezone,
    sync_token: syncToken,
    ...changedAttributes({ status, progress, message, counts, failure, raw }, updatedAtMs),
  };
}

/** The attributes that a change sets; each field has its own, so that changes of different fields do not meet. */
function changedAttributes(change: UploadChange, nowMs: EpochMs): Attributes {
  const { status, progress, message, counts, failure, raw } = change;
  return {
    updated_at: utcText(microsecondsOf(nowMs)),
    updated_at_ms: nowMs,
    ...(status === undefined ? {} : { processing_status: status }),
    ...(progress === undefined ? {} : { progress }),
    ...(message === undefined ? {} : { message }),
    ...(counts === undefined ? {} : { counts: JSON.stringify(counts) }),
    ...(failure === undefined ? {} : { failure: JSON.stringify(failure) }),
    ...(raw === undefined ? {} : { raw: JSON.stringify(raw) }),
  };
}

/** The change as DynamoDB makes it. A RangeError where `nowMs` has no microseconds. */
export function changeExpression(change: UploadChange, nowMs: EpochMs): Expression {
  const attributes = Object.entries(changedAttributes(change, nowMs));
  return {
    text: `SET ${attributes.map(([name]) => `#set_${name} = :set_${name}`).join(', ')}`,
    names: Object.fromEntries(attributes.map(([name]) => [`#set_${name}`, name])),
    values: Object.fromEntries(attributes.map(([name, value]) => [`:set_${name}`, value])),
  };
}

/** The upload of an item, of this service or of the older one; null where the item is no upload's. */
export function uploadOf(item: Item, owner: UserId): Upload | null {
  const place = placeOfUpload(item);
  if (place === null) return null;
  const status = oneOf(PROCESSING_STATUSES, item['processing_status']) ?? 'received';
  const createdAtMs = numberOf(item['created_at_ms']) ?? place.placedAtMs;
  return {
    owner,
    processingId: place.processingId,
    kind: oneOf(UPLOAD_KINDS, item['kind']) ?? 'health-data',
    status,
    createdAtMs,
    updatedAtMs: numberOf(item['updated_at_ms']) ?? msOfText(item['updated_at']) ?? createdAtMs,
    uploadSource: textOf(item['upload_source']) ?? 'unknown',
    raw: (written(item, 'raw') ?? null) as Upload['raw'],
    timezone: textOf(item['timezone']),
    syncToken: textOf(item['sync_token']),
    progress: numberOf(item['progress']) ?? (status === 'completed' ? 1 : 0),
    message: textOf(item['message']) ?? LEGACY_MESSAGES[status],
    counts: (written(item, 'counts') ?? { ...NO_COUNTS, accepted: legacyMetricCounts(item) }) as UploadCounts,
    failure: (written(item, 'failure') ?? null) as Upload['failure'],
  };
}

/** The item's upload, as `uploadOf` reads it, is in one of the states (one at least). */
export function hasStatus(statuses: readonly ProcessingStatus[]): Expression {
  // What is no status, or none that is known, reads as `received`.
  const isReceived = statuses.includes('received');
  const listed = isReceived ? PROCESSING_STATUSES.filter((status) => !statuses.includes(status)) : statuses;
  if (listed.length === 0) return PRESENT;
  const values = Object.fromEntries(listed.map((status) => [`:is_${status}`, status]));
  const isListed = `#status IN (${Object.keys(values).join(', ')})`;
  return {
    text: isReceived ? `attribute_not_exists(#status) OR NOT ${isListed}` : isListed,
    names: { '#status': 'processing_status' },
    values,
  };
}

/** The older service kept no sentence about the present stage. */
const LEGACY_MESSAGES: Readonly<Record<ProcessingStatus, string>> = {
  received: 'Received.',
  processing: 'Being processed.',
  completed: 'Completed.',
  failed: 'The processing failed.',
  requires_review: 'Somebody has to look at it.',
};

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | null =>
  values.find((known) => known === value) ?? null;

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function msOfText(value: unknown): EpochMs | null {
  const microseconds = typeof value === 'string' ? microsecondsOfText(value) : null;
  return microseconds === null ? null : microseconds / 1000;
}

/** What `changedAttributes` wrote as JSON; undefined where it wrote nothing. */
function written(item: Item, name: 'raw' | 'counts' | 'failure'): unknown {
  const text = item[name];
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`${item.sk} of ${item.pk} cannot be read: its ${name} is no JSON`);
  }
}
