import type { Migration } from '../migration.ts';

/** Consents, emergency accesses, and the roles of accounts. `tables.ts` says what the columns mean. */
export const consents: Migration = {
  name: 'consents',
  async up(database) {
    await database.schema
      .createTable('consent')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('consent_id', 'text', (column) => column.notNull())
      .addColumn('grantee', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('data_types', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('ends_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('revoked_at_ms', 'double precision')
      .addPrimaryKeyConstraint('consent_key', ['owner', 'consent_id'])
      .execute();
    await database.schema.createIndex('consent_for').on('consent').columns(['grantee', 'ends_at_ms']).execute();
    await database.schema
      .createTable('emergency_access')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('access_id', 'text', (column) => column.notNull())
      .addColumn('clinician', 'text')
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('opened_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('ends_at_ms', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('emergency_access_key', ['owner', 'access_id'])
      .execute();
    await database.schema.createIndex('emergency_access_by').on('emergency_access').columns(['clinician']).execute();
    await database.schema
      .alterTable('account')
      .addColumn('roles', 'text', (column) => column.notNull().defaultTo('["patient"]'))
      .execute();
  },
};
