import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** The wrapped data keys of people, and of the installation. */
export const dataKeys: Migration = {
  name: 'data-keys',
  async up(database) {
    await database.schema
      .createTable('data_key')
      .addColumn('holder', 'text', (column) => column.notNull().primaryKey())
      .addColumn('master_version', 'text', (column) => column.notNull())
      .addColumn('wrapped', sql`blob`, (column) => column.notNull())
      .execute();
  },
};
