import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callerOf, startProcess, untilProcessed, type Call, type RunningService } from './running-service.ts';

/** What a client gets for bad input, on the memory adapters: the same service without a disk. */
const refusals = suite('refusals, on the memory adapters');

let service: RunningService;
let call: Call;
let token = '';
let userId = '';

refusals.before(async () => {
  service = await startProcess({ STORAGE: 'memory', MAX_EXPORT_BYTES: '200000', MAX_JSON_BYTES: '100000' });
  call = callerOf(service.url);
  const json = { email: 'ada@example.org', password: 'Correct-horse-7' };
  token = (await call('POST', '/api/v1/auth/register', { json })).json.access_token;
  userId = (await call('GET', '/api/v1/auth/me', { token })).json.user_id;
});

refusals.after(async () => {
  assert.is(await service.stop(), 0);
});

const refused = (answer: Awaited<ReturnType<Call>>, status: number, code: string): void => {
  assert.is(answer.status, status);
  assert.is(answer.json.code, code);
  assert.is(answer.json.status, status);
  assert.match(answer.headers.get('content-type') ?? '', 'application/problem+json');
  assert.is(answer.headers.get('x-request-id'), answer.json.request_id);
  assert.type(answer.json.detail, 'string');
};

refusals('the memory profile says that nothing is kept', () => {
  assert.match(service.printed(), 'in memory only');
});

refusals('a body that is not JSON is 422, and the parser repeats nothing of it', async () => {
  const answer = await call('POST', '/api/v1/auth/login', { body: '{"email": secret', type: 'application/json' });
  refused(answer, 422, 'malformed-json');
  assert.not.match(answer.text, 'secret');
});

refusals('a body of another type is 415, one that is too long 413', async () => {
  refused(await call('POST', '/api/v1/auth/login', { body: 'a=b', type: 'text/plain' }), 415, 'unsupported-media-type');
  const long = JSON.stringify({ email: 'x'.repeat(100_001) });
  refused(await call('POST', '/api/v1/auth/login', { body: long, type: 'application/json' }), 413, 'payload-too-large');
});

refusals('a field that is unknown, missing or out of range is named by its place', async () => {
  const answer = await call('POST', '/api/v1/auth/register', { json: { email: 7, passwort: 'x' } });
  refused(answer, 422, 'validation-error');
  assert.equal(answer.json.errors.map(({ pointer, code }: any) => [pointer, code]).sort(), [
    ['/email', 'invalid'],
    ['/password', 'missing'],
    ['/passwort', 'unknown_property'],
  ]);
});

refusals('a path that is not there is 404, a method that is not there 405 with what is', async () => {
  refused(await call('GET', '/api/v1/nothing', { token }), 404, 'resource-not-found');
  const answer = await call('DELETE', '/api/v1/auth/login');
  refused(answer, 405, 'method-not-allowed');
  assert.is(answer.headers.get('allow'), 'POST');
  refused(await call('GET', '/api/v1/pat/analysis/%E0%A4%A', { token }), 404, 'resource-not-found');
});

refusals('who asks for a code learns nothing of accounts, and a code that was not sent is invalid', async () => {
  for (const email of ['ada@example.org', 'nobody@example.org']) {
    for (const where of ['resend-confirmation', 'forgot-password']) {
      const answer = await call('POST', `/api/v1/auth/${where}`, { json: { email } });
      assert.equal([answer.status, answer.json], [200, { status: 'sent' }]);
    }
    // Eight characters are sent, so this is never one of them.
    const code = '12345';
    const reset = { email, code, new_password: 'Correct-horse-8' };
    refused(await call('POST', '/api/v1/auth/confirm-email', { json: { email, code } }), 400, 'invalid-code');
    refused(await call('POST', '/api/v1/auth/reset-password', { json: reset }), 400, 'invalid-code');
  }
  const change = { token, json: { code: '12345' } };
  refused(await call('POST', '/api/v1/auth/confirm-email-change', change), 400, 'invalid-code');
  const email = 'ada@example.org';
  const json = { email, code: '123456', new_password: 'short' };
  const weak = await call('POST', '/api/v1/auth/reset-password', { json });
  refused(weak, 400, 'weak-password');
  assert.is(weak.json.errors[0].pointer, '/new_password');
  const answer = { email, challenge: 'totp_code', session: 'made up', answer: '123456' };
  refused(await call('POST', '/api/v1/auth/challenge', { json: answer }), 401, 'challenge-expired');
  refused(await call('POST', '/api/v1/auth/logout', { token, json: { everwhere: true } }), 422, 'validation-error');
});

refusals('a logout everywhere ends the sessions of all devices', async () => {
  const credentials = { email: 'grace@example.org', password: 'Correct-horse-7' };
  const phone = (await call('POST', '/api/v1/auth/register', { json: credentials })).json;
  const laptop = (await call('POST', '/api/v1/auth/login', { json: credentials })).json;
  const out = await call('POST', '/api/v1/auth/logout', { token: phone.access_token, json: { everywhere: true } });
  assert.is(out.status, 200);
  for (const { refresh_token } of [phone, laptop]) {
    refused(await call('POST', '/api/v1/auth/refresh', { json: { refresh_token } }), 401, 'invalid-refresh-token');
  }
});

refusals('a file that is empty, foreign or too large is refused before it is queued', async () => {
  const send = (body: string, type = 'application/zip') =>
    call('POST', '/api/v1/healthkit/export', { token, body, type });
  refused(await send(''), 422, 'unreadable-file');
  refused(await send('timestamp,count'), 422, 'unreadable-file');
  refused(await send(`<${'x'.repeat(200_000)}`), 413, 'payload-too-large');
  refused(await send('PK', 'image/png'), 415, 'unsupported-media-type');
  const form = new FormData();
  form.set('other', 'x');
  refused(await call('POST', '/api/v1/healthkit/export', { token, body: form }), 422, 'validation-error');
});

refusals('a profile that keeps its files itself says where an export goes instead', async () => {
  const json = { bytes: 1, sha256: 'ab'.repeat(32), format: 'zip' };
  const presigned = await call('POST', '/api/v1/healthkit/export/presign', { token, json });
  refused(presigned, 501, 'not-available-here');
  assert.match(presigned.json.detail, 'POST /api/v1/healthkit/export');
  refused(await call('POST', '/api/v1/healthkit/export/none/complete', { token }), 404, 'resource-not-found');
});

refusals('a file that turns out broken fails its processing, says why, is kept and can be retried', async () => {
  const upload = await call('POST', '/api/v1/healthkit/export', {
    token,
    body: 'PK\u0003\u0004 not a zip',
    type: 'application/zip',
  });
  assert.is(upload.status, 202);
  const id = upload.json.processing_id as string;
  const failed = await untilProcessed(call, token, id);
  assert.is(failed.json.status, 'failed');
  assert.is(failed.json.failure.code, 'broken-zip');
  assert.is((await call('GET', `/api/v1/pat/analysis/${id}`, { token })).json.status, 'failed');
  refused(await call('GET', `/api/v1/pat/analysis/${id}/report`, { token }), 404, 'resource-not-found');
  assert.is((await call('POST', `/api/v1/health-data/processing/${id}/retry`, { token })).status, 202);
  assert.is((await untilProcessed(call, token, id)).json.status, 'failed');
});

refusals('samples that cannot be used are set aside by reason, the others are stored', async () => {
  const sample = (changes: object): object => ({
    identifier: 'HKQuantityTypeIdentifierStepCount',
    type: 'HKQuantityTypeIdentifierStepCount',
    value: 12,
    unit: 'count',
    start_date: '2025-02-04T08:00:00+01:00',
    end_date: '2025-02-04T08:01:00+01:00',
    ...changes,
  });
  const answer = await call('POST', '/api/v1/healthkit', {
    token,
    json: {
      user_id: userId,
      quantity_samples: [
        sample({}),
        sample({ end_date: '2025-02-04T07:00:00+01:00' }),
        sample({ start_date: '1970-01-01T00:00:00Z', end_date: '1970-01-01T00:01:00Z' }),
        sample({ type: 'HKQuantityTypeIdentifierMoonPhase', identifier: 'x' }),
        sample({ start_date: 'soon' }),
        { value: 'not even a sample' },
      ],
    },
  });
  assert.is(answer.status, 202);
  assert.equal(answer.json.accepted, { step_count: 1 });
  assert.equal(answer.json.rejected.map(({ code, count }: any) => [code, count]).sort(), [
    ['bad-date', 1],
    ['date-out-of-range', 1],
    ['ends-before-start', 1],
    ['malformed-sample', 1],
    ['unknown-type', 1],
  ]);
  refused(
    await call('POST', '/api/v1/healthkit', { token, json: { user_id: 'somebody-else' } }),
    403,
    'authorization-denied',
  );
});

refusals('a page of the list is asked for in range, with a cursor that was given out', async () => {
  refused(await call('GET', '/api/v1/health-data?cursor=zzz', { token }), 400, 'invalid-cursor');
  const answer = await call('GET', '/api/v1/health-data?limit=0&data_type=mood&start_date=yesterday', { token });
  refused(answer, 422, 'validation-error');
  assert.equal(answer.json.errors.map(({ pointer }: any) => pointer).sort(), [
    '/query/data_type',
    '/query/limit',
    '/query/start_date',
  ]);
});

refusals('every answer carries the security headers, errors too', async () => {
  for (const where of ['/health', '/api/v1/nothing', '/api/v1/auth/me', '/docs', '/problems/gone']) {
    const { headers } = await call('GET', where);
    assert.is(headers.get('x-content-type-options'), 'nosniff', where);
    assert.match(headers.get('content-security-policy') ?? '', "frame-ancestors 'none'", where);
    assert.is(headers.get('x-powered-by'), null, where);
    assert.match(headers.get('cache-control') ?? '', 'no-store', where);
  }
});

refusals('the documents are served: OpenAPI on both paths, a page, a page a problem', async () => {
  const openApi = await call('GET', '/openapi.json');
  assert.is(openApi.json.openapi, '3.1.0');
  assert.is((await call('GET', '/api/v1/openapi.json')).text, openApi.text);
  assert.match((await call('GET', '/api/v1/docs')).text, 'swagger-ui');
  assert.is((await call('GET', '/docs/assets/swagger-ui-bundle.js')).status, 200);
  assert.match((await call('GET', '/problems/insufficient-data')).text, 'minimum_valid_minutes');
  assert.is((await call('GET', '/problems/constructor')).status, 404);
});

refusals('readiness tells each dependency by name', async () => {
  const answer = await call('GET', '/api/v1/health/ready');
  assert.is(answer.status, 200);
  const named = ['accounts', 'database', 'features', 'jobs', 'model', 'object_store', 'rate_limits'];
  assert.equal(Object.keys(answer.json.checks).sort(), named);
  assert.is(answer.json.checks.model.status, 'degraded');
  assert.is((await call('GET', '/api/v1/pat/health', { token })).json.pat_model.status, 'weights_not_installed');
  assert.is((await call('GET', '/api/v1/health-data/health', { token })).json.status, 'healthy');
  assert.is((await call('GET', '/api/v1/auth/health')).json.status, 'healthy');
});

refusals('wrong settings stop the start and are listed at once', async () => {
  let said = '';
  try {
    await startProcess({ PORT: 'eighty', STORAGE: 'cloud' });
  } catch (cause) {
    said = String(cause);
  }
  assert.match(said, 'PORT: expected a whole number');
  assert.match(said, 'STORAGE: expected one of embedded, memory');
});

refusals.run();
