import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROUTES } from '../../contracts/routes.ts';
import { MAX_CLOCK_TOLERANCE_SECONDS } from '../../adapters/local-identity/session-tokens.ts';
import { memoryStorage } from '../../hosts/wiring/storage.ts';
import { askedWithBadTokens, forgedTokens, PROTECTED, refusalOf } from './bad-tokens-on-routes.ts';
import { MOST_TOLERANCE_SECONDS } from './bad-tokens.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';

/** Every route that needs a token, without one and with each kind of bad one. */
const tokens = suite('bad tokens on every protected route');

let service: InProcessService;
let table: Awaited<ReturnType<typeof forgedTokens>>;

tokens.before(async () => {
  const storage = memoryStorage();
  service = await startInProcess({}, storage);
  table = await forgedTokens(service, storage);
});

tokens.after(() => service.close());

tokens('there are protected routes, and twelve kinds of bad token', () => {
  assert.ok(PROTECTED.length > 30, String(PROTECTED.length));
  assert.is(Object.keys(table.bad).length, 12);
  assert.ok(table.bad['9 KB'].length > 9_000 && table.bad['9 KB'].length < 10_000);
  assert.is(MAX_CLOCK_TOLERANCE_SECONDS, MOST_TOLERANCE_SECONDS);
});

tokens('a token that was made the same way with nothing wrong is taken', async () => {
  const me = await service.call('GET', '/api/v1/auth/me', { token: table.good });
  assert.is(me.status, 200, me.text);
  const { failures } = await askedWithBadTokens(service, { good: table.good }, [['describeMe', ROUTES.describeMe]]);
  assert.is(failures.length, 1);
});

tokens('without a token and with any bad one every protected route gives one and the same refusal', async () => {
  const { status, challenge, type, caching } = await refusalOf(service, ROUTES.describeMe);
  assert.equal([status, challenge], [401, 'Bearer']);
  assert.match(type ?? '', 'application/problem+json');
  assert.match(caching ?? '', 'no-store');
  const { cases, failures } = await askedWithBadTokens(service, table.bad);
  assert.equal(failures, []);
  assert.is(cases, 13 * PROTECTED.length);
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
