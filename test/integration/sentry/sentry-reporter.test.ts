import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MOST_A_MINUTE, SentryReporter } from '../../../adapters/sentry/sentry-reporter.ts';
import { readDsn } from '../../../adapters/sentry/sentry-dsn.ts';
import type { ReportedError } from '../../../adapters/sentry/sentry-envelope.ts';
import { startReceiver } from '../../e2e/receiver.ts';

const sentry = suite('the reporter to Sentry');

const REPORT: ReportedError = {
  id: '3f0e7f1c-6f3e-4e0c-9d55-3a1c5a0a7f11',
  atMs: 1_735_689_600_000,
  level: 'error',
  error: {
    type: 'TypeError',
    message: 'cannot read property',
    stack: ['readNote (core/insights/read.ts:12:7)', 'anonymous (node:internal/process:1:2)', 'anonymous (elsewhere)'],
    cause: { type: 'Error', code: 'ENOENT', message: 'no such file', stack: [] },
  },
  tags: { place: 'request', route: '/api/v1/insights/{insight_id}' },
};

const reporterTo = (url: string, elapsedMs?: () => number): SentryReporter =>
  new SentryReporter({
    dsn: url.replace('://', '://abc123@') + '/under/42',
    version: '1.2.3',
    environment: 'production',
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
  });

sentry('a report is one envelope with one event, its causes first and its innermost function last', async () => {
  const server = await startReceiver();
  const reporter = reporterTo(server.url);
  reporter.send(REPORT);
  await reporter.settled();
  await server.close();
  const [request, ...others] = server.received;
  assert.is(others.length, 0);
  if (request === undefined) throw new Error('nothing was sent');
  assert.is(request.path, '/under/api/42/envelope/');
  assert.is(request.headers['content-type'], 'application/x-sentry-envelope');
  assert.is(
    request.headers['x-sentry-auth'],
    'Sentry sentry_version=7, sentry_client=clarity/1.2.3, sentry_key=abc123',
  );
  const [head = '', item = '', event = '', end] = request.body.split('\n');
  const eventId = '3f0e7f1c6f3e4e0c9d553a1c5a0a7f11';
  assert.equal(JSON.parse(head), { event_id: eventId, sent_at: '2025-01-01T00:00:00.000Z' });
  assert.equal(JSON.parse(item), { type: 'event', content_type: 'application/json', length: Buffer.byteLength(event) });
  assert.is(end, '');
  assert.equal(JSON.parse(event), {
    event_id: eventId,
    timestamp: 1_735_689_600,
    platform: 'node',
    level: 'error',
    logger: 'clarity',
    release: 'clarity@1.2.3',
    environment: 'production',
    tags: REPORT.tags,
    exception: {
      values: [
        { type: 'Error', value: 'ENOENT: no such file', stacktrace: { frames: [] } },
        {
          type: 'TypeError',
          value: 'cannot read property',
          stacktrace: {
            frames: [
              { function: 'anonymous', filename: 'elsewhere', in_app: false },
              { function: 'anonymous', filename: 'node:internal/process', lineno: 1, colno: 2, in_app: false },
              { function: 'readNote', filename: 'core/insights/read.ts', lineno: 12, colno: 7, in_app: true },
            ],
          },
        },
      ],
    },
  });
});

sentry('no more than so many are sent a minute', async () => {
  const server = await startReceiver();
  let nowMs = 0;
  const reporter = reporterTo(server.url, () => nowMs);
  for (let i = 0; i < 3 * MOST_A_MINUTE; i++) reporter.send(REPORT);
  await reporter.settled();
  assert.is(server.received.length, MOST_A_MINUTE);
  nowMs = 60_000;
  reporter.send(REPORT);
  await reporter.settled();
  await server.close();
  assert.is(server.received.length, MOST_A_MINUTE + 1);
});

sentry('a server that asks for a pause gets it', async () => {
  const server = await startReceiver();
  let nowMs = 0;
  const reporter = reporterTo(server.url, () => nowMs);
  const sendAt = async (atMs: number): Promise<number> => {
    nowMs = atMs;
    reporter.send(REPORT);
    await reporter.settled();
    return server.received.length;
  };
  server.answer = { status: 429, headers: { 'retry-after': '7' } };
  assert.is(await sendAt(0), 1);
  server.answer = { status: 429 };
  assert.is(await sendAt(6999), 1);
  assert.is(await sendAt(7000), 2);
  assert.is(await sendAt(66_000), 2);
  assert.is(await sendAt(67_000), 3);
  await server.close();
});

sentry('a server that fails, redirects or is not there makes no error of its own', async () => {
  const server = await startReceiver();
  const reporter = reporterTo(server.url);
  for (const status of [500, 400]) {
    server.answer = { status };
    reporter.send(REPORT);
    await reporter.settled();
  }
  server.answer = { status: 302, headers: { location: `${server.url}/elsewhere` } };
  reporter.send(REPORT);
  await reporter.settled();
  assert.is(server.received.length, 3);
  await server.close();
  reporter.send(REPORT);
  await reporter.settled();
});

sentry('a DSN says where and by which key', () => {
  assert.equal(readDsn('https://k3y@o1.sentry.example/7'), {
    envelopeUrl: 'https://o1.sentry.example/api/7/envelope/',
    publicKey: 'k3y',
  });
  for (const wrong of [
    '',
    'sentry',
    'https://sentry.example/7',
    'https://k@sentry.example/',
    'ftp://k@sentry.example/7',
  ]) {
    assert.throws(
      () => readDsn(wrong),
      (error: unknown) => error instanceof RangeError && !error.message.includes('sentry.'),
    );
  }
});

sentry.run();
