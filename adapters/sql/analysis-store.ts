import type { Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { AnalysisDocument } from '../../core/analysis/document.ts';
import type { AnalysisRecord, AnalysisScope, AnalysisStore } from '../../core/analysis/ports.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import { analysisId, processingId, userId } from '../../core/kernel/ids.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { AnalysisRow, Tables } from './tables.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import { orUnavailable } from './unavailable.ts';

/** Analyses in a database: the document as JSON, the minutes as bytes. */
export class SqlAnalysisStore implements AnalysisStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  replaceForUpload(
    owner: UserId,
    upload: ProcessingId,
    records: readonly AnalysisRecord[],
  ): ResultAsync<void, PortUnavailable> {
    const rows = [...records].sort(windowFirst).map((record, position) => rowOf(owner, upload, record, position));
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await removeAll(transaction, owner, upload);
      for (const row of rows) await transaction.insertInto('analysis').values(row).execute();
    };
    return orUnavailable('AnalysisStore', 'replaceForUpload', this.#database.write(work));
  }

  getForUpload(owner: UserId, upload: ProcessingId): ResultAsync<AnalysisRecord, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<AnalysisRecord, NotFound>> => {
      const row = await transaction
        .selectFrom('analysis')
        .selectAll()
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .where('scope', '=', 'window' satisfies AnalysisScope)
        .orderBy('position')
        .executeTakeFirst();
      return row === undefined ? err(notFound('analysis', upload)) : ok(recordOf(row));
    };
    return orUnavailable('AnalysisStore', 'getForUpload', this.#database.read(work)).andThen((found) => found);
  }

  listForUpload(owner: UserId, upload: ProcessingId): ResultAsync<readonly AnalysisRecord[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly AnalysisRecord[]> => {
      const rows = await transaction
        .selectFrom('analysis')
        .selectAll()
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .orderBy('position')
        .execute();
      return rows.map(recordOf);
    };
    return orUnavailable('AnalysisStore', 'listForUpload', this.#database.read(work));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    return orUnavailable(
      'AnalysisStore',
      'deleteUpload',
      this.#database.write((transaction) => removeAll(transaction, owner, upload)),
    );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['analysis']);
    return orUnavailable('AnalysisStore', 'eraseOwner', this.#database.write(work));
  }
}

async function removeAll(transaction: Transaction<Tables>, owner: UserId, upload: ProcessingId): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('analysis')
    .where('owner', '=', owner)
    .where('upload_id', '=', upload)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** The window, then weeks by their start; equal ones keep the order in which they were given. */
const windowFirst = (a: AnalysisRecord, b: AnalysisRecord): number =>
  Number(b.scope === 'window') - Number(a.scope === 'window') || startMs(a) - startMs(b);

const startMs = ({ document }: AnalysisRecord): number => Date.parse(document.window.start);

function rowOf(
  owner: UserId,
  upload: ProcessingId,
  { analysisId: id, scope, createdAtMs, document, grid }: AnalysisRecord,
  position: number,
): AnalysisRow {
  return {
    owner,
    upload_id: upload,
    position,
    analysis_id: id,
    scope,
    created_at_ms: createdAtMs,
    document: JSON.stringify(document),
    grid_dates: JSON.stringify(grid.dates),
    grid_values: floatBytes(grid.values),
  };
}

const recordOf = (row: AnalysisRow): AnalysisRecord => ({
  owner: userId(row.owner),
  analysisId: analysisId(row.analysis_id),
  upload: processingId(row.upload_id),
  scope: row.scope as AnalysisScope,
  createdAtMs: row.created_at_ms,
  document: JSON.parse(row.document) as AnalysisDocument,
  grid: { dates: JSON.parse(row.grid_dates) as readonly string[], values: floatsOf(row.grid_values) },
});

/** Written out one by one, so that the bytes are the same on every machine. */
function floatBytes(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return new Uint8Array(view.buffer);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
