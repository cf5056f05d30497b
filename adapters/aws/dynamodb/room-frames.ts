import { randomUUID } from 'node:crypto';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { PlacedRoomFrame, RoomFrame } from '../../../core/rooms/model.ts';
import { FRAMES_KEPT_MS } from '../../../core/rooms/ports.ts';
import { untilUncontended } from './contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';
import { endOf } from './key-text.ts';
import {
  FRAME_PREFIX,
  frameItem,
  frameKey,
  frameOf,
  headKey,
  positionOf,
  roomKey,
  type RoomHead,
} from './room-places.ts';

/** A head is removed when its room was quiet for so long, which is more than clocks of processes differ. */
const QUIET_MS = 60 * 60_000;
/** DynamoDB removes the heads of rooms that no process has looked after for so long. */
const HEAD_TTL_MS = 7 * 24 * 60 * 60_000;
/** A room that begins again counts from its first instant on, in thousandths of a millisecond: past all it counted before. */
const NUMBERS_A_MS = 1000;

/**
 * The frames of rooms, one item each, numbered without gaps: a frame is put at the number after the room's end, on the
 * condition that none is there, and then the head is moved to it. Whoever finds the number taken moves the head in the
 * other's place and tries the next. So no frame appears before one that was read already. Frames are removed only up to
 * the head, so that no number is used twice.
 */
export class RoomFrames {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(frame: RoomFrame): Promise<void> {
    const token = randomUUID();
    await untilUncontended(this.#table, `the end of room ${frame.room}`, async () => {
      const head = (await this.#head(frame.room)) ?? (await this.#begin(frame));
      if (head === null) return null;
      const item = frameItem(frame, head.end + 1, token);
      const isPlaced =
        (await this.#table.put(item, ABSENT)) ||
        // The answer to an earlier try may have been lost after it took effect.
        (await this.#table.get(item))?.['token'] === token;
      const isOfThisHead = await this.#advance(frame.room, head, head.end + 1, frame.atMs);
      if (!isPlaced) return null;
      if (isOfThisHead) return true;
      // The room began again meanwhile, perhaps past this number: readers may never come by here.
      await this.#table.delete(item, isStill(token));
      return null;
    });
  }

  async after(room: string, after: string, limit: number): Promise<readonly PlacedRoomFrame[]> {
    const frames: PlacedRoomFrame[] = [];
    if (limit <= 0) return frames;
    for await (const item of this.#walk(room, Number(after), limit)) {
      frames.push(frameOf(item));
      if (frames.length === limit) break;
    }
    return frames;
  }

  async end(room: string): Promise<string> {
    const head = await this.#head(room);
    return positionOf(head === null ? 0 : await this.#settle(room, head));
  }

  /** Removes frames that are too old by now, and the head of a room that is quiet. */
  async forgetOld(room: string, nowMs: EpochMs): Promise<void> {
    const isOld = (item: Item): boolean => Number(item['at_ms']) < nowMs - FRAMES_KEPT_MS;
    const head = await this.#remove(room, isOld);
    if (head !== null && head.atMs < nowMs - QUIET_MS) await this.#table.delete(headKey(room), isEnd(head));
  }

  async removeOf(room: string, author: UserId): Promise<void> {
    await this.#remove(room, (item) => item['user_id'] === author);
  }

  async #remove(room: string, isToGo: (item: Item) => boolean): Promise<RoomHead | null> {
    const head = await this.#head(room);
    if (head === null) return null;
    const end = positionOf(await this.#settle(room, head));
    const keys: ItemKey[] = [];
    for await (const item of this.#walk(room, 0)) {
      if (frameOf(item).position > end) break;
      if (isToGo(item)) keys.push({ pk: item.pk, sk: item.sk });
    }
    await this.#table.writeMany([], keys);
    return head;
  }

  /** Moves the head to the last frame, which a writer may have left behind, and answers its number. */
  async #settle(room: string, head: RoomHead): Promise<number> {
    let end = head.end;
    for await (const item of this.#walk(room, head.end)) {
      end = Number(frameOf(item).position);
      await this.#advance(room, head, end, Number(item['at_ms']));
    }
    return end;
  }

  async #head(room: string): Promise<RoomHead | null> {
    const item = await this.#table.get(headKey(room));
    return item === null
      ? null
      : { end: Number(item['end']), epoch: String(item['epoch']), atMs: Number(item['at_ms']) };
  }

  /** Puts a head where there is none; null when somebody else was faster. */
  async #begin({ room, atMs }: RoomFrame): Promise<RoomHead | null> {
    const head: RoomHead = { end: Math.floor(atMs * NUMBERS_A_MS), epoch: randomUUID(), atMs };
    const item: Item = { ...headKey(room), room, end: head.end, epoch: head.epoch, at_ms: atMs, ttl: headTtl(atMs) };
    return (await this.#table.put(item, ABSENT)) ? head : null;
  }

  /** The head is at the number or past it afterwards; false when it is not the same head any more. */
  async #advance(room: string, { epoch }: RoomHead, end: number, atMs: EpochMs): Promise<boolean> {
    const change: Expression = {
      text: 'SET #end = :end, #at = :at, #ttl = :ttl',
      names: { '#end': 'end', '#at': 'at_ms', '#ttl': 'ttl' },
      values: { ':end': end, ':at': atMs, ':ttl': headTtl(atMs) },
    };
    const before: Expression = {
      text: '#epoch = :epoch AND #end < :end',
      names: { '#epoch': 'epoch' },
      values: { ':epoch': epoch },
    };
    return (
      (await this.#table.update(headKey(room), change, before)) !== null || (await this.#head(room))?.epoch === epoch
    );
  }

  /** The frames after the number, in order. */
  #walk(room: string, after: number, pageSize?: number): AsyncGenerator<Item, void, undefined> {
    const range = { pk: roomKey(room), from: frameKey(room, after + 1).sk, to: endOf(FRAME_PREFIX) };
    return this.#table.query(pageSize === undefined ? range : { ...range, pageSize });
  }
}

const headTtl = (atMs: EpochMs): number => Math.ceil((atMs + HEAD_TTL_MS) / 1000);

const isStill = (token: string): Expression => ({
  text: '#token = :token',
  names: { '#token': 'token' },
  values: { ':token': token },
});

/** Nothing was added to the room since the head was read. */
const isEnd = ({ end, epoch }: RoomHead): Expression => ({
  text: '#epoch = :epoch AND #end = :end',
  names: { '#epoch': 'epoch', '#end': 'end' },
  values: { ':epoch': epoch, ':end': end },
});
