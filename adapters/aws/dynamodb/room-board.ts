import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import type { PlacedRoomFrame, Presence, RoomCounts, RoomFrame } from '../../../core/rooms/model.ts';
import { PRESENCE_KEPT_MS, type RoomBoard } from '../../../core/rooms/ports.ts';
import { orUnavailable } from '../aws-caller.ts';
import type { DynamoTable, Expression, ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { endOf, ownerKey } from './key-text.ts';
import { RoomFrames } from './room-frames.ts';
import {
  HEAD_PREFIX,
  PRESENCE_PREFIX,
  presenceItem,
  presenceKey,
  presenceOf,
  presencePrefix,
  ROOMS_KEY,
  VISIT_PREFIX,
  visitItem,
} from './room-places.ts';

/**
 * What is said in rooms, and who is there, in the single table. Everybody who is there lies in the one partition `ROOMS`,
 * so an installation has room for about 1000 writes a second there: some 30,000 connections. In a person's own partition
 * `ROOM#<room>` remembers where something of the person may be, written before anything else is.
 */
export class DynamoRoomBoard implements RoomBoard {
  readonly #table: DynamoTable;
  readonly #frames: RoomFrames;

  constructor(table: DynamoTable) {
    this.#table = table;
    this.#frames = new RoomFrames(table);
  }

  post(frame: RoomFrame): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      await this.#table.put(visitItem(frame.author, frame.room, frame.atMs));
      await this.#frames.add(frame);
    };
    return orUnavailable('RoomBoard', 'post', work());
  }

  framesAfter(room: string, after: string, limit: number): ResultAsync<readonly PlacedRoomFrame[], PortUnavailable> {
    return orUnavailable('RoomBoard', 'framesAfter', this.#frames.after(room, after, limit));
  }

  end(room: string): ResultAsync<string, PortUnavailable> {
    return orUnavailable('RoomBoard', 'end', this.#frames.end(room));
  }

  seen(presence: Presence): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      await this.#table.put(visitItem(presence.user, presence.room, presence.lastSeenAtMs));
      await this.#table.put(presenceItem(presence));
    };
    return orUnavailable('RoomBoard', 'seen', work());
  }

  left(connection: Pick<Presence, 'room' | 'user' | 'connectionId'>): ResultAsync<void, PortUnavailable> {
    const work = this.#table.delete(presenceKey(connection)).then(() => undefined);
    return orUnavailable('RoomBoard', 'left', work);
  }

  present(room: string, sinceMs: EpochMs): ResultAsync<readonly Presence[], PortUnavailable> {
    return orUnavailable('RoomBoard', 'present', this.#present(presencePrefix(room), sinceMs));
  }

  counts(sinceMs: EpochMs): ResultAsync<RoomCounts, PortUnavailable> {
    const work = async (): Promise<RoomCounts> => {
      const there = await this.#present(PRESENCE_PREFIX, sinceMs);
      const rooms = new Map<string, number>();
      for (const { room } of there) rooms.set(room, (rooms.get(room) ?? 0) + 1);
      const people = new Set(there.map(({ user }) => user)).size;
      return { people, connections: there.length, rooms: Object.fromEntries(rooms) };
    };
    return orUnavailable('RoomBoard', 'counts', work());
  }

  forgetOld(nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      const gone: ItemKey[] = [];
      const range = { pk: ROOMS_KEY, from: PRESENCE_PREFIX, to: endOf(PRESENCE_PREFIX) };
      const old = seenBefore(nowMs - PRESENCE_KEPT_MS);
      for await (const { pk, sk } of this.#table.query({ ...range, filter: old })) gone.push({ pk, sk });
      // One by one, on the condition that nobody was faster and said that the connection is still there.
      for (const key of gone) await this.#table.delete(key, old);
      const rooms: string[] = [];
      for await (const item of this.#table.query({ pk: ROOMS_KEY, from: HEAD_PREFIX, to: endOf(HEAD_PREFIX) })) {
        rooms.push(String(item['room']));
      }
      for (const room of rooms) await this.#frames.forgetOld(room, nowMs);
    };
    return orUnavailable('RoomBoard', 'forgetOld', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      // Looked at again until there is none: the person may be writing meanwhile.
      for (let visits = await this.#visits(owner); visits.length > 0; visits = await this.#visits(owner)) {
        for (const { key, room } of visits) {
          await erasePrefixes(this.#table, ROOMS_KEY, [presencePrefix(room, owner)]);
          await this.#frames.removeOf(room, owner);
          await this.#table.delete(key);
        }
      }
    };
    return orUnavailable('RoomBoard', 'eraseOwner', work());
  }

  async #present(prefix: string, sinceMs: EpochMs): Promise<readonly Presence[]> {
    const there: Presence[] = [];
    for await (const item of this.#table.query({ pk: ROOMS_KEY, from: prefix, to: endOf(prefix) })) {
      const presence = presenceOf(item);
      if (presence.lastSeenAtMs >= sinceMs) there.push(presence);
    }
    return there.sort((a, b) => compareCodePoints(a.user, b.user) || compareCodePoints(a.connectionId, b.connectionId));
  }

  async #visits(owner: UserId): Promise<readonly { readonly key: ItemKey; readonly room: string }[]> {
    const visits: { key: ItemKey; room: string }[] = [];
    const pk = ownerKey(owner);
    for await (const { sk, room } of this.#table.query({ pk, from: VISIT_PREFIX, to: endOf(VISIT_PREFIX) })) {
      visits.push({ key: { pk, sk }, room: String(room) });
    }
    return visits;
  }
}

const seenBefore = (ms: EpochMs): Expression => ({
  text: '#seen < :before',
  names: { '#seen': 'last_seen_at_ms' },
  values: { ':before': ms },
});
