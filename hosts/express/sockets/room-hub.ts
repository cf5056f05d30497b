import type { Logger } from 'pino';
import { okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { ServerFrameContent } from '../../../contracts/events/frames.ts';
import type { Clock, EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { Ids } from '../../../core/kernel/ids.ts';
import type { PlacedRoomFrame } from '../../../core/rooms/model.ts';
import type { NamesInRoom } from '../../../core/rooms/names-in-room.ts';
import { PRESENCE_KEPT_MS, type RoomBoard } from '../../../core/rooms/ports.ts';
import { stamped, type Connection } from './connection.ts';
import type { SocketSettings } from './settings.ts';
import type { Cancel, Timers } from './timers.ts';

export interface RoomHubDeps {
  readonly rooms: RoomBoard;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly settings: SocketSettings;
}

/** A connection that is in a room. */
export interface Member {
  readonly room: string;
  readonly connection: Connection;
  readonly names: NamesInRoom;
  readonly connectedAtMs: EpochMs;
}

interface LocalRoom {
  readonly members: Set<Member>;
  /** Frames up to here were passed on; null until the board has told where the room ends. */
  place: string | null;
  isLooking: boolean;
  isToLookAgain: boolean;
}

/** Frames that are fetched at a time. */
const FRAMES_A_LOOK = 100;

/**
 * The rooms that have members in this process. What is said goes over the board, and comes from there to the members of
 * every process, this one included, in one order and once.
 */
export class RoomHub {
  readonly #deps: RoomHubDeps;
  readonly #rooms = new Map<string, LocalRoom>();
  readonly #timers: readonly Cancel[];
  /** Whether the board answered the last time; each change is logged once. */
  #boardAnswers = true;

  constructor(deps: RoomHubDeps) {
    this.#deps = deps;
    this.#timers = [
      deps.timers.every(deps.settings.pollMs, () => {
        for (const name of this.#rooms.keys()) void this.#look(name);
      }),
      deps.timers.every(deps.settings.presenceMs, () => {
        void this.#refresh();
      }),
    ];
  }

  /** Rooms with a member in this process. */
  get roomCount(): number {
    return this.#rooms.size;
  }

  /** Takes the connection in, and tells the others unless the person is there already. */
  async join(member: Member): Promise<void> {
    const { room: name, connection } = member;
    const room = this.#rooms.get(name) ?? { members: new Set(), place: null, isLooking: false, isToLookAgain: false };
    this.#rooms.set(name, room);
    room.members.add(member);
    const { rooms: board } = this.#deps;
    const joined = this.#place(name, room)
      .andThen(() => this.#othersOf(member))
      .andThen((others) => board.seen(this.#presenceOf(member)).map(() => others))
      .andThen((others) =>
        others > 0 ? okAsync(undefined) : this.#tell(member, 'user_joined', 'online', 'has joined the room'),
      );
    if (!this.#noted(await joined)) {
      connection.send({
        type: 'system',
        content: 'The others in this room cannot be reached right now.',
        level: 'warning',
      });
    }
    void this.#look(name);
  }

  /** Lets the connection go, and tells the others unless the person is still there. */
  async leave(member: Member): Promise<void> {
    const { room: name, connection } = member;
    const room = this.#rooms.get(name);
    room?.members.delete(member);
    if (room?.members.size === 0) this.#rooms.delete(name);
    const left = this.#deps.rooms
      .left({ room: name, user: connection.user, connectionId: connection.id })
      .andThen(() => this.#othersOf(member))
      .andThen((others) =>
        others > 0 ? okAsync(undefined) : this.#tell(member, 'user_left', 'offline', 'has left the room'),
      );
    this.#noted(await left);
    void this.#look(name);
  }

  /** Says something to everybody in the room, the one who says it included. */
  async say(member: Member, content: ServerFrameContent): Promise<void> {
    const room = this.#rooms.get(member.room);
    if (room === undefined) return;
    // The place is asked for before, or what is said now could lie before it.
    this.#noted(await this.#place(member.room, room).andThen(() => this.#post(member, content, true)));
    await this.#look(member.room);
  }

  /** The person's connections to the room in this process. */
  connectionsOf({ room, connection }: Member): readonly Connection[] {
    const members = [...(this.#rooms.get(room)?.members ?? [])];
    return members.map((member) => member.connection).filter(({ user }) => user === connection.user);
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
  }

  #presenceOf({ room, connection, names, connectedAtMs }: Member) {
    return {
      room,
      user: connection.user,
      connectionId: connection.id,
      username: names.username,
      connectedAtMs,
      lastSeenAtMs: this.#deps.clock.now(),
    };
  }

  /** How many other connections of the person are in the room, in whatever process. */
  #othersOf({ room, connection }: Member): ResultAsync<number, PortUnavailable> {
    const sinceMs = this.#deps.clock.now() - PRESENCE_KEPT_MS;
    return this.#deps.rooms
      .present(room, sinceMs)
      .map(
        (there) =>
          there.filter(({ user, connectionId }) => user === connection.user && connectionId !== connection.id).length,
      );
  }

  #tell(
    member: Member,
    type: 'user_joined' | 'user_left',
    status: 'online' | 'offline',
    words: string,
  ): ResultAsync<void, PortUnavailable> {
    const { pseudonym, username } = member.names;
    return this.#post(member, { type, user_id: pseudonym, username, status }, false).andThen(() =>
      this.#post(member, { type: 'system', content: `${username} ${words}.`, level: 'info' }, false),
    );
  }

  #post(member: Member, content: ServerFrameContent, toAuthor: boolean): ResultAsync<void, PortUnavailable> {
    return this.#deps.rooms.post({
      room: member.room,
      author: member.connection.user,
      toAuthor,
      atMs: this.#deps.clock.now(),
      content: stamped(content, this.#deps),
    });
  }

  /** Where to read on; asked of the board the first time. */
  #place(name: string, room: LocalRoom): ResultAsync<string, PortUnavailable> {
    if (room.place !== null) return okAsync(room.place);
    return this.#deps.rooms.end(name).map((end) => (room.place ??= end));
  }

  /** Passes on what was said since the last look. Looks do not overlap: one that is wanted meanwhile follows. */
  async #look(name: string): Promise<void> {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    if (room.isLooking) {
      room.isToLookAgain = true;
      return;
    }
    room.isLooking = true;
    do {
      room.isToLookAgain = false;
      const frames = await this.#place(name, room).andThen((place) =>
        this.#deps.rooms.framesAfter(name, place, FRAMES_A_LOOK),
      );
      if (!this.#noted(frames) || frames.isErr()) break;
      for (const frame of frames.value) {
        room.place = frame.position;
        for (const { connection } of room.members) passOn(frame, connection);
      }
      if (frames.value.length === FRAMES_A_LOOK) room.isToLookAgain = true;
    } while (room.isToLookAgain);
    room.isLooking = false;
  }

  /** Says that everybody is still there, and lets the board forget what is old. */
  async #refresh(): Promise<void> {
    const members = [...this.#rooms.values()].flatMap((room) => [...room.members]);
    const told = members.reduce<ResultAsync<void, PortUnavailable>>(
      (before, member) =>
        before.andThen(() =>
          // Who has left meanwhile must not be put back.
          member.connection.isOpen ? this.#deps.rooms.seen(this.#presenceOf(member)) : okAsync(undefined),
        ),
      okAsync(undefined),
    );
    this.#noted(await told.andThen(() => this.#deps.rooms.forgetOld(this.#deps.clock.now())));
  }

  /** Whether it worked; the log is told when that changes. */
  #noted(result: Result<unknown, PortUnavailable>): boolean {
    const { logger } = this.#deps;
    if (result.isErr() && this.#boardAnswers) logger.warn(result.error, 'rooms do not reach other processes');
    if (result.isOk() && !this.#boardAnswers) logger.info('rooms reach other processes again');
    this.#boardAnswers = result.isOk();
    return this.#boardAnswers;
  }
}

/** The one who caused it sees their own id, everybody else the name in the room. */
function passOn(frame: PlacedRoomFrame, connection: Connection): void {
  if (frame.author !== connection.user) connection.sendText(frame.content);
  else if (frame.toAuthor) {
    const content = JSON.parse(frame.content) as Readonly<Record<string, unknown>>;
    connection.sendText(JSON.stringify({ ...content, user_id: connection.user }));
  }
}
