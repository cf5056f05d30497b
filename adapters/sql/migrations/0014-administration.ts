import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** What administrators see and change, and how much people keep. `tables.ts` says what the columns mean. */
export const administration: Migration = {
  name: 'administration',
  async up(database) {
    await database.schema
      .alterTable('account')
      .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await database.schema
      .createIndex('account_in_list_order')
      .on('account')
      .columns(['created_at_ms', 'user_id'])
      .execute();
    await database.schema
      .alterTable('upload')
      .addColumn('raw_bytes', 'double precision', (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`update upload set raw_bytes = coalesce(json_extract(content, '$.raw.bytes'), 0)`.execute(database);
    // Holds all that is asked of an owner's uploads as a whole, so that the uploads themselves are not read.
    await database.schema.createIndex('upload_usage').on('upload').columns(['owner', 'status', 'raw_bytes']).execute();
    await database.schema
      .createTable('failed_job')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('upload_id', 'text', (column) => column.notNull())
      .addColumn('job_id', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('failed_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('failed_job_key', ['owner', 'upload_id'])
      .execute();
    await database.schema
      .createIndex('failed_job_in_list_order')
      .on('failed_job')
      .columns(['failed_at_ms', 'owner', 'upload_id'])
      .execute();
  },
};
