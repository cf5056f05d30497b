import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ADA } from '../../unit/memory-world.ts';
import type { ReadFrame, SocketClient } from './socket-client.ts';
import { countsOf, withSockets, type SocketService } from './socket-service.ts';

const frames = suite('frames of websockets');

const ROOM = '/api/v1/ws/lobby';
const OWN = `/api/v1/ws/health-analysis/${ADA}`;
const PATIENT = { settings: { messagesAMinute: 10_000 } };

async function opened(service: SocketService, path: string): Promise<SocketClient> {
  const client = service.open(path, 'ada');
  await client.nextOf('connection_ack');
  return client;
}

/** The error that a frame is refused with; the connection stays. */
async function refusal(client: SocketClient, frame: unknown): Promise<ReadFrame> {
  client.send(frame);
  const error = await client.nextOf('error');
  assert.is(client.socket.readyState, client.socket.OPEN);
  return error;
}

const points = (count: number) => Array.from({ length: count }, () => ({ timestamp: '2025-01-06T08:30Z', value: 0 }));

frames(
  'a heartbeat comes back with the time of both sides',
  withSockets(async (service) => {
    for (const path of [ROOM, OWN]) {
      const ada = await opened(service, path);
      for (const client_timestamp of ['2025-03-03T12:00:00Z', 1741003200]) {
        ada.send({
          type: 'heartbeat',
          client_timestamp,
          timestamp: 'now',
          message_id: 'h',
          user_id: 7,
          username: null,
        });
        const ack = await ada.nextOf('heartbeat_ack');
        assert.equal([ack.client_timestamp, ack.server_timestamp], [client_timestamp, '2025-03-03T12:00:00.000+00:00']);
      }
      ada.send({ type: 'heartbeat' });
      assert.is((await ada.nextOf('heartbeat_ack')).client_timestamp, undefined);
      ada.send({ type: 'heartbeat_ack', server_timestamp: 'x' });
      assert.equal(
        (await ada.soFar()).filter(({ type }) => type === 'error' || type === 'heartbeat_ack'),
        [],
      );
    }
  }),
);

frames(
  'what is no JSON is said to be none',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    for (const text of ['', '{', 'hello', '{"type":"message",}', '\u0000']) {
      assert.is((await refusal(ada, text)).error_code, 'INVALID_JSON', text);
    }
  }, PATIENT),
);

frames(
  'a frame of no type, or of a type that the socket does not know, is refused with those that it knows',
  withSockets(async (service) => {
    const room = await opened(service, ROOM);
    const own = await opened(service, OWN);
    for (const type of ['nothing', 'system', 'health_data', '__proto__', 'constructor', '', 7, null, undefined]) {
      const error = await refusal(room, { type, data: { data_points: [] } });
      assert.is(error.error_code, 'UNKNOWN_MESSAGE_TYPE', String(type));
      assert.equal(error.details.supported, ['message', 'typing', 'heartbeat', 'heartbeat_ack', 'health_insight']);
    }
    for (const type of ['message', 'typing', 'health_insight']) {
      const error = await refusal(own, { type, content: 'x', is_typing: true });
      assert.equal(
        [error.error_code, error.details.supported],
        ['UNKNOWN_MESSAGE_TYPE', ['health_data', 'heartbeat', 'heartbeat_ack']],
      );
    }
  }, PATIENT),
);

frames(
  'what is wrong with a frame is named by its place, an unknown property by its name',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    const named = async (frame: unknown): Promise<readonly string[]> => {
      const error = await refusal(ada, frame);
      assert.is(error.error_code, 'MESSAGE_PARSE_ERROR', JSON.stringify(frame));
      for (const { pointer } of error.details.errors.slice(0, 3)) assert.ok(error.message.includes(pointer));
      return error.details.errors.map(({ pointer }) => pointer);
    };
    assert.equal(await named([]), ['']);
    assert.equal(await named('"message"'), ['']);
    assert.equal(await named('null'), ['']);
    assert.equal(await named({ type: 'message' }), ['/content']);
    assert.equal(await named({ type: 'message', content: '   ' }), ['/content'], 'white space is not counted');
    assert.equal(await named({ type: 'message', content: 'x'.repeat(2001) }), ['/content']);
    assert.equal(await named({ type: 'message', content: 5, metadata: 5 }), ['/content', '/metadata']);
    assert.equal(await named({ type: 'message', content: 'x', room: 'y', 'a/b': 1 }), ['/room', '/a~1b']);
    assert.equal(await named({ type: 'typing' }), ['/is_typing']);
    assert.equal(await named({ type: 'heartbeat', client_timestamp: {} }), ['/client_timestamp']);
    assert.equal(await named('{"type":"typing","is_typing":true,"__proto__":1}'), ['/__proto__']);
    const many = await refusal(ada, {
      type: 'typing',
      is_typing: 1,
      ...Object.fromEntries(countsOf(50).map((_, i) => [i, i])),
    });
    assert.equal([many.details.errors.length, many.details.error_count], [20, 51]);
    assert.match(many.message, /and 48 more\.$/);
  }, PATIENT),
);

frames(
  'the content of a message may have 2000 characters between white space',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    ada.send({ type: 'message', content: ` \n${'x'.repeat(2000)}\t ` });
    assert.is((await ada.nextOf('message')).user_id, 'AI');
  }),
);

frames(
  'a payload without a list of readings, readings that are wrong, and too many of them have codes of their own',
  withSockets(async (service) => {
    const room = await opened(service, ROOM);
    const own = await opened(service, OWN);
    const codes = async (payload: unknown): Promise<readonly string[]> => [
      (await refusal(room, { type: 'health_insight', content: payload })).error_code,
      (await refusal(own, { type: 'health_data', data: payload })).error_code,
    ];
    const badPayload = ['INVALID_HEALTH_INSIGHT_CONTENT', 'INVALID_HEALTH_DATA_PAYLOAD'];
    for (const payload of [undefined, null, 'text', [], {}, { data_points: 'text' }, { data_points: null }]) {
      assert.equal(await codes(payload), badPayload, JSON.stringify(payload));
    }
    const badData = ['INVALID_HEALTH_INSIGHT_DATA', 'INVALID_HEALTH_DATA'];
    const point = { timestamp: '2025-01-06T08:30:00+01:00', value: 1 };
    for (const data_points of [
      [],
      [1],
      [{}],
      [{ ...point, value: '1' }],
      [{ ...point, value: null }],
      [{ ...point, timestamp: 'yesterday' }],
      [point, { ...point, unit: 'counts' }],
    ]) {
      assert.equal(await codes({ data_points }), badData, JSON.stringify(data_points));
    }
    assert.equal(await codes({ data_points: [point], zone: 'UTC' }), badData, 'an unknown property of the payload');
    const tooMany = ['TOO_MANY_DATA_POINTS', 'TOO_MANY_DATA_POINTS'];
    assert.equal(await codes({ data_points: points(10_081) }), tooMany);
    const both = await refusal(own, { type: 'health_data', extra: 1, data: { data_points: [1] } });
    assert.is(both.error_code, 'MESSAGE_PARSE_ERROR', 'not only the readings are wrong');
  }, PATIENT),
);

frames(
  'a week of minutes finds room in one frame',
  withSockets(async (service) => {
    const ada = await opened(service, OWN);
    ada.send({ type: 'health_data', data: { data_points: countsOf(10_080) } });
    const [, , completed] = [
      await ada.nextOf('analysis_update'),
      await ada.nextOf('analysis_update'),
      await ada.nextOf('analysis_update'),
    ];
    assert.equal([completed.status, completed.details.valid_minutes], ['completed', 10_080]);
  }),
);

frames(
  'a frame of more than 64 KiB without readings is refused with its size and the limit, and the next one is heard',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    const sized = (bytes: number): string => {
      const start = '{"type":"message","content":"';
      return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
    };
    const atLimit = await refusal(ada, sized(65_536));
    assert.is(atLimit.error_code, 'MESSAGE_PARSE_ERROR', 'not too large, but too long');
    const over = await refusal(ada, sized(65_537));
    assert.equal([over.error_code, over.details], ['MESSAGE_TOO_LARGE', { bytes: 65_537, most_bytes: 65_536 }]);
    assert.is((await refusal(ada, 'x'.repeat(65_537))).error_code, 'MESSAGE_TOO_LARGE', 'not even JSON');
    assert.is((await refusal(ada, `[${'0,'.repeat(40_000)}0]`)).error_code, 'MESSAGE_TOO_LARGE', 'no frame');
    const health = await refusal(ada, JSON.stringify({ type: 'health_insight', content: 'x'.repeat(2 ** 20) }));
    assert.equal([health.error_code, health.details.most_bytes], ['MESSAGE_TOO_LARGE', 2 ** 20]);
    ada.send({ type: 'message', content: 'still here' });
    assert.is((await ada.nextOf('message')).user_id, 'AI');
  }),
);

frames(
  'a frame that is far too large to be read at all ends the connection',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    ada.send('x'.repeat(2 * 2 ** 20 + 1));
    assert.is((await ada.ended).code, 1009);
  }),
);

frames(
  'a binary frame ends the connection, and what came after it is not worked on',
  withSockets(async (service) => {
    const ada = await opened(service, ROOM);
    ada.send(Buffer.from('{"type":"heartbeat"}'));
    ada.send({ type: 'message', content: 'unheard' });
    assert.equal(await ada.ended, { code: 1003, reason: 'Binary frames are not accepted' });
    await service.sockets.close(1000);
    const line = service.log.find((text) => text.includes('socket closed'));
    assert.match(line ?? '', /"frames":1,/);
  }),
);

frames(
  'a person is heard sixty times a minute over all connections, then told when to come again',
  withSockets(async (service) => {
    const first = await opened(service, ROOM);
    const second = await opened(service, OWN);
    for (let i = 0; i < 30; i++) {
      first.send({ type: 'heartbeat' });
      second.send({ type: 'heartbeat' });
      await first.nextOf('heartbeat_ack');
      await second.nextOf('heartbeat_ack');
      if (i === 0) service.world.clock.nowMs += 20_000;
    }
    const refused = await refusal(second, { type: 'heartbeat' });
    assert.equal(
      [refused.error_code, refused.details],
      ['RATE_LIMIT_EXCEEDED', { messages_a_minute: 60, retry_after_seconds: 40 }],
    );
    const bob = service.open(ROOM, 'bob');
    await bob.nextOf('connection_ack');
    bob.send({ type: 'heartbeat' });
    assert.is((await bob.nextOf('heartbeat_ack')).type, 'heartbeat_ack', 'others are heard');
    service.world.clock.nowMs += 40_000;
    first.send({ type: 'heartbeat' });
    second.send({ type: 'heartbeat' });
    await first.nextOf('heartbeat_ack');
    await second.nextOf('heartbeat_ack');
    assert.is((await refusal(first, { type: 'heartbeat' })).error_code, 'RATE_LIMIT_EXCEEDED');
    await first.close();
    const again = await opened(service, ROOM);
    assert.is((await refusal(again, { type: 'heartbeat' })).error_code, 'RATE_LIMIT_EXCEEDED', 'a new connection');
  }),
);

frames.run();
