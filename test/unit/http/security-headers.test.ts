import { connect, type AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { rateLimitOf } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { isPermitted } from '../../../core/access/permissions.ts';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { httpServer } from '../../../hosts/express/http/http-server.ts';
import { startMetricsServer } from '../../../hosts/wiring/observe/metrics-server.ts';
import { startService } from '../../../hosts/express/service.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { openLog } from '../../../hosts/wiring/log/open-log.ts';
import { memoryStorage } from '../../../hosts/wiring/storage.ts';
import { moodyStorage, type Mood } from '../../canaries/moody-storage.ts';
import { newMarkers } from '../../canaries/markers.ts';
import { CHEAP_ARGON2 } from '../../integration/local-identity/local-installation.ts';
import { valueOf } from '../result-values.ts';

const headers = suite('security headers');

const ORIGIN = 'https://app.example.org';
const PASSWORD = 'Correct-horse-7';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const SILENT = openLog('silent', { write: () => undefined });

/** A service as in production, on memory, whose ports fail when they are told to. */
async function startProduction(settings: Readonly<Record<string, string>>) {
  const config = valueOf(
    readConfig({ ENVIRONMENT: 'production', STORAGE: 'memory', PORT: '0', CORS_ALLOWED_ORIGINS: ORIGIN, ...settings }),
  );
  let mood: Mood = 'sound';
  const storage = moodyStorage(memoryStorage(), () => mood, newMarkers());
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const service = await startService({ config, logger: SILENT, storage, passwords });
  return {
    ...service,
    setMood: (changed: Mood) => {
      mood = changed;
    },
  };
}

interface Given {
  readonly status: number;
  readonly headers: Headers;
}

/** What is wrong with the headers of an answer; nothing where all is as it should be. */
function faultsOf(
  { status, headers: given }: Given,
  { hsts = true }: { readonly hsts?: boolean } = {},
): readonly string[] {
  const faults: string[] = [];
  const expect = (name: string, pattern: RegExp): void => {
    if (!pattern.test(given.get(name) ?? '')) faults.push(`${name}: ${String(given.get(name))}`);
  };
  const isPage = (given.get('content-type') ?? '').startsWith('text/html') && status === 200;
  expect(
    'content-security-policy',
    isPage ? /^default-src 'none';.*frame-ancestors 'none'/ : /^default-src 'none';frame-ancestors 'none'$/,
  );
  expect('x-content-type-options', /^nosniff$/);
  expect('x-frame-options', /^DENY$/);
  expect('cache-control', /^no-store, private$/);
  expect('referrer-policy', /^no-referrer$/);
  expect('permissions-policy', /camera=\(\)/);
  expect('cross-origin-resource-policy', /^same-origin$/);
  if (hsts) expect('strict-transport-security', /^max-age=31536000; includeSubDomains$/);
  for (const name of ['x-powered-by', 'server', 'x-aspnet-version', 'via']) {
    if (given.has(name)) faults.push(`${name}: ${String(given.get(name))}`);
  }
  return faults;
}

interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks, and holds the answer's headers against what they should be. */
function asker(url: string, told: string[]) {
  return async (
    what: string,
    path: string,
    { method = 'GET', token, headers: extra = {}, body }: Call = {},
  ): Promise<Given> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...extra },
      ...(body === undefined ? {} : { body }),
    });
    const faults = [...faultsOf(answer), ...(answer.headers.has('x-request-id') ? [] : ['no x-request-id'])];
    if (faults.length > 0) told.push(`${method} ${path} ${what}: ${answer.status} ${faults.join('; ')}`);
    // A stream of events would not end.
    await answer.body?.cancel();
    return answer;
  };
}

async function register(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', password: PASSWORD }),
  });
  return ((await answer.json()) as { readonly access_token: string }).access_token;
}

const json = { 'content-type': 'application/json' };

headers('are on every answer of every route, whatever comes of the call', async () => {
  const service = await startProduction({ RATE_LIMITS: 'multiplier=100000', MAX_JSON_BYTES: '2000' });
  const told: string[] = [];
  const seen = new Set<number>();
  const missed: string[] = [];
  try {
    const ask = asker(service.url, told);
    const token = await register(service.url);
    for (const [id, route] of Object.entries<RouteDefinition>(ROUTES)) {
      const path = route.path.replaceAll(/\{\w+\}/g, UNKNOWN);
      const { method, auth, body } = route;
      const call = { method, token };
      const expectStatus = async (what: string, status: number, answering: Promise<Given>): Promise<void> => {
        const answer = await answering;
        seen.add(answer.status);
        if (answer.status !== status) missed.push(`${id} ${what}: ${answer.status} instead of ${status}`);
      };
      const isPermittedHere = auth === 'none' || isPermitted(['patient'], auth);
      const { status } = await ask('well', path, call);
      seen.add(status);
      await expectStatus('by another method', 405, ask('by another method', path, { method: 'PATCH' }));
      await expectStatus('OPTIONS', 204, ask('OPTIONS', path, { method: 'OPTIONS' }));
      const preflight = { origin: ORIGIN, 'access-control-request-method': method };
      await expectStatus('preflight', 204, ask('preflight', path, { method: 'OPTIONS', headers: preflight }));
      if (method === 'GET') seen.add((await ask('HEAD', path, { ...call, method: 'HEAD' })).status);
      if (auth !== 'none') await expectStatus('without a token', 401, ask('without a token', path, { method }));
      if (!isPermittedHere) await expectStatus('without permission', 403, ask('without permission', path, call));
      if (isPermittedHere && Object.values(route.responses).some(({ kind }) => kind !== 'empty')) {
        await expectStatus(
          'for another type',
          406,
          ask('for another type', path, { ...call, headers: { accept: 'application/x-none' } }),
        );
      }
      if (isPermittedHere && body?.kind === 'json') {
        const of = (content: string, type = json): Call => ({ ...call, headers: type, body: content });
        await expectStatus('malformed', 422, ask('malformed', path, of('{"a":')));
        await expectStatus('too long', 413, ask('too long', path, of(JSON.stringify('x'.repeat(3000)))));
        await expectStatus('no JSON', 415, ask('no JSON', path, of('a', { 'content-type': 'text/plain' })));
      }
      for (const mood of ['away', 'broken'] as const) {
        service.setMood(mood);
        seen.add(
          (
            await ask(mood, path, {
              ...call,
              ...(body === undefined
                ? {}
                : { headers: json, body: JSON.stringify((body as { readonly example?: unknown }).example ?? {}) }),
            })
          ).status,
        );
      }
      service.setMood('sound');
      if (route.conditional === 'etag') {
        const tag = (await ask('for its tag', path, call)).headers.get('etag');
        if (tag !== null) {
          await expectStatus(
            'what is known',
            304,
            ask('what is known', path, { ...call, headers: { 'if-none-match': tag } }),
          );
        }
      }
    }
    for (const [path, status] of [
      ['/nowhere', 404],
      ['/%E0%A4%A', 404],
      ['/health/', 307],
      ['/api/v1/redoc', 308],
      ['/docs', 200],
    ] as const) {
      assert.is((await ask('besides', path)).status, status, path);
    }
    assert.equal(missed, []);
    assert.equal(told, []);
    const expected = [200, 204, 304, 401, 403, 404, 405, 406, 413, 415, 422, 500, 503];
    assert.equal(
      expected.filter((status) => !seen.has(status)),
      [],
    );
  } finally {
    await service.stop();
  }
});

headers('are on the answer to one call too many of every route', async () => {
  const all = ['register', 'login', 'recovery', 'upload', 'step-analysis', 'analysis', 'default'];
  const service = await startProduction({ RATE_LIMITS: all.map((name) => `${name}=1/h`).join(',') });
  const told: string[] = [];
  const notLimited: string[] = [];
  try {
    const ask = asker(service.url, told);
    const token = await register(service.url);
    for (const [id, route] of Object.entries<RouteDefinition>(ROUTES)) {
      if (rateLimitOf(route) === 'none') continue;
      const path = route.path.replaceAll(/\{\w+\}/g, UNKNOWN);
      await ask('once', path, { method: route.method, token });
      const { status } = await ask('twice', path, { method: route.method, token });
      if (status !== 429) notLimited.push(`${id}: ${status}`);
    }
    assert.equal(told, []);
    assert.equal(notLimited, []);
  } finally {
    await service.stop();
  }
});

/** The whole answer to what is written to a connection. */
function answerTo(port: number, written: string): Promise<Given> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(written));
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.once('error', reject);
    socket.once('close', () => {
      const [statusLine = '', ...lines] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
      const given = new Headers(
        lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      resolve({ status: Number(statusLine.split(' ')[1]), headers: given });
    });
  });
}

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

headers('are on what is answered to that which is no request, and to handshakes that are refused', async () => {
  const service = await startProduction({ RATE_LIMITS: 'multiplier=100000' });
  try {
    const port = Number(new URL(service.url).port);
    for (const [what, status, written] of [
      ['no HTTP', 400, 'hello\r\n\r\n'],
      ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['no host', 400, 'GET /health HTTP/1.1\r\n\r\n'],
      ['a header that is none', 400, 'GET /health HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n'],
      ['two lengths', 400, 'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
      ['headers that are too long', 431, `GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`],
      ['an expectation', 417, 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: the unexpected\r\n\r\n'],
      ['a socket that is none', 404, `GET /nowhere HTTP/1.1\r\nHost: x\r\n${HANDSHAKE}`],
      [
        'a foreign page',
        403,
        `GET /api/v1/ws/room HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n${HANDSHAKE}`,
      ],
      [
        'a handshake without a key',
        426,
        'GET /api/v1/ws/room HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      ],
    ] as const) {
      const answer = await answerTo(port, written);
      assert.is(answer.status, status, what);
      assert.equal(faultsOf(answer), [], what);
      assert.ok(answer.headers.has('x-request-id'), what);
    }
  } finally {
    await service.stop();
  }
});

headers('are on what is answered to a request that does not come to its end', async () => {
  const server = httpServer(() => undefined, { logger: SILENT, production: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // As Node does when its clock says that the time for the headers is over.
  server.once('connection', (socket) => {
    const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    socket.once('data', () => server.emit('clientError', timeout, socket));
  });
  const answer = await answerTo(port, 'GET /health HTTP/1.1\r\n');
  assert.is(answer.status, 408);
  assert.equal(faultsOf(answer), []);
  await new Promise((resolve) => server.close(resolve));
});

headers('are on the port of the metrics', async () => {
  const metrics = await startMetricsServer({ host: '127.0.0.1', port: 0, text: () => Promise.resolve('up 1\n') });
  try {
    for (const [method, path, status] of [
      ['GET', '/metrics', 200],
      ['POST', '/metrics', 405],
      ['GET', '/other', 404],
    ] as const) {
      const answer = await fetch(new URL(path, metrics.url), { method });
      assert.is(answer.status, status);
      assert.equal(faultsOf(answer, { hsts: false }), []);
    }
  } finally {
    await metrics.stop();
  }
});

headers('that are missing are found', () => {
  assert.is(faultsOf({ status: 200, headers: new Headers({ server: 'x', 'x-powered-by': 'y' }) }).length, 10);
});

headers.run();
