import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { ImportNotice, Metric, MetricPage, MetricQuery, ProcessingStatus, Upload, UploadChange } from './model.ts';
import type { SampleChunk } from './sample-chunk.ts';
import type { SampleType } from './sample-types.ts';
import type { AppendCount, SampleColumns, Span } from './samples.ts';

/** Keeps time-series samples. Every method sees only the owner's data. */
export interface SampleStore extends ErasesOwner {
  /**
   * Adds what is new, durably. A sample equal to a stored one in type, start, end, value and source key is a duplicate:
   * it is counted, and remembered as also belonging to `upload`, but not stored twice. The stored state does not depend
   * on the order or the split of the calls. After an error, whole chunks of the call (one type on one UTC day) may be
   * stored and others not, never half a chunk; the same call again ends in the state that one success leaves. A store
   * with transactions does all of it or nothing.
   */
  append(
    owner: UserId,
    upload: ProcessingId,
    batches: readonly SampleColumns[],
  ): ResultAsync<readonly AppendCount[], PortUnavailable>;
  /** The samples that overlap the span, one entry a type that has any, ordered by start, end, value, source key. */
  read(owner: UserId, types: readonly SampleType[], span: Span): ResultAsync<readonly SampleColumns[], PortUnavailable>;
  /** UTC days (since 1970-01-01) on which a sample of one of the types starts, ascending, each once. */
  daysWithData(owner: UserId, types: readonly SampleType[]): ResultAsync<readonly number[], PortUnavailable>;
  /** Removes the samples that belong to this upload and to no other. Returns how many went. */
  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable>;
  /** What is stored, chunk by chunk in the order of `compareChunkPlaces`: at most `limit` that follow `after`. */
  chunks(owner: UserId, after: ChunkPlace | null, limit: number): ResultAsync<readonly SampleChunk[], PortUnavailable>;
}

/** Where a chunk of samples lies. */
export interface ChunkPlace {
  readonly type: SampleType;
  /** Days since 1970-01-01, UTC, on which the samples start. */
  readonly day: number;
}

/** Types in alphabetical order, days ascending. */
export const compareChunkPlaces = (a: ChunkPlace, b: ChunkPlace): number =>
  a.type === b.type ? a.day - b.day : a.type < b.type ? -1 : 1;

/**
 * What became of a metric that was to be stored. `repeated`: it had been stored, with the same id and fingerprint and for
 * the same upload, before this call, and is not counted anew; an earlier attempt of the same upload did it.
 */
export type MetricOutcome = 'stored' | 'repeated' | 'duplicate';

/** Keeps single metrics. */
export interface MetricStore extends ErasesOwner {
  /**
   * Adds metrics, durably; after an error, the same call again ends in the state that one success leaves. One whose id or fingerprint the owner already has (or which comes twice
   * in the call) is a duplicate, or repeated, and changes nothing. Answers for each metric, in order, what became of it.
   */
  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly MetricOutcome[], PortUnavailable>;
  /** Newest first by `createdAtMs`, ties by metric id descending. */
  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable>;
  /** Removes the metrics of one upload. Returns how many went. */
  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable>;
}

/** In which states an upload may be changed. */
export interface ChangeCondition {
  readonly status: readonly ProcessingStatus[];
}

/** What the uploads of a person come to. */
export interface UploadUsage {
  /** Bytes of all raw objects that are kept, and of those that were announced. */
  readonly storedBytes: number;
  /** Uploads that are `processing`: their work waits or goes on. */
  readonly running: number;
}

/** Keeps uploads and their state. */
export interface UploadStore extends ErasesOwner {
  /**
   * Adds an upload; one that the owner has under this id already stays as it is, so that an upload can be inserted again
   * by whoever repeats it. Durable when it answers.
   */
  insert(upload: Upload): ResultAsync<void, PortUnavailable>;
  get(owner: UserId, id: ProcessingId): ResultAsync<Upload, NotFound | PortUnavailable>;
  /**
   * Applies the change and sets `updatedAtMs`, and answers the upload as it is then. Where its status is none of
   * `onlyIf`, nothing changes, and the answer is the upload as it is. Nothing comes between the look and the change.
   */
  change(
    owner: UserId,
    id: ProcessingId,
    change: UploadChange,
    nowMs: EpochMs,
    onlyIf?: ChangeCondition,
  ): ResultAsync<Upload, NotFound | PortUnavailable>;
  /** Newest first. */
  list(owner: UserId, limit: number): ResultAsync<readonly Upload[], PortUnavailable>;
  /** How much all uploads of the owner are, without reading them one by one where the technology can. */
  usage(owner: UserId): ResultAsync<UploadUsage, PortUnavailable>;
  delete(owner: UserId, id: ProcessingId): ResultAsync<void, NotFound | PortUnavailable>;
}

/** Bytes that can be read from any place: a stored object, a file on disk. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** The bytes from `start` (inclusive, default 0) to `end` (exclusive, default the size), in order. */
  stream(range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
}

export interface ObjectTooLarge {
  readonly kind: 'object-too-large';
  readonly limitBytes: number;
}

/** Keeps raw bytes under keys, per owner. */
export interface ObjectStore extends ErasesOwner {
  /**
   * Writes the whole stream; the object exists only once all of it is durable. More than `limitBytes` leaves nothing
   * behind. An existing object under the key is replaced in one step.
   */
  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<{ readonly sha256: string; readonly bytes: number }, ObjectTooLarge | PortUnavailable>;
  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable>;
  /** Absent already is fine. */
  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable>;
  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable>;
}

/** What an object that a client will send straight to the store must be. */
export interface ExpectedObject {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A request that its holder may make once or more until it expires, to put exactly the expected bytes in place. */
export interface DirectUpload {
  readonly method: 'PUT';
  readonly url: string;
  /** To be sent as they are; the signature covers them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAtMs: EpochMs;
}

/** This installation has no store that clients can send to themselves. */
export interface DirectUploadUnavailable {
  readonly kind: 'direct-upload-unavailable';
}

/** Lets a client send a large object to the store itself, past the service. */
export interface DirectUploads {
  grant(
    owner: UserId,
    key: string,
    expected: ExpectedObject,
    nowMs: EpochMs,
  ): ResultAsync<DirectUpload, DirectUploadUnavailable | PortUnavailable>;
  /** What arrived under the key and can be opened from now on; `not-found` while nothing did. */
  arrived(
    owner: UserId,
    key: string,
    expected: ExpectedObject,
  ): ResultAsync<ExpectedObject, NotFound | DirectUploadUnavailable | PortUnavailable>;
}

/** Work to be done later, at least once. */
export interface Job {
  readonly id: string;
  readonly owner: UserId;
  readonly upload: ProcessingId;
  /** How often it was handed out, this time included. */
  readonly attempt: number;
  /** Proof of holding the job; a stale one is refused. */
  readonly receipt: string;
}

export interface StaleReceipt {
  readonly kind: 'stale-receipt';
  readonly id: string;
}

/** A durable queue. A job that is not settled before its lease ends is handed out again. */
export interface JobQueue extends ErasesOwner {
  /** Adds a job; one with the same id that is still queued or held is left as it is. */
  enqueue(
    job: { readonly id: string; readonly owner: UserId; readonly upload: ProcessingId },
    nowMs: EpochMs,
  ): ResultAsync<void, PortUnavailable>;
  /** Hands out a job that is due, the oldest where the technology can tell, held until `nowMs + leaseMs`; or null. */
  claim(nowMs: EpochMs, leaseMs: number): ResultAsync<Job | null, PortUnavailable>;
  /** Holds the job longer, until `nowMs + leaseMs`. */
  extend(job: Job, nowMs: EpochMs, leaseMs: number): ResultAsync<void, StaleReceipt | PortUnavailable>;
  /** The job is done and leaves the queue. */
  complete(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable>;
  /** The job did not work this time and is due again at `retryAtMs`. */
  release(job: Job, retryAtMs: EpochMs): ResultAsync<void, StaleReceipt | PortUnavailable>;
  /** The job will never work: it leaves the queue, which keeps the reason where its technology has a place for it. */
  giveUp(job: Job, reason: string): ResultAsync<void, StaleReceipt | PortUnavailable>;
}

/** Says how far a queue is behind. */
export interface JobBacklog {
  /**
   * Since when the job that waits longest is due, of those that are due and that nobody holds or whoever holds it has let
   * down; null where none is.
   */
  oldestDueMs(nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable>;
}

/** The export cannot be read at all; `place` says where it went wrong. */
export interface ExportUnreadable {
  readonly kind: 'export-unreadable';
  readonly code:
    | 'empty-file'
    | 'not-an-export'
    | 'broken-zip'
    | 'no-export-xml'
    | 'encrypted-zip'
    | 'too-large'
    | 'compression-ratio';
  readonly message: string;
  readonly place: string;
}

export interface ExportProgress {
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** What was found in an export. Stored and duplicate counts come from the store, not from here. */
export interface ExportSummary {
  readonly xmlBytes: number;
  readonly recordsSeen: number;
  /** Usable samples handed to the sink, by type. */
  readonly samples: Readonly<Partial<Record<SampleType, number>>>;
  readonly notices: readonly ImportNotice[];
  /** IANA zones named by records, most frequent first. */
  readonly timeZones: readonly { readonly name: string; readonly count: number }[];
  /** UTC offsets of sample starts in minutes, most frequent first. */
  readonly utcOffsets: readonly { readonly minutes: number; readonly count: number }[];
}

/** Takes one set of batches; the reader waits for it, so memory stays bounded. */
export type SampleSink = (
  batches: readonly SampleColumns[],
  progress: ExportProgress,
) => ResultAsync<void, PortUnavailable>;

/** Reads an export file of some vendor as a stream of samples. */
export interface ExportReader {
  read(file: ByteSource, sink: SampleSink): ResultAsync<ExportSummary, ExportUnreadable | PortUnavailable>;
}
