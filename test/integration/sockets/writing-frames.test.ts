import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { ADA, NOW_MS } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { ReadFrame, SocketClient } from './socket-client.ts';
import { countsOf, principalOf, startSockets } from './socket-service.ts';

const frames = suite('frames that write something, and their tokens');

const ROOM = '/api/v1/ws/lobby';
const OWN = `/api/v1/ws/health-analysis/${ADA}`;

/** The last word about a frame; rejects when the connection ends before it. */
async function answer(client: SocketClient): Promise<ReadFrame> {
  for (;;) {
    const frame = await client.next();
    if (frame.type === 'error' || frame.type === 'message') return frame;
  }
}

/** How the connection ends, or what comes over it instead. */
const endOf = (client: SocketClient): Promise<string> =>
  answer(client).then(
    ({ type }) => `no end, but a frame: ${type}`,
    (cause: unknown) => (cause as Error).message,
  );

/** Frames that make the service write something for whoever sends them, and where they are sent. */
const WRITING = [
  [OWN, { type: 'health_data', data: { data_points: countsOf(1440) } }],
  [ROOM, { type: 'health_insight', content: { data_points: countsOf(1440) } }],
  [ROOM, { type: 'message', content: 'How do I sleep?' }],
] as const;

for (const [path, frame] of WRITING) {
  frames(
    `a ${frame.type} frame after its token was ended writes nothing, and ends the connection at once`,
    async () => {
      const deeds: string[] = [];
      const service = await startSockets({
        writeDown: ({ operation }, work) => {
          deeds.push(operation);
          return work();
        },
      });
      try {
        const ada = service.open(path, 'ada');
        ada.send(frame);
        await answer(ada);
        const before = valueOf(await service.world.uploads.list(ADA, 10));
        assert.is(deeds.length, 1, 'the token is good');
        service.revoked.add('ada');
        ada.send(frame);
        ada.send(frame);
        assert.is(await endOf(ada), 'the connection ended with 4003 Authentication failed');
        await service.sockets.close(5000);
        assert.equal(valueOf(await service.world.uploads.list(ADA, 10)), before);
        assert.is(deeds.length, 1, 'nor is anything written down');
      } finally {
        await service.close();
      }
    },
  );

  frames(
    `a ${frame.type} frame is refused while nobody can tell whether its token is good, and the next is answered`,
    async () => {
      const purposes: string[] = [];
      let isBroken = false;
      const service = await startSockets({
        authenticate: (_token, purpose) => {
          purposes.push(purpose);
          if (isBroken) return errAsync(portUnavailable('TokenVerifier', 'verify', 'planted'));
          return okAsync(principalOf(ADA, NOW_MS + 1000));
        },
      });
      try {
        const ada = service.open(path, 'ada');
        await ada.nextOf('connection_ack');
        isBroken = true;
        ada.send(frame);
        const { error_code, details } = await answer(ada);
        assert.equal([error_code, details], ['HEALTH_ANALYSIS_ERROR', { retryable: true }]);
        assert.ok(service.log.some((line) => line.includes('planted')));
        assert.equal(valueOf(await service.world.uploads.list(ADA, 10)), []);
        isBroken = false;
        ada.send(frame);
        assert.is((await answer(ada)).user_id, 'AI');
        assert.equal(purposes, ['write', 'write', 'write']);
        isBroken = true;
        service.world.clock.nowMs += 1000;
        ada.send(frame);
        assert.is(await endOf(ada), 'the connection ended with 4003 Token expired');
      } finally {
        await service.close();
      }
    },
  );
}

frames('frames that wait behind a slow look at the token are all answered, in their order', async () => {
  const looks: (() => void)[] = [];
  let isSlow = false;
  const service = await startSockets({
    authenticate: () => {
      const principal = principalOf(ADA, Number.MAX_SAFE_INTEGER);
      if (!isSlow) return okAsync(principal);
      return ResultAsync.fromSafePromise(new Promise<void>((resolve) => looks.push(resolve))).map(() => principal);
    },
  });
  try {
    const ada = service.open(ROOM, 'ada');
    await ada.nextOf('connection_ack');
    isSlow = true;
    for (const message_id of ['1', '2', '3']) ada.send({ type: 'message', content: 'Hello', message_id });
    await ada.soFar();
    assert.is(looks.length, 1, 'one after the other');
    isSlow = false;
    looks[0]?.();
    const replies = [await answer(ada), await answer(ada), await answer(ada)];
    assert.equal(
      replies.map(({ metadata }) => (metadata as unknown as { in_reply_to: string }).in_reply_to),
      ['1', '2', '3'],
    );
  } finally {
    await service.close();
  }
});

frames.run();
