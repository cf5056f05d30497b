import { okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { PlacedRoomFrame, Presence, RoomCounts, RoomFrame } from '../../core/rooms/model.ts';
import { FRAMES_KEPT_MS, PRESENCE_KEPT_MS, type RoomBoard } from '../../core/rooms/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Digits that hold every place that will ever be given out. */
const POSITION_DIGITS = 16;

type Connection = Pick<Presence, 'room' | 'user' | 'connectionId'>;

/** What is said in rooms, and who is there, in the process's memory: for an installation of one process. */
export class MemoryRoomBoard implements RoomBoard {
  /** In the order of posting, of all rooms. */
  #frames: PlacedRoomFrame[] = [];
  #present: Presence[] = [];
  #posted = 0;

  post({ room, author, toAuthor, atMs, content }: RoomFrame): ResultAsync<void, PortUnavailable> {
    this.#posted += 1;
    this.#frames.push({ room, author, toAuthor, atMs, content, position: positionOf(this.#posted) });
    return okAsync(undefined);
  }

  framesAfter(room: string, after: string, limit: number): ResultAsync<readonly PlacedRoomFrame[], PortUnavailable> {
    const frames = this.#frames.filter((frame) => frame.room === room && frame.position > after);
    return okAsync(structuredClone(frames.slice(0, limit)));
  }

  end(): ResultAsync<string, PortUnavailable> {
    return okAsync(positionOf(this.#posted));
  }

  seen(presence: Presence): ResultAsync<void, PortUnavailable> {
    this.#present = [...this.#present.filter((other) => !isSame(other, presence)), { ...presence }];
    return okAsync(undefined);
  }

  left(connection: Connection): ResultAsync<void, PortUnavailable> {
    this.#present = this.#present.filter((other) => !isSame(other, connection));
    return okAsync(undefined);
  }

  present(room: string, sinceMs: EpochMs): ResultAsync<readonly Presence[], PortUnavailable> {
    const there = this.#present.filter((presence) => presence.room === room && presence.lastSeenAtMs >= sinceMs);
    there.sort((a, b) => compareCodePoints(a.user, b.user) || compareCodePoints(a.connectionId, b.connectionId));
    return okAsync(structuredClone(there));
  }

  counts(sinceMs: EpochMs): ResultAsync<RoomCounts, PortUnavailable> {
    const there = this.#present.filter(({ lastSeenAtMs }) => lastSeenAtMs >= sinceMs);
    const rooms = new Map<string, number>();
    for (const { room } of there) rooms.set(room, (rooms.get(room) ?? 0) + 1);
    const people = new Set(there.map(({ user }) => user)).size;
    return okAsync({ people, connections: there.length, rooms: Object.fromEntries(rooms) });
  }

  forgetOld(nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    this.#frames = this.#frames.filter(({ atMs }) => atMs >= nowMs - FRAMES_KEPT_MS);
    this.#present = this.#present.filter(({ lastSeenAtMs }) => lastSeenAtMs >= nowMs - PRESENCE_KEPT_MS);
    return okAsync(undefined);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#frames = this.#frames.filter(({ author }) => author !== owner);
    this.#present = this.#present.filter(({ user }) => user !== owner);
    return okAsync(undefined);
  }
}

const positionOf = (posted: number): string => String(posted).padStart(POSITION_DIGITS, '0');

const isSame = (a: Connection, b: Connection): boolean =>
  a.room === b.room && a.user === b.user && a.connectionId === b.connectionId;
