import type * as t from 'io-ts';
import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROUTES } from '../../../contracts/routes.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { ActigraphyModel, ModelStatus } from '../../../core/pat/ports.ts';
import { modelHealthEndpoints } from '../../../hosts/express/endpoints/model-health.ts';
import { serviceEndpoints } from '../../../hosts/express/endpoints/service.ts';
import { ModelLedger } from '../../../hosts/wiring/observe/model-ledger.ts';
import { ServiceMetrics } from '../../../hosts/wiring/observe/service-metrics.ts';
import { MODEL_WITHOUT_WEIGHTS, NOW_MS, READY_MODEL, replacing, SettableClock, TEST_ENTRY } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

const NOW = '2025-03-03T12:00:00.000+00:00';

/** These endpoints ask for nothing of a request. */
const REQUEST = {} as never;

function held(id: 'apiInfo' | 'modelHealth' | 'modelMetrics', body: unknown): unknown {
  const definition = (ROUTES[id] as RouteDefinition).responses[200];
  const codec: t.Mixed | null = definition?.kind === 'json' ? definition.codec : null;
  assert.is(codec?.is(body), true, `${id} answers ${JSON.stringify(body)}`);
  return body;
}

async function healthOver(model: ActigraphyModel, ledger = new ModelLedger()) {
  const endpoints = modelHealthEndpoints({ model, ledger, clock: new SettableClock() });
  const { body } = valueOf(await endpoints.modelHealth(REQUEST));
  held('modelHealth', body);
  return body;
}

async function metricsOver(ledger: ModelLedger) {
  const endpoints = modelHealthEndpoints({ model: READY_MODEL, ledger, clock: new SettableClock() });
  const { body } = valueOf(await endpoints.modelMetrics(REQUEST));
  held('modelMetrics', body);
  return body;
}

const withStatus = (status: Exclude<ModelStatus, 'ready'>): ActigraphyModel =>
  replacing(READY_MODEL, {
    describe: () => okAsync({ status, name: null, engine: null, message: `it is ${status}`, entry: null }),
  });

test('the API names its areas, and each of them is the beginning of a route', async () => {
  const endpoints = serviceEndpoints({ metrics: new ServiceMetrics(), version: '1.2.3' });
  const { body } = valueOf(await endpoints.apiInfo(REQUEST));
  held('apiInfo', body);
  assert.is(body.version, '1.2.3');
  const paths = Object.values(ROUTES).map(({ path }) => path);
  for (const area of Object.values(body.endpoints)) {
    assert.ok(
      paths.some((path) => path.startsWith(area)),
      area,
    );
  }
});

test('the documentation has moved for good', async () => {
  const endpoints = serviceEndpoints({ metrics: new ServiceMetrics(), version: '1' });
  assert.equal(valueOf(await endpoints.redoc(REQUEST)), { status: 308, headers: { Location: '/api/v1/docs' } });
});

test('both places of the metrics show the same', async () => {
  const metrics = new ServiceMetrics();
  metrics.work.upload('received', 'healthkit');
  const endpoints = serviceEndpoints({ metrics, version: '1' });
  for (const show of [endpoints.metrics, endpoints.apiMetrics]) {
    const { status, text } = valueOf(await show(REQUEST));
    assert.is(status, 200);
    assert.match(text, /^clarity_health_data_uploads_total\{status="received",source="healthkit"\} 1$/m);
  }
});

test('an encoder that is ready is named with its hash and the time of its loading', async () => {
  const ledger = new ModelLedger();
  ledger.loaded(TEST_ENTRY.id, NOW_MS, 12);
  const body = await healthOver(READY_MODEL, ledger);
  assert.is(body.status, 'healthy');
  assert.is(body.health_score, null);
  assert.equal(body.loaded_models, {
    small: {
      id: TEST_ENTRY.id,
      version: TEST_ENTRY.name,
      checksum: TEST_ENTRY.converted.sha256,
      sha256: TEST_ENTRY.converted.sha256,
      loaded_at: NOW,
      cache_status: 'loaded',
    },
  });
  assert.equal(body.integrity_status, { [TEST_ENTRY.id]: true });
  assert.equal(body.alerts, []);
  assert.equal(
    body.not_computed.map(({ field }) => field),
    ['health_score', 'cache_status.hit_rate'],
  );
});

test('an encoder whose loading nobody saw has no time of loading', async () => {
  const body = await healthOver(READY_MODEL);
  assert.is(body.loaded_models['small']?.loaded_at, null);
  assert.equal(body.integrity_status, {});
});

test('no encoder is a warning: there are analyses without it', async () => {
  const body = await healthOver(MODEL_WITHOUT_WEIGHTS);
  assert.is(body.status, 'degraded');
  assert.equal(body.loaded_models, {});
  assert.equal(
    body.alerts.map(({ severity, timestamp, affected_models }) => [severity, timestamp, affected_models]),
    [['warning', NOW, null]],
  );
});

for (const status of ['weights_corrupt', 'weights_unknown', 'engine_unavailable'] as const) {
  test(`an encoder that is ${status} is critical, and the damaged weights are named`, async () => {
    const ledger = new ModelLedger();
    ledger.notLoaded('PAT-M-1', NOW_MS, 'corrupt', 'not the bytes that were installed');
    ledger.notLoaded('PAT-L-1', NOW_MS, 'unanswered', 'ModelRepository.readWeights did not answer');
    const body = await healthOver(withStatus(status), ledger);
    assert.is(body.status, 'unhealthy');
    assert.equal(body.alerts, [
      { severity: 'critical', message: `it is ${status}`, timestamp: NOW, affected_models: ['PAT-M-1'] },
    ]);
    assert.equal(body.integrity_status, { 'PAT-M-1': false });
    assert.equal(
      body.recent_failures.map(({ operation, model }) => [operation, model]),
      [
        ['load', 'PAT-L-1'],
        ['load', 'PAT-M-1'],
      ],
    );
  });
}

test('a model folder that does not answer is unhealthy, not an error, and its own words stay inside', async () => {
  const down = portUnavailable('ModelRepository', 'revision', 'SECRET path');
  const body = await healthOver(replacing(READY_MODEL, { describe: () => errAsync(down) }));
  assert.is(body.status, 'unhealthy');
  assert.equal(
    body.alerts.map(({ severity, message }) => [severity, message]),
    [['critical', 'the model folder does not answer']],
  );
  assert.not.match(JSON.stringify(body), /SECRET/);
});

test('counters about loading are this process’s own, and a share of nothing is null with its reason', async () => {
  const { metrics, not_computed } = await metricsOver(new ModelLedger());
  assert.equal(metrics.model_loads, { total: 0, successful: 0, failed: 0, success_rate: null });
  assert.equal(metrics.checksum_verifications, { total: 0, passed: 0, failed: 0, failure_rate: null });
  const nulls: string[] = [];
  const look = (value: unknown, place: string): void => {
    if (value === null) nulls.push(place);
    else if (typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) look(inner, `${place}.${key}`);
  };
  look(metrics, 'metrics');
  assert.equal(not_computed.map(({ field }) => field).sort(), nulls.sort());
});

test('what was loaded, damaged and not answered is counted apart', async () => {
  const ledger = new ModelLedger();
  ledger.loaded('PAT-S-1', NOW_MS, 30);
  ledger.loaded('PAT-S-1', NOW_MS, 50);
  ledger.notLoaded('PAT-M-1', NOW_MS, 'corrupt', 'damaged');
  ledger.notLoaded('PAT-L-1', NOW_MS, 'unanswered', 'silent');
  const { timestamp, metrics, not_computed } = await metricsOver(ledger);
  assert.is(timestamp, NOW);
  assert.equal(metrics.model_loads, { total: 4, successful: 2, failed: 2, success_rate: 0.5 });
  assert.equal(metrics.checksum_verifications, { total: 3, passed: 2, failed: 1, failure_rate: 1 / 3 });
  assert.is(metrics.cache_performance.average_load_time_ms, 40);
  assert.not.ok(not_computed.some(({ field }) => field === 'metrics.model_loads.success_rate'));
});

test.run();
