import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

/** Event logs, webhooks and their deliveries; `tables.ts` says what the columns mean. */
export const eventsAndWebhooks: Migration = {
  name: 'events-and-webhooks',
  async up(database) {
    await createEventTables(database);
    await createWebhookTables(database);
  },
};

async function createEventTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('owner_event')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'double precision', (column) => column.notNull())
    .addColumn('upload_id', 'text')
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('owner_event_key', ['owner', 'number'])
    .execute();
  await database.schema
    .createTable('owner_event_end')
    .addColumn('owner', 'text', (column) => column.notNull().primaryKey())
    .addColumn('number', 'integer', (column) => column.notNull())
    .execute();
}

async function createWebhookTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('webhook')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('webhook_id', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('event_types', 'text')
    .addColumn('description', 'text')
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addPrimaryKeyConstraint('webhook_key', ['owner', 'webhook_id'])
    .execute();
  await database.schema
    .createTable('webhook_delivery')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('webhook_id', 'text', (column) => column.notNull())
    .addColumn('delivery_id', 'text', (column) => column.notNull())
    .addColumn('event_id', 'text')
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'double precision', (column) => column.notNull())
    .addColumn('due_at_ms', 'double precision')
    .addColumn('claim', 'text')
    .addColumn('attempts', 'text', (column) => column.notNull())
    .addColumn('attempt_count', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('webhook_delivery_key', ['owner', 'webhook_id', 'delivery_id'])
    .addForeignKeyConstraint(
      'webhook_delivery_webhook',
      ['owner', 'webhook_id'],
      'webhook',
      ['owner', 'webhook_id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await database.schema
    .createIndex('webhook_delivery_due')
    .on('webhook_delivery')
    .column('due_at_ms')
    .where('due_at_ms', 'is not', null)
    .execute();
}
