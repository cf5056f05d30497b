import { errAsync, type ResultAsync } from 'neverthrow';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ProcessingStatus, Upload } from './model.ts';
import { enqueueProcessing, type UploadPorts } from './receive-upload.ts';

export interface NotRetryable {
  readonly kind: 'not-retryable';
  readonly status: ProcessingStatus;
}

/** Queues the work on a failed upload again; what it brought was kept. */
export function retryProcessing(ports: UploadPorts) {
  return (command: {
    readonly owner: UserId;
    readonly processingId: ProcessingId;
  }): ResultAsync<Upload, NotRetryable | NotFound | PortUnavailable> =>
    ports.uploads.get(command.owner, command.processingId).andThen((upload) => {
      if (upload.status !== 'failed') {
        const notRetryable: NotRetryable = { kind: 'not-retryable', status: upload.status };
        return errAsync<Upload, NotRetryable | PortUnavailable>(notRetryable);
      }
      return enqueueProcessing(ports)(upload, 'Queued again.');
    });
}
