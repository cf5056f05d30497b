import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

/** Samples, metrics, uploads, jobs, analyses, accounts and sessions; `tables.ts` says what the columns mean. */
export const firstTables: Migration = {
  name: 'first-tables',
  async up(database) {
    await createSampleTables(database);
    await createMetricTable(database);
    await createUploadTables(database);
    await createAccountTables(database);
  },
};

async function createSampleTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sample_chunk')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('last_end_ms', 'double precision', (column) => column.notNull())
    .addColumn('sample_count', 'integer', (column) => column.notNull())
    .addColumn('content', sql`blob`, (column) => column.notNull())
    .addPrimaryKeyConstraint('sample_chunk_key', ['owner', 'type', 'day'])
    .execute();
  await database.schema
    .createTable('sample_chunk_upload')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('upload_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('sample_chunk_upload_key', ['owner', 'type', 'day', 'upload_id'])
    .addForeignKeyConstraint(
      'sample_chunk_upload_chunk',
      ['owner', 'type', 'day'],
      'sample_chunk',
      ['owner', 'type', 'day'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await database.schema
    .createIndex('sample_chunk_upload_by_upload')
    .on('sample_chunk_upload')
    .columns(['owner', 'upload_id', 'type', 'day'])
    .execute();
  await database.schema
    .createTable('sample_reach')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('reach_days', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('sample_reach_key', ['owner', 'type'])
    .execute();
}

async function createMetricTable(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('metric')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('metric_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('upload_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('upload_source', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('metric_key', ['owner', 'metric_id'])
    .addUniqueConstraint('metric_fingerprint', ['owner', 'fingerprint'])
    .execute();
  await database.schema
    .createIndex('metric_in_list_order')
    .on('metric')
    .columns(['owner', 'created_at_ms', 'metric_id'])
    .execute();
  await database.schema.createIndex('metric_by_upload').on('metric').columns(['owner', 'upload_id']).execute();
}

async function createUploadTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('upload')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('upload_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('updated_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('upload_key', ['owner', 'upload_id'])
    .execute();
  await database.schema
    .createIndex('upload_in_list_order')
    .on('upload')
    .columns(['owner', 'created_at_ms', 'upload_id'])
    .execute();
  await database.schema
    .createTable('job')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('upload_id', 'text', (column) => column.notNull())
    .addColumn('enqueued_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('due_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('receipt', 'text')
    .execute();
  await database.schema
    .createIndex('job_in_order')
    .on('job')
    .columns(['enqueued_at_ms', 'sequence', 'due_at_ms'])
    .execute();
  await database.schema
    .createTable('analysis')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('upload_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('analysis_id', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('grid_dates', 'text', (column) => column.notNull())
    .addColumn('grid_values', sql`blob`, (column) => column.notNull())
    .addPrimaryKeyConstraint('analysis_key', ['owner', 'upload_id', 'position'])
    .execute();
}

async function createAccountTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('account')
    .addColumn('user_id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_key', 'text', (column) => column.notNull().unique())
    .addColumn('email_verified', 'integer', (column) => column.notNull())
    .addColumn('display_name', 'text')
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .execute();
  await database.schema
    .createTable('login_session')
    .addColumn('session_id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('expires_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('revoked', 'integer', (column) => column.notNull())
    .execute();
}
