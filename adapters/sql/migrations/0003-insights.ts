import type { Migration } from '../migration.ts';

/** Insights; `tables.ts` says what the columns mean. */
export const insights: Migration = {
  name: 'insights',
  async up(database) {
    await database.schema
      .createTable('insight')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('insight_id', 'text', (column) => column.notNull())
      .addColumn('upload_id', 'text')
      .addColumn('generated_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('insight_key', ['owner', 'insight_id'])
      .execute();
    await database.schema
      .createIndex('insight_in_list_order')
      .on('insight')
      .columns(['owner', 'generated_at_ms', 'insight_id'])
      .execute();
    await database.schema.createIndex('insight_by_upload').on('insight').columns(['owner', 'upload_id']).execute();
  },
};
