import type { ResultAsync } from 'neverthrow';
import { errAsync, okAsync } from 'neverthrow';
import type { PlannedDeed, WriteDown } from '../audit/write-down.ts';
import { takeBackUpload } from '../account/take-back-upload.ts';
import type { ProcessingFailure } from '../health-data/model.ts';
import type { FailedJobs } from '../health-data/failed-jobs.ts';
import type { Job, JobQueue, StaleReceipt } from '../health-data/ports.ts';
import type { InsightStore } from '../insights/ports.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { AnalysisId } from '../kernel/ids.ts';
import type { EventPublisher } from './ports.ts';
import { gaveUp, processUpload, type ProcessingImpossible, type ProcessUploadPorts } from './process-upload.ts';

/** A job is handed out this long; the runner asks for more time while it works. */
export const JOB_LEASE_MS = 15_000;

/** After so many failed attempts at something that could have worked, the upload is marked failed. */
export const MOST_ATTEMPTS = 5;

export interface RunJobPorts extends ProcessUploadPorts {
  readonly queue: JobQueue;
  readonly failedJobs: Pick<FailedJobs, 'keep'>;
  readonly events: EventPublisher;
  readonly insights: InsightStore;
  readonly writeDown: WriteDown;
}

/** What became of a job. */
export type JobOutcome =
  /** `eventNotSent` says why other systems were not told of the analysis; null where they were, or where there is none. */
  | { readonly kind: 'done'; readonly eventNotSent: string | null }
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

const DONE: JobOutcome = { kind: 'done', eventNotSent: null };

interface Worked {
  readonly outcome: JobOutcome;
  readonly windowAnalysis: AnalysisId | null;
}

const work = (ports: RunJobPorts, job: Job): ResultAsync<JobOutcome, PortUnavailable> =>
  ports
    .writeDown(deedOf(job), () => processUpload(ports)({ owner: job.owner, upload: job.upload }))
    .map(({ windowAnalysis }): Worked => ({ outcome: DONE, windowAnalysis }))
    .orElse((error) => outcomeOf(ports, job, error).map((outcome): Worked => ({ outcome, windowAnalysis: null })))
    .andThen((worked) => tidied(ports, job, worked))
    .andThen(({ outcome, windowAnalysis }) =>
      settle(ports, job, outcome).andThen((wasHeld) =>
        // Whoever holds the job by now will do the same work again, and tell of what that stored.
        wasHeld && windowAnalysis !== null ? announce(ports, job, windowAnalysis) : okAsync(outcome),
      ),
    );

/** A job's own id names its owner, and is not kept. */
const deedOf = ({ owner }: Job): PlannedDeed => ({
  actor: 'system',
  onBehalfOf: owner,
  subject: owner,
  action: 'analyze',
  operation: 'processUpload',
  dataTypes: ['uploads', 'metrics', 'samples', 'analyses'],
  requestId: 'none',
});

/**
 * Nothing stays of an upload that was erased while the work went on. Where this cannot be told now, the work is to be
 * done again.
 */
const tidied = (ports: RunJobPorts, job: Job, worked: Worked): ResultAsync<Worked, never> =>
  takeBackUpload(ports)(job)
    .map((what): Worked => (what === 'kept' ? worked : { ...worked, windowAnalysis: null }))
    .orElse((error) => outcomeOf(ports, job, error).map((outcome): Worked => ({ outcome, windowAnalysis: null })));

/** Tells other systems of a stored analysis. The work is done whether they hear of it or not. */
const announce = (ports: RunJobPorts, { owner, upload }: Job, id: AnalysisId): ResultAsync<JobOutcome, never> =>
  ports.events
    .publish({ type: 'analysis.completed', owner, upload, id, atMs: ports.clock.now() })
    .map((): JobOutcome => DONE)
    .orElse((error) => okAsync<JobOutcome>({ kind: 'done', eventNotSent: wordsOf(error) }));

/** For a job whose work threw: a bug, told apart from a refusal. */
export function failJob(ports: RunJobPorts) {
  return (job: Job, failure: ProcessingFailure): ResultAsync<JobOutcome, PortUnavailable> =>
    settle(ports, job, { kind: 'failed', failure, cause: null }).map(() => ({ kind: 'failed', failure, cause: null }));
}

function outcomeOf(
  ports: RunJobPorts,
  job: Job,
  error: ProcessingImpossible | NotFound | PortUnavailable,
): ResultAsync<JobOutcome, never> {
  switch (error.kind) {
    case 'not-found':
      return okAsync(DONE);
    case 'processing-impossible':
      return okAsync({ kind: 'failed', failure: error.failure, cause: null });
    case 'port-unavailable': {
      const cause = wordsOf(error);
      return okAsync(
        error.retryable && job.attempt < MOST_ATTEMPTS
          ? { kind: 'postponed', retryAtMs: ports.clock.now() + retryDelayMs(job.attempt), cause }
          : { kind: 'failed', failure: failureOf(error, job.attempt), cause },
      );
    }
  }
}

const wordsOf = ({ port, operation, cause }: PortUnavailable): string => `${port}.${operation}: ${cause}`;

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

/** Whether the job was still held, and is settled now. */
function settle(ports: RunJobPorts, job: Job, outcome: JobOutcome): ResultAsync<boolean, PortUnavailable> {
  const settled =
    outcome.kind === 'failed'
      ? failed(ports, job, outcome.failure)
      : outcome.kind === 'postponed'
        ? ports.queue.release(job, outcome.retryAtMs)
        : ports.queue.complete(job);
  return settled
    .map(() => true)
    .orElse((error) =>
      // Somebody else holds the job now and will settle it; the work is idempotent, so nothing is lost or doubled.
      error.kind === 'stale-receipt' ? okAsync(false) : errAsync(error),
    );
}

/**
 * Marks the upload before the job leaves the queue, and only where the job is still held: no upload is left waiting. The job
 * is among the failed ones before it leaves, too.
 */
function failed(
  ports: RunJobPorts,
  job: Job,
  failure: ProcessingFailure,
): ResultAsync<void, StaleReceipt | PortUnavailable> {
  return ports.queue
    .extend(job, ports.clock.now(), JOB_LEASE_MS)
    .andThen(() => markFailed(ports, job, failure))
    .andThen(() =>
      ports.failedJobs.keep({
        owner: job.owner,
        upload: job.upload,
        jobId: job.id,
        attempts: job.attempt,
        failedAtMs: ports.clock.now(),
        reason: failure.code,
      }),
    )
    .andThen(() => ports.queue.giveUp(job, `${failure.code}: ${failure.reason}`));
}

/** For an upload whose work was done by an attempt that could not say so to the queue. */
const STAYS_COMPLETED = { progress: 1, message: 'Analysed. Doing it once more was not possible, nor needed.' } as const;

/** An upload that was completed stays so, whatever became of a further attempt: its result is there to be read. */
function markFailed(
  ports: RunJobPorts,
  { owner, upload }: Job,
  failure: ProcessingFailure,
): ResultAsync<void, PortUnavailable> {
  return ports.uploads
    .get(owner, upload)
    .andThen(({ status }) =>
      ports.uploads.change(
        owner,
        upload,
        status === 'completed' ? STAYS_COMPLETED : gaveUp(failure),
        ports.clock.now(),
      ),
    )
    .map(() => undefined)
    .orElse((error) => (error.kind === 'not-found' ? okAsync(undefined) : errAsync(error)));
}
