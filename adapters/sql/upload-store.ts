import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { ProcessingStatus, Upload, UploadChange, UploadKind } from '../../core/health-data/model.ts';
import type { ChangeCondition, UploadStore, UploadUsage } from '../../core/health-data/ports.ts';
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
    const insertion = this.#database.statements
      .insertInto('upload')
      .values(rowOf(upload))
      .onConflict((conflict) => conflict.columns(['owner', 'upload_id']).doNothing())
      .compile();
    return orUnavailable('UploadStore', 'insert', this.#database.writeScript({ statements: [insertion] })).map(
      () => undefined,
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
    const attempt = async (): Promise<Result<Upload, NotFound> | null> => {
      const before = await this.#database.read((transaction) => findRow(transaction, owner, id));
      if (before === undefined) return err(notFound('processing', id));
      const upload = uploadOf(before);
      if (onlyIf !== undefined && !onlyIf.status.includes(upload.status)) return ok(upload);
      const row = rowOf({ ...upload, ...change, updatedAtMs: nowMs });
      const update = this.#database.statements
        .updateTable('upload')
        .set({
          status: row.status,
          updated_at_ms: row.updated_at_ms,
          raw_bytes: row.raw_bytes,
          content: row.content,
        })
        .where('owner', '=', owner)
        .where('upload_id', '=', id)
        .where('status', '=', before.status)
        .where('updated_at_ms', '=', before.updated_at_ms)
        .where('content', '=', before.content)
        .compile();
      const isDone = (await this.#database.writeScript({ statements: [update], mustChange: 1 })) !== null;
      return isDone ? ok(uploadOf(row)) : null;
    };
    return orUnavailable('UploadStore', 'change', untilDone(attempt)).andThen((changed) => changed);
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

  usage(owner: UserId): ResultAsync<UploadUsage, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<UploadUsage> => {
      const rows = await transaction
        .selectFrom('upload')
        .select(({ fn }) => ['status', fn.countAll().as('uploads'), fn.sum('raw_bytes').as('bytes')])
        .where('owner', '=', owner)
        .groupBy('status')
        .execute();
      return {
        storedBytes: rows.reduce((sum, { bytes }) => sum + Number(bytes), 0),
        running: Number(rows.find(({ status }) => status === 'processing')?.uploads ?? 0),
      };
    };
    return orUnavailable('UploadStore', 'usage', this.#database.read(work));
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

/** Tries again while somebody else is faster; each time somebody has made their change. */
async function untilDone<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const done = await attempt();
    if (done !== null) return done;
  }
}

async function find(database: Kysely<Tables>, owner: UserId, id: ProcessingId): Promise<Result<Upload, NotFound>> {
  const row = await findRow(database, owner, id);
  return row === undefined ? err(notFound('processing', id)) : ok(uploadOf(row));
}

const findRow = (database: Kysely<Tables>, owner: UserId, id: ProcessingId): Promise<UploadRow | undefined> =>
  database.selectFrom('upload').selectAll().where('owner', '=', owner).where('upload_id', '=', id).executeTakeFirst();

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
    raw_bytes: upload.raw?.bytes ?? 0,
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
