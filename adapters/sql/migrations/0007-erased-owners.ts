import type { Migration } from '../migration.ts';

/** Who was erased of late, known by a hash alone. */
export const erasedOwners: Migration = {
  name: 'erased-owners',
  async up(database) {
    await database.schema
      .createTable('erased_owner')
      .addColumn('mark', 'text', (column) => column.notNull().primaryKey())
      .addColumn('until_ms', 'double precision', (column) => column.notNull())
      .execute();
  },
};
