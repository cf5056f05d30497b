import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

/** The audit log, and who is meant by which of its pseudonyms; `tables.ts` says what the columns mean. */
export const audit: Migration = {
  name: 'audit',
  async up(database) {
    await database.schema
      .createTable('audit_entry')
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_entry_key', ['day', 'number'])
      .execute();
    await database.schema
      .createIndex('audit_entry_by_subject')
      .on('audit_entry')
      .columns(['subject', 'day', 'number'])
      .where('subject', 'is not', null)
      .execute();
    await headTable(database, 'audit_head')
      .addColumn('day', 'text', (column) => column.notNull().primaryKey())
      .execute();
    await headTable(database, 'audit_end')
      // There is one end at most.
      .addColumn('place', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('day', 'text', (column) => column.notNull())
      .execute();
    await database.schema
      .createTable('audit_pseudonym')
      .addColumn('owner', 'text', (column) => column.notNull().primaryKey())
      .addColumn('pseudonym', 'text', (column) => column.notNull())
      .execute();
  },
};

/** What the table of closed heads and that of the end have in common. */
const headTable = (database: Kysely<unknown>, name: string): CreateTableBuilder<string> =>
  database.schema
    .createTable(name)
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('previous', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('total', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull());
