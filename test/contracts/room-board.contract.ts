import { setImmediate } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { PlacedRoomFrame, Presence, RoomFrame } from '../../core/rooms/model.ts';
import { FRAMES_KEPT_MS, PRESENCE_KEPT_MS, type RoomBoard } from '../../core/rooms/ports.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BOB = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);
const HOUR = 3_600_000;

const frame = (content: string, changes: Partial<RoomFrame> = {}): RoomFrame => ({
  room: 'den',
  author: ADA,
  toAuthor: true,
  atMs: NOON,
  content,
  ...changes,
});

const presence = (connectionId: string, changes: Partial<Presence> = {}): Presence => ({
  room: 'den',
  user: ADA,
  connectionId,
  username: 'Ada',
  connectedAtMs: NOON,
  lastSeenAtMs: NOON,
  ...changes,
});

const contents = (frames: readonly PlacedRoomFrame[]): readonly string[] => frames.map(({ content }) => content);

const contentsAfter = async (board: RoomBoard, after: string, room = 'den'): Promise<readonly string[]> =>
  contents(valueOf(await board.framesAfter(room, after, 1000)));

const endOf = async (board: RoomBoard, room = 'den'): Promise<string> => valueOf(await board.end(room));

const connections = async (board: RoomBoard, room = 'den', sinceMs = 0): Promise<readonly string[]> =>
  valueOf(await board.present(room, sinceMs)).map(({ connectionId }) => connectionId);

/** Reads page by page, as a process does that has members in the room, until `posting` is over and nothing is left. */
async function readWhile(board: RoomBoard, after: string, posting: Promise<unknown>): Promise<readonly string[]> {
  let isOver = false;
  const over = posting.finally(() => {
    isOver = true;
  });
  const read: string[] = [];
  let place = after;
  for (;;) {
    const wasOver = isOver;
    const frames = valueOf(await board.framesAfter('den', place, 3));
    read.push(...contents(frames));
    place = frames.at(-1)?.position ?? place;
    // A board that answers without waiting for anything would never let the others post.
    await setImmediate();
    if (frames.length === 0 && wasOver) break;
  }
  await over;
  return read;
}

async function postAll(board: RoomBoard, author: UserId, count: number): Promise<void> {
  for (let i = 0; i < count; i++) valueOf(await board.post(frame(`${author} ${String(i)}`, { author })));
}

/** What every `RoomBoard` promises. `make` is called once a test. */
export function roomBoardContract(name: string, make: () => Promise<UnderTest<RoomBoard>>): void {
  const { test, run } = suiteOver<RoomBoard, UnderTest<RoomBoard>>(`room board: ${name}`, make);

  test('a room in which nothing was said has no frames, nobody, and an end', async ({ store: board }) => {
    const end = await endOf(board);
    assert.equal(await contentsAfter(board, end), []);
    assert.equal(await connections(board), []);
    assert.equal(valueOf(await board.counts(0)), { people: 0, connections: 0, rooms: {} });
  });

  test('frames come back as they were posted, in order, with places that ascend as texts', async ({ store: board }) => {
    const start = await endOf(board);
    const posted = [
      frame('{"type":"typing"}'),
      frame('ünï 👩🏽‍🔬', { author: BOB, toAuthor: false, atMs: NOON + 0.25 }),
      frame('', { atMs: NOON - 5 }),
    ];
    for (const one of posted) valueOf(await board.post(one));
    const frames = valueOf(await board.framesAfter('den', start, 10));
    assert.equal(
      frames.map(({ position: _, ...rest }) => rest),
      posted,
    );
    const places = frames.map(({ position }) => position);
    assert.equal([...places].sort(), places);
    assert.is(new Set([start, ...places]).size, 4);
  });

  test('a reader goes on after the last frame of a page', async ({ store: board }) => {
    const start = await endOf(board);
    for (const content of ['a', 'b', 'c']) valueOf(await board.post(frame(content)));
    const first = valueOf(await board.framesAfter('den', start, 2));
    assert.equal(contents(first), ['a', 'b']);
    assert.equal(await contentsAfter(board, first[1]!.position), ['c']);
    assert.equal(contents(valueOf(await board.framesAfter('den', start, 0))), []);
  });

  test('the end is after all that was posted and before all that will be', async ({ store: board }) => {
    valueOf(await board.post(frame('before')));
    const end = await endOf(board);
    assert.equal(await contentsAfter(board, end), []);
    valueOf(await board.post(frame('after')));
    assert.equal(await contentsAfter(board, end), ['after']);
    const later = await endOf(board);
    assert.equal(await contentsAfter(board, later), []);
  });

  test('a reader misses nothing of what several post at once, and sees it in one order', async ({ store: board }) => {
    const start = await endOf(board);
    const posting = Promise.all([ADA, BOB, userId('c')].map((author) => postAll(board, author, 12)));
    const read = await readWhile(board, start, posting);
    assert.equal(read, await contentsAfter(board, start));
    assert.is(new Set(read).size, 36);
    for (const author of [ADA, BOB]) {
      const own = read.filter((content) => content.startsWith(author));
      assert.equal(
        own,
        Array.from({ length: 12 }, (_, i) => `${author} ${String(i)}`),
      );
    }
  });

  test('frames and connections that are too old are forgotten, others stay', async ({ store: board }) => {
    const start = await endOf(board);
    valueOf(await board.post(frame('old', { atMs: NOON })));
    valueOf(await board.post(frame('young', { atMs: NOON + FRAMES_KEPT_MS })));
    valueOf(await board.seen(presence('gone', { lastSeenAtMs: NOON + FRAMES_KEPT_MS - PRESENCE_KEPT_MS })));
    valueOf(await board.seen(presence('there', { lastSeenAtMs: NOON + FRAMES_KEPT_MS - PRESENCE_KEPT_MS + 1 })));
    valueOf(await board.forgetOld(NOON + FRAMES_KEPT_MS + 1));
    assert.equal(await contentsAfter(board, start), ['young']);
    assert.equal(await connections(board), ['there']);
    valueOf(await board.forgetOld(NOON + FRAMES_KEPT_MS + 1));
    assert.equal(await contentsAfter(board, start), ['young']);
  });

  test('a reader goes on after everything before its place was forgotten', async ({ store: board }) => {
    const start = await endOf(board);
    valueOf(await board.post(frame('a')));
    const [read] = valueOf(await board.framesAfter('den', start, 1));
    valueOf(await board.forgetOld(NOON + 2 * HOUR));
    assert.equal(await contentsAfter(board, start), []);
    valueOf(await board.post(frame('b', { atMs: NOON + 2 * HOUR })));
    valueOf(await board.post(frame('c', { atMs: NOON + 2 * HOUR })));
    assert.equal(await contentsAfter(board, read!.position), ['b', 'c']);
    assert.equal(await contentsAfter(board, await endOf(board)), []);
  });

  test('a connection is there from when it was seen until it leaves', async ({ store: board }) => {
    const first = presence('1', { connectedAtMs: NOON - 0.5, username: 'Äda' });
    valueOf(await board.seen(first));
    assert.equal(valueOf(await board.present('den', NOON)), [first]);
    const again = { ...first, lastSeenAtMs: NOON + 30_000 };
    valueOf(await board.seen(again));
    assert.equal(valueOf(await board.present('den', NOON)), [again]);
    assert.equal(valueOf(await board.present('den', NOON + 30_001)), []);
    valueOf(await board.left(first));
    assert.equal(valueOf(await board.present('den', 0)), []);
    valueOf(await board.left(first));
  });

  test('those who are there come by person, then by connection', async ({ store: board }) => {
    const there = [
      presence('2', { user: userId('a') }),
      presence('1', { user: userId('a') }),
      presence('3', { user: userId('a ') }),
      presence('0', { user: userId('\uffee') }),
      presence('4', { user: userId('\u{1f600}') }),
    ];
    for (const one of there) valueOf(await board.seen(one));
    assert.equal(await connections(board), ['1', '2', '3', '0', '4']);
  });

  test('people and connections are counted, by room and in all', async ({ store: board }) => {
    valueOf(await board.seen(presence('1')));
    valueOf(await board.seen(presence('2')));
    valueOf(await board.seen(presence('3', { room: 'hall' })));
    valueOf(await board.seen(presence('1', { room: 'hall', user: BOB })));
    valueOf(await board.seen(presence('4', { room: '__proto__', user: userId('old'), lastSeenAtMs: NOON - 1 })));
    const counts = { people: 2, connections: 4, rooms: { den: 2, hall: 2 } };
    assert.equal(valueOf(await board.counts(NOON)), counts);
    assert.is(valueOf(await board.counts(NOON - 1)).people, 3);
    assert.is(Object.hasOwn(valueOf(await board.counts(NOON - 1)).rooms, '__proto__'), true);
  });

  test('rooms, people and connections with awkward names stay apart', async ({ store: board }) => {
    const starts = new Map<string, string>();
    for (const room of AWKWARD_IDS) starts.set(room, await endOf(board, room));
    for (const room of AWKWARD_IDS) {
      valueOf(await board.post(frame(`in ${room}`, { room, author: userId(room) })));
      valueOf(await board.seen(presence(room, { room, user: userId(room), username: room })));
    }
    for (const room of AWKWARD_IDS) {
      assert.equal(await contentsAfter(board, starts.get(room)!, room), [`in ${room}`]);
      const names = { room, user: userId(room), username: room };
      assert.equal(valueOf(await board.present(room, 0)), [presence(room, names)]);
    }
    assert.equal(valueOf(await board.counts(0)).rooms, Object.fromEntries(AWKWARD_IDS.map((room) => [room, 1])));
  });

  test('a person who is erased leaves no frame and no connection, and others keep theirs', async ({ store: board }) => {
    const start = await endOf(board);
    for (const room of ['den', 'hall']) {
      valueOf(await board.post(frame('of Ada', { room })));
      valueOf(await board.post(frame('of Bob', { room, author: BOB })));
      valueOf(await board.seen(presence('1', { room })));
      valueOf(await board.seen(presence('2', { room, user: BOB })));
    }
    const place = await endOf(board);
    valueOf(await board.eraseOwner(ADA));
    assert.equal(await contentsAfter(board, start), ['of Bob']);
    assert.equal(await connections(board, 'den'), ['2']);
    assert.equal(await connections(board, 'hall'), ['2']);
    assert.equal(valueOf(await board.counts(0)), { people: 1, connections: 2, rooms: { den: 1, hall: 1 } });
    valueOf(await board.eraseOwner(ADA));
    valueOf(await board.post(frame('next', { author: BOB })));
    assert.equal(await contentsAfter(board, place), ['next']);
  });

  test('what was handed in or out can be changed without changing the board', async ({ store: board }) => {
    const start = await endOf(board);
    const posted = { ...frame('kept') };
    const there = { ...presence('1') };
    valueOf(await board.post(posted));
    valueOf(await board.seen(there));
    Object.assign(posted, { content: 'changed' });
    Object.assign(there, { username: 'changed' });
    Object.assign(valueOf(await board.framesAfter('den', start, 1))[0]!, { content: 'changed' });
    Object.assign(valueOf(await board.present('den', 0))[0]!, { username: 'changed' });
    assert.equal(await contentsAfter(board, start), ['kept']);
    assert.is(valueOf(await board.present('den', 0))[0]?.username, 'Ada');
  });

  run();
}

/** What a `RoomBoard` promises that several processes use. */
export function sharedRoomBoardContract(name: string, make: () => Promise<SharedUnderTest<RoomBoard>>): void {
  const { test, run } = suiteOver<RoomBoard, SharedUnderTest<RoomBoard>>(`shared room board: ${name}`, make);

  test('each process sees what the other said, and who is there', async ({ store, other }) => {
    const start = await endOf(other);
    valueOf(await store.post(frame('hello')));
    valueOf(await store.seen(presence('1')));
    assert.equal(await contentsAfter(other, start), ['hello']);
    assert.equal(await connections(other), ['1']);
    valueOf(await other.left(presence('1')));
    assert.equal(await connections(store), []);
  });

  test('processes that post at once are read in one order by both, and nothing is missed', async ({ store, other }) => {
    const start = await endOf(store);
    const posting = Promise.all([postAll(store, ADA, 12), postAll(other, BOB, 12)]);
    const [here, there] = await Promise.all([readWhile(store, start, posting), readWhile(other, start, posting)]);
    assert.equal(here, there);
    assert.is(new Set(here).size, 24);
  });

  run();
}
