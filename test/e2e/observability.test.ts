import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { writeExportZip } from '../../adapters/apple-export/write-export.ts';
import { FileModelRepository } from '../../adapters/filesystem/model-repository.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { localZone } from '../../core/kernel/local-time.ts';
import { simulatePerson } from '../../core/simulation/simulate-person.ts';
import { ServiceMetrics } from '../../hosts/wiring/observe/service-metrics.ts';
import { installWeights } from '../fixtures/pat/installed-models.ts';
import { seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { valueOf } from '../unit/result-values.ts';
import { batchOf, EMAIL, PASSWORD, startObserved } from './observed-service.ts';
import { untilProcessed } from './running-service.ts';

const observability = suite('the metrics of a journey');

/** What no journey is sure to meet, and where it is seen. */
const SEEN_ELSEWHERE = new Set(['clarity_pat_weeks_in_hand']);

/** The names whose value, or number of values, has been above zero in one of the texts. */
function moved(texts: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of texts.join('\n').split('\n')) {
    const [, name, value] = /^(\w+?)(?:_count)?(?:\{.*\})? ([\d.e+-]+)$/.exec(line) ?? [];
    if (name !== undefined && Number(value) > 0) names.add(name);
  }
  return names;
}

observability('every metric of the service moves, and none tells who somebody is', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-observed-'));
  const exportFile = path.join(folder, 'export.zip');
  const models = path.join(folder, 'models');
  await installWeights(new FileModelRepository(models, nodeDigest), 'PAT-S-seeded', seededWeights('S'));
  const zone = valueOf(localZone('Europe/Berlin'));
  valueOf(await writeExportZip(simulatePerson({ seed: 3, days: 8, zone }), exportFile));
  const service = await startObserved({ PAT_MODEL_BASE_DIR: models, RATE_LIMITS: 'recovery=1/h' });
  const { call, token, troubles } = service;
  const texts: string[] = [];
  const look = async (): Promise<void> => {
    texts.push(await service.metrics());
  };
  try {
    // An export is read, stored, encoded and analysed; while its result is held, its job is in hand.
    let release: (value: unknown) => void = () => undefined;
    const held = new Promise((resolve) => (release = resolve));
    const storing = new Promise<void>((resolve) => {
      troubles.set('analyses.replaceForUpload', () => {
        resolve();
        return held;
      });
    });
    const body = await readFile(exportFile);
    const accepted = await call('POST', '/api/v1/healthkit/export', { token, body, type: 'application/zip' });
    assert.is(accepted.status, 202, accepted.text);
    await storing;
    await look();
    release(undefined);
    const id = accepted.json.processing_id;
    assert.is((await untilProcessed(call, token, id)).json.status, 'completed');
    const batch = await call('POST', '/api/v1/health-data', { token, json: batchOf(service.userId) });
    assert.is((await untilProcessed(call, token, batch.json.processing_id)).json.status, 'completed');
    const broken = await call('POST', '/api/v1/healthkit/export', {
      token,
      body: 'PK no zip',
      type: 'application/zip',
    });
    if (broken.status === 202) await untilProcessed(call, token, broken.json.processing_id);
    assert.is((await call('POST', '/api/v1/insights', { token, json: { processing_id: id } })).status, 200);

    // Connections that stay open.
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/api/v1/ws/lobby`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await once(socket, 'message');
    const stream = await fetch(`${service.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    const reader = stream.body!.getReader();
    await reader.read();
    await look();
    await reader.cancel();
    socket.close();

    // What people should not do.
    const wrong = { email: EMAIL, password: 'Wrong-horse-7' };
    for (let i = 0; i < 3; i++) await call('POST', '/api/v1/auth/login', { json: wrong });
    assert.is((await call('POST', '/api/v1/auth/login', { json: { email: EMAIL, password: PASSWORD } })).status, 429);
    for (let i = 0; i < 2; i++) await call('POST', '/api/v1/auth/forgot-password', { json: { email: EMAIL } });
    let newest = service.refreshToken;
    const refresh = (refresh_token: string) => call('POST', '/api/v1/auth/refresh', { json: { refresh_token } });
    for (let i = 0; i < 2; i++) newest = (await refresh(newest)).json.refresh_token;
    await refresh(service.refreshToken);

    // What ports should not do.
    troubles.set('rateCounters.take', 'down');
    troubles.set('uploads.list', 'denied');
    assert.is((await call('GET', '/api/v1/health/ready')).status, 503);
    troubles.delete('uploads.list');
    troubles.set('insights.list', 'broken');
    assert.is((await call('GET', `/api/v1/insights/history/${service.userId}`, { token })).status, 500);
    troubles.set('queue.claim', 'down');
    const owner = userId(service.userId);
    valueOf(
      await service.storage.queue.enqueue({ id: 'late', owner, upload: processingId('late') }, Date.now() - 60_000),
    );
    await look();

    // Bytes that are not those of the manifest, found when it is looked at again.
    const repository = new FileModelRepository(models, nodeDigest);
    valueOf(await repository.writeText('PAT-S-seeded.safetensors', 'these are no weights'));
    valueOf(await repository.changeCatalogue((catalogue) => ({ ...catalogue, populations: [] })));
    await call('GET', '/api/v1/pat/health', { token });
    await look();

    const missing = new ServiceMetrics().shapes
      .map(({ name }) => name)
      .filter((name) => !SEEN_ELSEWHERE.has(name) && !moved(texts).has(name));
    assert.equal(missing, []);
    const all = texts.join('\n');
    for (const stage of ['wait', 'read', 'store', 'encode', 'analyse', 'job']) {
      assert.match(
        all,
        new RegExp(`^clarity_health_data_processing_duration_seconds_count\\{stage="${stage}"\\} [1-9]`, 'm'),
      );
    }
    assert.match(
      all,
      /^clarity_pat_inference_requests_total\{status="success",engine="[a-z]+",model_size="S"\} [1-9]/m,
    );
    assert.match(
      all,
      /^clarity_store_operations_total\{port="SampleStore",operation="append",adapter="MemorySampleStore",outcome="success"\} [1-9]/m,
    );
    assert.match(
      all,
      /^clarity_store_operations_total\{port="UploadStore",operation="list",adapter="MemoryUploadStore",outcome="port-unavailable"\} 1$/m,
    );
    assert.match(all, /^clarity_job_queue_oldest_wait_seconds (?:6\d|[7-9]\d|\d{3,})/m);
    for (const secret of [service.userId, id, 'secret source', EMAIL, token, 'lobby', 'Wrong-horse']) {
      assert.not.ok(all.includes(secret), secret);
    }
  } finally {
    troubles.clear();
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

observability.run();
