import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { ProcessingStatus, Upload, UploadChange, UploadKind } from '../../core/health-data/model.ts';
import type { ChangeCondition, UploadStore } from '../../core/health-data/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { Tables, UploadRow } from './tables.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import { orUnavailable } from './unavailable.ts';

/** Uploads and their state in a database. */
export class SqlUploadStore implements UploadStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  insert(upload: Upload): ResultAsync<void, PortUnavailable> {
    const row = rowOf(upload);
    return orUnavailable(
      'UploadStore',
      'insert',
      this.#database.write(async (transaction) => {
        const insert = transaction.insertInto('upload').values(row);
        await insert.onConflict((conflict) => conflict.columns(['owner', 'upload_id']).doNothing()).execute();
      }),
    );
  }

  get(owner: UserId, id: ProcessingId): ResultAsync<Upload, NotFound | PortUnavailable> {
    return orUnavailable(
      'UploadStore',
      'get',
      this.#database.read((transaction) => find(transaction, owner, id)),
    ).andThen((found) => found);
  }

  change(
    owner: UserId,
    id: ProcessingId,
    change: UploadChange,
    nowMs: EpochMs,
    onlyIf?: ChangeCondition,
  ): ResultAsync<Upload, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<Upload, NotFound>> => {
      const before = await find(transaction, owner, id);
      if (before.isErr()) return before;
      if (onlyIf !== undefined && !onlyIf.status.includes(before.value.status)) return before;
      const row = rowOf({ ...before.value, ...change, updatedAtMs: nowMs });
      await transaction
        .updateTable('upload')
        .set({ status: row.status, updated_at_ms: row.updated_at_ms, content: row.content })
        .where('owner', '=', owner)
        .where('upload_id', '=', id)
        .execute();
      return ok(uploadOf(row));
    };
    return orUnavailable('UploadStore', 'change', this.#database.write(work)).andThen((changed) => changed);
  }

  list(owner: UserId, limit: number): ResultAsync<readonly Upload[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Upload[]> => {
      const rows = await transaction
        .selectFrom('upload')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('created_at_ms', 'desc')
        .orderBy('upload_id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(uploadOf);
    };
    return orUnavailable('UploadStore', 'list', this.#database.read(work));
  }

  delete(owner: UserId, id: ProcessingId): ResultAsync<void, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, NotFound>> => {
      const { numDeletedRows } = await transaction
        .deleteFrom('upload')
        .where('owner', '=', owner)
        .where('upload_id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 0n ? err(notFound('processing', id)) : ok(undefined);
    };
    return orUnavailable('UploadStore', 'delete', this.#database.write(work)).andThen((deleted) => deleted);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['upload']);
    return orUnavailable('UploadStore', 'eraseOwner', this.#database.write(work));
  }
}

async function find(database: Kysely<Tables>, owner: UserId, id: ProcessingId): Promise<Result<Upload, NotFound>> {
  const row = await database
    .selectFrom('upload')
    .selectAll()
    .where('owner', '=', owner)
    .where('upload_id', '=', id)
    .executeTakeFirst();
  return row === undefined ? err(notFound('processing', id)) : ok(uploadOf(row));
}

type UploadContent = Omit<Upload, 'owner' | 'processingId' | 'kind' | 'status' | 'createdAtMs' | 'updatedAtMs'>;

function rowOf(upload: Upload): UploadRow {
  const { owner, processingId: id, kind, status, createdAtMs, updatedAtMs, ...content } = upload;
  return {
    owner,
    upload_id: id,
    kind,
    status,
    created_at_ms: createdAtMs,
    updated_at_ms: updatedAtMs,
    content: JSON.stringify(content satisfies UploadContent),
  };
}

const uploadOf = (row: UploadRow): Upload => ({
  owner: userId(row.owner),
  processingId: processingId(row.upload_id),
  kind: row.kind as UploadKind,
  status: row.status as ProcessingStatus,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
  ...(JSON.parse(row.content) as UploadContent),
});
