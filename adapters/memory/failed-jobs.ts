import { okAsync, type ResultAsync } from 'neverthrow';
import type { FailedJob, FailedJobPlace, FailedJobs } from '../../core/health-data/failed-jobs.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Failed jobs in the process's memory. */
export class MemoryFailedJobs implements FailedJobs {
  readonly #jobs = new Map<string, FailedJob>();

  keep(job: FailedJob): ResultAsync<void, PortUnavailable> {
    this.#jobs.set(keyOf(job), { ...job });
    return okAsync(undefined);
  }

  list(after: FailedJobPlace | null, limit: number): ResultAsync<readonly FailedJob[], PortUnavailable> {
    const following = [...this.#jobs.values()].filter((job) => after === null || inListOrder(after, job) < 0);
    return okAsync(
      following
        .sort(inListOrder)
        .slice(0, limit)
        .map((job) => ({ ...job })),
    );
  }

  find(owner: UserId, upload: ProcessingId): ResultAsync<FailedJob | null, PortUnavailable> {
    const job = this.#jobs.get(keyOf({ owner, upload }));
    return okAsync(job === undefined ? null : { ...job });
  }

  remove(job: FailedJob): ResultAsync<boolean, PortUnavailable> {
    const kept = this.#jobs.get(keyOf(job));
    if (kept?.jobId !== job.jobId || kept.failedAtMs !== job.failedAtMs) return okAsync(false);
    return okAsync(this.#jobs.delete(keyOf(job)));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    for (const [key, job] of this.#jobs) if (job.owner === owner) this.#jobs.delete(key);
    return okAsync(undefined);
  }
}

const keyOf = ({ owner, upload }: Pick<FailedJob, 'owner' | 'upload'>): string => JSON.stringify([owner, upload]);

const inListOrder = (a: FailedJobPlace, b: FailedJobPlace): number =>
  b.failedAtMs - a.failedAtMs || compareCodePoints(a.owner, b.owner) || compareCodePoints(a.upload, b.upload);
