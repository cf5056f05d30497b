import type { Kysely } from 'kysely';
import { metricKeysOf } from '../metric-key.ts';
import type { Migration } from '../migration.ts';

/**
 * Equal metrics are found by instant and fingerprint instead of by fingerprint alone, and by a short key that groups the
 * owner's instead of by id. A fingerprint covers the instant, so nothing changes in what is a duplicate; but a hash alone,
 * or an id, is a random place in its index, and a batch of a thousand then touches a thousand pages, where by time it
 * touches a few. A table's own constraints cannot be dropped: the table is made anew.
 */
export const metricsByTime: Migration = {
  name: 'metrics-by-time',
  async up(database) {
    await database.schema
      .createTable('metric_by_time')
      .addColumn('metric_key', 'text', (column) => column.primaryKey())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('metric_id', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('upload_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('upload_source', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addUniqueConstraint('metric_fingerprint', ['owner', 'created_at_ms', 'fingerprint'])
      .execute();
    await copyMetrics(database);
    await database.schema.dropTable('metric').execute();
    await database.schema.alterTable('metric_by_time').renameTo('metric').execute();
    await database.schema
      .createIndex('metric_in_list_order')
      .on('metric')
      .columns(['owner', 'created_at_ms', 'metric_id'])
      .execute();
    // Lists of one type, and analyses that read one, need not pass over all the others.
    await database.schema
      .createIndex('metric_of_type_in_list_order')
      .on('metric')
      .columns(['owner', 'type', 'created_at_ms', 'metric_id'])
      .execute();
    await database.schema.createIndex('metric_by_upload').on('metric').columns(['owner', 'upload_id']).execute();
  },
};

interface Row {
  readonly owner: string;
  readonly metric_id: string;
  readonly fingerprint: string;
  readonly upload_id: string;
  readonly type: string;
  readonly created_at_ms: number;
  readonly upload_source: string;
  readonly content: string;
}

interface Moved {
  readonly metric: Row;
  readonly metric_by_time: Row & { readonly metric_key: string };
}

const ROWS_AT_ONCE = 500;

async function copyMetrics(database: Kysely<Moved>): Promise<void> {
  let last = { owner: '', metric_id: '' };
  for (;;) {
    const { owner, metric_id } = last;
    const rows = await database
      .selectFrom('metric')
      .selectAll()
      .where((eb) => eb(eb.refTuple('owner', 'metric_id'), '>', eb.tuple(owner, metric_id)))
      .orderBy('owner')
      .orderBy('metric_id')
      .limit(ROWS_AT_ONCE)
      .execute();
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end;
    const moved = rows.map((row) => ({ ...row, metric_key: metricKeysOf(row.owner)(row.metric_id) }));
    await database.insertInto('metric_by_time').values(moved).execute();
  }
}
