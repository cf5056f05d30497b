import { randomUUID } from 'node:crypto';
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { Upload, UploadChange } from '../../../core/health-data/model.ts';
import type { ChangeCondition, UploadStore, UploadUsage } from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { untilUncontended } from './contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';
import { type Retention, ttlFact } from './retention.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import { changeExpression, hasStatus, uploadItem, uploadOf } from './upload-item.ts';
import { isIndexed, isUploadOf, placeOfUpload, uploadKey, UPLOAD_PREFIX } from './upload-place.ts';
import { microsecondsOf } from './utc-text.ts';

/** Begins the sort keys of the items that say where an upload's item lies. */
const POINTER_PREFIX = 'UPLOAD#';
/** Data of the oldest service of all: nothing reads them any more, and they go with the person. */
const OLD_DATA_PREFIX = 'DATA#';

/** Uploads of one microsecond that are read at a time to find the next free one. */
const ITEMS_A_LOOK = 25;

/** What the table has of an upload. */
interface Located {
  readonly pointer: Item | null;
  readonly item: Item | null;
}

/**
 * Uploads and their state in the single table: one item an upload at `HEALTH#<instant>`, as the older service keeps
 * them, whose own items are read too. Two uploads of one microsecond lie at microseconds of their own; the exact instant
 * is an attribute. A pointer at `UPLOAD#<id>`, written last and removed last, finds the item without the index, which
 * is a moment behind.
 */
export class DynamoUploadStore implements UploadStore {
  readonly #table: DynamoTable;
  readonly #retention: Retention;

  constructor(table: DynamoTable, retention: Retention) {
    this.#table = table;
    this.#retention = retention;
  }

  insert(upload: Upload): ResultAsync<void, PortUnavailable> {
    return orUnavailable('UploadStore', 'insert', this.#insert(structuredClone(upload)));
  }

  get(owner: UserId, id: ProcessingId): ResultAsync<Upload, NotFound | PortUnavailable> {
    const work = this.#locate(owner, id).then(({ item }) => found(item, owner, id));
    return orUnavailable('UploadStore', 'get', work).andThen((result) => result);
  }

  change(
    owner: UserId,
    id: ProcessingId,
    change: UploadChange,
    nowMs: EpochMs,
    onlyIf?: ChangeCondition,
  ): ResultAsync<Upload, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<Upload, NotFound>> => {
      const expression = changeExpression(change, nowMs);
      const condition = onlyIf === undefined ? isUploadOf(id) : both(isUploadOf(id), hasStatus(onlyIf.status));
      return untilUncontended(this.#table, 'the state of an upload', async () => {
        const { item } = await this.#locate(owner, id);
        const before = found(item, owner, id);
        if (item === null || before.isErr()) return before;
        if (onlyIf !== undefined && !onlyIf.status.includes(before.value.status)) return before;
        const after = await this.#table.update(item, expression, condition);
        // Where it was deleted or came to another status meanwhile, the next look tells.
        return after === null ? null : found(after, owner, id);
      });
    };
    return orUnavailable('UploadStore', 'change', work()).andThen((result) => result);
  }

  list(owner: UserId, limit: number): ResultAsync<readonly Upload[], PortUnavailable> {
    return orUnavailable('UploadStore', 'list', limit <= 0 ? Promise.resolve([]) : this.#list(owner, limit));
  }

  usage(owner: UserId): ResultAsync<UploadUsage, PortUnavailable> {
    return orUnavailable('UploadStore', 'usage', this.#usage(owner));
  }

  delete(owner: UserId, id: ProcessingId): ResultAsync<void, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<void, NotFound>> => {
      const { pointer, item } = await this.#locate(owner, id);
      if (item !== null) {
        await this.#table.delete(item, isUploadOf(id));
        // Of an insert that ended in between, a second item may be there.
        for await (const key of this.#indexed(owner, id)) await this.#table.delete(key, isUploadOf(id));
      }
      if (pointer !== null) await this.#table.delete(pointer, isStill(pointer));
      return item === null ? err(notFound('processing', id)) : ok(undefined);
    };
    return orUnavailable('UploadStore', 'delete', work()).andThen((result) => result);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = erasePrefixes(this.#table, ownerKey(owner), [UPLOAD_PREFIX, POINTER_PREFIX, OLD_DATA_PREFIX]);
    return orUnavailable('UploadStore', 'eraseOwner', work);
  }

  async #insert(upload: Upload): Promise<void> {
    const token = randomUUID();
    const { pointer, item } = await this.#locate(upload.owner, upload.processingId);
    // One of the older service has no token, and no pointer either.
    if (item !== null && (item.sk === pointer?.['health_sk'] || item['token'] === undefined)) return;
    // Without its pointer, it is of an insert that ended early.
    const placed = item ?? (await this.#place(upload, token));
    if (await this.#pointTo(upload, placed, pointer)) return;
    // Somebody else inserted it at the same time, and was faster.
    if (placed['token'] === token) await this.#table.delete(placed, isStill(placed));
  }

  /** Puts the upload's item at the first free microsecond, or answers that of an earlier try of the same insert. */
  async #place(upload: Upload, token: string): Promise<Item> {
    const first = microsecondsOf(upload.createdAtMs);
    const put = async (microseconds: number): Promise<Item | null> => {
      const item = { ...uploadItem(upload, microseconds, token), ...ttlFact(this.#retention) };
      return (await this.#table.put(item, ABSENT)) ? item : null;
    };
    return untilUncontended(this.#table, 'the place of an upload', async (tries) => {
      const placed = tries === 1 ? await put(first) : null;
      if (placed !== null) return placed;
      let free = first;
      const from = uploadKey(upload.owner, first);
      for await (const there of this.#table.query({ ...rangeFrom(from), pageSize: ITEMS_A_LOOK })) {
        if (there['token'] === token) return there;
        const place = placeOfUpload(there);
        if (place?.placedAtMicroseconds !== free) break;
        if (place.processingId === upload.processingId) return there;
        free++;
      }
      return put(free);
    });
  }

  /** Lets the pointer name the item, unless it names another one that is there. */
  async #pointTo(upload: Upload, placed: Item, before: Item | null): Promise<boolean> {
    const { owner, processingId: id } = upload;
    const ttl = ttlFact(this.#retention);
    const pointer: Item = { ...pointerKey(owner, id), health_sk: placed.sk, token: placed['token'], ...ttl };
    let known = before;
    return untilUncontended(this.#table, 'the pointer to an upload', async () => {
      if (await this.#table.put(pointer, known === null ? ABSENT : isStill(known))) return true;
      known = await this.#table.get(pointer);
      if (known?.['token'] === pointer['token']) return true;
      return known !== null && (await this.#pointedTo(known, id)) !== null ? false : null;
    });
  }

  async #locate(owner: UserId, id: ProcessingId): Promise<Located> {
    const pointer = await this.#table.get(pointerKey(owner, id));
    const item = pointer === null ? null : await this.#pointedTo(pointer, id);
    if (item !== null) return { pointer, item };
    // An item of the older service, or of an insert or a deletion that ended early.
    for await (const key of this.#indexed(owner, id)) {
      const indexed = await this.#table.get(key);
      if (indexed !== null && placeOfUpload(indexed)?.processingId === id) return { pointer, item: indexed };
    }
    return { pointer, item: null };
  }

  async #pointedTo({ pk, health_sk }: Item, id: ProcessingId): Promise<Item | null> {
    const item = await this.#table.get({ pk, sk: String(health_sk) });
    return item !== null && placeOfUpload(item)?.processingId === id ? item : null;
  }

  /** What the index, which is a moment behind and holds everybody's, knows as the owner's items of the upload. */
  async *#indexed(owner: UserId, id: ProcessingId): AsyncGenerator<ItemKey, void, undefined> {
    if (!isIndexed(id)) return;
    const pk = ownerKey(owner);
    for await (const key of this.#table.queryProcessing(id)) {
      if (key.pk === pk && key.sk.startsWith(UPLOAD_PREFIX)) yield key;
    }
  }

  /** Reads what is added up of each upload, and no more: the table adds nothing up itself. */
  async #usage(owner: UserId): Promise<UploadUsage> {
    const range = { pk: ownerKey(owner), from: UPLOAD_PREFIX, to: endOf(UPLOAD_PREFIX), only: USAGE_ATTRIBUTES };
    let [storedBytes, running] = [0, 0];
    for await (const item of this.#table.query(range)) {
      const upload = uploadOf(item, owner);
      storedBytes += upload?.raw?.bytes ?? 0;
      if (upload?.status === 'processing') running++;
    }
    return { storedBytes, running };
  }

  async #list(owner: UserId, limit: number): Promise<readonly Upload[]> {
    const range = { pk: ownerKey(owner), from: UPLOAD_PREFIX, to: endOf(UPLOAD_PREFIX) };
    const uploads: Upload[] = [];
    for await (const item of this.#table.query({ ...range, descending: true, pageSize: limit + 1 })) {
      const place = placeOfUpload(item);
      const upload = uploadOf(item, owner);
      if (place === null || upload === null) continue;
      // No upload lies before its own microsecond: all that follow are older than those that are newer than this place.
      const newer = uploads.filter(({ createdAtMs }) => microsecondsOf(createdAtMs) > place.placedAtMicroseconds);
      if (newer.length >= limit) break;
      uploads.push(upload);
    }
    uploads.sort((a, b) => b.createdAtMs - a.createdAtMs || compareCodePoints(b.processingId, a.processingId));
    return uploads.slice(0, limit);
  }
}

/** Those that `uploadOf` needs for the bytes and the state. */
const USAGE_ATTRIBUTES = ['pk', 'sk', 'processing_id', 'unindexed_id', 'processing_status', 'raw'];

const rangeFrom = ({ pk, sk }: ItemKey) => ({ pk, from: sk, to: endOf(UPLOAD_PREFIX) });

const pointerKey = (owner: UserId, id: ProcessingId): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${POINTER_PREFIX}${keyText(id)}`,
});

const both = (a: Expression, b: Expression): Expression => ({
  text: `(${a.text}) AND (${b.text})`,
  names: { ...a.names, ...b.names },
  values: { ...a.values, ...b.values },
});

/** The item was not written since it was read. */
const isStill = (item: Item): Expression => ({
  text: '#token = :token',
  names: { '#token': 'token' },
  values: { ':token': item['token'] },
});

function found(item: Item | null, owner: UserId, id: ProcessingId): Result<Upload, NotFound> {
  const upload = item === null ? null : uploadOf(item, owner);
  return upload === null ? err(notFound('processing', id)) : ok(upload);
}
