import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shapeOf } from '../../../contracts/codec.ts';
import { PROBLEMS } from '../../../contracts/problems.ts';
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

test('whoever touches health data must say who they are', () => {
  for (const [id, { path, auth }] of ALL_ROUTES) {
    const isHealthData = /^\/api\/v1\/(?:health-data|healthkit|pat)\b/.test(path);
    if (isHealthData) assert.is(auth, 'user', id);
  }
});

for (const [id, route] of ALL_ROUTES) {
  test(`${id} declares exactly the parameters of its path`, () => {
    const shape = route.params === undefined ? undefined : shapeOf(route.params);
    assert.equal(Object.keys(shape?.required ?? {}).sort(), placeholders(route.path).sort());
    assert.equal(shape?.optional ?? {}, {});
  });

  test(`${id} takes a query of optional parameters only, and a body only where it changes something`, () => {
    const shape = route.query === undefined ? undefined : shapeOf(route.query);
    assert.equal(shape?.required ?? {}, {});
    if (route.method === 'GET') assert.is(route.body, undefined);
    else assert.ok(route.path.startsWith('/api/v1/'));
  });

  test(`${id} names problems that exist, once each, and answers a success`, () => {
    assert.is(new Set(route.problems).size, route.problems.length);
    for (const slug of route.problems) assert.ok(slug in PROBLEMS, slug);
    assert.ok(Object.keys(route.responses).some((status) => status.startsWith('2')));
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
