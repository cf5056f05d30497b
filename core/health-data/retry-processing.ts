import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ProcessingStatus, Upload } from './model.ts';
import { enqueueProcessing, type UploadPorts } from './receive-upload.ts';

export interface NotRetryable {
  readonly kind: 'not-retryable';
  readonly status: ProcessingStatus;
}

/**
 * An upload that nobody has worked on for this long lost its job: a job that runs says so in the upload, and one that
 * waits for another attempt waits 16 seconds at most. It happens when a process dies between the two writes of an upload.
 */
export const STALLED_AFTER_MS = 15 * 60_000;

const QUEUED_AGAIN = 'Queued again.';

/**
 * Queues the work on an upload that failed, or that stalled, again; what it brought was kept. Done again at the same
 * instant, wherever it was left, it is one job.
 */
export function retryProcessing(ports: UploadPorts) {
  return (command: {
    readonly owner: UserId;
    readonly processingId: ProcessingId;
  }): ResultAsync<Upload, NotRetryable | NotFound | PortUnavailable> =>
    ports.uploads.get(command.owner, command.processingId).andThen((upload) => {
      const nowMs = ports.clock.now();
      // Whoever asks in the past repeats a call; what became of the upload since became of it by that call, or will do.
      const isWorkedOn = upload.status === 'processing' || upload.status === 'completed';
      if (isWorkedOn && upload.updatedAtMs > nowMs) return okAsync(upload);
      const isOwn = upload.status === 'processing' && upload.updatedAtMs === nowMs && upload.message === QUEUED_AGAIN;
      const stalled = upload.status !== 'completed' && upload.updatedAtMs + STALLED_AFTER_MS <= nowMs;
      if (upload.status !== 'failed' && !stalled && !isOwn) {
        const notRetryable: NotRetryable = { kind: 'not-retryable', status: upload.status };
        return errAsync<Upload, NotRetryable | PortUnavailable>(notRetryable);
      }
      return enqueueProcessing(ports)(upload, QUEUED_AGAIN);
    });
}
