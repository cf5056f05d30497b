import * as assert from 'uvu/assert';
import type { DynamoTable } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { headKey } from '../../../adapters/aws/dynamodb/room-places.ts';
import { DynamoRoomBoard } from '../../../adapters/aws/dynamodb/room-board.ts';
import { userId } from '../../../core/kernel/ids.ts';
import type { RoomFrame } from '../../../core/rooms/model.ts';
import type { RoomBoard } from '../../../core/rooms/ports.ts';
import { roomBoardContract, sharedRoomBoardContract } from '../../contracts/room-board.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer } from './faulty-writes.ts';
import { InterruptedTable } from './interrupted-table.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const shared = tableOfAFile();

const make = async () => {
  const { table } = await shared.use();
  const [another] = await shared.processes();
  return {
    store: new DynamoRoomBoard(table),
    other: new DynamoRoomBoard(another ?? table),
    close: shared.empty,
  };
};

roomBoardContract('dynamodb', make);
sharedRoomBoardContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb room board', make);

const ADA = userId('ada');
const BOB = userId('bob');
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

const contentsAfter = async (board: RoomBoard, after: string): Promise<readonly string[]> =>
  valueOf(await board.framesAfter('den', after, 1000)).map(({ content }) => content);

test('items have the keys and attributes that they are documented with', async ({ store: board }) => {
  const { scan } = await shared.use();
  valueOf(await board.post(frame('hello')));
  const there = { room: 'den', user: ADA, username: 'Ada', connectedAtMs: NOON, lastSeenAtMs: NOON + 1 };
  valueOf(await board.seen({ ...there, connectionId: 'c-1' }));
  const items = [...(await scan())].sort((a, b) => (a.pk + a.sk < b.pk + b.sk ? -1 : 1));
  const number = (NOON * 1000 + 1).toString();
  assert.equal(
    items.map(({ token: _, epoch: __, ...item }) => item),
    [
      {
        pk: 'ROOM#den',
        sk: `FRAME#${number}`,
        room: 'den',
        user_id: 'ada',
        to_author: true,
        at_ms: NOON,
        content: 'hello',
        ttl: (NOON + HOUR) / 1000,
      },
      {
        pk: 'ROOMS',
        sk: 'HEAD#den',
        room: 'den',
        end: Number(number),
        at_ms: NOON,
        ttl: (NOON + 7 * 24 * HOUR) / 1000,
      },
      {
        pk: 'ROOMS',
        sk: 'HERE#den#ada#c-1',
        room: 'den',
        user_id: 'ada',
        connection_id: 'c-1',
        username: 'Ada',
        connected_at_ms: NOON,
        last_seen_at_ms: NOON + 1,
        ttl: (NOON + HOUR) / 1000 + 1,
      },
      { pk: 'USER#ada', sk: 'ROOM#den', room: 'den', ttl: (NOON + 24 * HOUR) / 1000 + 1 },
    ],
  );
});

test('a frame whose answer was lost is there once', async ({ store: board }) => {
  let lost = 0;
  const start = valueOf(await board.end('den'));
  await losingEveryAnswer(
    await shared.use(),
    (table) => Promise.resolve(new DynamoRoomBoard(table).post(frame(String(lost)))),
    async (answer) => {
      valueOf(answer);
      assert.equal(
        await contentsAfter(board, start),
        Array.from({ length: lost + 1 }, (_, i) => String(i)),
      );
      lost++;
    },
  );
  assert.ok(lost >= 4, 'the visit, the head, the frame, the head again');
});

test('a writer that dies at any write keeps no other from posting, and readers miss nothing', async ({
  store: board,
}) => {
  const start = valueOf(await board.end('den'));
  const read: string[] = [];
  let place = start;
  const readOn = async (): Promise<void> => {
    for (const { content, position } of valueOf(await board.framesAfter('den', place, 1000))) {
      read.push(content);
      place = position;
    }
  };
  await dyingAtEveryWrite(
    await shared.use(),
    (table) => Promise.resolve(new DynamoRoomBoard(table).post(frame('of the dying'))),
    async (survived) => {
      await readOn();
      valueOf(await board.post(frame(`after ${String(survived)}`, { author: BOB })));
      await readOn();
    },
  );
  assert.equal(read, await contentsAfter(board, start));
  assert.equal(
    read.filter((content) => content !== 'of the dying'),
    Array.from(
      { length: read.filter((content) => content.startsWith('after')).length },
      (_, i) => `after ${String(i)}`,
    ),
  );
});

test('an erased frame whose writer died before the head came to it keeps its number', async ({ store: board }) => {
  const under = await shared.use();
  valueOf(await board.post(frame('first', { author: BOB })));
  const dying = new InterruptedTable(under, ({ sk }) => {
    if (sk.startsWith('HEAD#')) throw new Error('the process has ended');
  });
  errorOf(await new DynamoRoomBoard(dying).post(frame('of Ada')));
  dying.close();
  const [, second] = valueOf(await board.framesAfter('den', '', 10));
  assert.is(second?.content, 'of Ada');
  valueOf(await board.eraseOwner(ADA));
  valueOf(await board.post(frame('next', { author: BOB })));
  assert.equal(await contentsAfter(board, second?.position ?? ''), ['next']);
});

test('a frame that was put where its room had ended meanwhile is put again where it has begun anew', async ({
  store,
}) => {
  const { table } = await shared.use();
  valueOf(await store.post(frame('old')));
  const [old] = valueOf(await store.framesAfter('den', '', 1));
  const read: string[] = [];
  const slow = await beforeTheFrame(async () => {
    valueOf(await store.forgetOld(NOON + 2 * HOUR));
    valueOf(await store.post(frame('new', { author: BOB, atMs: NOON + 2 * HOUR })));
    read.push(...(await contentsAfter(store, old?.position ?? '')));
  });
  valueOf(await new DynamoRoomBoard(slow).post(frame('slow', { atMs: NOON + 2 * HOUR })));
  assert.equal(read, ['new']);
  assert.equal(await contentsAfter(store, old?.position ?? ''), ['new', 'slow']);
  assert.is.not(await table.get(headKey('den')), null);
});

test('who makes a room while another does finds the other’s', async ({ store }) => {
  const racing = await beforeTheHead(async () => {
    valueOf(await store.post(frame('first', { author: BOB })));
  });
  valueOf(await new DynamoRoomBoard(racing).post(frame('second')));
  assert.equal(await contentsAfter(store, ''), ['first', 'second']);
});

/** A view that steps in once, before the first write to a key that begins so. */
async function stepping(prefix: string, step: () => Promise<void>): Promise<DynamoTable> {
  let isDone = false;
  return new InterruptedTable(await shared.use(), async ({ sk }) => {
    if (isDone || !sk.startsWith(prefix)) return;
    isDone = true;
    await step();
  });
}

const beforeTheFrame = (step: () => Promise<void>): Promise<DynamoTable> => stepping('FRAME#', step);
const beforeTheHead = (step: () => Promise<void>): Promise<DynamoTable> => stepping('HEAD#', step);

run();
shared.removeAtTheEnd();
