import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { openErrorReports } from '../../hosts/wiring/observe/open-error-reports.ts';
import { batchOf, EMAIL, startObserved } from './observed-service.ts';
import { startReceiver, type Receiver } from './receiver.ts';

const reports = suite('reports of errors');

const dsnOf = ({ url }: Receiver): string => `${url.replace('://', '://key@')}/42`;

/** The events that were sent. */
const eventsOf = ({ received }: Receiver): readonly any[] =>
  received.map(({ body }) => JSON.parse(body.split('\n')[2] ?? ''));

/** How often an error was reported from a place. */
const placesOf = (server: Receiver): readonly string[] => eventsOf(server).map(({ tags }) => tags.place);

const NOBODY = { alsoTell: () => undefined };

reports('a fault of the program is reported from wherever it came up, and nothing that anybody has sent', async () => {
  const server = await startReceiver();
  const observe = { sentryDsn: dsnOf(server), embeddedMetrics: false, otlp: null };
  const opened = await openErrorReports({ observe, environment: 'production' }, NOBODY);
  assert.ok(opened !== null);
  const service = await startObserved({}, { reportError: opened.report });
  const { call, token, userId, troubles } = service;
  try {
    troubles.set('insights.list', 'broken');
    assert.is((await call('GET', `/api/v1/insights/history/${userId}`, { token })).status, 500);
    await server.until(1);
    troubles.clear();

    troubles.set('analyses.replaceForUpload', 'broken');
    troubles.set('samples.daysWithData', 'broken');
    const upload = await call('POST', '/api/v1/health-data', { token, json: batchOf(userId) });
    assert.is(upload.status, 201);
    await server.until(2);
    troubles.clear();

    // Both runners look again after a pause; what they have found once is enough.
    troubles.set('webhooks.claimDue', () => {
      troubles.delete('webhooks.claimDue');
      return Promise.reject(new TypeError(`no webhook of ${EMAIL}`));
    });
    await server.until(3);

    troubles.set('rooms.seen', 'broken');
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/api/v1/ws/lobby`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await once(socket, 'close');
    await server.until(4);

    assert.equal([...placesOf(server)].sort(), ['job', 'request', 'socket', 'webhook']);
    const events = eventsOf(server);
    const ofPlace = (place: string) => events.find(({ tags }) => tags.place === place);
    assert.is(ofPlace('request').tags.method, 'GET');
    assert.is(ofPlace('request').tags.route, '/api/v1/insights/history/{user_id}');
    assert.match(ofPlace('request').tags.request_id, /^[0-9a-f-]{36}$/);
    assert.match(ofPlace('job').tags.job, /^[0-9a-f-]{36}\/\d+$/);
    assert.is(ofPlace('request').level, 'error');
    assert.is(ofPlace('request').exception.values.at(-1).type, 'TypeError');
    assert.is(ofPlace('request').exception.values.at(-1).value, 'the … of … is not a function');
    assert.ok(
      ofPlace('request')
        .exception.values.at(-1)
        .stacktrace.frames.some(({ in_app }: any) => in_app),
      'it says where in the code',
    );
    assert.match(await service.metrics(), /^clarity_unexpected_errors_total\{place="webhook"\} 1$/m);
    const bytes = server.received.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n');
    for (const secret of [EMAIL, 'ada@', 'note', userId, token, 'a secret source']) {
      assert.not.ok(bytes.includes(secret), secret);
    }
    assert.is((await call('GET', '/health')).status, 200);
  } finally {
    troubles.clear();
    await service.stop();
    await opened.settled();
    await server.close();
  }
});

reports('what ends a process is reported before it ends, with the code and the last line as ever', async () => {
  const server = await startReceiver();
  const run = (...args: readonly string[]) =>
    new Promise<{ readonly code: unknown; readonly said: string }>((resolve) => {
      execFile(
        process.execPath,
        ['--import', 'tsx', new URL('crashing-process.ts', import.meta.url).pathname, ...args],
        (error, _out, said) => {
          resolve({ code: error?.code, said });
        },
      );
    });
  const { code, said } = await run(dsnOf(server));
  await server.close();
  assert.is(code, 1);
  assert.is(JSON.parse(said).msg, 'the process ends for an unexpected error');
  const [event, ...others] = eventsOf(server);
  assert.is(others.length, 0);
  assert.is(event.level, 'fatal');
  assert.equal(event.tags, { place: 'process', origin: 'uncaughtException' });
  assert.not.ok((server.received[0]?.body ?? '').includes('ada@'));
  // One that is not there keeps no process alive.
  assert.is((await run(dsnOf(server))).code, 1);
});

reports('without a DSN there is nobody to report to', async () => {
  const observe = { sentryDsn: null, embeddedMetrics: false, otlp: null };
  assert.is(await openErrorReports({ observe, environment: 'production' }, NOBODY), null);
});

reports.run();
