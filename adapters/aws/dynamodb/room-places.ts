import type { EpochMs } from '../../../core/kernel/clock.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import type { PlacedRoomFrame, Presence, RoomFrame } from '../../../core/rooms/model.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { keyText, ownerKey } from './key-text.ts';

/** The partition of what is true of all rooms: their ends, and who is there. */
export const ROOMS_KEY = 'ROOMS';
/** Begins the sort keys of the items that say how far a room has come. */
export const HEAD_PREFIX = 'HEAD#';
/** Begins the sort keys of the connections that are there. */
export const PRESENCE_PREFIX = 'HERE#';
/** Begins the sort keys of a room's frames. */
export const FRAME_PREFIX = 'FRAME#';
/** Begins the sort keys, among a person's own items, of the rooms in which something of the person may be. */
export const VISIT_PREFIX = 'ROOM#';

/** Digits that hold every whole number that a double can. */
const NUMBER_DIGITS = 16;

/** DynamoDB removes what nobody removed before, this long after it was of use. */
const FRAME_TTL_MS = 60 * 60_000;
const PRESENCE_TTL_MS = 60 * 60_000;
const VISIT_TTL_MS = 24 * 60 * 60_000;

/** How far a room has come. */
export interface RoomHead {
  /** Frames up to this number are there, or were. */
  readonly end: number;
  /** New each time that a room begins again after its head was removed. */
  readonly epoch: string;
  /** Of the last frame. */
  readonly atMs: EpochMs;
}

/** The partition of a room's frames. */
export const roomKey = (room: string): string => `ROOM#${keyText(room)}`;

export const headKey = (room: string): ItemKey => ({ pk: ROOMS_KEY, sk: `${HEAD_PREFIX}${keyText(room)}` });

export const visitKey = (owner: UserId, room: string): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${VISIT_PREFIX}${keyText(room)}`,
});

export const visitItem = (owner: UserId, room: string, atMs: EpochMs): Item => ({
  ...visitKey(owner, room),
  room,
  ttl: secondsAfter(atMs, VISIT_TTL_MS),
});

/** Begins the sort keys of the connections to a room, or of those of one person. */
export const presencePrefix = (room: string, user?: UserId): string =>
  `${PRESENCE_PREFIX}${keyText(room)}#${user === undefined ? '' : `${keyText(user)}#`}`;

export const presenceKey = ({
  room,
  user,
  connectionId,
}: Pick<Presence, 'room' | 'user' | 'connectionId'>): ItemKey => ({
  pk: ROOMS_KEY,
  sk: `${presencePrefix(room, user)}${keyText(connectionId)}`,
});

export const presenceItem = (presence: Presence): Item => ({
  ...presenceKey(presence),
  room: presence.room,
  user_id: presence.user,
  connection_id: presence.connectionId,
  username: presence.username,
  connected_at_ms: presence.connectedAtMs,
  last_seen_at_ms: presence.lastSeenAtMs,
  ttl: secondsAfter(presence.lastSeenAtMs, PRESENCE_TTL_MS),
});

export const presenceOf = (item: Item): Presence => ({
  room: String(item['room']),
  user: userId(String(item['user_id'])),
  connectionId: String(item['connection_id']),
  username: String(item['username']),
  connectedAtMs: Number(item['connected_at_ms']),
  lastSeenAtMs: Number(item['last_seen_at_ms']),
});

/** The place of a frame, as readers hold it. */
export const positionOf = (number: number): string => String(number).padStart(NUMBER_DIGITS, '0');

export const frameKey = (room: string, number: number): ItemKey => ({
  pk: roomKey(room),
  sk: `${FRAME_PREFIX}${positionOf(number)}`,
});

export const frameItem = (frame: RoomFrame, number: number, token: string): Item => ({
  ...frameKey(frame.room, number),
  room: frame.room,
  user_id: frame.author,
  to_author: frame.toAuthor,
  at_ms: frame.atMs,
  content: frame.content,
  token,
  ttl: secondsAfter(frame.atMs, FRAME_TTL_MS),
});

export const frameOf = (item: Item): PlacedRoomFrame => ({
  room: String(item['room']),
  author: userId(String(item['user_id'])),
  toAuthor: item['to_author'] === true,
  atMs: Number(item['at_ms']),
  content: String(item['content']),
  position: item.sk.slice(FRAME_PREFIX.length),
});

const secondsAfter = (atMs: EpochMs, ms: number): number => Math.ceil((atMs + ms) / 1000);
