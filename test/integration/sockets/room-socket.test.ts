import * as E from 'fp-ts/lib/Either.js';
import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mixed } from 'io-ts';
import { MemoryRoomBoard } from '../../../adapters/memory/room-board.ts';
import { ROOM_SERVER_FRAMES } from '../../../contracts/events/frames.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { HOW_TO_GET_AN_ANALYSIS } from '../../../core/rooms/answer-message.ts';
import { PRESENCE_KEPT_MS } from '../../../core/rooms/ports.ts';
import { ADA, memoryWorld, replacing } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { ReadFrame, SocketClient } from './socket-client.ts';
import { countsOf, startSockets, withSockets, type SocketService } from './socket-service.ts';

const rooms = suite('room sockets');

const ROOM = '/api/v1/ws/lobby';

/** Opens the room and waits until the person is in it. */
async function enter(service: SocketService, token: string, path = ROOM): Promise<SocketClient> {
  const client = service.open(path, token);
  await client.nextOf('connection_ack');
  await talkedThrough(client);
  return client;
}

/** Typing is worked on after joining; its echo comes from the board, like everything that all in the room see. */
async function talkedThrough(client: SocketClient): Promise<void> {
  client.send({ type: 'typing', is_typing: false });
  await client.nextOf('typing');
}

const withoutIds = ({ timestamp: _, message_id: __, ...frame }: ReadFrame) => frame;

/** A server frame is what the contract says. */
function assertOfContract(frame: ReadFrame): void {
  const codec = (ROOM_SERVER_FRAMES as Readonly<Record<string, Mixed>>)[frame.type];
  assert.ok(codec !== undefined, frame.type);
  const decoded = codec.decode(frame);
  assert.ok(E.isRight(decoded), JSON.stringify(frame));
}

rooms(
  'others see who comes and goes, by a name that is good in this room only',
  withSockets(async (service) => {
    const bob = await enter(service, 'bob');
    const ada = await enter(service, 'ada');
    const joined = await bob.nextOf('user_joined');
    assert.equal(withoutIds(joined), {
      type: 'user_joined',
      user_id: joined.user_id,
      username: 'Ada L.',
      status: 'online',
    });
    assert.match(joined.user_id, /^member-[0-9a-f]{16}$/);
    assert.equal(withoutIds(await bob.next()), {
      type: 'system',
      content: 'Ada L. has joined the room.',
      level: 'info',
    });
    await ada.close();
    const left = await bob.nextOf('user_left');
    assert.equal([left.user_id, left.status], [joined.user_id, 'offline']);
    assert.is((await bob.next()).content, 'Ada L. has left the room.');
    for (const frame of [joined, left]) assertOfContract(frame);
  }),
);

rooms(
  'who comes is not told of themself, and a second connection of a person is no news',
  withSockets(async (service) => {
    const bob = await enter(service, 'bob');
    const first = await enter(service, 'ada');
    await bob.nextOf('typing');
    const second = await enter(service, 'ada');
    await bob.nextOf('typing');
    await second.close();
    await talkedThrough(first);
    await bob.nextOf('typing');
    assert.equal(await bob.soFar(), [], 'neither the second coming nor its going');
    assert.equal(
      (await first.soFar()).filter(({ type }) => type !== 'typing'),
      [],
    );
  }),
);

rooms(
  'typing goes to everybody in the room, the one who types included, and to no other room',
  withSockets(async (service) => {
    const ada = await enter(service, 'ada');
    const bob = await enter(service, 'bob');
    const elsewhere = await enter(service, 'ada', '/api/v1/ws/hall');
    await ada.soFar();
    await bob.soFar();
    bob.send({ type: 'typing', is_typing: true, user_id: ADA, username: 'Ada' });
    const own = await bob.nextOf('typing');
    const seen = await ada.nextOf('typing');
    assert.equal([own.is_typing, seen.is_typing], [true, true]);
    assert.match(own.user_id, /^22222222-/, 'the own id, not the one that was sent along');
    assert.match(seen.user_id, /^member-/);
    assert.match(seen.username, /^Member [0-9a-f]{4}$/, 'an e-mail address is no name for others');
    assertOfContract(seen);
    assert.equal(await elsewhere.soFar(), []);
  }),
);

rooms(
  'what a person writes is answered to that person alone, and nobody else sees it',
  withSockets(async (service) => {
    const bob = await enter(service, 'bob');
    const ada = await enter(service, 'ada');
    const adaToo = await enter(service, 'ada');
    const adaElsewhere = await enter(service, 'ada', '/api/v1/ws/hall');
    await bob.soFar();
    ada.send({
      type: 'message',
      content: '  how did I sleep?  ',
      user_id: 'somebody',
      message_id: 'm-1',
      metadata: { a: 1 },
    });
    const answer = await ada.nextOf('message');
    assert.equal(withoutIds(answer), {
      type: 'message',
      user_id: 'AI',
      username: 'AI',
      content: HOW_TO_GET_AN_ANALYSIS,
      metadata: { processing_id: null, in_reply_to: 'm-1' },
    });
    assertOfContract(answer);
    assert.is((await adaToo.nextOf('message')).content, HOW_TO_GET_AN_ANALYSIS);
    assert.equal(await bob.soFar(), []);
    assert.equal(await adaElsewhere.soFar(), []);
  }),
);

rooms(
  'readings are analysed, kept and explained to the sender, and later messages are answered from them',
  withSockets(async (service) => {
    const bob = await enter(service, 'bob');
    const ada = await enter(service, 'ada');
    await bob.soFar();
    ada.send({ type: 'health_insight', content: { data_points: countsOf(2 * 1440), steps: [1, 2] } });
    const updates = [await ada.next(), await ada.next(), await ada.next()];
    assert.equal(
      updates.map(({ type, status, progress, user_id }) => [type, status, progress, user_id]),
      [
        ['analysis_update', 'started', 0, ADA],
        ['analysis_update', 'processing', 10, ADA],
        ['analysis_update', 'completed', 100, ADA],
      ],
    );
    updates.forEach(assertOfContract);
    const { processing_id: id, ...details } = updates[2]!.details;
    assert.equal(details, { valid_minutes: 2880, valid_days: 2, not_analysed: ['steps'] });
    const narrative = await ada.next();
    assertOfContract(narrative);
    assert.equal([narrative.type, narrative.user_id, narrative.metadata.processing_id], ['message', 'AI', id]);
    assert.is(narrative.metadata.generator, 'rules');
    const [upload] = valueOf(await service.world.uploads.list(ADA, 10));
    assert.equal([upload?.processingId, upload?.kind, upload?.status], [id, 'pat-counts', 'completed']);
    ada.send({ type: 'message', content: 'What does my rhythm look like?' });
    const answer = await ada.nextOf('message');
    assert.is(answer.metadata.processing_id, id);
    assert.is.not(answer.content, narrative.content, 'about the topic that was asked for');
    assert.equal(await bob.soFar(), []);
  }),
);

rooms(
  'a narrative that is too long for a message is cut at a sentence',
  withSockets(
    async (service) => {
      const ada = await enter(service, 'ada');
      ada.send({ type: 'health_insight', content: { data_points: countsOf(1440) } });
      const narrative = await ada.nextOf('message');
      assertOfContract(narrative);
      assert.is(narrative.content.length, 1979);
      assert.ok(narrative.content.endsWith('thirty units.'));
    },
    {
      narrator: {
        narrate: () =>
          okAsync({
            generator: 'rules',
            narrative: 'One sentence of thirty units. '.repeat(100),
            keyInsights: [],
            recommendations: [],
            confidenceScore: null,
            factsUsed: [],
            notComputed: [],
          }),
      },
    },
  ),
);

rooms('people in different processes of one installation see each other', async () => {
  const world = memoryWorld();
  const here = await startSockets({}, world);
  const there = await startSockets({}, world);
  try {
    const ada = await enter(here, 'ada');
    const bob = await enter(there, 'bob');
    // Each process looks at its own board; that of the other has to be looked at.
    here.timers.advance(250);
    assert.is((await ada.nextOf('user_joined')).status, 'online');
    assert.match((await ada.next()).content, /has joined the room/);
    ada.send({ type: 'typing', is_typing: true });
    assert.is((await ada.nextOf('typing')).is_typing, false, 'of Bob, when he came');
    assert.is((await ada.nextOf('typing')).is_typing, true);
    there.timers.advance(250);
    const seen = await bob.nextOf('typing');
    assert.equal([seen.is_typing, seen.username], [true, 'Ada L.']);
    assert.equal(valueOf(await world.rooms.counts(0)), { people: 2, connections: 2, rooms: { lobby: 2 } });
    await bob.close();
    await there.sockets.close(1000);
    here.timers.advance(250);
    assert.is((await ada.nextOf('user_left')).status, 'offline');
    assert.is(valueOf(await world.rooms.counts(0)).connections, 1);
  } finally {
    await here.close();
    await there.close();
  }
});

rooms(
  'many frames of other processes all arrive, in order, whoever looks how often',
  withSockets(async (service) => {
    const { rooms: board, clock } = service.world;
    const ada = await enter(service, 'ada');
    await ada.soFar();
    for (let i = 0; i < 250; i++) {
      const content = JSON.stringify({ type: 'system', content: String(i), level: 'info' });
      valueOf(await board.post({ room: 'lobby', author: ADA, toAuthor: true, atMs: clock.now(), content }));
      if (i % 40 === 0) service.timers.advance(250);
    }
    service.timers.advance(250);
    for (let i = 0; i < 250; i++) assert.is((await ada.nextOf('system')).content, String(i));
    assert.equal(await ada.soFar(), []);
  }),
);

rooms(
  'those who are there are said to be there again and again, and what is old is forgotten',
  withSockets(
    async (service) => {
      const { rooms: board, clock } = service.world;
      const ada = await enter(service, 'ada');
      service.timers.advance(2 * PRESENCE_KEPT_MS);
      await ada.nextOf('heartbeat');
      const [there, ...others] = valueOf(await board.present('lobby', clock.now() - PRESENCE_KEPT_MS));
      assert.equal([there?.user, there?.username, others.length], [ADA, 'Ada L.', 0]);
      assert.is(there!.lastSeenAtMs - there!.connectedAtMs, 2 * PRESENCE_KEPT_MS);
      assert.equal(valueOf(await board.framesAfter('lobby', '', 10)), []);
    },
    { settings: { mostMissedPings: 100 } },
  ),
);

rooms('a board that does not answer is told to who comes and logged once, and what works goes on', async () => {
  let isBroken = true;
  const broken = () => errAsync(portUnavailable('RoomBoard', 'end', 'planted'));
  const board = new MemoryRoomBoard();
  const world = memoryWorld({
    rooms: replacing(board, { end: () => (isBroken ? broken() : board.end()) }),
  });
  const service = await startSockets({}, world);
  try {
    const ada = service.open(ROOM, 'ada');
    const warning = await ada.nextOf('system');
    assert.equal([warning.level, warning.content], ['warning', 'The others in this room cannot be reached right now.']);
    ada.send({ type: 'message', content: 'hello' });
    assert.is((await ada.nextOf('message')).content, HOW_TO_GET_AN_ANALYSIS);
    service.timers.advance(250);
    isBroken = false;
    service.timers.advance(250);
    await talkedThrough(ada);
    assert.is(service.log.filter((line) => line.includes('rooms do not reach other processes')).length, 1);
    assert.is(service.log.filter((line) => line.includes('rooms reach other processes again')).length, 1);
  } finally {
    await service.close();
  }
});

rooms('a message that cannot be answered now is refused with an error frame', async () => {
  const world = memoryWorld();
  const uploads = replacing(world.uploads, {
    list: () => errAsync(portUnavailable('UploadStore', 'list', 'planted')),
  });
  const service = await startSockets({ uploads }, world);
  try {
    const ada = await enter(service, 'ada');
    ada.send({ type: 'message', content: 'hello' });
    const error = await ada.nextOf('error');
    assertOfContract(error);
    assert.equal([error.error_code, error.details], ['HEALTH_ANALYSIS_ERROR', { retryable: true }]);
    assert.not.match(JSON.stringify(error), /planted/);
  } finally {
    await service.close();
  }
});

rooms('without their profile people go by a made-up name', async () => {
  const service = await startSockets({
    identities: { profile: () => errAsync(portUnavailable('IdentityProvider', 'profile', 'planted')) },
  });
  try {
    const ada = await enter(service, 'ada');
    const bob = await enter(service, 'bob');
    assert.match((await ada.nextOf('user_joined')).username, /^Member [0-9a-f]{4}$/);
    await bob.close();
  } finally {
    await service.close();
  }
});

rooms('a bug in the work on a frame is logged and ends the connection', async () => {
  const service = await startSockets({
    narrator: {
      narrate: () => {
        throw new TypeError('planted');
      },
    },
  });
  try {
    const ada = await enter(service, 'ada');
    ada.send({ type: 'health_insight', content: { data_points: countsOf(1440) } });
    assert.equal(await ada.ended, { code: 1011, reason: 'Server error' });
    assert.ok(service.log.some((line) => line.includes('a socket failed') && line.includes('planted')));
  } finally {
    await service.close();
  }
});

rooms.run();
