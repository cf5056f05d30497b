import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import {
  NO_COUNTS,
  type ProcessingFailure,
  type ProcessingStatus,
  type Upload,
  type UploadChange,
  type UploadKind,
} from './model.ts';
import type { JobQueue, ObjectStore, UploadStore } from './ports.ts';
import type { UploadQuota } from './upload-quota.ts';

/** What every upload needs, whatever it carries. */
export interface UploadPorts {
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly queue: JobQueue;
  /** How much the owner may send. */
  readonly quota: UploadQuota;
  readonly clock: Clock;
}

/** A new upload before anything of it is stored. */
export function newUpload(facts: {
  readonly owner: UserId;
  readonly processingId: ProcessingId;
  readonly kind: UploadKind;
  readonly uploadSource: string;
  readonly timezone: string | null;
  readonly syncToken: string | null;
  readonly nowMs: EpochMs;
}): Upload {
  const { nowMs, ...rest } = facts;
  return {
    ...rest,
    status: 'received',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    raw: null,
    progress: 0,
    message: 'Received.',
    counts: NO_COUNTS,
    failure: null,
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/**
 * Keeps the client's bytes exactly as they came and records the upload, before anything is made of them: whatever fails
 * later, the data are there to be worked on again. Where the bytes cannot be kept there is no upload either. Done again
 * with the same bytes, it changes nothing.
 */
export function keepRaw(ports: UploadPorts) {
  return (upload: Upload, key: string, bytes: Uint8Array): ResultAsync<Upload, PortUnavailable> =>
    ports.objects
      .put(upload.owner, key, once(bytes), bytes.byteLength)
      .mapErr((error) =>
        error.kind === 'object-too-large'
          ? portUnavailable('ObjectStore', 'put', 'refused bytes within the limit it was given', false)
          : error,
      )
      .andThen((stored) => {
        const kept: Upload = { ...upload, raw: { key, sha256: stored.sha256, bytes: stored.bytes } };
        return ports.uploads.insert(kept).map(() => kept);
      });
}

/** Of an upload that waits for its owner to try again, because something did not answer. */
export const NOT_QUEUED: ProcessingFailure = {
  code: 'dependency-unavailable',
  reason: 'The work could not be queued; what was uploaded is kept and can be tried again.',
};

/** Says of an upload that its work could not be queued, and nothing else did. */
const isNotQueued = ({ status, failure }: Upload): boolean =>
  status === 'failed' && failure?.code === NOT_QUEUED.code && failure.reason === NOT_QUEUED.reason;

/**
 * Puts the work on a stored upload into the queue and says so in its state, if that is still the given one. Where one of
 * the two does not answer, the upload is marked failed, so that its owner can try again; unless a worker was faster,
 * since the queue may have taken what it did not answer for.
 *
 * Done again at the same instant, it goes on where it was left: one job comes of it. An upload that was worked on since
 * stays as it is, and is answered so.
 */
export function enqueueProcessing(ports: UploadPorts) {
  return (upload: Upload, message: string): ResultAsync<Upload, PortUnavailable> => {
    const { owner, processingId, raw, counts } = upload;
    const nowMs = ports.clock.now();
    const change = (to: UploadChange, from: readonly ProcessingStatus[]): ResultAsync<Upload, PortUnavailable> =>
      ports.uploads
        .change(owner, processingId, to, nowMs, { status: from })
        .mapErr((error) =>
          error.kind === 'not-found' ? portUnavailable('UploadStore', 'change', 'the upload is not there') : error,
        );
    // Left as `processing` without a job, the upload could not be tried again before it counts as stalled. Where only the
    // answer was lost, the mark is there all the same.
    const marked = (error: PortUnavailable): ResultAsync<Upload, PortUnavailable> => {
      const refused = errAsync<Upload, PortUnavailable>(error);
      const failed: UploadChange = { status: 'failed', message: NOT_QUEUED.reason, failure: NOT_QUEUED };
      return change(failed, ['received', 'processing'])
        .andThen(() => refused)
        .orElse(() => refused);
    };
    const processing: UploadChange = { status: 'processing', message, counts, raw, failure: null, progress: 0 };
    return change(processing, [upload.status])
      .andThen((now) => (isNotQueued(now) ? change(processing, ['failed']) : okAsync(now)))
      .andThen((now) =>
        now.status === 'processing' && now.updatedAtMs === nowMs ? queueJob(ports, now, nowMs) : okAsync(now),
      )
      .orElse(marked);
  };
}

/**
 * Queues the job of an upload that was marked as being processed at that instant. One that is there already is left as it
 * is; another instant is another job, since one that is being settled just now must not swallow the one that follows it.
 */
export function queueJob(
  ports: UploadPorts,
  upload: Upload,
  markedAtMs: EpochMs,
): ResultAsync<Upload, PortUnavailable> {
  const { owner, processingId } = upload;
  const job = { id: `${processingId}/${String(markedAtMs)}`, owner, upload: processingId };
  return ports.queue.enqueue(job, markedAtMs).map(() => upload);
}

/** When a job that `queueJob` has made was queued; null for one that came otherwise. */
export function queuedAtMs(jobId: string): EpochMs | null {
  const text = /\/(\d{1,15})$/.exec(jobId)?.[1];
  return text === undefined ? null : Number(text);
}
