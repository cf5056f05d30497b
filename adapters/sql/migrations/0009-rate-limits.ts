import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/**
 * Counted calls, known by a hash alone: one number each, and how many the last one took. And failed logins by account and
 * client: those of before were of accounts alone, and are forgotten.
 */
export const rateLimits: Migration = {
  name: 'rate-limits',
  async up(database) {
    await database.schema
      .createTable('rate_counter')
      .addColumn('counter', 'text', (column) => column.notNull().primaryKey())
      .addColumn('arrival_us', 'integer', (column) => column.notNull())
      .addColumn('taken', 'integer', (column) => column.notNull())
      // A row is its key and little more, so it is kept in the index of keys and nowhere else.
      .modifyEnd(sql`without rowid`)
      .execute();
    await database.schema.dropTable('failed_login').execute();
    await database.schema
      .createTable('failed_login')
      .addColumn('email_key', 'text', (column) => column.notNull())
      .addColumn('client', 'text', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('forget_at_ms', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('failed_login_key', ['email_key', 'client'])
      .execute();
    await database.schema.createIndex('failed_login_to_forget').on('failed_login').columns(['forget_at_ms']).execute();
  },
};
