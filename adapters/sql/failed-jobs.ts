import type { Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import type { FailedJob, FailedJobPlace, FailedJobs } from '../../core/health-data/failed-jobs.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId, userId, type ProcessingId, type UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { FailedJobRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Failed jobs in a database. */
export class SqlFailedJobs implements FailedJobs {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  keep(job: FailedJob): ResultAsync<void, PortUnavailable> {
    const { owner: _owner, upload_id: _upload, ...content } = rowOf(job);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .insertInto('failed_job')
        .values(rowOf(job))
        .onConflict((conflict) => conflict.columns(['owner', 'upload_id']).doUpdateSet(content))
        .execute();
    };
    return orUnavailable('FailedJobs', 'keep', this.#database.write(work));
  }

  list(after: FailedJobPlace | null, limit: number): ResultAsync<readonly FailedJob[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly FailedJob[]> => {
      let query = transaction.selectFrom('failed_job').selectAll();
      if (after !== null) {
        const { failedAtMs, owner, upload } = after;
        query = query.where((eb) =>
          eb.or([
            eb('failed_at_ms', '<', failedAtMs),
            eb.and([eb('failed_at_ms', '=', failedAtMs), eb('owner', '>', owner)]),
            eb.and([eb('failed_at_ms', '=', failedAtMs), eb('owner', '=', owner), eb('upload_id', '>', upload)]),
          ]),
        );
      }
      const rows = await query
        .orderBy('failed_at_ms', 'desc')
        .orderBy('owner')
        .orderBy('upload_id')
        .limit(limit)
        .execute();
      return rows.map(jobOf);
    };
    return orUnavailable('FailedJobs', 'list', this.#database.read(work));
  }

  find(owner: UserId, upload: ProcessingId): ResultAsync<FailedJob | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<FailedJob | null> => {
      const row = await transaction
        .selectFrom('failed_job')
        .selectAll()
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .executeTakeFirst();
      return row === undefined ? null : jobOf(row);
    };
    return orUnavailable('FailedJobs', 'find', this.#database.read(work));
  }

  remove({ owner, upload, jobId, failedAtMs }: FailedJob): ResultAsync<boolean, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<boolean> => {
      const { numDeletedRows: removed } = await transaction
        .deleteFrom('failed_job')
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .where('job_id', '=', jobId)
        .where('failed_at_ms', '=', failedAtMs)
        .executeTakeFirstOrThrow();
      return removed > 0n;
    };
    return orUnavailable('FailedJobs', 'remove', this.#database.write(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['failed_job']);
    return orUnavailable('FailedJobs', 'eraseOwner', this.#database.write(work));
  }
}

const rowOf = ({ owner, upload, jobId, attempts, failedAtMs, reason }: FailedJob): FailedJobRow => ({
  owner,
  upload_id: upload,
  job_id: jobId,
  attempts,
  failed_at_ms: failedAtMs,
  reason,
});

const jobOf = (row: FailedJobRow): FailedJob => ({
  owner: userId(row.owner),
  upload: processingId(row.upload_id),
  jobId: row.job_id,
  attempts: row.attempts,
  failedAtMs: row.failed_at_ms,
  reason: row.reason,
});
