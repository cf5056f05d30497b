import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { startService } from '../../hosts/express/service.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { memoryStorage } from '../../hosts/wiring/storage.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, untilProcessed, type Call } from './running-service.ts';

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Running {
  readonly call: Call;
  readonly token: string;
  readonly userId: string;
  /** Where metrics are shown without a token. */
  readonly privateUrl: string;
}

async function withService(work: (running: Running) => Promise<void>): Promise<void> {
  const metricsPort = await freePort();
  const service = await startService({
    config: valueOf(
      readConfig({
        STORAGE: 'memory',
        PORT: '0',
        METRICS_PORT: String(metricsPort),
        PAT_MODEL_BASE_DIR: '/nonexistent/models',
      }),
    ),
    logger: pino({ level: 'silent' }),
    storage: memoryStorage(),
    passwords: new PasswordHashes({ cost: CHEAP_ARGON2 }),
  });
  try {
    const call = callerOf(service.url);
    const json = { email: 'ada@example.org', password: 'Correct-horse-7' };
    const token = (await call('POST', '/api/v1/auth/register', { json })).json.access_token;
    const userId = (await call('GET', '/api/v1/auth/me', { token })).json.user_id;
    await work({ call, token, userId, privateUrl: `http://127.0.0.1:${metricsPort}` });
  } finally {
    await service.stop();
  }
}

test('metrics need a token on the public port, in both places, and none on the private one', () =>
  withService(async ({ call, token, privateUrl }) => {
    for (const where of ['/metrics', '/metrics/', '/api/v1/metrics/metrics']) {
      assert.is((await call('GET', where)).status, 401, where);
      const shown = await call('GET', where, { token });
      assert.is(shown.status, 200, where);
      assert.is(shown.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.match(shown.text, /^process_resident_memory_bytes \d/m);
    }
    const shown = await callerOf(privateUrl)('GET', '/metrics');
    assert.is(shown.status, 200);
    assert.match(shown.text, /^clarity_http_requests_total\{method="GET",endpoint="\/metrics",status_code="401"\} 2$/m);
    assert.is((await callerOf(privateUrl)('GET', '/api/v1/auth/me')).status, 404);
  }));

test('what a person does is counted, and nothing that tells who they are', () =>
  withService(async ({ call, token, userId, privateUrl }) => {
    const upload = await call('POST', '/api/v1/health-data', {
      token,
      json: {
        user_id: userId,
        upload_source: 'a secret source',
        client_timestamp: '2025-02-05T08:00:00Z',
        metrics: [61, 64].map((heart_rate, i) => ({
          metric_type: 'heart_rate',
          biometric_data: { heart_rate },
          created_at: `2025-02-04T0${i}:00:00Z`,
        })),
      },
    });
    const id = upload.json.processing_id;
    assert.is((await untilProcessed(call, token, id)).json.status, 'completed');
    await call('GET', '/api/v1/health-data/processing/unknown-id', { token });
    const { text } = await callerOf(privateUrl)('GET', '/metrics');
    for (const line of [
      'clarity_health_data_uploads_total{status="received",source="health-data"} 1',
      'clarity_health_data_uploads_total{status="completed",source="health-data"} 1',
      'clarity_health_metrics_processed_total{metric_type="heart_rate"} 2',
      'clarity_http_requests_total{method="GET",endpoint="/api/v1/health-data/processing/{processing_id}",status_code="404"} 1',
      'clarity_websocket_connections 0',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`);
    }
    for (const secret of [userId, id, 'unknown-id', 'secret source', 'ada@example.org', token]) {
      assert.not.ok(text.includes(secret), secret);
    }
  }));

test('a refresh token that is used twice is counted, and in its owner’s part of the audit log', () =>
  withService(async ({ call, token, privateUrl }) => {
    const json = { email: 'ada@example.org', password: 'Correct-horse-7' };
    const { refresh_token } = (await call('POST', '/api/v1/auth/login', { json })).json;
    let newest = refresh_token;
    for (let times = 0; times < 2; times += 1) {
      newest = (await call('POST', '/api/v1/auth/refresh', { json: { refresh_token: newest } })).json.refresh_token;
    }
    const counted = async () =>
      /^clarity_refresh_tokens_reused_total (\d+)$/m.exec((await callerOf(privateUrl)('GET', '/metrics')).text)?.[1];
    assert.is(await counted(), '0');
    for (const used of [refresh_token, newest]) {
      assert.is((await call('POST', '/api/v1/auth/refresh', { json: { refresh_token: used } })).status, 401);
    }
    assert.is(await counted(), '1');
    const { data } = (await call('GET', '/api/v1/audit', { token })).json;
    const ended = data.filter((entry: { operation: string }) => entry.operation === 'endReusedSession');
    assert.equal(
      ended.map((entry: Record<string, unknown>) => [entry['actor'], entry['action'], entry['outcome']]),
      [['system', 'logout', 'done']],
    );
  }));

test('the API tells its areas in both forms of its path, and where its documentation has gone', () =>
  withService(async ({ call }) => {
    const areas = await call('GET', '/api/v1');
    assert.is(areas.status, 200);
    assert.equal(Object.keys(areas.json.endpoints).sort(), [
      'auth',
      'health',
      'health_data',
      'healthkit',
      'insights',
      'metrics',
      'pat_analysis',
      'websocket',
    ]);
    assert.equal((await call('GET', '/api/v1/')).json, areas.json);
    const moved = await call('GET', '/api/v1/redoc');
    assert.is(moved.status, 200);
    assert.match(moved.headers.get('content-type') ?? '', 'text/html');
  }));

test('the state of the encoder and what was counted about it need a token', () =>
  withService(async ({ call, token }) => {
    for (const where of ['/api/v1/health/pat', '/api/v1/health/metrics/pat']) {
      assert.is((await call('GET', where)).status, 401, where);
      assert.is((await call('GET', where, { token })).status, 200, where);
    }
  }));

test.run();
