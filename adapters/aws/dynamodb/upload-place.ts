import { processingId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { Expression, Item, ItemKey } from './dynamo-table.ts';
import { ownerKey } from './key-text.ts';
import { microsecondsOfText, utcText } from './utc-text.ts';

/** Begins the sort keys of the items of uploads, of this service and of the older one. */
export const UPLOAD_PREFIX = 'HEALTH#';

/** DynamoDB indexes keys of 1 to 2048 bytes. */
const MOST_INDEXED_BYTES = 1024;

/** Whose upload an item is, and where in the order of its owner's uploads it lies. */
export interface UploadPlace {
  readonly processingId: ProcessingId;
  readonly placedAtMicroseconds: number;
  readonly placedAtMs: EpochMs;
}

/** The key of the upload's item at that microsecond. */
export const uploadKey = (owner: UserId, microseconds: number): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${UPLOAD_PREFIX}${utcText(microseconds)}`,
});

/** Null where the item is not an upload's. */
export function placeOfUpload(item: Item): UploadPlace | null {
  if (!item.sk.startsWith(UPLOAD_PREFIX)) return null;
  const microseconds = microsecondsOfText(item.sk.slice(UPLOAD_PREFIX.length));
  const id = item['processing_id'] ?? item['unindexed_id'];
  if (microseconds === null || typeof id !== 'string') return null;
  return {
    processingId: processingId(id),
    placedAtMicroseconds: microseconds,
    placedAtMs: microseconds / 1000,
  };
}

/** Whether the index of processings can hold the id. */
export const isIndexed = (id: ProcessingId): boolean =>
  id !== '' && Buffer.byteLength(id) <= MOST_INDEXED_BYTES && Buffer.from(id).toString() === id;

/** The attribute that carries the id in the upload's item. */
export const idAttribute = (id: ProcessingId): 'processing_id' | 'unindexed_id' =>
  isIndexed(id) ? 'processing_id' : 'unindexed_id';

/** The item is still that of the upload: its place may have been freed and taken again. */
export const isUploadOf = (id: ProcessingId): Expression => ({
  text: '#upload = :upload',
  names: { '#upload': idAttribute(id) },
  values: { ':upload': id },
});
