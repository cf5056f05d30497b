import type { EpochMs } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';

/** One connection of a person to a room. */
export interface Presence {
  readonly room: string;
  readonly user: UserId;
  readonly connectionId: string;
  /** The display name or a made-up one; never an e-mail address. */
  readonly username: string;
  readonly connectedAtMs: EpochMs;
  readonly lastSeenAtMs: EpochMs;
}

/** A frame for everybody in a room, whichever process they are connected to. */
export interface RoomFrame {
  readonly room: string;
  /** Who caused it. */
  readonly author: UserId;
  /** Whether the connections of the one who caused it get it too. */
  readonly toAuthor: boolean;
  readonly atMs: EpochMs;
  /** JSON of a server frame; it names people by their names in the room (`namesInRoom`) only. */
  readonly content: string;
}

/** A frame with its place in the room: text order is the order of posting. */
export interface PlacedRoomFrame extends RoomFrame {
  readonly position: string;
}

/** How full the rooms are. */
export interface RoomCounts {
  /** Different people in all rooms together. */
  readonly people: number;
  readonly connections: number;
  /** Connections by room; a room without any is not there. */
  readonly rooms: Readonly<Record<string, number>>;
}
