import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import type { Mixed } from 'io-ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HEALTH_SERVER_FRAMES, ROOM_SERVER_FRAMES } from '../../../contracts/events/frames.ts';
import type { SocketClient } from '../../integration/sockets/socket-client.ts';
import { startSockets } from '../../integration/sockets/socket-service.ts';
import { ADA } from '../../unit/memory-world.ts';

const properties = suite('whatever a client sends');

const FRAMES_IN_ALL = 1000;

const point = { timestamp: '2025-01-06T08:30:00+01:00', value: 3 };
/** Frames that are right, as a start for frames that are nearly so. */
const RIGHT: readonly object[] = [
  { type: 'message', content: 'hello', metadata: { a: [1] }, message_id: 'm' },
  { type: 'typing', is_typing: true, user_id: 'x', username: 'y' },
  { type: 'heartbeat', client_timestamp: '2025-01-06T08:30:00Z' },
  { type: 'heartbeat_ack', server_timestamp: 'x' },
  { type: 'health_insight', content: { data_points: [point, point], timezone: 'UTC' } },
  { type: 'health_data', data: { data_points: [point], steps: 7 } },
];

/** A right frame with one of its values replaced by anything, or with one more property. */
const mutated = fc
  .tuple(fc.constantFrom(...RIGHT), fc.nat(20), fc.jsonValue(), fc.string())
  .map(([frame, at, value, name]) => {
    let left = at;
    const replaced = JSON.stringify(frame, (key, inner: unknown) => (key !== '' && left-- === 0 ? value : inner));
    return left >= 0 ? `${replaced.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}` : replaced;
  });

/** A text of a frame with a piece cut out, doubled or replaced. */
const damaged = fc
  .tuple(fc.constantFrom(...RIGHT), fc.nat(200), fc.nat(20), fc.string({ unit: 'binary' }))
  .map(([frame, from, length, piece]) => {
    const text = JSON.stringify(frame);
    return `${text.slice(0, from)}${piece}${text.slice(from + length)}`;
  });

const anyFrame = fc.oneof(
  { arbitrary: mutated, weight: 4 },
  { arbitrary: damaged, weight: 2 },
  { arbitrary: fc.json({ maxDepth: 6 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
  { arbitrary: fc.constantFrom('['.repeat(30_000), '"'.repeat(70_000), `{"type":${'['.repeat(9000)}`), weight: 1 },
);

/** A frame ends in an answer that the contract knows, or in nothing where none is owed; and the next one is heard. */
async function survives(client: SocketClient, text: string, codecs: Readonly<Record<string, Mixed>>): Promise<void> {
  client.send(text);
  for (const frame of await client.soFar()) {
    const codec = codecs[frame.type];
    assert.ok(
      codec !== undefined && E.isRight(codec.decode(frame)),
      `${text} was answered with ${JSON.stringify(frame)}`,
    );
  }
}

for (const [name, path, codecs] of [
  ['in a room', '/api/v1/ws/lobby', ROOM_SERVER_FRAMES],
  ['for analysis', `/api/v1/ws/health-analysis/${ADA}`, HEALTH_SERVER_FRAMES],
] as const) {
  properties(`${name}, it is answered as the contract says, or has no effect, and the service goes on`, async () => {
    const service = await startSockets({ settings: { messagesAMinute: 1e9 } });
    try {
      const client = service.open(path, 'ada');
      await client.nextOf('connection_ack');
      await fc.assert(
        fc.asyncProperty(anyFrame, (text) => survives(client, text, codecs)),
        { numRuns: FRAMES_IN_ALL / 2, endOnFailure: true },
      );
      assert.is(client.socket.readyState, client.socket.OPEN);
      assert.equal(
        service.log.filter((line) => line.includes('a socket failed')),
        [],
      );
    } finally {
      await service.close();
    }
  });
}

properties('bytes that are no websocket frames end their connection and nobody else’s', async () => {
  const service = await startSockets({ settings: { connectionsAPerson: 1e9 } });
  try {
    const witness = service.open('/api/v1/ws/lobby', 'bob');
    await witness.nextOf('connection_ack');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const client = service.open('/api/v1/ws/lobby', 'ada');
        await client.nextOf('connection_ack');
        // Past the client's own framing. The reserved bits that are set first are never right without an extension.
        (client.socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.of(0xf1, 0x80, ...bytes));
        assert.is((await client.ended).code, 1002);
      }),
      { numRuns: 25 },
    );
    await witness.soFar();
  } finally {
    await service.close();
  }
});

properties.run();
