import type { JWK } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { MAX_CLOCK_TOLERANCE_SECONDS } from '../../adapters/local-identity/session-tokens.ts';
import { memoryStorage, type LocalStorage } from '../../hosts/wiring/storage.ts';
import { valueOf } from '../unit/result-values.ts';
import { badTokens, MOST_TOLERANCE_SECONDS } from './bad-tokens.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';
import type { Call } from './running-service.ts';

/** Every route that needs a token, without one and with each kind of bad one. */
const tokens = suite('bad tokens on every protected route');

const PROTECTED = Object.entries<RouteDefinition>(ROUTES).filter(([, { auth }]) => auth !== 'none');

let service: InProcessService;
let storage: LocalStorage;
let table: Awaited<ReturnType<typeof badTokens>>;

tokens.before(async () => {
  storage = memoryStorage();
  service = await startInProcess({}, storage);
  const json = { email: 'ada@example.org', password: 'Correct-horse-7' };
  const registered = (await service.call('POST', '/api/v1/auth/register', { json })).json;
  const [key] = valueOf(
    await storage.people.signingKeys.loadOrCreate(() => Promise.reject(new Error('there is a key already'))),
  );
  table = await badTokens({
    accessToken: String(registered.access_token),
    refreshToken: String(registered.refresh_token),
    privateJwk: JSON.parse(key?.jwk ?? '') as JWK,
  });
});

tokens.after(() => service.close());

/** Sends no body: who asks is settled before what for. */
const ask = ({ method, path }: RouteDefinition, token?: string): ReturnType<Call> =>
  service.call(
    method,
    path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000'),
    token === undefined ? {} : { token },
  );

/** The refusal without what differs from call to call. */
async function refusalOf(route: RouteDefinition, token?: string) {
  const { status, headers, json } = await ask(route, token);
  const { request_id, instance, ...said } = json as Readonly<Record<string, unknown>>;
  assert.is(request_id, headers.get('x-request-id'));
  assert.type(instance, 'string');
  return {
    status,
    said,
    type: headers.get('content-type'),
    challenge: headers.get('www-authenticate'),
    caching: headers.get('cache-control'),
  };
}

tokens('there are protected routes, and twelve kinds of bad token', () => {
  assert.ok(PROTECTED.length > 30, String(PROTECTED.length));
  assert.is(Object.keys(table.bad).length, 12);
  assert.ok(table.bad['9 KB'].length > 9_000 && table.bad['9 KB'].length < 10_000);
  assert.is(MAX_CLOCK_TOLERANCE_SECONDS, MOST_TOLERANCE_SECONDS);
});

tokens('a token that was made the same way with nothing wrong is taken', async () => {
  const me = await service.call('GET', '/api/v1/auth/me', { token: table.good });
  assert.is(me.status, 200, me.text);
});

tokens('without a token and with any bad one every protected route gives one and the same refusal', async () => {
  const expected = await refusalOf(ROUTES.describeMe);
  assert.equal([expected.status, expected.challenge], [401, 'Bearer']);
  assert.match(expected.type ?? '', 'application/problem+json');
  assert.match(expected.caching ?? '', 'no-store');
  const refused = new Map<string, number>();
  for (const [id, route] of PROTECTED) {
    for (const [kind, token] of [['none', undefined], ...Object.entries(table.bad)] as const) {
      assert.equal(await refusalOf(route, token), expected, `${id}: ${kind}`);
      refused.set(kind, (refused.get(kind) ?? 0) + 1);
    }
  }
  assert.equal([...refused.values()], Array(13).fill(PROTECTED.length));
});

tokens('a header that is no Bearer token is none', async () => {
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    `Token ${table.good}`,
    `Bearer ${table.good} x`,
  ]) {
    const answer = await fetch(`${service.url}/api/v1/auth/me`, { headers: { authorization } });
    assert.is(answer.status, 401, authorization);
    await answer.arrayBuffer();
  }
});

tokens.run();
