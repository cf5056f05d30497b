import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shapeOf } from '../../../contracts/codec.ts';
import { PROBLEMS, type ProblemSlug } from '../../../contracts/problems.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { ALL_ROUTES } from './route-codecs.ts';

const placeholders = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');

test('no two routes have the same method and path, slash twins included', () => {
  const places = ALL_ROUTES.flatMap(([, { method, path, slashTwin }]) =>
    (slashTwin === true ? [path, `${path}/`] : [path]).map((at) => `${method} ${at.replaceAll(/\{\w+\}/g, '{}')}`),
  );
  assert.equal(
    places.filter((place, i) => places.indexOf(place) !== i),
    [],
  );
});

test('the operations of the contract are there, both slash forms where both were served', () => {
  const served = new Map(
    ALL_ROUTES.map(([, { method, path, slashTwin }]) => [`${method} ${path}`, slashTwin === true]),
  );
  for (const [operation, twin] of [
    ['POST /api/v1/auth/register', false],
    ['POST /api/v1/auth/login', false],
    ['POST /api/v1/auth/challenge', false],
    ['POST /api/v1/auth/confirm-email', false],
    ['POST /api/v1/auth/resend-confirmation', false],
    ['POST /api/v1/auth/confirm-email-change', false],
    ['POST /api/v1/auth/forgot-password', false],
    ['POST /api/v1/auth/reset-password', false],
    ['POST /api/v1/auth/refresh', false],
    ['POST /api/v1/auth/logout', false],
    ['GET /api/v1/auth/sessions', false],
    ['DELETE /api/v1/auth/sessions/{session_id}', false],
    ['POST /api/v1/auth/totp', false],
    ['POST /api/v1/auth/totp/confirm', false],
    ['DELETE /api/v1/auth/totp', false],
    ['GET /api/v1/auth/me', false],
    ['PUT /api/v1/auth/me', false],
    ['GET /api/v1/auth/health', false],
    ['POST /api/v1/health-data', true],
    ['GET /api/v1/health-data', true],
    ['GET /api/v1/health-data/processing/{processing_id}', false],
    ['GET /api/v1/health-data/health', false],
    ['POST /api/v1/healthkit', true],
    ['POST /api/v1/healthkit/export', true],
    ['POST /api/v1/healthkit/export/presign', false],
    ['POST /api/v1/healthkit/export/{processing_id}/complete', false],
    ['GET /api/v1/healthkit/status/{upload_id}', false],
    ['POST /api/v1/pat/step-analysis', true],
    ['POST /api/v1/pat/analysis', true],
    ['GET /api/v1/pat/analysis/{processing_id}', false],
    ['GET /api/v1/pat/analysis/{processing_id}/report', false],
    ['GET /api/v1/pat/health', false],
    ['GET /api/v1/health-data/query', false],
    ['DELETE /api/v1/health-data/{processing_id}', false],
    ['GET /api/v1/health-data/series', false],
    ['GET /api/v1/pat/models/info', false],
    ['POST /api/v1/insights', true],
    ['GET /api/v1/insights/status', false],
    ['GET /api/v1/insights/history/{user_id}', false],
    ['GET /api/v1/insights/{insight_id}', false],
    ['GET /api/v1/metrics/metrics', false],
    ['GET /metrics', true],
    ['GET /api/v1/ws/chat/stats', false],
    ['GET /api/v1/ws/chat/users/{room_id}', false],
    ['GET /api/v1/ws/{room_id}', false],
    ['GET /api/v1/ws/health-analysis/{user_id}', false],
    ['GET /api/v1', true],
    ['GET /api/v1/health/pat', false],
    ['GET /api/v1/health/metrics/pat', false],
    ['GET /openapi.json', false],
    ['GET /api/v1/openapi.json', false],
    ['GET /docs', false],
    ['GET /api/v1/docs', false],
    ['GET /api/v1/me/export', false],
    ['DELETE /api/v1/me', false],
    ['GET /api/v1/events', false],
    ['GET /', false],
    ['GET /health', false],
    ['GET /api/v1/health', false],
    ['GET /api/v1/health/detailed', false],
    ['GET /api/v1/health/ready', false],
  ] as const) {
    assert.is(served.get(operation), twin, operation);
  }
});

test('the success statuses are those of the contract', () => {
  const statuses = Object.fromEntries(ALL_ROUTES.map(([id, { responses }]) => [id, Object.keys(responses)]));
  assert.equal(statuses['uploadHealthData'], ['201']);
  assert.equal(statuses['uploadHealthKit'], ['202']);
  assert.equal(statuses['uploadHealthKitExport'], ['202']);
  assert.equal(statuses['register'], ['201', '202']);
  assert.equal(statuses['login'], ['200', '202']);
  assert.equal(statuses['answerChallenge'], ['200', '202']);
  assert.equal(statuses['ready'], ['200', '503']);
});

test('what creates can be sent twice with a key, and only by somebody who has said who they are', () => {
  for (const [id, { method, auth, idempotency }] of ALL_ROUTES) {
    if (idempotency === 'key') assert.equal([method, auth !== 'none'], ['POST', true], id);
  }
  for (const id of [
    'uploadHealthData',
    'uploadHealthKit',
    'uploadHealthKitExport',
    'presignHealthKitExport',
    'analyzeSteps',
    'analyzeCounts',
    'generateInsight',
    'createWebhook',
    'importMe',
  ] as const) {
    assert.is(ROUTES[id].idempotency, 'key', id);
  }
});

test('lists and reports have an ETag', () => {
  for (const id of [
    'listHealthData',
    'readAnalysis',
    'readReport',
    'readSeries',
    'listSeriesTypes',
    'listWebhooks',
    'listWebhookDeliveries',
    'openApi',
  ] as const) {
    assert.is(ROUTES[id].conditional, 'etag', id);
  }
});

test('whoever touches health data must say who they are', () => {
  for (const [id, { path, auth }] of ALL_ROUTES) {
    const isHealthData = /^\/api\/v1\/(?:health-data|healthkit|pat|insights|me|events|webhooks|ws\/chat)\b/.test(path);
    if (isHealthData) assert.is.not(auth, 'none', id);
  }
});

test('whoever may only look at their own data changes nothing of them', () => {
  for (const [id, { method, auth }] of ALL_ROUTES) {
    if (auth === 'read-own-data') assert.is(method, 'GET', id);
    if (auth === 'write-own-data') assert.is.not(method, 'GET', id);
  }
});

for (const [id, route] of ALL_ROUTES) {
  test(`${id} declares exactly the parameters of its path`, () => {
    const shape = route.params === undefined ? undefined : shapeOf(route.params);
    assert.equal(Object.keys(shape?.required ?? {}).sort(), placeholders(route.path).sort());
    assert.equal(shape?.optional ?? {}, {});
  });

  test(`${id} takes a body only where it changes something`, () => {
    if (route.method === 'GET') assert.is(route.body, undefined);
    else assert.ok(route.path.startsWith('/api/v1/'));
  });

  test(`${id} names problems that exist, once each, and answers a success where it is not there only to refuse`, () => {
    assert.is(new Set(route.problems).size, route.problems.length);
    for (const slug of route.problems) assert.ok(slug in PROBLEMS, slug);
    const refusesOnly = ['gone', 'upgrade-required'].some((slug) => route.problems.includes(slug as ProblemSlug));
    const statuses = Object.keys(route.responses);
    // A socket's path answers a plain call with a refusal, and a handshake with 101.
    if (refusesOnly) assert.ok(statuses.every((status) => status === '101'));
    else assert.ok(statuses.some((status) => /^[23]/.test(status)));
  });
}

test('every problem has an HTTP error status, a title and a hint', () => {
  for (const [slug, { status, title, hint }] of Object.entries(PROBLEMS)) {
    assert.match(slug, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(status >= 400 && status <= 599, slug);
    assert.ok(title.length > 3 && hint.length > 10, slug);
  }
});

test.run();
