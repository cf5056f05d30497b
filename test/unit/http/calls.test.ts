import { setImmediate as nextTurn } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as t from 'io-ts';
import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { object } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { queryInteger, text } from '../../../contracts/scalars.ts';
import { withKernel, type KernelOperation } from './kernel-app.ts';

const calls = suite('the HTTP side of calls');

const COMMON = { auth: 'none', audit: 'none', tag: 'Test', summary: 'A test', problems: [] } as const;
const jsonOf = (codec: t.Mixed) => ({ 200: { kind: 'json', codec, description: 'It.' } }) as const;
const Thing = object('Thing', { name: t.string });

const operation = (
  route: Partial<RouteDefinition>,
  endpoint: KernelOperation['endpoint'] = () => okAsync({ status: 200, body: { name: 'it' } } as never),
): KernelOperation => ({
  route: { ...COMMON, method: 'GET', path: '/things', responses: jsonOf(Thing), ...route },
  endpoint,
});

const things = () => ({ readThings: operation({}) });

calls(
  'a GET is answered as JSON, HEAD without the body, OPTIONS with what is allowed',
  withKernel(things, async ({ send }) => {
    const got = await send('GET', '/things');
    assert.is(got.status, 200);
    assert.is(got.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(got.json, { name: 'it' });
    const head = await send('HEAD', '/things');
    assert.equal([head.status, head.text, head.headers['content-length']], [200, '', got.headers['content-length']]);
    const options = await send('OPTIONS', '/things');
    assert.equal([options.status, options.headers.allow], [204, 'GET, HEAD, OPTIONS']);
  }),
);

calls(
  'every refusal of the HTTP side is one kind of document',
  withKernel(
    () => ({
      readThings: operation({ query: object('Query', {}, { limit: queryInteger(1, 5) }) }),
      makeThing: operation({ method: 'POST', path: '/things/new', body: { kind: 'json', codec: Thing } }),
      mine: operation({ path: '/mine', auth: 'manage-users' }),
      broken: operation({ path: '/broken' }, () => {
        throw new Error('with a secret in it');
      }),
    }),
    async ({ send, logged }) => {
      const json = { 'content-type': 'application/json' };
      const long = JSON.stringify({ name: 'x'.repeat(20_000) });
      for (const [method, path, request, status, code] of [
        ['GET', '/nothing', {}, 404, 'resource-not-found'],
        ['GET', '/%ff', {}, 404, 'resource-not-found'],
        ['PUT', '/things', {}, 405, 'method-not-allowed'],
        ['GET', '/things', { headers: { accept: 'image/png' } }, 406, 'not-acceptable'],
        ['GET', '/things?limit=6', {}, 422, 'validation-error'],
        ['POST', '/things/new', { headers: json, body: '{' }, 422, 'malformed-json'],
        ['POST', '/things/new', { headers: json, body: '{"other":1}' }, 422, 'validation-error'],
        ['POST', '/things/new', { headers: json, body: long }, 413, 'payload-too-large'],
        [
          'POST',
          '/things/new',
          { headers: { 'content-type': 'text/plain' }, body: 'x' },
          415,
          'unsupported-media-type',
        ],
        ['GET', '/mine', {}, 401, 'authentication-required'],
        ['GET', '/mine', { headers: { authorization: 'Bearer nobody' } }, 401, 'authentication-required'],
        ['GET', '/mine', { headers: { authorization: 'Bearer ada:patient' } }, 403, 'authorization-denied'],
        ['GET', '/broken', {}, 500, 'internal-server-error'],
      ] as const) {
        const answer = await send(method, path, {
          ...request,
          headers: { 'x-request-id': 'r-1', ...('headers' in request ? request.headers : {}) },
        });
        const where = `${method} ${path}`;
        assert.equal([answer.status, answer.json['status'], answer.json['code']], [status, status, code], where);
        assert.is(answer.headers['content-type'], 'application/problem+json; charset=utf-8', where);
        assert.is(answer.json['type'], `https://api.clarity.health/problems/${code}`, where);
        assert.is(answer.json['instance'], path.split('?')[0], where);
        assert.is(answer.json['request_id'], 'r-1', where);
        assert.is(answer.headers['x-request-id'], 'r-1', where);
        assert.not.match(answer.text, 'secret', where);
        assert.is(answer.headers['cache-control'], 'no-store, private', where);
      }
      const allowed = await send('GET', '/mine', { headers: { authorization: 'Bearer ada:admin' } });
      assert.is(allowed.status, 200);
      assert.is(logged.filter((line) => line.includes('unexpected error')).length, 1);
    },
  ),
);

calls(
  'a bug is logged as a failure, and the 503 with which a probe is answered as any other answer',
  withKernel(
    () => ({
      broken: operation({ path: '/broken' }, () => {
        throw new Error('it broke');
      }),
      ready: operation({ path: '/ready', responses: { 503: jsonOf(Thing)[200] } }, () =>
        okAsync({ status: 503, body: { name: 'stopping' } } as never),
      ),
    }),
    async ({ send, logged }) => {
      for (const [path, msg, level] of [
        ['/broken', 'request failed', 50],
        ['/ready', 'request', 30],
      ] as const) {
        await send('GET', path);
        const lineOf = () =>
          logged
            .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
            .find(({ route }) => route === path);
        // It is written when the answer has left, which the client may learn first.
        for (let turns = 0; turns < 1000 && lineOf() === undefined; turns++) await nextTurn();
        const line = lineOf();
        assert.equal([line?.['msg'], line?.['level']], [msg, level], path);
      }
    },
  ),
);

calls(
  'an unknown property and a missing one are named by their place',
  withKernel(
    () => ({ makeThing: operation({ method: 'POST', path: '/things', body: { kind: 'json', codec: Thing } }) }),
    async ({ send }) => {
      const answer = await send('POST', '/things', {
        body: '{"nam":"x"}',
        headers: { 'content-type': 'application/json' },
      });
      const errors = answer.json['errors'] as readonly { pointer: string; code: string; field: string }[];
      assert.equal(
        errors.map(({ pointer, field, code }) => [pointer, field, code]),
        [
          ['/nam', 'nam', 'unknown_property'],
          ['/name', 'name', 'missing'],
        ],
      );
    },
  ),
);

calls(
  'a path is answered in both slash forms where it has twins, and elsewhere the other form leads to it',
  withKernel(
    () => ({ readThings: operation({}), readTwins: operation({ path: '/twins', slashTwin: true }) }),
    async ({ send }) => {
      assert.is((await send('GET', '/twins')).status, 200);
      assert.is((await send('GET', '/twins/')).status, 200);
      const led = await send('GET', '/things/?a=b');
      assert.equal([led.status, led.headers.location], [307, '/things?a=b']);
    },
  ),
);

calls(
  'what the client accepts decides, and no Accept header accepts all',
  withKernel(things, async ({ send }) => {
    for (const accept of ['application/json', '*/*', 'text/html, application/*;q=0.1']) {
      assert.is((await send('GET', '/things', { headers: { accept } })).status, 200, accept);
    }
    const refused = await send('GET', '/things', { headers: { accept: 'text/html, application/json;q=0' } });
    assert.is(refused.status, 406);
    assert.match(String(refused.json['detail']), 'application/json');
  }),
);

calls(
  'a conditional route answers 304 where the client has it already',
  withKernel(
    () => {
      const names = ['first', 'first', 'second'];
      return {
        readThings: operation({ conditional: 'etag' }, () =>
          okAsync({ status: 200, body: { name: names.shift() } } as never),
        ),
      };
    },
    async ({ send }) => {
      const first = await send('GET', '/things');
      const etag = String(first.headers.etag);
      assert.match(etag, /^W\/"[\w-]{27}"$/);
      const same = await send('GET', '/things', { headers: { 'if-none-match': etag } });
      assert.equal([same.status, same.text, same.headers.etag], [304, '', etag]);
      const other = await send('GET', '/things', { headers: { 'if-none-match': etag } });
      assert.is(other.status, 200);
      assert.is.not(other.headers.etag, etag);
    },
  ),
);

calls(
  'long answers are compressed as the client can read them, but none that carries tokens',
  withKernel(
    () => {
      const endpoint: KernelOperation['endpoint'] = () =>
        okAsync({ status: 200, body: { name: 'long '.repeat(1000) } } as never);
      return { readThings: operation({}, endpoint), login: operation({ path: '/api/v1/auth/login' }, endpoint) };
    },
    async ({ send }) => {
      const plain = await send('GET', '/things');
      assert.is(plain.headers['content-encoding'], undefined);
      const gzip = await send('GET', '/things', { headers: { 'accept-encoding': 'gzip' } });
      assert.is(gzip.headers['content-encoding'], 'gzip');
      assert.ok(gunzipSync(gzip.bytes).equals(plain.bytes));
      const brotli = await send('GET', '/things', { headers: { 'accept-encoding': 'br' } });
      assert.is(brotli.headers['content-encoding'], 'br');
      assert.ok(brotliDecompressSync(brotli.bytes).equals(plain.bytes));
      assert.match(String(brotli.headers.vary), 'Accept-Encoding');
      const login = await send('GET', '/api/v1/auth/login', { headers: { 'accept-encoding': 'gzip' } });
      assert.is(login.headers['content-encoding'], undefined);
    },
  ),
);

calls(
  'in production, plain HTTP that came through a trusted proxy is sent to HTTPS, but for health checks',
  withKernel(
    () => ({ readThings: operation({}), liveness: operation({ path: '/health' }) }),
    async ({ send }) => {
      const plain = { 'x-forwarded-proto': 'http', host: 'clarity.example' };
      const led = await send('GET', '/things?a=b', { headers: plain });
      assert.equal([led.status, led.headers.location], [308, 'https://clarity.example/things?a=b']);
      assert.is((await send('GET', '/health', { headers: plain })).status, 200);
      const secure = await send('GET', '/things', { headers: { ...plain, 'x-forwarded-proto': 'https' } });
      assert.is(secure.status, 200);
      assert.match(String(secure.headers['strict-transport-security']), 'max-age=31536000');
      const odd = await send('GET', '/things', { headers: { 'x-forwarded-proto': 'http', host: 'a/b' } });
      assert.is(odd.status, 200);
    },
    { production: true, trustedProxies: 1 },
  ),
);

calls(
  'without a trusted proxy nobody is believed to have come over plain HTTP',
  withKernel(
    things,
    async ({ send }) => {
      assert.is((await send('GET', '/things', { headers: { 'x-forwarded-proto': 'http' } })).status, 200);
    },
    { production: true },
  ),
);

calls(
  'browsers of the listed origins may call, others may not',
  withKernel(
    things,
    async ({ send }) => {
      const asked = { 'access-control-request-method': 'GET' };
      const listed = await send('OPTIONS', '/things', { headers: { ...asked, origin: 'https://app.example' } });
      assert.equal([listed.status, listed.headers['access-control-allow-origin']], [204, 'https://app.example']);
      assert.match(String(listed.headers['access-control-allow-headers']), 'Idempotency-Key');
      const other = await send('GET', '/things', { headers: { origin: 'https://other.example' } });
      assert.is(other.headers['access-control-allow-origin'], undefined);
    },
    { corsOrigins: ['https://app.example'] },
  ),
);

calls(
  'a reply that is not what the contract says is a bug, and is not sent',
  withKernel(
    () => ({
      wrongBody: operation({ path: '/body' }, () => okAsync({ status: 200, body: { name: 7 } } as never)),
      wrongStatus: operation({ path: '/status' }, () => okAsync({ status: 299, body: { name: 'it' } } as never)),
    }),
    async ({ send, logged }) => {
      assert.is((await send('GET', '/body')).status, 500);
      assert.is((await send('GET', '/status')).status, 500);
      assert.match(logged.join(''), '/name expected string');
      assert.match(logged.join(''), 'does not answer 299');
    },
  ),
);

calls(
  'a text, headers of its own, and nothing at all are answers too',
  withKernel(
    () => ({
      page: operation(
        {
          path: '/page',
          responses: { 200: { kind: 'text', mediaType: 'text/html; charset=utf-8', description: 'P' } },
        },
        () => okAsync({ status: 200, text: '<p>', headers: { 'X-Own': '1' } } as never),
      ),
      gone: operation(
        { method: 'DELETE', path: '/thing', responses: { 204: { kind: 'empty', description: 'G' } } },
        () => okAsync({ status: 204 } as never),
      ),
    }),
    async ({ send }) => {
      const page = await send('GET', '/page');
      assert.equal(
        [page.text, page.headers['x-own'], page.headers['content-type']],
        ['<p>', '1', 'text/html; charset=utf-8'],
      );
      assert.match(String(page.headers['content-security-policy']), 'sandbox');
      const gone = await send('DELETE', '/thing');
      assert.equal([gone.status, gone.text], [204, '']);
    },
  ),
);

calls(
  'an endpoint is told of the call: its parts, where the client sees the service, and its headers',
  withKernel(
    () => ({
      readThing: operation(
        { path: '/things/{thing_id}', params: object('P', { thing_id: text(1, 9) }), auth: 'write-own-data' },
        (call) =>
          okAsync({
            status: 200,
            body: {
              name: JSON.stringify([
                call.params,
                call.principal,
                call.header('x-own'),
                call.url.search,
                call.origin,
                call.bearerToken,
              ]),
            },
          } as never),
      ),
    }),
    async ({ send }) => {
      const { json } = await send('GET', '/things/a%2Fb?x=1', {
        headers: { 'x-own': 'yes', authorization: 'bearer ada:patient', host: 'clarity.example' },
      });
      const [params, principal, own, search, origin, bearer] = JSON.parse(String(json['name'])) as [
        unknown,
        { userId: string },
        ...string[],
      ];
      assert.equal(params, { thing_id: 'a/b' });
      assert.is(principal.userId, 'ada');
      assert.equal([own, search, origin, bearer], ['yes', '?x=1', 'http://clarity.example', 'ada:patient']);
    },
  ),
);

calls(
  'an error of an endpoint becomes its problem',
  withKernel(
    () => ({
      readThings: operation({}, () => errAsync({ kind: 'not-found', resource: 'metric', id: 'secret-id' })),
    }),
    async ({ send }) => {
      const answer = await send('GET', '/things');
      assert.equal([answer.status, answer.json['code']], [404, 'resource-not-found']);
      assert.not.match(answer.text, 'secret-id');
    },
  ),
);

calls.run();
