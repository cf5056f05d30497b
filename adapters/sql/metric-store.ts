import type { Expression, ExpressionBuilder, SqlBool, Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import type { Metric, MetricPage, MetricQuery, MetricType } from '../../core/health-data/model.ts';
import type { MetricOutcome, MetricStore } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId } from '../../core/kernel/ids.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { Statement } from './script.ts';
import type { MetricRow, Tables } from './tables.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import { metricKeysOf } from './metric-key.ts';
import { orUnavailable } from './unavailable.ts';

/** Rows a statement; databases limit the number of its parameters. */
const ROWS_A_STATEMENT = 250;

/** Single metrics in a database. */
export class SqlMetricStore implements MetricStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly MetricOutcome[], PortUnavailable> {
    const keyOf = metricKeysOf(owner);
    const rows = metrics.map((metric) => rowOf(keyOf(metric.metricId), owner, metric));
    const work = async (transaction: Transaction<Tables>): Promise<readonly MetricOutcome[]> => {
      const stored = new Set<string>();
      for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
        const inserted = await transaction
          .insertInto('metric')
          .values(rows.slice(from, from + ROWS_A_STATEMENT))
          .onConflict((conflict) => conflict.doNothing())
          .returning(['metric_id', 'fingerprint'])
          .execute();
        for (const row of inserted) stored.add(identityOf(row));
      }
      const others = rows.filter((row) => !stored.has(identityOf(row)));
      const before = (await rowsWithIds(transaction, others)).filter((row) => !stored.has(identityOf(row)));
      const known = new Set(before.map(identityInUpload));
      // Of equal rows in one call, the first was stored.
      return rows.map((row) =>
        stored.delete(identityOf(row)) ? 'stored' : known.delete(identityInUpload(row)) ? 'repeated' : 'duplicate',
      );
    };
    const append = async (): Promise<readonly MetricOutcome[]> => {
      if (rows.length === 0) return [];
      const statements: Statement[] = [];
      for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
        statements.push(insertion(rows.slice(from, from + ROWS_A_STATEMENT)));
      }
      // Nearly every batch is new as a whole: then counting is enough.
      const isWhole = (await this.#database.writeScript({ statements, mustChange: rows.length })) !== null;
      return isWhole ? rows.map(() => 'stored') : this.#database.write(work);
    };
    return orUnavailable('MetricStore', 'append', append());
  }

  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable> {
    // The page before a place is found from that place backwards.
    const isBackwards = query.before != null;
    const direction = isBackwards ? 'asc' : 'desc';
    const work = async (transaction: Transaction<Tables>): Promise<MetricPage> => {
      const rows = await transaction
        .selectFrom('metric')
        .selectAll()
        .where('owner', '=', owner)
        .where((eb) => eb.and(conditionsOf(eb, query)))
        .orderBy('created_at_ms', direction)
        .orderBy('metric_id', direction)
        // One more than asked for tells whether there is more.
        .limit(query.limit + 1)
        .offset(query.offset)
        .execute();
      const metrics = rows.slice(0, query.limit).map(metricOf);
      return { metrics: isBackwards ? metrics.reverse() : metrics, hasMore: rows.length > query.limit };
    };
    const none = { metrics: [], hasMore: false };
    return orUnavailable(
      'MetricStore',
      'list',
      query.types?.length === 0 ? Promise.resolve(none) : this.#database.read(work),
    );
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<number> => {
      const { numDeletedRows } = await transaction
        .deleteFrom('metric')
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    };
    return orUnavailable('MetricStore', 'deleteUpload', this.#database.write(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => eraseOwnerRows(transaction, owner, ['metric']);
    return orUnavailable('MetricStore', 'eraseOwner', this.#database.write(work));
  }
}

const COLUMNS = [
  'metric_key',
  'owner',
  'metric_id',
  'fingerprint',
  'upload_id',
  'type',
  'created_at_ms',
  'upload_source',
  'content',
] as const satisfies readonly (keyof MetricRow)[];

const ROW = `(${COLUMNS.map(() => '?').join(', ')})`;

/** As Kysely would write it, which takes a third of the time of the whole insertion for that. */
function insertion(rows: readonly MetricRow[]): Statement {
  const values = rows.map(() => ROW).join(', ');
  const parameters: unknown[] = [];
  for (const row of rows) for (const column of COLUMNS) parameters.push(row[column]);
  return { sql: `insert into metric (${COLUMNS.join(', ')}) values ${values} on conflict do nothing`, parameters };
}

function conditionsOf(eb: ExpressionBuilder<Tables, 'metric'>, query: MetricQuery): Expression<SqlBool>[] {
  const { types, fromMs, toMs, uploadSource, after, before } = query;
  const conditions: Expression<SqlBool>[] = [];
  if (types !== null) conditions.push(eb('type', 'in', types));
  if (fromMs !== null) conditions.push(eb('created_at_ms', '>=', fromMs));
  if (toMs !== null) conditions.push(eb('created_at_ms', '<', toMs));
  if (uploadSource !== null) conditions.push(eb('upload_source', '=', uploadSource));
  if (after !== null) {
    const { createdAtMs, metricId } = after;
    // The first of the two bounds the walk through the index.
    conditions.push(eb('created_at_ms', '<=', createdAtMs));
    conditions.push(eb.or([eb('created_at_ms', '<', createdAtMs), eb('metric_id', '<', metricId)]));
  }
  if (before != null) {
    const { createdAtMs, metricId } = before;
    conditions.push(eb('created_at_ms', '>=', createdAtMs));
    conditions.push(eb.or([eb('created_at_ms', '>', createdAtMs), eb('metric_id', '>', metricId)]));
  }
  return conditions;
}

const identityOf = (row: Pick<MetricRow, 'metric_id' | 'fingerprint'>): string =>
  JSON.stringify([row.metric_id, row.fingerprint]);

const identityInUpload = (row: Identity): string => JSON.stringify([row.metric_id, row.fingerprint, row.upload_id]);

type Identity = Pick<MetricRow, 'metric_id' | 'fingerprint' | 'upload_id'>;

/** What is there under the ids of these rows of one owner. */
async function rowsWithIds(transaction: Transaction<Tables>, rows: readonly MetricRow[]): Promise<readonly Identity[]> {
  const found: Identity[] = [];
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    const some = rows.slice(from, from + ROWS_A_STATEMENT);
    const keys = some.map((row) => row.metric_key);
    const there = await transaction
      .selectFrom('metric')
      .select(['metric_id', 'fingerprint', 'upload_id'])
      .where('metric_key', 'in', keys)
      .execute();
    found.push(...there);
  }
  return found;
}

type ContentName =
  | 'biometric_data'
  | 'sleep_data'
  | 'activity_data'
  | 'mental_health_data'
  | 'deviceId'
  | 'rawData'
  | 'metadata';

/** What is not null of it; in what was stored by older versions null may be there, too. */
type MetricContent = { readonly [Name in ContentName]?: Metric[Name] | undefined };

// Here and below each member is named: spreading takes several times as long, and there may be very many.
function rowOf(key: string, owner: UserId, metric: Metric): MetricRow {
  const { biometric_data, sleep_data, activity_data, mental_health_data, deviceId, rawData, metadata } = metric;
  const content: MetricContent = {
    biometric_data: biometric_data ?? undefined,
    sleep_data: sleep_data ?? undefined,
    activity_data: activity_data ?? undefined,
    mental_health_data: mental_health_data ?? undefined,
    deviceId: deviceId ?? undefined,
    rawData: rawData ?? undefined,
    metadata: metadata ?? undefined,
  };
  return {
    metric_key: key,
    owner,
    metric_id: metric.metricId,
    fingerprint: metric.fingerprint,
    upload_id: metric.processingId,
    type: metric.metricType,
    created_at_ms: metric.createdAtMs,
    upload_source: metric.uploadSource,
    content: JSON.stringify(content),
  };
}

function metricOf(row: MetricRow): Metric {
  const content = JSON.parse(row.content) as MetricContent;
  return {
    metricId: row.metric_id,
    fingerprint: row.fingerprint,
    processingId: processingId(row.upload_id),
    metricType: row.type as MetricType,
    createdAtMs: row.created_at_ms,
    uploadSource: row.upload_source,
    biometric_data: content.biometric_data ?? null,
    sleep_data: content.sleep_data ?? null,
    activity_data: content.activity_data ?? null,
    mental_health_data: content.mental_health_data ?? null,
    deviceId: content.deviceId ?? null,
    rawData: content.rawData ?? null,
    metadata: content.metadata ?? null,
  };
}
