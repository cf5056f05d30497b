import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { PlacedRoomFrame, Presence, RoomCounts, RoomFrame } from './model.ts';

/** Frames are passed on, not kept: older ones may be gone. */
export const FRAMES_KEPT_MS = 60_000;
/** A connection that was not seen for so long has gone with its process. */
export const PRESENCE_KEPT_MS = 90_000;

/** What the processes of one installation share about rooms: who is in them, and what was just said to all. */
export interface RoomBoard extends ErasesOwner {
  /** Adds the frame after all that are there. After an error, it may be there or not. */
  post(frame: RoomFrame): ResultAsync<void, PortUnavailable>;
  /** Frames of the room that follow `after`, in order, at most `limit`. A reader never misses one that is still kept. */
  framesAfter(room: string, after: string, limit: number): ResultAsync<readonly PlacedRoomFrame[], PortUnavailable>;
  /** A place after which the next frame of the room will be, and after all that are there. */
  end(room: string): ResultAsync<string, PortUnavailable>;
  /** Says that the connection is there, or still there. */
  seen(presence: Presence): ResultAsync<void, PortUnavailable>;
  /** Says that the connection has gone; gone already is fine. */
  left(presence: Pick<Presence, 'room' | 'user' | 'connectionId'>): ResultAsync<void, PortUnavailable>;
  /** Connections to the room seen since `sinceMs`; by user, then connection. */
  present(room: string, sinceMs: EpochMs): ResultAsync<readonly Presence[], PortUnavailable>;
  /** How full the rooms are with connections seen since `sinceMs`. */
  counts(sinceMs: EpochMs): ResultAsync<RoomCounts, PortUnavailable>;
  /** Forgets frames and connections that are too old by now. */
  forgetOld(nowMs: EpochMs): ResultAsync<void, PortUnavailable>;
}
