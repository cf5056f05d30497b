import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/**
 * Equal metrics are found by instant and fingerprint instead of by fingerprint alone. A fingerprint covers the instant, so
 * nothing changes in what is a duplicate; but a hash alone is a random place in its index, and a batch of a thousand then
 * touches a thousand pages, where by time it touches a few. A table's own unique constraint cannot be dropped: the table is
 * made anew.
 */
export const metricsByTime: Migration = {
  name: 'metrics-by-time',
  async up(database) {
    await database.schema
      .createTable('metric_by_time')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('metric_id', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('upload_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('upload_source', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('metric_key', ['owner', 'metric_id'])
      .addUniqueConstraint('metric_fingerprint', ['owner', 'created_at_ms', 'fingerprint'])
      .execute();
    const columns = sql.raw('owner, metric_id, fingerprint, upload_id, type, created_at_ms, upload_source, content');
    await sql`insert into metric_by_time (${columns}) select ${columns} from metric`.execute(database);
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
