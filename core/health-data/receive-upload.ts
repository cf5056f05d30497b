import { errAsync, type ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { NO_COUNTS, type ProcessingFailure, type Upload, type UploadChange, type UploadKind } from './model.ts';
import type { JobQueue, ObjectStore, UploadStore } from './ports.ts';

/** What every upload needs, whatever it carries. */
export interface UploadPorts {
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly queue: JobQueue;
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
 * later, the data are there to be worked on again. Where the bytes cannot be kept there is no upload either.
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

/**
 * Puts the work on a stored upload into the queue and says so in its state. Where one of the two does not answer, the
 * upload is marked failed, so that its owner can try again.
 */
export function enqueueProcessing(ports: UploadPorts) {
  return (upload: Upload, message: string): ResultAsync<Upload, PortUnavailable> => {
    const { owner, processingId } = upload;
    const nowMs = ports.clock.now();
    const change = (to: UploadChange): ResultAsync<Upload, PortUnavailable> =>
      ports.uploads
        .change(owner, processingId, to, nowMs)
        .mapErr((error) =>
          error.kind === 'not-found' ? portUnavailable('UploadStore', 'change', 'the upload is not there') : error,
        );
    // Left as `processing` without a job, the upload could not be tried again before it counts as stalled. Where only the
    // answer was lost, the mark is there all the same.
    const marked = (error: PortUnavailable): ResultAsync<Upload, PortUnavailable> => {
      const refused = errAsync<Upload, PortUnavailable>(error);
      return change({ status: 'failed', message: NOT_QUEUED.reason, failure: NOT_QUEUED })
        .andThen(() => refused)
        .orElse(() => refused);
    };
    return change({ status: 'processing', message, counts: upload.counts, failure: null, progress: 0 })
      .andThen((changed) =>
        ports.queue
          // A new id for each time: a job that is being settled just now must not swallow the one that follows it.
          .enqueue({ id: `${processingId}/${String(nowMs)}`, owner, upload: processingId }, nowMs)
          .map(() => changed),
      )
      .orElse(marked);
  };
}
