import type { ResultAsync } from 'neverthrow';
import { errAsync, okAsync } from 'neverthrow';
import type { ProcessingFailure } from '../health-data/model.ts';
import type { Job, JobQueue, StaleReceipt } from '../health-data/ports.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import { gaveUp, processUpload, type ProcessingImpossible, type ProcessUploadPorts } from './process-upload.ts';

/** A job is handed out this long; the runner asks for more time while it works. */
export const JOB_LEASE_MS = 15_000;

/** After so many failed attempts at something that could have worked, the upload is marked failed. */
export const MOST_ATTEMPTS = 5;

export interface RunJobPorts extends ProcessUploadPorts {
  readonly queue: JobQueue;
}

/** What became of a job. */
export type JobOutcome =
  | { readonly kind: 'done' }
  /** The upload says why, and can be retried by its owner; `cause` is what a port said of it, for the operator. */
  | { readonly kind: 'failed'; readonly failure: ProcessingFailure; readonly cause: string | null }
  /** It will be tried again at this time. */
  | { readonly kind: 'postponed'; readonly retryAtMs: number; readonly cause: string };

/** Hands out the next due job, or null. */
export const claimJob = (ports: Pick<RunJobPorts, 'queue' | 'clock'>): ResultAsync<Job | null, PortUnavailable> =>
  ports.queue.claim(ports.clock.now(), JOB_LEASE_MS);

/** Waits 2, 4, 8 and 16 seconds between attempts. */
const retryDelayMs = (attempt: number): number => 1000 * 2 ** attempt;

/**
 * An attempt that ended neither well nor badly ended with its process. Work that does so again and again is the likely
 * cause, and must not do it for ever.
 */
const GAVE_UP: ProcessingFailure = {
  code: 'gave-up',
  reason: `The work on this upload ended before it was done, ${String(MOST_ATTEMPTS)} times; what was uploaded is kept, and can be tried again.`,
};

/** Works on a claimed job and settles it. */
export function runJob(ports: RunJobPorts) {
  return (job: Job): ResultAsync<JobOutcome, PortUnavailable> =>
    job.attempt > MOST_ATTEMPTS ? failJob(ports)(job, GAVE_UP) : work(ports, job);
}

const work = (ports: RunJobPorts, job: Job): ResultAsync<JobOutcome, PortUnavailable> =>
  processUpload(ports)({ owner: job.owner, upload: job.upload })
    .map((): JobOutcome => ({ kind: 'done' }))
    .orElse((error) => outcomeOf(ports, job, error))
    .andThen((outcome) => settle(ports, job, outcome));

/** For a job whose work threw: a bug, told apart from a refusal. */
export function failJob(ports: RunJobPorts) {
  return (job: Job, failure: ProcessingFailure): ResultAsync<JobOutcome, PortUnavailable> =>
    settle(ports, job, { kind: 'failed', failure, cause: null });
}

function outcomeOf(
  ports: RunJobPorts,
  job: Job,
  error: ProcessingImpossible | NotFound | PortUnavailable,
): ResultAsync<JobOutcome, never> {
  switch (error.kind) {
    case 'not-found':
      return okAsync({ kind: 'done' });
    case 'processing-impossible':
      return okAsync({ kind: 'failed', failure: error.failure, cause: null });
    case 'port-unavailable': {
      const cause = `${error.port}.${error.operation}: ${error.cause}`;
      return okAsync(
        error.retryable && job.attempt < MOST_ATTEMPTS
          ? { kind: 'postponed', retryAtMs: ports.clock.now() + retryDelayMs(job.attempt), cause }
          : { kind: 'failed', failure: failureOf(error, job.attempt), cause },
      );
    }
  }
}

const failureOf = ({ port, retryable }: PortUnavailable, attempts: number): ProcessingFailure =>
  retryable
    ? {
        code: 'dependency-unavailable',
        reason: `${port} did not answer ${String(attempts)} times; what was uploaded is kept, try again later`,
      }
    : {
        code: 'dependency-failed',
        reason: `${port} cannot do its part of this work, and the service's operator can see why; trying again may not help`,
      };

function settle(ports: RunJobPorts, job: Job, outcome: JobOutcome): ResultAsync<JobOutcome, PortUnavailable> {
  const settled =
    outcome.kind === 'failed'
      ? failed(ports, job, outcome.failure)
      : outcome.kind === 'postponed'
        ? ports.queue.release(job, outcome.retryAtMs)
        : ports.queue.complete(job);
  return settled
    .map(() => outcome)
    .orElse((error) =>
      // Somebody else holds the job now and will settle it; the work is idempotent, so nothing is lost or doubled.
      error.kind === 'stale-receipt' ? okAsync(outcome) : errAsync(error),
    );
}

/** Marks the upload before the job leaves the queue, and only where the job is still held: no upload is left waiting. */
function failed(
  ports: RunJobPorts,
  job: Job,
  failure: ProcessingFailure,
): ResultAsync<void, StaleReceipt | PortUnavailable> {
  return ports.queue
    .extend(job, ports.clock.now(), JOB_LEASE_MS)
    .andThen(() =>
      ports.uploads
        .change(job.owner, job.upload, gaveUp(failure), ports.clock.now())
        .map(() => undefined)
        .orElse((error) => (error.kind === 'not-found' ? okAsync(undefined) : errAsync(error))),
    )
    .andThen(() => ports.queue.giveUp(job, `${failure.code}: ${failure.reason}`));
}
