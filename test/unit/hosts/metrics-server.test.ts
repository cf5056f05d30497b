import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { securityHeadersOf } from '../../../hosts/express/http/headers.ts';
import {
  METRICS_HEADERS,
  startMetricsServer,
  type MetricsServer,
} from '../../../hosts/wiring/observe/metrics-server.ts';

async function withServer(work: (server: MetricsServer) => Promise<void>): Promise<void> {
  let reads = 0;
  const text = (): Promise<string> => Promise.resolve(`reads_total ${String(++reads)}\n`);
  const server = await startMetricsServer({ host: '127.0.0.1', port: 0, text });
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

test('metrics are shown to whoever reaches the port, without a token, as they are when they are asked for', () =>
  withServer(async ({ url }) => {
    for (const [where, expected] of [
      [url, 'reads_total 1\n'],
      [`${url}/`, 'reads_total 2\n'],
      [`${url}?name=any`, 'reads_total 3\n'],
    ] as const) {
      const answer = await fetch(where);
      assert.is(answer.status, 200);
      assert.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.is(await answer.text(), expected);
    }
    const head = await fetch(url, { method: 'HEAD' });
    assert.is(head.status, 200);
    assert.is(head.headers.get('content-length'), '14');
    assert.is(await head.text(), '');
  }));

test('nothing else is there', () =>
  withServer(async ({ url }) => {
    assert.is((await fetch(new URL('/', url))).status, 404);
    assert.is((await fetch(new URL('/api/v1/auth/me', url))).status, 404);
    const posted = await fetch(url, { method: 'POST' });
    assert.is(posted.status, 405);
    assert.is(posted.headers.get('allow'), 'GET, HEAD');
  }));

test('a port that is taken, and a host that is none of this machine, are said', async () => {
  await withServer(async ({ url }) => {
    const port = Number(new URL(url).port);
    const second = startMetricsServer({ host: '127.0.0.1', port, text: () => Promise.resolve('') });
    const code = await second.then(
      () => 'started',
      (cause: unknown) => (cause as NodeJS.ErrnoException).code,
    );
    assert.is(code, 'EADDRINUSE');
  });
});

test('its answers have the headers that every answer of the service has', () => {
  const byName = (headers: ReadonlyMap<string, string>) => Object.fromEntries(headers);
  assert.equal(byName(METRICS_HEADERS), byName(securityHeadersOf(false)));
});

test('an address of version 6 is written as a URL needs it', async () => {
  const server = await startMetricsServer({ host: '::1', port: 0, text: () => Promise.resolve('x 1\n') });
  try {
    assert.match(server.url, /^http:\/\/\[::1\]:\d+\/metrics$/);
    assert.is(await (await fetch(server.url)).text(), 'x 1\n');
  } finally {
    await server.stop();
  }
});

test.run();
