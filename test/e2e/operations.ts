import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { createClient, type Client } from '../../contracts/client.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { analysed, at, batch, counts, insightOf, refusal, success, T0 } from './operations-kit.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import { AUDITING_OPERATIONS } from './auditing-operations.ts';
import { SHARING_OPERATIONS } from './sharing-operations.ts';
import { fromBase32 } from '../../core/auth/base32.ts';
import { codeAt, stepAt } from '../../core/auth/totp.ts';

/** Somebody with an account, and a client that speaks for them. */
export interface Caller {
  readonly client: Client;
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A running service of some profile. */
export interface ServiceUnderTest {
  readonly url: string;
  /** A new person whose account can be used, with these roles; a patient where they are left out. */
  readonly newCaller: (roles?: readonly Role[]) => Promise<Caller>;
  /** The code that was mailed to the address last. */
  readonly codeFor: (email: string) => Promise<string>;
  /** Whether the profile takes files straight into its object store. */
  readonly takesDirectUploads: boolean;
  /** Whether a new account must be confirmed first. */
  readonly confirmsAccounts: boolean;
  /** Whether the profile keeps accounts itself, and no user pool does. */
  readonly keepsAccounts: boolean;
  /**
   * What stands in for the identity provider may not know every call of it: it then answers that it is not available.
   */
  readonly lacks: readonly ('wrong passwords' | 'sending codes again' | 'signing out as administrator')[];
  readonly close: () => Promise<void>;
}

export type Check = (caller: Caller, service: ServiceUnderTest) => Promise<void>;

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
async function uploaded({ client, userId }: Caller, minutes: readonly number[] = [0, 1, 2]): Promise<string> {
  return success(await client.uploadHealthData({ body: batch(userId, minutes) })).body.processing_id;
}

async function completed({ client }: Caller, processing_id: string) {
  for (;;) {
    const { body } = success(await client.readProcessing({ params: { processing_id } }));
    if (body !== null && !['received', 'processing'].includes(body.status)) return body;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A receiver that takes every webhook, and the address under which the service may reach it. */
async function receiver(): Promise<{
  readonly url: string;
  readonly close: () => void;
  readonly first: Promise<string>;
}> {
  let got: (body: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (got = resolve));
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      response.end();
      got(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${String((server.address() as AddressInfo).port)}/hook`,
    first,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const hookAt = async ({ client }: Caller, url: string) => success(await client.createWebhook({ body: { url } })).body;

async function delivered(caller: Caller, webhook_id: string): Promise<string> {
  for (;;) {
    const { body } = success(await caller.client.listWebhookDeliveries({ params: { webhook_id } }));
    const done = body?.data.find(({ status }) => status === 'delivered');
    if (done !== undefined) return done.delivery_id;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The first frame of a socket that was opened by the caller. */
async function firstFrame(
  service: ServiceUnderTest,
  path: string,
  token: string,
): Promise<{ readonly type: string; readonly user_id: string }> {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}${path}?token=${token}`);
  const frame = await new Promise<string>((resolve, reject) => {
    socket.once('message', (data: Buffer) => {
      resolve(data.toString());
    });
    socket.once('error', reject);
  });
  socket.close();
  return JSON.parse(frame) as { readonly type: string; readonly user_id: string };
}

/** Sets a second factor up, and answers its recovery codes. */
async function withTotp({ client }: Caller): Promise<readonly string[]> {
  const { secret } = success(await client.beginTotp()).body;
  const key = fromBase32(secret);
  assert.ok(key);
  const code = codeAt(
    (hmacKey, message) => createHmac('sha1', hmacKey).update(message).digest(),
    key,
    stepAt(Date.now()),
  );
  return success(await client.confirmTotp({ body: { code } })).body.recovery_codes;
}

const plain = (service: ServiceUnderTest): Client => createClient({ baseUrl: service.url });

/** What each operation of the contract must do, by its method and path. */
const OPERATIONS: Readonly<Record<string, Check>> = {
  'GET /': async (_, service) => {
    assert.is(success(await plain(service).root()).body.status, 'operational');
  },
  'GET /health': async (_, service) => {
    assert.is(success(await plain(service).liveness()).body.status, 'healthy');
  },
  'GET /api/v1': async (_, service) => {
    const { body } = success(await plain(service).apiInfo());
    assert.is(body.endpoints.health_data, '/api/v1/health-data');
  },
  'GET /api/v1/health': async (_, service) => {
    assert.is(success(await plain(service).health()).body.status, 'healthy');
  },
  'GET /api/v1/health/detailed': async (_, service) => {
    const { body } = success(await plain(service).healthDetailed());
    assert.ok(body.checks['database']?.status === 'healthy');
  },
  'GET /api/v1/health/ready': async (_, service) => {
    assert.is(success(await plain(service).ready()).status, 200);
  },
  'GET /api/v1/health/pat': async ({ client }) => {
    success(await client.modelHealth());
  },
  'GET /api/v1/health/metrics/pat': async ({ client }) => {
    success(await client.modelMetrics());
  },
  'GET /metrics': async ({ client }, service) => {
    assert.match(success(await client.metrics()).body, 'clarity_http_requests_total');
    assert.equal(refusal(await plain(service).metrics()), [401, 'authentication-required']);
  },
  'GET /api/v1/metrics/metrics': async ({ client }) => {
    assert.match(success(await client.apiMetrics()).body, 'clarity_http_requests_total');
  },
  'GET /openapi.json': async (_, service) => {
    assert.match(success(await plain(service).openApi()).body ?? '', '"openapi":"3.1.0"');
  },
  'GET /api/v1/openapi.json': async (_, service) => {
    assert.match(success(await plain(service).openApiOfVersion()).body ?? '', '"openapi":"3.1.0"');
  },
  'GET /docs': async (_, service) => {
    assert.match(success(await plain(service).docs()).body, 'swagger-ui');
  },
  'GET /api/v1/docs': async (_, service) => {
    assert.match(success(await plain(service).docsOfVersion()).body, 'swagger-ui');
  },
  'GET /api/v1/redoc': async (_, service) => {
    const answer = await fetch(`${service.url}/api/v1/redoc`, { redirect: 'manual' });
    assert.equal([answer.status, answer.headers.get('location')], [308, '/api/v1/docs']);
  },
  'GET /problems': async (_, service) => {
    assert.match(success(await plain(service).problemIndex()).body, 'idempotency-key-reused');
  },
  'GET /problems/{slug}': async (_, service) => {
    const page = await plain(service).problemPage({ params: { slug: 'weak-password' } });
    assert.match(success(page).body, 'weak-password');
    const escaped = await plain(service).problemPage({ params: { slug: 'authentication-required' } });
    assert.match(success(escaped).body, 'Bearer &lt;access token&gt;');
    assert.equal(refusal(await plain(service).problemPage({ params: { slug: 'none' } })), [404, 'resource-not-found']);
  },
  'POST /api/v1/auth/register': async ({ email, password }, service) => {
    const again = await plain(service).register({ body: { email, password } });
    if (service.confirmsAccounts) assert.ok(again.status === 202 || again.status === 409);
    else assert.equal(refusal(again), [409, 'resource-conflict']);
    const weak = await plain(service).register({ body: { email: `weak-${email}`, password: 'short' } });
    assert.equal(refusal(weak), [400, 'weak-password']);
  },
  'POST /api/v1/auth/login': async ({ email, password }, service) => {
    const { status, body } = success(await plain(service).login({ body: { email, password } }));
    assert.is(status, 200);
    assert.ok('access_token' in body);
    const wrong = await plain(service).login({ body: { email, password: 'Wrong-horse-7' } });
    const isLacking = service.lacks.includes('wrong passwords');
    assert.equal(refusal(wrong), isLacking ? [503, 'service-unavailable'] : [401, 'invalid-credentials']);
  },
  'POST /api/v1/auth/challenge': async ({ email }, service) => {
    const body = { email, challenge: 'totp_code', session: 'none that was given out', answer: '123456' } as const;
    const answer = await plain(service).answerChallenge({ body });
    assert.ok(!answer.ok && [400, 401].includes(answer.status));
  },
  'POST /api/v1/auth/refresh': async ({ refreshToken }, service) => {
    assert.ok(success(await plain(service).refresh({ body: { refresh_token: refreshToken } })).body.access_token);
    const wrong = await plain(service).refresh({ body: { refresh_token: 'garbage' } });
    assert.equal(refusal(wrong), [401, 'invalid-refresh-token']);
  },
  'POST /api/v1/auth/logout': async ({ client, refreshToken }, service) => {
    success(await client.logout({ body: { refresh_token: refreshToken } }));
    const after = await plain(service).refresh({ body: { refresh_token: refreshToken } });
    assert.equal(refusal(after), [401, 'invalid-refresh-token']);
  },
  'GET /api/v1/auth/sessions': async ({ client, email, password }, service) => {
    const answer = await client.listSessions();
    if (!service.keepsAccounts) {
      assert.equal(refusal(answer), [501, 'not-available-here']);
      return;
    }
    const before = success(answer).body.data;
    assert.equal(
      before.map(({ current }) => current),
      [true],
    );
    success(await plain(service).login({ body: { email, password } }));
    const after = success(await client.listSessions()).body.data;
    assert.equal(
      after.filter(({ current }) => current),
      before,
    );
    assert.is(after.length, 2);
  },
  'DELETE /api/v1/auth/sessions/{session_id}': async ({ client, refreshToken }, service) => {
    if (!service.keepsAccounts) {
      const answer = await client.endSession({ params: { session_id: UNKNOWN } });
      assert.equal(refusal(answer), [501, 'not-available-here']);
      return;
    }
    const [mine] = success(await client.listSessions()).body.data;
    const params = { session_id: mine?.session_id ?? '' };
    const other = await service.newCaller();
    const foreign = await other.client.endSession({ params });
    const absent = await other.client.endSession({ params: { session_id: UNKNOWN } });
    assert.equal([refusal(foreign), refusal(absent)], Array(2).fill([404, 'resource-not-found']));
    assert.is(success(await client.endSession({ params })).status, 204);
    assert.equal(refusal(await client.endSession({ params })), [404, 'resource-not-found']);
    const after = await plain(service).refresh({ body: { refresh_token: refreshToken } });
    assert.equal(refusal(after), [401, 'invalid-refresh-token']);
  },
  'POST /api/v1/auth/totp': async ({ client, email }, service) => {
    const answer = await client.beginTotp();
    if (!service.keepsAccounts) {
      assert.equal(refusal(answer), [501, 'not-available-here']);
      return;
    }
    const { secret, otpauth_uri } = success(answer).body;
    assert.is(new URL(otpauth_uri).searchParams.get('secret'), secret);
    assert.ok(decodeURIComponent(otpauth_uri).includes(email));
  },
  'POST /api/v1/auth/totp/confirm': async (caller, service) => {
    const wrong = await caller.client.confirmTotp({ body: { code: 'wrong' } });
    if (!service.keepsAccounts) {
      assert.equal(refusal(wrong), [501, 'not-available-here']);
      return;
    }
    assert.equal(refusal(wrong), [400, 'invalid-code']);
    const [recoveryCode = ''] = await withTotp(caller);
    assert.equal(refusal(await caller.client.beginTotp()), [409, 'resource-conflict']);
    const { email, password } = caller;
    const step = success(await plain(service).login({ body: { email, password } }));
    assert.ok(step.status === 202);
    const { challenge, session } = step.body;
    assert.is(challenge, 'totp_code');
    const answer = (code: string) =>
      plain(service).answerChallenge({ body: { email, challenge, session, answer: code } });
    assert.equal(refusal(await answer('wrong')), [400, 'invalid-code']);
    assert.ok('access_token' in success(await answer(recoveryCode)).body);
  },
  'DELETE /api/v1/auth/totp': async (caller, service) => {
    const { client, email, password } = caller;
    const wrong = await client.removeTotp({ body: { code: 'wrong' } });
    if (!service.keepsAccounts) {
      assert.equal(refusal(wrong), [501, 'not-available-here']);
      return;
    }
    assert.equal(refusal(wrong), [400, 'invalid-code']);
    const [code = ''] = await withTotp(caller);
    assert.is(success(await client.removeTotp({ body: { code } })).status, 204);
    assert.is(success(await plain(service).login({ body: { email, password } })).status, 200);
  },
  'GET /api/v1/auth/me': async ({ client, email, userId }, service) => {
    const { body } = success(await client.describeMe());
    assert.equal([body.user_id, body.email], [userId, email]);
    assert.equal(refusal(await plain(service).describeMe()), [401, 'authentication-required']);
  },
  'PUT /api/v1/auth/me': async ({ client }) => {
    const { body } = success(await client.updateMe({ body: { display_name: 'Ada' } }));
    assert.equal([body.display_name, body.updated], ['Ada', true]);
  },
  'GET /api/v1/auth/health': async (_, service) => {
    assert.is(success(await plain(service).authHealth()).body.status, 'healthy');
  },
  'POST /api/v1/auth/confirm-email': async (_, service) => {
    const answer = await plain(service).confirmEmail({ body: { email: 'nobody@example.org', code: '000000' } });
    assert.ok(!answer.ok && answer.status === 400);
  },
  'POST /api/v1/auth/resend-confirmation': async ({ email }, service) => {
    for (const address of [email, 'nobody@example.org']) {
      const answer = await plain(service).resendConfirmation({ body: { email: address } });
      if (service.lacks.includes('sending codes again')) assert.equal(refusal(answer), [503, 'service-unavailable']);
      else assert.is(success(answer).body.status, 'sent');
    }
  },
  'POST /api/v1/auth/confirm-email-change': async ({ client }) => {
    const answer = await client.confirmEmailChange({ body: { code: '000000' } });
    assert.ok(!answer.ok && answer.status === 400);
  },
  'POST /api/v1/auth/forgot-password': async ({ email }, service) => {
    for (const address of [email, 'nobody@example.org']) {
      assert.is(success(await plain(service).forgotPassword({ body: { email: address } })).body.status, 'sent');
    }
  },
  'POST /api/v1/auth/reset-password': async ({ email }, service) => {
    success(await plain(service).forgotPassword({ body: { email } }));
    const code = await service.codeFor(email);
    const password = 'Another-horse-8';
    success(await plain(service).resetPassword({ body: { email, code, new_password: password } }));
    success(await plain(service).login({ body: { email, password } }));
  },
  'POST /api/v1/health-data': async (caller) => {
    const { status, body } = success(
      await caller.client.uploadHealthData({ body: batch(caller.userId, [0, 1, 1]), idempotencyKey: 'first' }),
    );
    assert.equal([status, body.accepted_metrics, body.duplicate_metrics], [201, 2, 1]);
    const again = await caller.client.uploadHealthData({
      body: batch(caller.userId, [0, 1, 1]),
      idempotencyKey: 'first',
    });
    assert.is(success(again).headers.get('idempotency-replayed'), 'true');
    const foreign = await caller.client.uploadHealthData({ body: batch(UNKNOWN, [0]) });
    assert.equal(refusal(foreign), [403, 'authorization-denied']);
  },
  'GET /api/v1/health-data': async (caller) => {
    await uploaded(caller, [0, 1, 2, 3, 4]);
    const first = success(await caller.client.listHealthData({ query: { limit: 2 } })).body;
    const cursor = first?.pagination.next_cursor ?? '';
    const next = success(await caller.client.listHealthData({ query: { limit: 2, cursor } }));
    assert.equal(
      [...(first?.data ?? []), ...(next.body?.data ?? [])].map(({ created_at }) => Date.parse(created_at)),
      [4, 3, 2, 1].map((minute) => T0 + minute * 60_000),
    );
    const etag = next.headers.get('etag') ?? '';
    const same = await caller.client.listHealthData({
      query: { limit: 2, cursor },
      headers: { 'if-none-match': etag },
    });
    assert.is(same.status, 304);
  },
  'GET /api/v1/health-data/query': async ({ client }) => {
    assert.equal(refusal(await client.queryHealthData()), [410, 'gone']);
  },
  'GET /api/v1/health-data/series': async (caller) => {
    await uploaded(caller, [0, 1, 61]);
    const { body } = success(
      await caller.client.readSeries({
        query: { metric_type: 'biometric_data.heart_rate', from: at(0), to: at(120), resolution: 'hour' },
      }),
    );
    assert.is(body?.bins.length, 2);
  },
  'GET /api/v1/health-data/series/types': async ({ client }) => {
    assert.ok((success(await client.listSeriesTypes()).body?.types.length ?? 0) > 10);
  },
  'GET /api/v1/health-data/processing/{processing_id}': async (caller) => {
    const id = await uploaded(caller);
    assert.is((await completed(caller, id)).processing_id, id);
    const unknown = await caller.client.readProcessing({ params: { processing_id: UNKNOWN } });
    assert.equal(refusal(unknown), [404, 'resource-not-found']);
  },
  'POST /api/v1/health-data/processing/{processing_id}/retry': async (caller) => {
    const id = await uploaded(caller);
    const { status } = await completed(caller, id);
    const answer = await caller.client.retryProcessing({ params: { processing_id: id } });
    // Three heart rates are too little for an analysis: whether that failed or not, the answer follows from it.
    assert.is(answer.status, status === 'failed' ? 202 : 409);
  },
  'DELETE /api/v1/health-data/{processing_id}': async (caller) => {
    const id = await uploaded(caller);
    await completed(caller, id);
    const { body } = success(await caller.client.deleteHealthData({ params: { processing_id: id } }));
    assert.is(body.processing_id, id);
    assert.equal(success(await caller.client.listHealthData()).body?.data, []);
    const again = await caller.client.readProcessing({ params: { processing_id: id } });
    assert.equal(refusal(again), [404, 'resource-not-found']);
  },
  'GET /api/v1/health-data/health': async ({ client }) => {
    assert.is(success(await client.healthDataHealth()).body.status, 'healthy');
  },
  'POST /api/v1/healthkit': async (caller) => {
    const sample = {
      identifier: 'HKQuantityTypeIdentifierStepCount',
      type: 'HKQuantityTypeIdentifierStepCount',
      value: 50,
      unit: 'count',
      start_date: at(0),
      end_date: at(1),
    };
    const { status, body } = success(
      await caller.client.uploadHealthKit({ body: { user_id: caller.userId, quantity_samples: [sample] } }),
    );
    assert.equal([status, body.accepted], [202, { step_count: 1 }]);
  },
  'GET /api/v1/healthkit/status/{upload_id}': async (caller) => {
    const sent = await caller.client.uploadHealthKit({ body: { user_id: caller.userId } });
    const { upload_id } = success(sent).body;
    assert.is(success(await caller.client.readHealthKitUpload({ params: { upload_id } })).body.upload_id, upload_id);
  },
  'POST /api/v1/healthkit/export': async (caller) => {
    const xml = '<?xml version="1.0"?><HealthData locale="en_US"></HealthData>';
    const { status, body } = success(
      await caller.client.uploadHealthKitExport({ file: { mediaType: 'application/xml', content: Buffer.from(xml) } }),
    );
    assert.equal([status, body.bytes], [202, xml.length]);
  },
  'POST /api/v1/healthkit/export/presign': async ({ client }, { takesDirectUploads }) => {
    const sha256 = createHash('sha256').update('x').digest('hex');
    const answer = await client.presignHealthKitExport({ body: { bytes: 1, sha256, format: 'xml' } });
    if (takesDirectUploads) assert.is(success(answer).body.upload.method, 'PUT');
    else assert.equal(refusal(answer), [501, 'not-available-here']);
  },
  'POST /api/v1/healthkit/export/{processing_id}/complete': async ({ client }, { takesDirectUploads }) => {
    const answer = await client.completeHealthKitExport({ params: { processing_id: UNKNOWN } });
    assert.ok(!answer.ok && (answer.status === 404 || (answer.status === 501 && !takesDirectUploads)));
  },
  'POST /api/v1/pat/step-analysis': async ({ client }) => {
    const body = { step_counts: [1, 2], timestamps: [at(0), at(1)] };
    assert.equal(refusal(await client.analyzeSteps({ body })), [422, 'insufficient-data']);
    const enough = {
      step_counts: counts.map(({ value }) => Math.round(value / 10)),
      timestamps: counts.map(({ timestamp }) => timestamp),
    };
    assert.is(success(await client.analyzeSteps({ body: enough })).body.status, 'completed');
  },
  'POST /api/v1/pat/analysis': async ({ client }) => {
    const { body } = success(await client.analyzeCounts({ body: { data_points: counts, timezone: 'UTC' } }));
    assert.is(body.status, 'completed');
    assert.ok((body.analysis?.circadian_rhythm_score ?? 0) > 0.99);
  },
  'GET /api/v1/pat/analysis/{processing_id}': async (caller) => {
    const params = { processing_id: await analysed(caller) };
    assert.is(success(await caller.client.readAnalysis({ params })).body?.status, 'completed');
  },
  'GET /api/v1/pat/analysis/{processing_id}/report': async (caller) => {
    const params = { processing_id: await analysed(caller) };
    assert.match(success(await caller.client.readReport({ params })).body ?? '', /<!doctype html>/i);
  },
  'GET /api/v1/pat/models/info': async ({ client }) => {
    assert.is(success(await client.modelsInfo()).body.model_type, 'PAT');
  },
  'GET /api/v1/pat/health': async ({ client }) => {
    assert.is(success(await client.patHealth()).body.status, 'healthy');
  },
  'POST /api/v1/insights': async (caller) => {
    const { body } = await insightOf(caller);
    assert.is(body.data.generator, 'rules');
    const neither = await caller.client.generateInsight({ body: {} });
    assert.equal(refusal(neither), [422, 'validation-error']);
  },
  'GET /api/v1/insights/status': async ({ client }) => {
    assert.is(success(await client.insightStatus()).body.data.status, 'healthy');
  },
  'GET /api/v1/insights/history/{user_id}': async (caller) => {
    await insightOf(caller);
    const { client, userId } = caller;
    assert.is(success(await client.insightHistory({ params: { user_id: userId } })).body?.data.total_count, 1);
    const foreign = await client.insightHistory({ params: { user_id: UNKNOWN } });
    assert.equal(refusal(foreign), [404, 'resource-not-found']);
  },
  'GET /api/v1/insights/{insight_id}': async (caller) => {
    const made = (await insightOf(caller)).body;
    const params = { insight_id: made.data.insight_id };
    assert.is(success(await caller.client.readInsight({ params })).body.data.narrative, made.data.narrative);
  },
  'GET /api/v1/me/export': async ({ client }) => {
    const { body } = success(await client.exportMe());
    const bytes = Buffer.from(await new Response(body).arrayBuffer());
    assert.is(bytes.subarray(0, 2).toString(), 'PK');
  },
  'POST /api/v1/me/import': async (caller) => {
    await uploaded(caller);
    const archive = new Uint8Array(await new Response(success(await caller.client.exportMe()).body).arrayBuffer());
    const { body } = success(
      await caller.client.importMe({ file: { mediaType: 'application/zip', content: archive } }),
    );
    assert.equal([body.counts.metrics.added, body.counts.metrics.already_there], [0, 3]);
  },
  'DELETE /api/v1/me': async (caller) => {
    const { client, userId } = caller;
    await uploaded(caller);
    assert.equal(refusal(await client.deleteMe()), [422, 'confirmation-required']);
    success(await client.deleteMe({ headers: { 'x-confirm-delete': userId } }));
    assert.equal(refusal(await client.listHealthData()), [401, 'authentication-required']);
  },
  'GET /api/v1/audit': async (caller) => {
    // Not what makes jobs: their entries come whenever they are done.
    success(await caller.client.describeMe());
    success(await caller.client.listHealthData());
    const first = success(await caller.client.listAuditLog({ query: { limit: 2 } })).body;
    assert.equal(
      first?.data.map(({ actor, operation, outcome }) => [actor, operation, outcome]),
      [
        ['you', 'listHealthData', 'done'],
        ['you', 'describeMe', 'done'],
      ],
    );
    const cursor = first?.pagination.next_cursor ?? '';
    const next = success(await caller.client.listAuditLog({ query: { limit: 2, cursor } })).body;
    assert.ok((next?.data.length ?? 0) > 0);
    assert.equal(refusal(await caller.client.listAuditLog({ query: { cursor: 'x' } })), [400, 'invalid-cursor']);
  },
  'GET /api/v1/events': async (caller) => {
    const leaving = new AbortController();
    const { body } = success(await caller.client.streamEvents({ signal: leaving.signal }));
    const id = await uploaded(caller);
    let told = '';
    const decoder = new TextDecoder();
    for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
      told += decoder.decode(part, { stream: true });
      if (told.includes(id)) break;
    }
    leaving.abort();
    assert.match(told, /event: processing\.\w+/);
  },
  'POST /api/v1/webhooks': async (caller) => {
    const { url, close } = await receiver();
    assert.match((await hookAt(caller, url)).secret, /^whsec_/);
    close();
    const refused = await caller.client.createWebhook({ body: { url: 'https://169.254.169.254/latest' } });
    assert.is(refused.status, 422);
  },
  'GET /api/v1/webhooks': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    close();
    assert.equal(
      success(await caller.client.listWebhooks()).body?.data.map((hook) => hook.webhook_id),
      [webhook_id],
    );
  },
  'GET /api/v1/webhooks/{webhook_id}': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    close();
    assert.is(success(await caller.client.readWebhook({ params: { webhook_id } })).body?.url, url);
    const unknown = await caller.client.readWebhook({ params: { webhook_id: 'wh_none' } });
    assert.equal(refusal(unknown), [404, 'resource-not-found']);
  },
  'PUT /api/v1/webhooks/{webhook_id}': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    close();
    const answer = await caller.client.updateWebhook({ params: { webhook_id }, body: { url, enabled: false } });
    assert.is(success(answer).body.enabled, false);
  },
  'POST /api/v1/webhooks/{webhook_id}/rotate-secret': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id, secret } = await hookAt(caller, url);
    close();
    const rotated = success(await caller.client.rotateWebhookSecret({ params: { webhook_id } })).body;
    assert.is.not(rotated.secret, secret);
  },
  'DELETE /api/v1/webhooks/{webhook_id}': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    close();
    assert.is(success(await caller.client.deleteWebhook({ params: { webhook_id } })).status, 204);
    assert.equal(success(await caller.client.listWebhooks()).body?.data, []);
  },
  'POST /api/v1/webhooks/{webhook_id}/test': async (caller) => {
    const { url, close, first } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    success(await caller.client.testWebhook({ params: { webhook_id } }));
    assert.match(await first, '"webhook.test"');
    close();
  },
  'GET /api/v1/webhooks/{webhook_id}/deliveries': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    success(await caller.client.testWebhook({ params: { webhook_id } }));
    await delivered(caller, webhook_id);
    close();
  },
  'GET /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    success(await caller.client.testWebhook({ params: { webhook_id } }));
    const params = { webhook_id, delivery_id: await delivered(caller, webhook_id) };
    assert.is(success(await caller.client.readWebhookDelivery({ params })).body?.payload['type'], 'webhook.test');
    close();
  },
  'POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay': async (caller) => {
    const { url, close } = await receiver();
    const { webhook_id } = await hookAt(caller, url);
    success(await caller.client.testWebhook({ params: { webhook_id } }));
    const params = { webhook_id, delivery_id: await delivered(caller, webhook_id) };
    assert.is(success(await caller.client.replayWebhookDelivery({ params })).status, 202);
    close();
  },
  'GET /api/v1/ws/chat/stats': async ({ client }) => {
    success(await client.roomStats());
  },
  'GET /api/v1/ws/chat/users/{room_id}': async ({ client }) => {
    assert.equal(success(await client.roomUsers({ params: { room_id: 'nobody-here' } })).body.users, []);
  },
  'GET /api/v1/ws/{room_id}': async (caller, service) => {
    const frame = await firstFrame(service, '/api/v1/ws/lobby', caller.accessToken);
    assert.equal([frame.type, frame.user_id], ['connection_ack', caller.userId]);
    const answer = await caller.client.openRoom({ params: { room_id: 'lobby' } });
    assert.equal(refusal(answer), [426, 'upgrade-required']);
  },
  'GET /api/v1/ws/health-analysis/{user_id}': async (caller, service) => {
    const frame = await firstFrame(service, `/api/v1/ws/health-analysis/${caller.userId}`, caller.accessToken);
    assert.is(frame.type, 'connection_ack');
    const answer = await caller.client.openHealthAnalysis({ params: { user_id: caller.userId } });
    assert.equal(refusal(answer), [426, 'upgrade-required']);
  },
  ...SHARING_OPERATIONS,
  ...AUDITING_OPERATIONS,
  ...ADMIN_OPERATIONS,
};

/** Those for which it does not matter what else the person has done: they share one, since accounts are dear to make. */
const FOR_ANYBODY =
  /^(?:GET \/(?:health|metrics|openapi\.json|docs|problems.*|api\/v1(?:\/(?:health.*|metrics.*|openapi\.json|docs|redoc))?)?|GET \/api\/v1\/(?:auth\/health|health-data\/(?:query|health|series\/types|processing.*)|pat\/.*|insights\/(?:status|\{insight_id\})|ws\/.*|me\/export)|POST \/api\/v1\/(?:auth\/(?:challenge|confirm.*)|healthkit\/.*|pat\/.*|health-data\/processing.*)|GET \/api\/v1\/healthkit\/.*)$/;

const TABLE = ROUTES as Readonly<Record<string, RouteDefinition>>;

/** A suite with one test an operation of the contract, each with a person of its own. */
export function operationsOf(profile: string, start: () => Promise<ServiceUnderTest>): Test {
  const operations = suite(`every operation (${profile})`);
  let service: ServiceUnderTest | null = null;
  let anybody: Promise<Caller> | null = null;
  const started = async (): Promise<ServiceUnderTest> => (service ??= await start());
  operations.after(async () => {
    await service?.close();
  });
  operations('no operation of the contract is without a test', () => {
    assert.equal(
      Object.values(TABLE)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
      Object.keys(OPERATIONS).sort(),
    );
  });
  for (const [name, check] of Object.entries(OPERATIONS)) {
    operations(name, async () => {
      const running = await started();
      const caller = FOR_ANYBODY.test(name) ? (anybody ??= running.newCaller()) : running.newCaller();
      await check(await caller, running);
    });
  }
  return operations;
}
