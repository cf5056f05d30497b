import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeExportZip } from '../../adapters/apple-export/write-export.ts';
import { localZone } from '../../core/kernel/local-time.ts';
import { simulatePerson } from '../../core/simulation/simulate-person.ts';
import { writeSeededH5 } from '../fixtures/pat/write-h5.ts';
import { valueOf } from '../unit/result-values.ts';
import {
  callerOf,
  runClarity,
  startProcess,
  untilProcessed,
  type Answer,
  type Call,
  type RunningService,
} from './running-service.ts';

/**
 * One person's way through the whole service, over real HTTP, on the embedded default, with the process stopped, killed
 * and started again in between. The steps build on each other, so they run in order.
 */
const journey = suite('the whole journey on the embedded default');

const DAYS = 30;
const PASSWORD = 'Correct-horse-7';

let folder = '';
let exportFile = '';
let service: RunningService;
let call: Call;
let token = '';
let refreshToken = '';
let userId = '';
let uploadId = '';
let before: Answer;

const modelFolder = (): string => path.join(folder, 'models');

const start = async (): Promise<void> => {
  service = await startProcess({ DATA_DIR: path.join(folder, 'data'), PAT_MODEL_BASE_DIR: modelFolder() });
  call = callerOf(service.url);
};

journey.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-journey-'));
  exportFile = path.join(folder, 'export.zip');
  const zone = valueOf(localZone('Europe/Berlin'));
  valueOf(await writeExportZip(simulatePerson({ seed: 7, days: DAYS, zone }), exportFile));
  await start();
});

journey.after(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

journey('it says where it listens, where the data is and which model is installed', () => {
  assert.match(service.printed(), service.url);
  assert.match(service.printed(), path.join(folder, 'data'));
  assert.match(service.printed(), 'weights_not_installed');
});

journey('a person registers and is signed in', async () => {
  const weak = await call('POST', '/api/v1/auth/register', {
    json: { email: 'ada@example.org', password: 'nocaps123' },
  });
  assert.is(weak.status, 400);
  assert.is(weak.json.code, 'weak-password');
  const answer = await call('POST', '/api/v1/auth/register', {
    json: { email: 'Ada@example.org', password: PASSWORD, display_name: 'Ada' },
  });
  assert.is(answer.status, 201);
  assert.is(answer.json.token_type, 'bearer');
  token = answer.json.access_token;
  const again = await call('POST', '/api/v1/auth/register', { json: { email: 'ada@EXAMPLE.org', password: PASSWORD } });
  assert.is(again.status, 409);
});

journey('she logs in, refreshes and reads who she is', async () => {
  const wrong = await call('POST', '/api/v1/auth/login', {
    json: { email: 'ada@example.org', password: 'Wrong-horse-7' },
  });
  const unknown = await call('POST', '/api/v1/auth/login', { json: { email: 'eve@example.org', password: PASSWORD } });
  assert.is(wrong.status, 401);
  assert.is(unknown.status, 401);
  const withoutId = ({ request_id: _, ...rest }: Record<string, unknown>): unknown => rest;
  assert.equal(withoutId(wrong.json), withoutId(unknown.json));
  const login = await call('POST', '/api/v1/auth/login', { json: { email: 'ada@example.org', password: PASSWORD } });
  assert.is(login.status, 200);
  refreshToken = login.json.refresh_token;
  const refreshed = await call('POST', '/api/v1/auth/refresh', { json: { refresh_token: refreshToken } });
  assert.is(refreshed.status, 200);
  token = refreshed.json.access_token;
  const me = await call('GET', '/api/v1/auth/me', { token });
  assert.is(me.status, 200);
  assert.is(me.json.email, 'Ada@example.org');
  assert.is(me.json.display_name, 'Ada');
  assert.is(me.json.auth_provider, 'local');
  userId = me.json.user_id;
});

journey('without a token every door but the open ones is shut', async () => {
  for (const where of ['/api/v1/auth/me', '/api/v1/health-data', '/api/v1/pat/health']) {
    const answer = await call('GET', where);
    assert.is(answer.status, 401, where);
    assert.is(answer.headers.get('www-authenticate'), 'Bearer');
    assert.match(answer.headers.get('content-type') ?? '', 'application/problem+json');
  }
  assert.is((await call('GET', '/health')).status, 200);
  assert.is((await call('GET', '/docs')).status, 200);
});

journey('a batch of metrics is stored, a bad one is set aside, and a second sending adds nothing', async () => {
  const batch = {
    user_id: userId,
    upload_source: 'apple_health',
    client_timestamp: '2025-02-05T08:00:00+01:00',
    sync_token: 'sync-1',
    metrics: [
      { metric_type: 'heart_rate', biometric_data: { heart_rate: 61 }, created_at: '2025-02-04T08:00:00+01:00' },
      { metric_type: 'heart_rate', biometric_data: { heart_rate: 64 }, created_at: '2025-02-04T09:00:00+01:00' },
      { metric_type: 'heart_rate', biometric_data: { heart_rate: 1000 }, created_at: '2025-02-04T10:00:00+01:00' },
      {
        metric_type: 'sleep_analysis',
        created_at: '2025-02-04T07:00:00+01:00',
        sleep_data: {
          total_sleep_minutes: 600,
          sleep_efficiency: 0.9,
          sleep_start: '2025-02-03T23:00:00+01:00',
          sleep_end: '2025-02-04T07:00:00+01:00',
        },
      },
    ],
  };
  const first = await call('POST', '/api/v1/health-data', { token, json: batch });
  assert.is(first.status, 201);
  assert.is(first.json.accepted_metrics, 2);
  assert.is(first.json.rejected_metrics, 2);
  assert.is(first.json.sync_token, 'sync-1');
  assert.equal(first.json.validation_errors.map((issue: { field: string }) => issue.field).sort(), [
    'metrics.2.biometric_data.heart_rate',
    'metrics.3.sleep_data.total_sleep_minutes',
  ]);
  const second = await call('POST', '/api/v1/health-data/', { token, json: batch });
  assert.is(second.json.accepted_metrics, 0);
  assert.is(second.json.duplicate_metrics, 2);
  const list = await call('GET', '/api/v1/health-data?limit=1', { token });
  assert.is(list.json.data.length, 1);
  assert.is(list.json.data[0].biometric_data.heart_rate, 64);
  assert.is(list.json.pagination.has_next, true);
  const next = await call('GET', `/api/v1/health-data?limit=1&cursor=${list.json.pagination.next_cursor}`, { token });
  assert.is(next.json.data[0].biometric_data.heart_rate, 61);
  assert.is(next.json.pagination.has_next, false);
  const foreign = await call('POST', '/api/v1/health-data', { token, json: { ...batch, user_id: 'somebody-else' } });
  assert.is(foreign.status, 403);
});

journey('HealthKit samples are stored and counted by type', async () => {
  const sample = (value: number, minute: string): unknown => ({
    identifier: 'HKQuantityTypeIdentifierHeartRate',
    type: 'HKQuantityTypeIdentifierHeartRate',
    value,
    unit: 'count/min',
    start_date: `2025-02-04T08:${minute}:00+01:00`,
    end_date: `2025-02-04T08:${minute}:00+01:00`,
    source_name: 'Watch',
  });
  const json = {
    user_id: userId,
    quantity_samples: [sample(60, '00'), sample(62, '05'), sample(0, '10')],
    category_samples: [],
  };
  const answer = await call('POST', '/api/v1/healthkit', { token, json });
  assert.is(answer.status, 202);
  assert.match(answer.json.upload_id, new RegExp(`^${userId}-[0-9a-f]{32}$`));
  assert.equal(answer.json.accepted, { heart_rate: 2 });
  assert.is(answer.json.rejected[0].code, 'value-out-of-range');
  const again = await call('POST', '/api/v1/healthkit', { token, json });
  assert.equal(again.json.accepted, {});
  assert.equal(again.json.duplicates, { heart_rate: 2 });
  const state = await call('GET', `/api/v1/healthkit/status/${answer.json.upload_id}`, { token });
  assert.is(state.status, 200);
});

journey('an export is kept and its import survives a kill', async () => {
  const body = await readFile(exportFile);
  const answer = await call('POST', '/api/v1/healthkit/export', { token, body, type: 'application/zip' });
  assert.is(answer.status, 202);
  uploadId = answer.json.processing_id;
  await service.kill();
  await start();
  const state = await untilProcessed(call, token, uploadId);
  assert.is(state.json.status, 'completed');
  assert.is(state.json.failure, null);
  assert.ok(state.json.accepted.step_count + (state.json.duplicates.step_count ?? 0) > 1000);
});

journey('the analysis says what was computed and why the rest was not', async () => {
  before = await call('GET', `/api/v1/pat/analysis/${uploadId}`, { token });
  assert.is(before.status, 200);
  assert.is(before.json.status, 'completed');
  const { details, analysis } = before.json;
  assert.is(details.schema, 'clarity.analysis/1');
  assert.is(details.window.timezone, 'Europe/Berlin');
  assert.is(details.window.minutes, 28 * 1440);
  assert.is(details.input.kind, 'healthkit');
  assert.is(analysis.circadian_rhythm_score, details.rhythm.interdaily_stability);
  assert.is(analysis.activity_fragmentation, Math.min(1, details.rhythm.intradaily_variability / 2));
  assert.is(analysis.confidence_score, details.data_quality.valid_minutes / details.window.minutes);
  assert.is(analysis.depression_risk_score, null);
  assert.is(details.model.status, 'weights_not_installed');
  assert.ok(details.sleep.nights.length >= 20);
  const phone = details.input.sources.find((source: { device: string }) => source.device === 'phone');
  assert.ok(phone.set_aside > 0, 'the phone counted minutes that the watch counted too');
  assert.ok(before.json.weeks.length >= 3);
  const week = await call('GET', `/api/v1/pat/analysis/${uploadId}?week=${before.json.weeks[0]}`, { token });
  assert.is(week.json.details.window.minutes, 7 * 1440);
});

journey('the report is one page that loads nothing', async () => {
  const report = await call('GET', `/api/v1/pat/analysis/${uploadId}/report`, { token });
  assert.is(report.status, 200);
  assert.match(report.headers.get('content-type') ?? '', 'text/html');
  assert.match(report.headers.get('content-security-policy') ?? '', "default-src 'none'");
  assert.match(report.text, 'not a medical device');
  assert.not.match(report.text, /<script|<link|<iframe|src="http|@import/i);
});

journey('steps and counts sent with their timestamps are analysed at once and kept', async () => {
  const firstMs = Date.parse('2025-01-06T00:00:00+01:00');
  const stamp = (minute: number): string => new Date(firstMs + minute * 60_000).toISOString();
  const minutes = Array.from({ length: 2 * 1440 }, (_, minute) => minute);
  const json = {
    step_counts: minutes.map((minute) => (minute % 1440 > 480 && minute % 1440 < 1320 ? (minute * 7) % 90 : 0)),
    timestamps: minutes.map(stamp),
    timezone: 'Europe/Berlin',
  };
  const steps = await call('POST', '/api/v1/pat/step-analysis', { token, json });
  assert.is(steps.status, 200);
  assert.is(steps.json.details.input.kind, 'steps');
  assert.is(steps.json.details.sleep.scored_sleep_minutes, null);
  const counts = await call('POST', '/api/v1/pat/analysis/', {
    token,
    json: {
      timezone: 'Europe/Berlin',
      data_points: json.timestamps.map((timestamp, i) => ({ timestamp, value: (json.step_counts[i] ?? 0) * 20 })),
    },
  });
  assert.is(counts.status, 200);
  assert.type(counts.json.details.sleep.scored_sleep_minutes, 'number');
  const kept = await call('GET', `/api/v1/pat/analysis/${counts.json.analysis_id}`, { token });
  assert.equal(kept.json.details, counts.json.details);
  const few = await call('POST', '/api/v1/pat/step-analysis', {
    token,
    json: { step_counts: [3], timestamps: [stamp(0)] },
  });
  assert.is(few.status, 422);
  assert.is(few.json.minimum_valid_minutes, 600);
});

journey('after a restart everything is still there', async () => {
  assert.is(await service.stop(), 0);
  await start();
  const me = await call('GET', '/api/v1/auth/me', { token });
  assert.is(me.json.user_id, userId);
  assert.equal((await call('GET', `/api/v1/pat/analysis/${uploadId}`, { token })).json, before.json);
  const list = await call('GET', '/api/v1/health-data', { token });
  assert.is(list.json.data.length, 2);
  const refreshed = await call('POST', '/api/v1/auth/refresh', { token: refreshToken });
  assert.is(refreshed.status, 200);
});

journey('sending the same export again adds nothing', async () => {
  const body = await readFile(exportFile);
  const form = new FormData();
  form.set('timezone', 'Europe/Berlin');
  form.set('file', new Blob([new Uint8Array(body)]), 'export.zip');
  const response = await fetch(`${service.url}/api/v1/healthkit/export`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  assert.is(response.status, 202);
  const { processing_id: id } = (await response.json()) as { processing_id: string };
  const state = await untilProcessed(call, token, id);
  assert.is(state.json.status, 'completed');
  assert.equal(state.json.accepted, {});
  const second = await call('GET', `/api/v1/pat/analysis/${id}`, { token });
  assert.equal(second.json.details, before.json.details);
});

journey(
  'a model installed while the service runs gives embeddings from then on, and the report shows where it looked',
  async () => {
    const file = path.join(folder, 'PAT-S_29k_weights.h5');
    await writeFile(file, await writeSeededH5('S'));
    const before = await call('GET', '/api/v1/pat/models/info', { token });
    assert.is(before.json.status, 'weights_not_installed');
    const installed = await runClarity(folder, ['models', 'install', file], { PAT_MODEL_BASE_DIR: modelFolder() });
    assert.is(installed.code, 0, installed.notes);
    const body = await readFile(exportFile);
    const upload = await call('POST', '/api/v1/healthkit/export', { token, body, type: 'application/zip' });
    const id: string = upload.json.processing_id;
    assert.is((await untilProcessed(call, token, id)).json.status, 'completed');
    const result = await call('GET', `/api/v1/pat/analysis/${id}`, { token });
    const { model, rhythm } = result.json.details;
    assert.is(model.status, 'ready');
    assert.is(model.name, 'PAT-S');
    assert.match(model.engine, /onnxruntime|TensorFlow/);
    assert.is(model.scaling, 'per-person');
    assert.is(model.embedding.length, 96);
    assert.equal(result.json.activity_embedding, model.embedding);
    assert.is(model.encoding.signal, 'steps');
    assert.is(model.encoding.importance.per_patch.length, 560);
    assert.equal(rhythm, (await call('GET', `/api/v1/pat/analysis/${uploadId}`, { token })).json.details.rhythm);
    assert.is(result.json.analysis.depression_risk_score, null);
    const report = await call('GET', `/api/v1/pat/analysis/${id}/report`, { token });
    assert.match(report.text, 'Where the model looked');
    const info = await call('GET', '/api/v1/pat/models/info', { token });
    assert.is(info.json.model.id, model.encoding.model_id);
    assert.match(info.json.model.attribution, 'Jacobson');
    const ready = await call('GET', '/api/v1/health/ready');
    assert.is(ready.json.checks.model.status, 'healthy');
  },
);

journey('weights that are damaged are not used: everything says so, and all else goes on', async () => {
  assert.is(await service.stop(), 0);
  const { models } = JSON.parse(await readFile(path.join(modelFolder(), 'manifest.json'), 'utf8')) as {
    models: readonly { readonly converted: { readonly file: string } }[];
  };
  const file = path.join(modelFolder(), models[0]!.converted.file);
  const bytes = await readFile(file);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(file, bytes);
  await start();
  assert.match(service.printed(), 'weights_corrupt');
  const info = await call('GET', '/api/v1/pat/models/info', { token });
  assert.is(info.json.status, 'weights_corrupt');
  assert.is(info.json.model, null);
  const ready = await call('GET', '/api/v1/health/ready');
  assert.is(ready.status, 200);
  assert.is(ready.json.checks.model.status, 'degraded');
  assert.match(ready.json.checks.model.message, 'weights_corrupt');
  const upload = await call('POST', '/api/v1/healthkit/export', {
    token,
    body: await readFile(exportFile),
    type: 'application/zip',
  });
  await untilProcessed(call, token, upload.json.processing_id);
  const { details } = (await call('GET', `/api/v1/pat/analysis/${upload.json.processing_id}`, { token })).json;
  assert.is(details.model.status, 'weights_corrupt');
  assert.is(details.model.embedding, null);
  assert.type(details.rhythm.interdaily_stability, 'number');
});

journey('another person sees none of it, and cannot tell it from what never was', async () => {
  const other = await call('POST', '/api/v1/auth/register', { json: { email: 'bob@example.org', password: PASSWORD } });
  const bob: string = other.json.access_token;
  for (const where of [
    `/api/v1/pat/analysis/${uploadId}`,
    `/api/v1/pat/analysis/${uploadId}/report`,
    `/api/v1/health-data/processing/${uploadId}`,
    `/api/v1/healthkit/status/${uploadId}`,
  ]) {
    const foreign = await call('GET', where, { token: bob });
    const absent = await call('GET', where.replace(uploadId, '00000000-0000-4000-8000-000000000000'), { token: bob });
    assert.is(foreign.status, 404, where);
    const bare = ({ request_id: _r, instance: _i, ...rest }: Record<string, unknown>): unknown => rest;
    assert.equal(bare(foreign.json), bare(absent.json));
  }
  assert.equal((await call('GET', '/api/v1/health-data', { token: bob })).json.data, []);
});

journey('after logging out the refresh token is worth nothing', async () => {
  assert.is((await call('POST', '/api/v1/auth/logout', { token })).status, 200);
  assert.is((await call('POST', '/api/v1/auth/refresh', { json: { refresh_token: refreshToken } })).status, 401);
});

journey.run();
