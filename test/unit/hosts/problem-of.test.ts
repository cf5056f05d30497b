import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROBLEM_TYPE_BASE, PROBLEMS } from '../../../contracts/problems.ts';
import { inputRejected, notFound, portUnavailable } from '../../../core/kernel/errors.ts';
import type { EndpointError } from '../../../hosts/express/http/endpoint-error.ts';
import { problemDocument, problemFacts } from '../../../hosts/express/http/problem-of.ts';

type Kind = EndpointError['kind'];
/** One error of every kind, with the status it must have; a kind that is missing here does not compile. */
const EVERY: { readonly [K in Kind]: readonly [Extract<EndpointError, { readonly kind: K }>, number] } = {
  'malformed-json': [{ kind: 'malformed-json', reason: 'Unexpected token at position 7' }, 422],
  'invalid-cursor': [{ kind: 'invalid-cursor' }, 400],
  'authentication-required': [{ kind: 'authentication-required' }, 401],
  'not-your-own': [{ kind: 'not-your-own', pointer: '/user_id' }, 403],
  'no-route': [{ kind: 'no-route' }, 404],
  'feature-disabled': [{ kind: 'feature-disabled', feature: 'data', forWhom: 'caller' }, 404],
  'method-not-allowed': [{ kind: 'method-not-allowed', allowed: ['GET', 'HEAD'] }, 405],
  'unsupported-media-type': [
    { kind: 'unsupported-media-type', given: 'text/plain', supported: ['application/json', 'application/xml'] },
    415,
  ],
  'body-too-large': [{ kind: 'body-too-large', limitBytes: 1024 }, 413],
  'client-gone': [{ kind: 'client-gone' }, 503],
  'endpoint-removed': [
    {
      kind: 'endpoint-removed',
      removedDate: '2025-06-11',
      newEndpoint: 'GET /api/v1/health-data',
      documentation: 'https://clarity.example/docs',
      benefits: ['Pages that stay right.'],
    },
    410,
  ],
  'deletion-not-confirmed': [{ kind: 'deletion-not-confirmed', header: 'X-Confirm-Delete' }, 422],
  'deadline-exceeded': [{ kind: 'deadline-exceeded', seconds: 15 }, 503],
  'role-required': [{ kind: 'role-required', roles: ['admin'] }, 403],
  'not-acceptable': [{ kind: 'not-acceptable', offered: ['application/json'] }, 406],
  'call-in-progress': [{ kind: 'call-in-progress', retryAfterSeconds: 2 }, 409],
  'idempotency-key-reused': [{ kind: 'idempotency-key-reused' }, 422],
  'upgrade-required': [{ kind: 'upgrade-required' }, 426],
  'foreign-origin': [{ kind: 'foreign-origin' }, 403],
  'shutting-down': [{ kind: 'shutting-down' }, 503],
  bug: [{ kind: 'bug' }, 500],
  'port-unavailable': [portUnavailable('SampleStore', 'append', 'secret words of the driver'), 503],
  'not-found': [notFound('analysis', 'secret-id'), 404],
  'input-rejected': [inputRejected({ pointer: '/a/0/b~1c', message: 'is wrong', code: 'invalid' }), 422],
  'insufficient-data': [{ kind: 'insufficient-data', validMinutes: 10, minimumValidMinutes: 600 }, 422],
  'export-unreadable': [
    { kind: 'export-unreadable', code: 'broken-zip', message: 'The archive is cut off.', place: 'byte 7' },
    422,
  ],
  'archive-unreadable': [
    { kind: 'archive-unreadable', code: 'hash-mismatch', message: 'It was changed.', place: 'metrics.ndjson' },
    422,
  ],
  'object-too-large': [{ kind: 'object-too-large', limitBytes: 2048 }, 413],
  'not-analysed': [{ kind: 'not-analysed', status: 'processing' }, 409],
  'not-retryable': [{ kind: 'not-retryable', status: 'completed' }, 409],
  'not-uploaded': [{ kind: 'not-uploaded' }, 409],
  'storage-quota-exceeded': [{ kind: 'storage-quota-exceeded', usedBytes: 90, limitBytes: 100, requestBytes: 20 }, 507],
  'too-many-running-jobs': [{ kind: 'too-many-running-jobs', running: 20, limit: 20, retryAfterSeconds: 30 }, 429],
  'administrator-needed': [{ kind: 'administrator-needed', reason: 'last-admin' }, 409],
  'limit-reached': [{ kind: 'limit-reached', what: 'webhooks', limit: 10 }, 409],
  'too-many-streams': [{ kind: 'too-many-streams', limit: 5 }, 429],
  'direct-upload-unavailable': [{ kind: 'direct-upload-unavailable' }, 501],
  'research-unavailable': [{ kind: 'research-unavailable' }, 501],
  'sign-up-disabled': [{ kind: 'sign-up-disabled' }, 403],
  'email-taken': [{ kind: 'email-taken' }, 409],
  'weak-password': [{ kind: 'weak-password', unmet: ['must have a digit', 'must be longer'] }, 400],
  'invalid-credentials': [{ kind: 'invalid-credentials' }, 401],
  'email-not-verified': [{ kind: 'email-not-verified' }, 403],
  'user-disabled': [{ kind: 'user-disabled' }, 403],
  'password-reset-required': [{ kind: 'password-reset-required', by: 'owner' }, 403],
  'invalid-code': [{ kind: 'invalid-code' }, 400],
  'expired-code': [{ kind: 'expired-code' }, 400],
  'challenge-expired': [{ kind: 'challenge-expired' }, 401],
  'too-many-attempts': [{ kind: 'too-many-attempts', retryAfterSeconds: 60 }, 429],
  'too-many-calls': [{ kind: 'too-many-calls', retryAfterSeconds: 12 }, 429],
  'invalid-refresh-token': [{ kind: 'invalid-refresh-token' }, 401],
  'invalid-token': [{ kind: 'invalid-token' }, 401],
  'unknown-user': [{ kind: 'unknown-user' }, 401],
  'second-factor-enabled': [{ kind: 'second-factor-enabled' }, 409],
  'not-managed-here': [{ kind: 'not-managed-here', what: 'sessions' }, 501],
};
const REQUEST = { path: '/api/v1/things', id: 'request-1' };
const documentOf = (error: EndpointError) => problemDocument(problemFacts(error), REQUEST);

for (const [kind, [error, status]] of Object.entries(EVERY) as [Kind, readonly [EndpointError, number]][]) {
  test(`${kind} is a problem document with status ${status}`, () => {
    const problem = documentOf(error);
    assert.is(problem.status, status);
    assert.ok(problem.code in PROBLEMS);
    assert.is(problem.type, `${PROBLEM_TYPE_BASE}${problem.code}`);
    assert.is(problem.title, PROBLEMS[problem.code].title);
    assert.ok(problem.detail.length > 10, problem.detail);
    assert.is(problem.instance, '/api/v1/things');
    assert.is(problem.request_id, 'request-1');
    assert.equal(JSON.parse(JSON.stringify(problem)), problem);
    assert.not.match(JSON.stringify(problem), 'secret');
  });
}

test('of rejected input every place is told, as a pointer and in the dotted form', () => {
  const problem = documentOf(EVERY['input-rejected'][0]);
  assert.equal(problem.errors, [{ pointer: '/a/0/b~1c', field: 'a.0.b/c', message: 'is wrong', code: 'invalid' }]);
  assert.is(problem.detail, 'One place of the input is not accepted.');
  const two = documentOf(
    inputRejected(
      { pointer: '', message: 'is wrong', code: 'invalid' },
      { pointer: '/b', message: 'is wrong too', code: 'invalid' },
    ),
  );
  assert.is(two.detail, '2 places of the input are not accepted.');
  assert.equal(
    two.errors?.map(({ field }) => field),
    ['', 'b'],
  );
});

test('too many tries say when another one makes sense', () => {
  assert.equal(problemFacts(EVERY['too-many-attempts'][0]).headers, { 'Retry-After': '60' });
  assert.equal(problemFacts(EVERY['too-many-calls'][0]).headers, { 'Retry-After': '12' });
});

test('a password that is no longer good says whose turn it is', () => {
  assert.match(documentOf({ kind: 'password-reset-required', by: 'owner' }).detail, 'forgot-password');
  assert.match(documentOf({ kind: 'password-reset-required', by: 'operator' }).detail, 'operator must set');
});

test('what an installation cannot do names what its operator can', () => {
  assert.match(documentOf(EVERY['direct-upload-unavailable'][0]).detail, 'POST /api/v1/healthkit/export');
});

test('a weak password is named where it was sent', () => {
  const weak = EVERY['weak-password'][0];
  const places = (error: EndpointError) => documentOf(error).errors?.map(({ pointer }) => pointer);
  assert.equal(places(weak), ['/password', '/password']);
  assert.equal(places({ ...weak, pointer: '/new_password' }), ['/new_password', '/new_password']);
});

test('an unknown token, an invalid one and a user who is gone read the same', () => {
  const expected = problemFacts({ kind: 'authentication-required' });
  assert.equal(problemFacts({ kind: 'invalid-token' }), expected);
  assert.equal(problemFacts({ kind: 'unknown-user' }), expected);
  assert.equal(expected.headers, { 'WWW-Authenticate': 'Bearer' });
});

test('everything that is not found reads the same', () => {
  assert.equal(problemFacts(notFound('analysis', 'a')), problemFacts(notFound('processing', 'b')));
});

test('what a client can act on is a member of its own', () => {
  const insufficient = documentOf(EVERY['insufficient-data'][0]);
  assert.equal([insufficient['valid_minutes'], insufficient['minimum_valid_minutes']], [10, 600]);
  assert.is(documentOf(EVERY['body-too-large'][0])['limit_bytes'], 1024);
  assert.is(documentOf(EVERY['object-too-large'][0])['limit_bytes'], 2048);
  const unreadable = documentOf(EVERY['export-unreadable'][0]);
  assert.is(unreadable['place'], 'byte 7');
  assert.equal(unreadable.errors, [
    { pointer: '/file', field: 'file', message: 'The archive is cut off.', code: 'broken-zip' },
  ]);
});

test('a weak password is told rule by rule', () => {
  assert.equal(
    documentOf(EVERY['weak-password'][0]).errors?.map(({ pointer, message }) => [pointer, message]),
    [
      ['/password', 'must have a digit'],
      ['/password', 'must be longer'],
    ],
  );
});

test('headers go with the problems that need them', () => {
  const headersOf = (kind: Kind) => problemFacts(EVERY[kind][0]).headers;
  assert.equal(headersOf('method-not-allowed'), { Allow: 'GET, HEAD' });
  assert.equal(headersOf('port-unavailable'), { 'Retry-After': '5' });
  assert.equal(headersOf('body-too-large'), { Connection: 'close' });
  assert.is(headersOf('not-found'), undefined);
});

test('an error of a kind that nobody named is a bug, and is thrown as one', () => {
  assert.throws(
    () => problemFacts({ kind: 'out-of-nowhere' } as never),
    (cause: unknown) => cause instanceof Error && cause.message.includes('out-of-nowhere'),
  );
});

test.run();
