import type { Migration } from '../migration.ts';

/** People are found by their pseudonyms too. */
export const auditPeople: Migration = {
  name: 'audit-people',
  async up(database) {
    await database.schema
      .createIndex('audit_pseudonym_by_pseudonym')
      .on('audit_pseudonym')
      .column('pseudonym')
      .execute();
  },
};
