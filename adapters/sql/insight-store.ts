import type { Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import { insightId } from '../../core/insights/model.ts';
import type { Insight, InsightId, InsightPage } from '../../core/insights/model.ts';
import type { InsightRange, InsightStore } from '../../core/insights/ports.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { InsightRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Insights in a database. */
export class SqlInsightStore implements InsightStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  insert(insight: Insight): ResultAsync<void, PortUnavailable> {
    const row = rowOf(insight);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .insertInto('insight')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'insight_id']).doNothing())
        .execute();
    };
    return orUnavailable('InsightStore', 'insert', this.#database.write(work));
  }

  get(owner: UserId, id: InsightId): ResultAsync<Insight, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<Insight, NotFound>> => {
      const row = await transaction
        .selectFrom('insight')
        .selectAll()
        .where('owner', '=', owner)
        .where('insight_id', '=', id)
        .executeTakeFirst();
      return row === undefined ? err(notFound('insight', id)) : ok(insightOf(row));
    };
    return orUnavailable('InsightStore', 'get', this.#database.read(work)).andThen((found) => found);
  }

  list(owner: UserId, { limit, offset }: InsightRange): ResultAsync<InsightPage, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<InsightPage> => {
      const { count } = await transaction
        .selectFrom('insight')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('owner', '=', owner)
        .executeTakeFirstOrThrow();
      const rows = await transaction
        .selectFrom('insight')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('generated_at_ms', 'desc')
        .orderBy('insight_id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      const totalCount = Number(count);
      return { insights: rows.map(insightOf), totalCount, hasMore: offset + limit < totalCount };
    };
    return orUnavailable('InsightStore', 'list', this.#database.read(work));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<number> => {
      const { numDeletedRows } = await transaction
        .deleteFrom('insight')
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    };
    return orUnavailable('InsightStore', 'deleteUpload', this.#database.write(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['insight']);
    return orUnavailable('InsightStore', 'eraseOwner', this.#database.write(work));
  }
}

type Content = Omit<Insight, 'owner' | 'insightId' | 'upload' | 'generatedAtMs'>;

function rowOf({ owner, insightId: id, upload, generatedAtMs, ...content }: Insight): InsightRow {
  return {
    owner,
    insight_id: id,
    upload_id: upload,
    generated_at_ms: generatedAtMs,
    content: JSON.stringify(content satisfies Content),
  };
}

const insightOf = (row: InsightRow): Insight => ({
  ...(JSON.parse(row.content) as Content),
  owner: userId(row.owner),
  insightId: insightId(row.insight_id),
  upload: row.upload_id === null ? null : processingId(row.upload_id),
  generatedAtMs: row.generated_at_ms,
});
