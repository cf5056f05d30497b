import * as E from 'fp-ts/lib/Either.js';
import { errAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mixed } from 'io-ts';
import { HEALTH_SERVER_FRAMES } from '../../../contracts/events/frames.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ActigraphyModel, CancelSignal } from '../../../core/pat/ports.ts';
import { ADA, memoryWorld, READY_MODEL, replacing, textOf } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { ReadFrame } from './socket-client.ts';
import { countsOf, startSockets, withSockets } from './socket-service.ts';

const health = suite('health-analysis sockets');

const OWN = `/api/v1/ws/health-analysis/${ADA}`;

const withoutIds = ({ timestamp: _, message_id: __, ...frame }: ReadFrame) => frame;

function assertOfContract(frame: ReadFrame): void {
  const codec = (HEALTH_SERVER_FRAMES as Readonly<Record<string, Mixed>>)[frame.type];
  assert.ok(codec !== undefined && E.isRight(codec.decode(frame)), JSON.stringify(frame));
}

health(
  'the first words say what to send and how much of it',
  withSockets(async (service) => {
    const ada = service.open(OWN, 'ada');
    assert.is((await ada.next()).type, 'connection_ack');
    const welcome = await ada.next();
    assertOfContract(welcome);
    assert.equal([welcome.type, welcome.level], ['system', 'info']);
    assert.match(welcome.content, /health_data.*at least 600 valid minutes and at most 10080 points/);
  }),
);

health(
  'readings are followed from start to end, then told as an insight and in a message, and kept with the frame',
  withSockets(async (service) => {
    const ada = service.open(OWN, 'ada');
    const sent = JSON.stringify({
      type: 'health_data',
      data: { data_points: countsOf(1440), timezone: 'Europe/Berlin' },
    });
    ada.send(sent);
    await ada.nextOf('system');
    const [started, processing, completed, insight, message] = [
      await ada.next(),
      await ada.next(),
      await ada.next(),
      await ada.next(),
      await ada.next(),
    ] as const;
    const frames = [started, processing, completed, insight, message];
    frames.forEach(assertOfContract);
    assert.equal(
      frames.map(({ type, status }) => [type, status]),
      [
        ['analysis_update', 'started'],
        ['analysis_update', 'processing'],
        ['analysis_update', 'completed'],
        ['health_insight', undefined],
        ['message', undefined],
      ],
    );
    assert.equal(started.details, { data_points: 1440, timezone: 'Europe/Berlin' });
    const [upload] = valueOf(await service.world.uploads.list(ADA, 10));
    assert.equal([completed.details.processing_id, completed.details.not_analysed], [upload?.processingId, []]);
    assert.equal(insight.source_data, { processing_id: upload?.processingId, generator: 'rules' });
    assert.is(insight.insight, message.content);
    assert.is(insight.confidence, message.metadata.confidence_score);
    assert.equal(insight.recommendations, message.metadata.recommendations);
    assert.is(await textOf(service.world.objects.open(ADA, upload?.raw?.key ?? '')), sent);
    const record = valueOf(await service.world.analyses.getForUpload(ADA, upload!.processingId));
    assert.is(record.document.window.start, '2025-03-01T00:00:00+01:00');
  }),
);

health(
  'without a confidence there is no insight frame, only the message',
  withSockets(
    async (service) => {
      const ada = service.open(OWN, 'ada');
      ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
      await ada.nextOf('system');
      const types = [await ada.next(), await ada.next(), await ada.next(), await ada.next()].map(({ type }) => type);
      assert.equal(types.at(-1), 'message');
    },
    {
      narrator: {
        narrate: (request) => rulesNarrator.narrate(request).map((told) => ({ ...told, confidenceScore: null })),
      },
    },
  ),
);

health(
  'too little valid wear is refused, and the refusal names the minimum',
  withSockets(async (service) => {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(599) } });
    const failed = await ada.nextOf('error').then((error) => {
      assertOfContract(error);
      return withoutIds(error);
    });
    assert.equal(failed, {
      type: 'error',
      error_code: 'HEALTH_ANALYSIS_ERROR',
      message: '599 valid minutes were sent; at least 600 are needed.',
      details: { valid_minutes: 599, minimum_valid_minutes: 600 },
    });
    assert.equal(valueOf(await service.world.uploads.list(ADA, 10)), []);
    assert.equal(await ada.soFar(), [], 'and nothing follows');
  }),
);

health(
  'what failed is said before why',
  withSockets(async (service) => {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(10) } });
    await ada.nextOf('system');
    const frames = [await ada.next(), await ada.next(), await ada.next(), await ada.next()];
    assert.equal(
      frames.map(({ type, status, progress }) => [type, status, progress]),
      [
        ['analysis_update', 'started', 0],
        ['analysis_update', 'processing', 10],
        ['analysis_update', 'failed', 10],
        ['error', undefined, undefined],
      ],
    );
    assert.equal(frames[2]?.details, { error_code: 'HEALTH_ANALYSIS_ERROR' });
  }),
);

health(
  'readings too far apart, and a time zone that there is not, are refused with their places in the frame',
  withSockets(async (service) => {
    const ada = service.open(OWN, 'ada');
    const data_points = [
      { timestamp: '2025-01-01T00:00:00Z', value: 1 },
      { timestamp: '2025-06-01T00:00:00Z', value: 1 },
    ];
    ada.send({ type: 'health_data', data: { data_points } });
    const far = await ada.nextOf('error');
    assert.equal(
      [far.error_code, far.details.errors[0]?.pointer, far.details.errors[0]?.code],
      ['INVALID_HEALTH_DATA', '/data/data_points/1/timestamp', 'span_too_long'],
    );
    ada.send({ type: 'health_data', data: { data_points, timezone: 'Middle/Earth' } });
    const zone = await ada.next();
    assert.equal(
      [zone.type, zone.error_code, zone.details.errors[0]?.pointer],
      ['error', 'INVALID_HEALTH_DATA', '/data/timezone'],
    );
    const room = service.open('/api/v1/ws/lobby', 'ada');
    room.send({ type: 'health_insight', content: { data_points } });
    const inRoom = await room.nextOf('error');
    assert.equal(
      [inRoom.error_code, inRoom.details.errors[0]?.pointer],
      ['INVALID_HEALTH_INSIGHT_DATA', '/content/data_points/1/timestamp'],
    );
  }),
);

health('a store that does not answer is said to be one, without its words, and logged', async () => {
  const world = memoryWorld();
  const objects = replacing(world.objects, {
    put: () => errAsync(portUnavailable('ObjectStore', 'put', 'the disk is full')),
  });
  const service = await startSockets({ objects }, world);
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    const error = await ada.nextOf('error');
    assert.equal([error.error_code, error.details], ['HEALTH_ANALYSIS_ERROR', { retryable: true }]);
    assert.not.match(JSON.stringify(error), /disk/);
    assert.ok(service.log.some((line) => line.includes('the disk is full')));
  } finally {
    await service.close();
  }
});

/** An encoder that answers when the test says so, and tells how its callers have lost interest. */
function heldModel() {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begin: (signal: CancelSignal) => void = () => undefined;
  const begun = new Promise<CancelSignal>((resolve) => {
    begin = resolve;
  });
  const model: ActigraphyModel = {
    describe: () => READY_MODEL.describe(),
    encode: (weeks, cancel) => {
      if (cancel !== undefined) begin(cancel);
      return ResultAsync.fromSafePromise<unknown, PortUnavailable>(released).andThen(() => READY_MODEL.encode(weeks));
    },
  };
  return { model, begun, release };
}

health('work stops when its connection closes', async () => {
  const { model, begun, release } = heldModel();
  const service = await startSockets({ model });
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(3 * 1440), timezone: 'Europe/Berlin' } });
    const signal = await begun;
    assert.is(signal.aborted, false);
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    await ada.close();
    await aborted;
    assert.is(signal.aborted, true);
  } finally {
    release();
    await service.close();
  }
});

health('heartbeats are answered while an analysis goes on, and work on frames keeps their order', async () => {
  const { model, begun, release } = heldModel();
  const service = await startSockets({ model });
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(3 * 1440), timezone: 'Europe/Berlin' } });
    ada.send({ type: 'health_data', data: { data_points: countsOf(2 * 1440), timezone: 'Europe/Berlin' } });
    await begun;
    const before = await ada.soFar();
    assert.equal(
      before.filter(({ type }) => type === 'analysis_update').map(({ status }) => status),
      ['started', 'processing'],
    );
    release();
    const frames: ReadFrame[] = [];
    while (frames.filter(({ type }) => type === 'message').length < 2) frames.push(await ada.next());
    assert.equal(
      frames.filter(({ status }) => status === 'completed').map(({ details }) => details.valid_minutes),
      [3 * 1440, 2 * 1440],
    );
  } finally {
    release();
    await service.close();
  }
});

health('a narrator that does not answer is no end of the connection', async () => {
  let isBroken = true;
  const service = await startSockets({
    narrator: {
      narrate: (request) =>
        isBroken ? errAsync(portUnavailable('Narrator', 'narrate', 'planted')) : rulesNarrator.narrate(request),
    },
  });
  try {
    const ada = service.open(OWN, 'ada');
    ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    assert.is((await ada.nextOf('error')).error_code, 'HEALTH_ANALYSIS_ERROR');
    isBroken = false;
    ada.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    assert.is((await ada.nextOf('message')).user_id, 'AI');
  } finally {
    await service.close();
  }
});

health.run();
