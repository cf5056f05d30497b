import { EventEmitter, once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { ADA, BOB } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { countsOf, startSockets, withSockets } from './socket-service.ts';

const lifetime = suite('how websockets live and end');

const ROOM = '/api/v1/ws/lobby';
const OWN = `/api/v1/ws/health-analysis/${ADA}`;

lifetime(
  'the server says every 30 seconds that it is there',
  withSockets(async (service) => {
    const ada = service.open(ROOM, 'ada');
    await ada.nextOf('connection_ack');
    await ada.soFar();
    service.timers.advance(29_999);
    assert.equal(await ada.soFar(), []);
    service.timers.advance(1);
    const beat = await ada.next();
    assert.equal([beat.type, beat.timestamp], ['heartbeat', '2025-03-03T12:00:30.000+00:00']);
  }),
);

lifetime(
  'a client that says nothing for 300 seconds is closed; one that says something is not',
  withSockets(
    async (service) => {
      const [quiet, lively] = [service.open(ROOM, 'ada'), service.open(OWN, 'ada')];
      await quiet.nextOf('connection_ack');
      await lively.nextOf('connection_ack');
      await quiet.soFar();
      service.timers.advance(270_000);
      await lively.soFar();
      assert.is(quiet.socket.readyState, quiet.socket.OPEN);
      service.timers.advance(30_000);
      assert.equal(await quiet.ended, { code: 1000, reason: 'Connection timeout' });
      await lively.soFar();
    },
    { settings: { mostMissedPings: 100 } },
  ),
);

lifetime(
  'a client that answers no ping is closed before it is idle',
  withSockets(async (service) => {
    const ada = service.open(ROOM, 'ada', { autoPong: false });
    await ada.nextOf('connection_ack');
    service.timers.advance(30_000);
    await ada.nextOf('heartbeat');
    service.timers.advance(30_000);
    await ada.nextOf('heartbeat');
    service.timers.advance(30_000);
    assert.equal(await ada.ended, { code: 1000, reason: 'Heartbeat failed' });
  }),
);

lifetime(
  'a client that does not read is not listened to, and closed when too much waits for it',
  withSockets(
    async (service) => {
      const deaf = service.open(ROOM, 'ada');
      await deaf.nextOf('connection_ack');
      deaf.socket.pause();
      const frame = JSON.stringify({
        type: 'typing',
        ...Object.fromEntries(countsOf(20).map((_, i) => [`x${String(i)}`, i])),
      });
      const ended = async (): Promise<{ close_code: number; ended_because: string }> => {
        for (;;) {
          const line = service.log.find((text) => text.includes('socket closed'));
          if (line !== undefined) return JSON.parse(line) as { close_code: number; ended_because: string };
          for (let i = 0; i < 100 && deaf.socket.bufferedAmount < 1_000_000; i++) deaf.send(frame);
          await new Promise((resolve) => setImmediate(resolve));
          // Once it is told to go, the time for its answer passes.
          service.timers.advance(1);
        }
      };
      const { close_code, ended_because } = await ended();
      assert.equal([close_code, ended_because], [1006, 'Too slow'], 'told, but it never answered');
    },
    {
      settings: {
        messagesAMinute: 1e9,
        slowBytes: 5e8,
        deafBytes: 500_000,
        closeMs: 100,
        idleMs: 1e12,
        mostMissedPings: 1e9,
        recheckMs: 1e12,
      },
    },
  ),
);

lifetime(
  'no new connection is taken while the service stops, and everybody is told why',
  withSockets(async (service) => {
    const [ada, bob] = [service.open(ROOM, 'ada'), service.open(ROOM, 'bob')];
    await ada.nextOf('connection_ack');
    await bob.nextOf('connection_ack');
    await ada.soFar();
    await bob.soFar();
    const closing = service.sockets.close(5000);
    const shutdown = { code: 1000, reason: 'Server shutdown' };
    assert.equal([await ada.ended, await bob.ended], [shutdown, shutdown]);
    await closing;
    assert.equal(valueOf(await service.world.rooms.counts(0)), { people: 0, connections: 0, rooms: {} });
    assert.is(service.timers.size, 0, 'nothing goes on');
  }),
);

/** A narrator that answers when the test says so. */
function heldNarrator() {
  let release: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const narrator: typeof rulesNarrator = {
    narrate: (request) => {
      begin();
      return ResultAsync.fromSafePromise<unknown, PortUnavailable>(released).andThen(() =>
        rulesNarrator.narrate(request),
      );
    },
  };
  return { narrator, begun, release };
}

lifetime('what is in work is ended first, and a handshake meanwhile is refused', async () => {
  const { narrator, begun, release } = heldNarrator();
  const service = await startSockets({ narrator });
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    await begun;
    const closing = service.sockets.close(5000);
    const late = service.open(ROOM, 'bob');
    assert.match(String(await late.ended.catch((cause: unknown) => cause)), /503/);
    release();
    assert.is((await ada.nextOf('message')).user_id, 'AI');
    assert.equal(await ada.ended, { code: 1000, reason: 'Server shutdown' });
    await closing;
  } finally {
    release();
    await service.close();
  }
});

lifetime('work that takes too long is given up, and who does not answer is cut off', async () => {
  const { narrator, begun, release } = heldNarrator();
  const service = await startSockets({ narrator });
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    await begun;
    const silent = service.open(ROOM, 'bob');
    await silent.nextOf('connection_ack');
    await silent.soFar();
    silent.socket.pause();
    let isOver = false;
    const closing = service.sockets.close(5000).then(() => {
      isOver = true;
    });
    service.timers.advance(4000);
    assert.equal(await ada.ended, { code: 1000, reason: 'Server shutdown' });
    assert.is(isOver, false);
    service.timers.advance(1000);
    await closing;
    assert.is(isOver, true);
  } finally {
    release();
    await service.close();
  }
});

lifetime('a handshake whose token is verified while the service stops is refused', async () => {
  const verifications = new EventEmitter();
  const service = await startSockets({
    authenticate: () =>
      ResultAsync.fromSafePromise(
        new Promise<never>((resolve) => {
          verifications.emit('begun', resolve);
        }),
      ),
  });
  try {
    const begun = once(verifications, 'begun');
    const late = service.open(ROOM, 'ada');
    const [verify] = (await begun) as [(principal: object) => void];
    await service.sockets.close(5000);
    verify({ userId: ADA, expiresAtMs: service.world.clock.now() + 1000 });
    assert.match(String(await late.ended.catch((cause: unknown) => cause)), /503/);
  } finally {
    await service.close();
  }
});

lifetime(
  'who was sent away and does not answer is cut off',
  withSockets(async (service) => {
    const stranger = service.open(`/api/v1/ws/health-analysis/${BOB}`, 'ada');
    await new Promise((resolve) => stranger.socket.once('open', resolve));
    stranger.socket.pause();
    service.timers.advance(10_000);
    stranger.socket.resume();
    assert.is((await stranger.ended).code, 4003);
    assert.is(service.timers.size, 2, 'only the timers of the rooms go on');
  }),
);

lifetime(
  'a connection that breaks while its owner is being sent frames leaves the room',
  withSockets(async (service) => {
    const ada = service.open(ROOM, 'ada');
    const bob = service.open(ROOM, 'bob');
    await bob.nextOf('connection_ack');
    await ada.nextOf('user_joined');
    bob.socket.terminate();
    assert.is((await ada.nextOf('user_left')).status, 'offline');
  }),
);

lifetime.run();
