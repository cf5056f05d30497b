import type { Selectable, Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { PlacedRoomFrame, Presence, RoomCounts, RoomFrame } from '../../core/rooms/model.ts';
import { FRAMES_KEPT_MS, PRESENCE_KEPT_MS, type RoomBoard } from '../../core/rooms/ports.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { RoomFrameRow, RoomPresenceRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Digits that hold every sequence number of SQLite. */
const POSITION_DIGITS = 19;

/**
 * What is said in rooms, and who is there, in a database: for all processes that have its file open. A frame gets its
 * place while its transaction holds the write lock, so no frame appears before one that was read already.
 */
export class SqlRoomBoard implements RoomBoard {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  post(frame: RoomFrame): ResultAsync<void, PortUnavailable> {
    const row = {
      room: frame.room,
      owner: frame.author,
      to_author: frame.toAuthor ? 1 : 0,
      at_ms: frame.atMs,
      content: frame.content,
    };
    return this.#write('post', async (transaction) => {
      await transaction.insertInto('room_frame').values(row).execute();
    });
  }

  framesAfter(room: string, after: string, limit: number): ResultAsync<readonly PlacedRoomFrame[], PortUnavailable> {
    return this.#read('framesAfter', async (transaction) => {
      const rows = await transaction
        .selectFrom('room_frame')
        .selectAll()
        .where('room', '=', room)
        .where('sequence', '>', Number(after))
        .orderBy('sequence')
        .limit(limit)
        .execute();
      return rows.map(frameOf);
    });
  }

  end(room: string): ResultAsync<string, PortUnavailable> {
    return this.#read('end', async (transaction) => {
      const newest = await transaction
        .selectFrom('room_frame')
        .select(({ fn }) => fn.max('sequence').as('sequence'))
        .where('room', '=', room)
        .executeTakeFirst();
      return positionOf(newest?.sequence ?? 0);
    });
  }

  seen(presence: Presence): ResultAsync<void, PortUnavailable> {
    const row: RoomPresenceRow = {
      room: presence.room,
      owner: presence.user,
      connection_id: presence.connectionId,
      username: presence.username,
      connected_at_ms: presence.connectedAtMs,
      last_seen_at_ms: presence.lastSeenAtMs,
    };
    return this.#write('seen', async (transaction) => {
      await transaction.replaceInto('room_presence').values(row).execute();
    });
  }

  left({
    room,
    user,
    connectionId,
  }: Pick<Presence, 'room' | 'user' | 'connectionId'>): ResultAsync<void, PortUnavailable> {
    return this.#write('left', async (transaction) => {
      await transaction
        .deleteFrom('room_presence')
        .where('room', '=', room)
        .where('owner', '=', user)
        .where('connection_id', '=', connectionId)
        .execute();
    });
  }

  present(room: string, sinceMs: EpochMs): ResultAsync<readonly Presence[], PortUnavailable> {
    return this.#read('present', async (transaction) => {
      const rows = await transaction
        .selectFrom('room_presence')
        .selectAll()
        .where('room', '=', room)
        .where('last_seen_at_ms', '>=', sinceMs)
        .orderBy('owner')
        .orderBy('connection_id')
        .execute();
      return rows.map(presenceOf);
    });
  }

  counts(sinceMs: EpochMs): ResultAsync<RoomCounts, PortUnavailable> {
    return this.#read('counts', async (transaction) => {
      const rooms = await transaction
        .selectFrom('room_presence')
        .select(({ fn }) => ['room', fn.countAll<number>().as('connections')])
        .where('last_seen_at_ms', '>=', sinceMs)
        .groupBy('room')
        .execute();
      const { people } = await transaction
        .selectFrom('room_presence')
        .select(({ fn }) => fn.count<number>('owner').distinct().as('people'))
        .where('last_seen_at_ms', '>=', sinceMs)
        .executeTakeFirstOrThrow();
      return {
        people,
        connections: rooms.reduce((sum, { connections }) => sum + connections, 0),
        rooms: Object.fromEntries(rooms.map(({ room, connections }) => [room, connections])),
      };
    });
  }

  forgetOld(nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    return this.#write('forgetOld', async (transaction) => {
      await transaction
        .deleteFrom('room_frame')
        .where('at_ms', '<', nowMs - FRAMES_KEPT_MS)
        .execute();
      await transaction
        .deleteFrom('room_presence')
        .where('last_seen_at_ms', '<', nowMs - PRESENCE_KEPT_MS)
        .execute();
    });
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#write('eraseOwner', (transaction) =>
      eraseOwnerRows(transaction, owner, ['room_frame', 'room_presence']),
    );
  }

  #read<T>(operation: string, work: (transaction: Transaction<Tables>) => Promise<T>): ResultAsync<T, PortUnavailable> {
    return orUnavailable('RoomBoard', operation, this.#database.read(work));
  }

  #write(
    operation: string,
    work: (transaction: Transaction<Tables>) => Promise<void>,
  ): ResultAsync<void, PortUnavailable> {
    return orUnavailable('RoomBoard', operation, this.#database.write(work));
  }
}

const positionOf = (sequence: number): string => String(sequence).padStart(POSITION_DIGITS, '0');

const frameOf = ({ sequence, room, owner, to_author, at_ms, content }: Selectable<RoomFrameRow>) => ({
  room,
  author: userId(owner),
  toAuthor: to_author === 1,
  atMs: at_ms,
  content,
  position: positionOf(sequence),
});

const presenceOf = (row: RoomPresenceRow): Presence => ({
  room: row.room,
  user: userId(row.owner),
  connectionId: row.connection_id,
  username: row.username,
  connectedAtMs: row.connected_at_ms,
  lastSeenAtMs: row.last_seen_at_ms,
});
