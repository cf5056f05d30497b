import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type {
  ByteSource,
  DirectUpload,
  DirectUploads,
  ExpectedObject,
  ObjectStore,
  ObjectTooLarge,
} from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable, type AwsCaller } from '../aws-caller.ts';
import { Contended } from '../dynamodb/contended.ts';
import type { DynamoTable } from '../dynamodb/dynamo-table.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import { eachInFlight } from '../in-flight.ts';
import type { AwsSettings } from '../settings.ts';
import { bucketKey, isLayoutKey, replacementKey } from './bucket-keys.ts';
import { isWhatWasExpected, signedPut } from './direct-upload.ts';
import { ObjectIndex, type Entry, type EntryState } from './object-index.ts';
import { objectSource } from './object-stream.ts';
import { encryptionWith, isNoSuchObject, s3ClientConfig, type Encryption } from './s3-client.ts';
import { streamUpload } from './stream-upload.ts';
import { clearBucketKey } from './unfinished-uploads.ts';

const PORT = 'ObjectStore';
const DIRECT_PORT = 'DirectUploads';

/** One request of an upload carries up to 8 MiB; slower than 140 KB/s it is tried again. */
const PART_MS = 60_000;
const PART_TRIES = 3;
const CONNECT_MS = 5000;
/** A connection that gives nothing for so long while it is read is given up. */
const IDLE_MS = 30_000;
const MOST_LOOKS = 3;
const MOST_ROUNDS = 20;
const AT_ONCE = 8;

export interface S3ObjectStoreDeps {
  readonly settings: AwsSettings;
  readonly bucket: string;
  /** Null for S3's own keys. */
  readonly kmsKeyId: string | null;
  /** Where the store keeps which objects there are. */
  readonly table: DynamoTable;
  readonly caller: AwsCaller;
  /** One try of one part of an upload; a minute where left out. */
  readonly partMs?: number;
}

/**
 * Objects in a bucket, and in the table which they are. What is written gets an entry before anything of it is in the
 * bucket, and is an object once the entry says so: whatever a process that dies leaves behind, an entry names it. What
 * takes the place of an object lies beside it until the entry names the new one.
 *
 * Deleting a key while somebody writes to it ends that write with an error.
 */
export class S3ObjectStore implements ObjectStore, DirectUploads {
  readonly #bucket: string;
  readonly #encryption: Encryption;
  readonly #index: ObjectIndex;
  readonly #caller: AwsCaller;
  readonly #client: S3Client;
  /** Parts are tried again by the SDK, each by itself; the caller's deadline is for short requests. */
  readonly #uploading: S3Client;

  constructor({ settings, bucket, kmsKeyId, table, caller, partMs = PART_MS }: S3ObjectStoreDeps) {
    this.#bucket = bucket;
    this.#encryption = encryptionWith(kmsKeyId);
    this.#index = new ObjectIndex(table);
    this.#caller = caller;
    this.#client = new S3Client(s3ClientConfig(settings));
    this.#uploading = new S3Client({
      ...s3ClientConfig(settings),
      maxAttempts: PART_TRIES,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: partMs, throwOnRequestTimeout: true },
    });
  }

  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<ExpectedObject, ObjectTooLarge | PortUnavailable> {
    return orUnavailable(PORT, 'put', this.#put(owner, key, content, limitBytes)).andThen((stored) => stored);
  }

  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable> {
    return orUnavailable(PORT, 'open', this.#open(owner, key)).andThen((source) =>
      source === null ? err(notFound('object', key)) : ok(source),
    );
  }

  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable> {
    return orUnavailable(PORT, 'delete', this.#delete(owner, key));
  }

  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable> {
    return orUnavailable(PORT, 'list', this.#list(owner));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable(PORT, 'eraseOwner', this.#eraseOwner(owner));
  }

  grant(
    owner: UserId,
    key: string,
    expected: ExpectedObject,
    nowMs: EpochMs,
  ): ResultAsync<DirectUpload, PortUnavailable> {
    return orUnavailable(DIRECT_PORT, 'grant', this.#grant(owner, key, expected, nowMs));
  }

  arrived(
    owner: UserId,
    key: string,
    expected: ExpectedObject,
  ): ResultAsync<ExpectedObject, NotFound | PortUnavailable> {
    return orUnavailable(DIRECT_PORT, 'arrived', this.#arrived(owner, key, expected)).andThen((has) =>
      has ? ok(expected) : err(notFound('object', key)),
    );
  }

  close(): void {
    this.#client.destroy();
    this.#uploading.destroy();
  }

  async #put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<Result<ExpectedObject, ObjectTooLarge>> {
    const { s3Key } = await this.#begin(owner, key, false);
    try {
      const target = { client: this.#uploading, bucket: this.#bucket, s3Key, encryption: this.#encryption, limitBytes };
      const written = await streamUpload(target, content);
      if (written.isOk()) await this.#commit(owner, key, s3Key, written.value);
      // What cannot be taken back now stays named in the entry.
      else await this.#takeBack(owner, key, s3Key).catch(() => undefined);
      return written;
    } catch (cause) {
      await this.#takeBack(owner, key, s3Key).catch(() => undefined);
      throw cause;
    }
  }

  /** Notes where something is going to be written. */
  async #begin(owner: UserId, key: string, isAwaited: boolean): Promise<{ readonly s3Key: string }> {
    const first = bucketKey(owner, key);
    const beside = replacementKey(owner, key, randomUUID());
    const after = await this.#index.change(
      owner,
      key,
      (entry) => {
        const s3Key = entry === null ? first : beside;
        const { stored, loose, awaited } = entry ?? NOTHING;
        return { stored, loose: [...loose, s3Key], awaited: isAwaited ? s3Key : awaited, s3Key };
      },
      null,
    );
    return after;
  }

  /** Makes what lies at the key of the bucket the object; what was it before goes. */
  async #commit(owner: UserId, key: string, s3Key: string, { sha256, bytes }: ExpectedObject): Promise<void> {
    const { replaced } = await this.#index.change(owner, key, (entry) => {
      if (entry?.stored?.s3Key === s3Key) return { ...entry, replaced: null };
      if (entry?.loose.includes(s3Key) !== true) throw new Contended('the key was deleted while it was written to');
      const replaced = entry.stored?.s3Key ?? null;
      return {
        stored: { s3Key, sha256, bytes },
        loose: [...without(entry.loose, s3Key), ...(replaced === null ? [] : [replaced])],
        awaited: entry.awaited === s3Key ? null : entry.awaited,
        replaced,
      };
    });
    // The object is stored by now; what cannot be cleared stays named in the entry.
    if (replaced !== null) await this.#clear(owner, key, [replaced]).catch(() => undefined);
  }

  async #takeBack(owner: UserId, key: string, s3Key: string): Promise<void> {
    // The entry gets a new token first: a commit whose answer was lost either shows in it, or cannot happen any more.
    const entry = await this.#index.change(owner, key, (found) => found);
    if (entry?.stored?.s3Key !== s3Key) await this.#clear(owner, key, [s3Key]);
  }

  /** Removes what lies at loose keys of the bucket, then the keys from the entry, and an entry without any. */
  async #clear(owner: UserId, key: string, s3Keys: readonly string[]): Promise<void> {
    for (const s3Key of s3Keys) {
      await clearBucketKey(this.#client, this.#caller, { Bucket: this.#bucket, Key: s3Key });
    }
    await this.#index.change(owner, key, (entry) => {
      if (entry === null) return null;
      const loose = without(entry.loose, ...s3Keys);
      if (entry.stored === null && loose.length === 0) return null;
      const awaited = entry.awaited !== null && s3Keys.includes(entry.awaited) ? null : entry.awaited;
      return { stored: entry.stored, loose, awaited };
    });
  }

  async #open(owner: UserId, key: string): Promise<ByteSource | null> {
    for (let look = 1; ; look++) {
      const entry = await this.#index.find(owner, key);
      // Objects of the older service have no entry.
      if (entry === null && !isLayoutKey(owner, key)) return null;
      if (entry !== null && entry.stored === null) return null;
      const s3Key = entry?.stored?.s3Key ?? bucketKey(owner, key);
      const head = await this.#head(s3Key);
      if (head !== null) {
        const { stored = null } = entry ?? {};
        if (stored !== null && head.sizeBytes !== stored.bytes) {
          throw new Error(`${s3Key} has ${String(head.sizeBytes)} bytes; ${String(stored.bytes)} were stored`);
        }
        const object = { bucket: this.#bucket, s3Key, ...head, sha256: stored?.sha256 ?? null };
        return objectSource(this.#client, object, { caller: this.#caller, idleMs: IDLE_MS });
      }
      // It may have been replaced since the entry was read.
      if (entry === null || look === MOST_LOOKS) return null;
    }
  }

  async #head(s3Key: string): Promise<{ readonly sizeBytes: number; readonly etag: string } | null> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: s3Key });
    try {
      const head = await this.#caller.call((abortSignal) => this.#client.send(command, { abortSignal }));
      return { sizeBytes: head.ContentLength ?? 0, etag: head.ETag ?? '' };
    } catch (cause) {
      if (isNoSuchObject(cause)) return null;
      throw cause;
    }
  }

  async #delete(owner: UserId, key: string): Promise<void> {
    const left = await this.#index.change(owner, key, looseOnly);
    if (left !== null) await this.#clear(owner, key, left.loose);
    else if (isLayoutKey(owner, key)) {
      await clearBucketKey(this.#client, this.#caller, { Bucket: this.#bucket, Key: bucketKey(owner, key) });
    }
  }

  async #list(owner: UserId): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key, stored } of this.#index.all(owner)) if (stored !== null) keys.push(key);
    return keys.sort(compareCodePoints);
  }

  async #eraseOwner(owner: UserId): Promise<void> {
    // Somebody may still be writing: what they begin after one round is found in the next.
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const keys: string[] = [];
      for await (const { key } of this.#index.all(owner)) keys.push(key);
      if (keys.length === 0) return;
      await eachInFlight(AT_ONCE, keys, (key) => this.#delete(owner, key));
    }
    throw new Contended('somebody keeps writing objects of the owner');
  }

  async #grant(owner: UserId, key: string, expected: ExpectedObject, nowMs: EpochMs): Promise<DirectUpload> {
    const { s3Key } = await this.#begin(owner, key, true);
    return signedPut(this.#client, { Bucket: this.#bucket, Key: s3Key }, expected, this.#encryption, nowMs);
  }

  async #arrived(owner: UserId, key: string, expected: ExpectedObject): Promise<boolean> {
    const entry = await this.#index.find(owner, key);
    if (entry === null) return false;
    const { stored, awaited } = entry;
    if (awaited === null) return stored?.sha256 === expected.sha256 && stored.bytes === expected.bytes;
    const place = { Bucket: this.#bucket, Key: awaited };
    if (!(await isWhatWasExpected(this.#client, this.#caller, place, expected, IDLE_MS))) return false;
    await this.#commit(owner, key, awaited, expected);
    return true;
  }
}

const NOTHING: EntryState = { stored: null, loose: [], awaited: null };

/** The entry with nothing for readers any more, and everything on its way out. */
const looseOnly = (entry: Entry | null): EntryState | null =>
  entry === null
    ? null
    : { ...NOTHING, loose: [...(entry.stored === null ? [] : [entry.stored.s3Key]), ...entry.loose] };

const without = (keys: readonly string[], ...gone: readonly string[]): readonly string[] =>
  keys.filter((key) => !gone.includes(key));
