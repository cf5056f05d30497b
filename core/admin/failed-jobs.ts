import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { FailedJob, FailedJobPlace, FailedJobs } from '../health-data/failed-jobs.ts';
import type { Upload, UploadKind } from '../health-data/model.ts';
import type { UploadPorts } from '../health-data/receive-upload.ts';
import { retryProcessing, type NotRetryable } from '../health-data/retry-processing.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';

export interface FailedJobPorts extends UploadPorts {
  readonly failedJobs: FailedJobs;
}

/** The upload that a failed job was to work on. */
export interface FailedJobName {
  readonly owner: UserId;
  readonly upload: ProcessingId;
}

/** A failed job whose upload still waits for somebody to try again. */
export interface StandingFailedJob extends FailedJob {
  readonly kind: UploadKind;
}

export interface FailedJobPage {
  readonly jobs: readonly StandingFailedJob[];
  /** Where the next page begins; null where this one is the last. */
  readonly next: FailedJobPlace | null;
}

/**
 * The jobs that were given up on, newest first. One whose upload was tried again by its owner, or deleted, does not stand any
 * more: it is left out, and forgotten in passing, so that a page may be shorter than asked for.
 */
export function listFailedJobs(ports: Pick<FailedJobPorts, 'failedJobs' | 'uploads'>) {
  return (after: FailedJobPlace | null, limit: number): ResultAsync<FailedJobPage, PortUnavailable> =>
    ports.failedJobs.list(after, limit + 1).andThen((found) => {
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1) ?? null) : null;
      return ResultAsync.combine(page.map((job) => standing(ports, job))).map((jobs) => ({
        jobs: jobs.filter((job) => job !== null),
        next,
      }));
    });
}

function standing(
  { uploads, failedJobs }: Pick<FailedJobPorts, 'failedJobs' | 'uploads'>,
  job: FailedJob,
): ResultAsync<StandingFailedJob | null, PortUnavailable> {
  return uploads
    .get(job.owner, job.upload)
    .map((upload): Upload | null => upload)
    .orElse((error) => (error.kind === 'not-found' ? okAsync(null) : errAsync(error)))
    .andThen((upload) =>
      upload?.status === 'failed' ? okAsync({ ...job, kind: upload.kind }) : failedJobs.remove(job).map(() => null),
    );
}

/**
 * Queues the work of a failed job again. However many ask at once, it is queued once: the upload comes out of `failed` by one
 * of them. A job whose upload has come out of it otherwise is forgotten.
 */
export function retryFailedJob(ports: FailedJobPorts) {
  return ({ owner, upload }: FailedJobName): ResultAsync<Upload, NotRetryable | NotFound | PortUnavailable> =>
    ports.failedJobs.find(owner, upload).andThen((job) => {
      if (job === null) return errAsync<Upload, NotRetryable | NotFound | PortUnavailable>(notFound('job', upload));
      return retryProcessing(ports)({ owner, processingId: upload })
        .andThen((queued) => ports.failedJobs.remove(job).map(() => queued))
        .orElse((error) =>
          error.kind === 'port-unavailable'
            ? errAsync(error)
            : ports.failedJobs.remove(job).andThen(() => errAsync(error)),
        );
    });
}

/** Forgets a failed job. Its upload stays as it is, and its owner can still try again. */
export function dropFailedJob({ failedJobs }: Pick<FailedJobPorts, 'failedJobs'>) {
  return ({ owner, upload }: FailedJobName): ResultAsync<FailedJob, NotFound | PortUnavailable> =>
    failedJobs.find(owner, upload).andThen((job) => {
      const gone = errAsync<FailedJob, NotFound | PortUnavailable>(notFound('job', upload));
      return job === null ? gone : failedJobs.remove(job).andThen((removed) => (removed ? okAsync(job) : gone));
    });
}
