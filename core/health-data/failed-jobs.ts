import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';

/** A job that was given up on. It says nothing of what was uploaded. */
export interface FailedJob {
  readonly owner: UserId;
  readonly upload: ProcessingId;
  readonly jobId: string;
  /** How often it was handed out. */
  readonly attempts: number;
  readonly failedAtMs: EpochMs;
  /** Why, as one word: the `code` of the upload's failure. */
  readonly reason: string;
}

/** A place in the list of failed jobs, stable whatever is added or removed. */
export type FailedJobPlace = Pick<FailedJob, 'failedAtMs' | 'owner' | 'upload'>;

/**
 * Remembers the jobs that were given up on, the last one of each upload. What became of the upload since, only the upload
 * itself tells.
 */
export interface FailedJobs extends ErasesOwner {
  /** Keeps the job in the place of the one before of the same upload; again is fine. */
  keep(job: FailedJob): ResultAsync<void, PortUnavailable>;
  /** Of everybody: at most `limit` that follow `after`, newest first; what failed at the same instant in an order of its own. */
  list(after: FailedJobPlace | null, limit: number): ResultAsync<readonly FailedJob[], PortUnavailable>;
  find(owner: UserId, upload: ProcessingId): ResultAsync<FailedJob | null, PortUnavailable>;
  /** Forgets this one. True once; false where it is gone, or another one of the upload has taken its place. */
  remove(job: FailedJob): ResultAsync<boolean, PortUnavailable>;
}
