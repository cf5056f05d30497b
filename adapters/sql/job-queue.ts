import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { Job, JobBacklog, JobQueue, StaleReceipt } from '../../core/health-data/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { Tables } from './tables.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import { orUnavailable } from './unavailable.ts';

/** A queue in a database, for any number of processes. */
export class SqlJobQueue implements JobQueue, JobBacklog {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  enqueue(job: Pick<Job, 'id' | 'owner' | 'upload'>, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const { id, owner, upload } = job;
    const row = { id, owner, upload_id: upload, enqueued_at_ms: nowMs, due_at_ms: nowMs, attempt: 0, receipt: null };
    const insertion = this.#database.statements
      .insertInto('job')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .compile();
    return orUnavailable('JobQueue', 'enqueue', this.#database.writeScript({ statements: [insertion] })).map(
      () => undefined,
    );
  }

  claim(nowMs: EpochMs, leaseMs: number): ResultAsync<Job | null, PortUnavailable> {
    // The write lock is held from before the look to after the change, so no other claimer sees the job as due.
    const work = async (transaction: Transaction<Tables>): Promise<Job | null> => {
      const oldest = await transaction
        .selectFrom('job')
        .selectAll()
        .where('due_at_ms', '<=', nowMs)
        .orderBy('enqueued_at_ms')
        .orderBy('sequence')
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return null;
      const attempt = oldest.attempt + 1;
      const receipt = randomUUID();
      await transaction
        .updateTable('job')
        .set({ attempt, receipt, due_at_ms: nowMs + leaseMs })
        .where('sequence', '=', oldest.sequence)
        .execute();
      return { id: oldest.id, owner: userId(oldest.owner), upload: processingId(oldest.upload_id), attempt, receipt };
    };
    return orUnavailable('JobQueue', 'claim', this.#database.write(work));
  }

  oldestDueMs(nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<EpochMs | null> => {
      const oldest = await transaction
        .selectFrom('job')
        .select((eb) => eb.fn.min('due_at_ms').as('due_at_ms'))
        .where('due_at_ms', '<=', nowMs)
        .executeTakeFirst();
      return oldest?.due_at_ms ?? null;
    };
    return orUnavailable('JobQueue', 'oldestDueMs', this.#database.read(work));
  }

  extend(job: Job, nowMs: EpochMs, leaseMs: number): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('extend', job, (transaction) => hold(transaction, job, nowMs + leaseMs, job.receipt));
  }

  complete(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('complete', job, (transaction) => remove(transaction, job));
  }

  release(job: Job, retryAtMs: EpochMs): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('release', job, (transaction) => hold(transaction, job, retryAtMs, null));
  }

  giveUp(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('giveUp', job, (transaction) => remove(transaction, job));
  }

  /** `change` answers how many jobs it met: none when the receipt is stale. */
  #settle(
    operation: string,
    job: Job,
    change: (transaction: Transaction<Tables>) => Promise<bigint>,
  ): ResultAsync<void, StaleReceipt | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, StaleReceipt>> =>
      (await change(transaction)) === 0n ? err({ kind: 'stale-receipt', id: job.id }) : ok(undefined);
    return orUnavailable('JobQueue', operation, this.#database.write(work)).andThen((settled) => settled);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['job']);
    return orUnavailable('JobQueue', 'eraseOwner', this.#database.write(work));
  }
}

async function hold(database: Kysely<Tables>, job: Job, dueAtMs: EpochMs, receipt: string | null): Promise<bigint> {
  const { numUpdatedRows } = await database
    .updateTable('job')
    .set({ due_at_ms: dueAtMs, receipt })
    .where('id', '=', job.id)
    .where('owner', '=', job.owner)
    .where('receipt', '=', job.receipt)
    .executeTakeFirstOrThrow();
  return numUpdatedRows;
}

async function remove(database: Kysely<Tables>, job: Job): Promise<bigint> {
  const { numDeletedRows } = await database
    .deleteFrom('job')
    .where('id', '=', job.id)
    .where('owner', '=', job.owner)
    .where('receipt', '=', job.receipt)
    .executeTakeFirstOrThrow();
  return numDeletedRows;
}
