import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Calls that were made with an idempotency key. */
export const idempotency: Migration = {
  name: 'idempotency',
  async up(database) {
    await database.schema
      .createTable('keyed_call')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('first_begun_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('forget_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('fingerprint', 'text')
      .addColumn('token', 'text')
      .addColumn('held_until_ms', 'double precision', (column) => column.notNull())
      .addColumn('reply', sql`blob`)
      .addPrimaryKeyConstraint('keyed_call_key', ['owner', 'operation', 'key'])
      .execute();
    await database.schema.createIndex('keyed_call_by_end').on('keyed_call').column('forget_at_ms').execute();
  },
};
