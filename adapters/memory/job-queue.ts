import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { Job, JobBacklog, JobQueue, StaleReceipt } from '../../core/health-data/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

interface QueuedJob {
  readonly id: Job['id'];
  readonly owner: Job['owner'];
  readonly upload: Job['upload'];
  readonly enqueuedAtMs: EpochMs;
  /** When it may be handed out: at once, after a retry's delay, or when its lease ends. */
  dueAtMs: EpochMs;
  attempt: number;
  /** The receipt of the last hand-out that was not settled. */
  receipt: string | null;
}

/** A queue in the process's memory. */
export class MemoryJobQueue implements JobQueue, JobBacklog {
  /** In the order of enqueuing. */
  readonly #jobs = new Map<string, QueuedJob>();
  #receipts = 0;

  enqueue(job: Pick<Job, 'id' | 'owner' | 'upload'>, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    if (!this.#jobs.has(job.id)) {
      const { id, owner, upload } = job;
      this.#jobs.set(id, { id, owner, upload, enqueuedAtMs: nowMs, dueAtMs: nowMs, attempt: 0, receipt: null });
    }
    return okAsync(undefined);
  }

  claim(nowMs: EpochMs, leaseMs: number): ResultAsync<Job | null, PortUnavailable> {
    let oldest: QueuedJob | null = null;
    for (const job of this.#jobs.values()) {
      if (job.dueAtMs <= nowMs && (oldest === null || job.enqueuedAtMs < oldest.enqueuedAtMs)) oldest = job;
    }
    if (oldest === null) return okAsync(null);
    oldest.dueAtMs = nowMs + leaseMs;
    oldest.attempt += 1;
    this.#receipts += 1;
    const receipt = `${oldest.id}#${this.#receipts}`;
    oldest.receipt = receipt;
    const { id, owner, upload, attempt } = oldest;
    return okAsync({ id, owner, upload, attempt, receipt });
  }

  oldestDueMs(nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    let oldestMs: EpochMs | null = null;
    for (const { dueAtMs } of this.#jobs.values()) {
      if (dueAtMs <= nowMs && (oldestMs === null || dueAtMs < oldestMs)) oldestMs = dueAtMs;
    }
    return okAsync(oldestMs);
  }

  extend(job: Job, nowMs: EpochMs, leaseMs: number): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle(job, (held) => {
      held.dueAtMs = nowMs + leaseMs;
    });
  }

  complete(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle(job, (held) => {
      this.#jobs.delete(held.id);
    });
  }

  release(job: Job, retryAtMs: EpochMs): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle(job, (held) => {
      held.dueAtMs = retryAtMs;
      held.receipt = null;
    });
  }

  giveUp(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.complete(job);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    for (const job of this.#jobs.values()) if (job.owner === owner) this.#jobs.delete(job.id);
    return okAsync(undefined);
  }

  #settle(job: Job, change: (held: QueuedJob) => void): ResultAsync<void, StaleReceipt> {
    const held = this.#jobs.get(job.id);
    if (held === undefined || held.receipt !== job.receipt) return errAsync({ kind: 'stale-receipt', id: job.id });
    change(held);
    return okAsync(undefined);
  }
}
