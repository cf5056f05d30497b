import type { Migration } from '../migration.ts';

/** Codes sent by mail, and failed logins; `tables.ts` says what the columns mean. */
export const codesAndAttempts: Migration = {
  name: 'codes-and-attempts',
  async up(database) {
    await database.schema
      .createTable('emailed_code')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('salt', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('expires_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('used', 'integer', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('sent_ms', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('emailed_code_key', ['user_id', 'purpose'])
      .execute();
    await database.schema
      .createTable('failed_login')
      .addColumn('email_key', 'text', (column) => column.notNull().primaryKey())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('forget_at_ms', 'double precision', (column) => column.notNull())
      .execute();
    await database.schema.createIndex('failed_login_to_forget').on('failed_login').columns(['forget_at_ms']).execute();
  },
};
