import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/**
 * Sessions know how often their refresh token was replaced, and when; and second factors. Sessions from before begin with
 * their first token, whenever it was made. `tables.ts` says what the columns mean.
 */
export const identity: Migration = {
  name: 'identity',
  async up(database) {
    await database.schema
      .alterTable('login_session')
      .addColumn('last_used_at_ms', 'double precision', (column) => column.notNull().defaultTo(0))
      .execute();
    await database.schema
      .alterTable('login_session')
      .addColumn('rotation', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`update login_session set last_used_at_ms = created_at_ms`.execute(database);
    await database.schema.createIndex('login_session_of_user').on('login_session').columns(['user_id']).execute();
    await database.schema
      .createTable('second_factor')
      .addColumn('user_id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('factor_id', 'text', (column) => column.notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('last_step', 'integer')
      .addColumn('recovery_hashes', 'text', (column) => column.notNull())
      .execute();
  },
};
