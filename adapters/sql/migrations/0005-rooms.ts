import type { Migration } from '../migration.ts';

/** Who is in which room, and the frames on their way. */
export const rooms: Migration = {
  name: 'rooms',
  async up(database) {
    await database.schema
      .createTable('room_frame')
      // Never given out twice, so that a reader's place stays right after everything before it was forgotten.
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('room', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('to_author', 'integer', (column) => column.notNull())
      .addColumn('at_ms', 'double precision', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .execute();
    await database.schema.createIndex('room_frame_in_order').on('room_frame').columns(['room', 'sequence']).execute();
    await database.schema.createIndex('room_frame_by_owner').on('room_frame').column('owner').execute();
    await database.schema.createIndex('room_frame_by_age').on('room_frame').column('at_ms').execute();
    await database.schema
      .createTable('room_presence')
      .addColumn('room', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('connection_id', 'text', (column) => column.notNull())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('connected_at_ms', 'double precision', (column) => column.notNull())
      .addColumn('last_seen_at_ms', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('room_presence_key', ['room', 'owner', 'connection_id'])
      .execute();
    await database.schema.createIndex('room_presence_by_owner').on('room_presence').column('owner').execute();
    await database.schema.createIndex('room_presence_by_age').on('room_presence').column('last_seen_at_ms').execute();
  },
};
