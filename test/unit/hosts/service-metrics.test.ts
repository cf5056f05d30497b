import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MOST_FAILURES_KEPT, ModelLedger } from '../../../hosts/express/metrics/model-ledger.ts';
import { ServiceMetrics } from '../../../hosts/express/metrics/service-metrics.ts';

const request = { method: 'GET', route: '/api/v1/things/{thing_id}', status: 200, seconds: 0.004 };

test('requests are counted by method, route pattern and status, and timed by route', async () => {
  const metrics = new ServiceMetrics();
  metrics.recordRequest(request);
  metrics.recordRequest({ ...request, seconds: 0.2 });
  metrics.recordRequest({ ...request, status: 404 });
  const text = await metrics.text();
  const labels = 'method="GET",endpoint="/api/v1/things/{thing_id}"';
  for (const line of [
    '# TYPE clarity_http_requests_total counter',
    `clarity_http_requests_total{${labels},status_code="200"} 2`,
    `clarity_http_requests_total{${labels},status_code="404"} 1`,
    '# TYPE clarity_http_request_duration_seconds histogram',
    `clarity_http_request_duration_seconds_bucket{le="0.005",${labels}} 2`,
    `clarity_http_request_duration_seconds_bucket{le="+Inf",${labels}} 3`,
    `clarity_http_request_duration_seconds_count{${labels}} 3`,
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`);
  }
});

test('two services in one process count each for itself', async () => {
  const [one, other] = [new ServiceMetrics(), new ServiceMetrics()];
  one.recordRequest(request);
  assert.match(await one.text(), /^clarity_http_requests_total\{/m);
  assert.not.match(await other.text(), /^clarity_http_requests_total\{/m);
});

test('the process is among the metrics, and asking again changes nothing of that', async () => {
  const metrics = new ServiceMetrics();
  await metrics.text();
  const text = await metrics.text();
  assert.match(text, /^process_resident_memory_bytes \d/m);
  assert.match(text, /^process_cpu_seconds_total \d/m);
  assert.match(text, /^nodejs_eventloop_lag_seconds \d/m);
});

test('open websockets are asked for whenever the metrics are read', async () => {
  const metrics = new ServiceMetrics();
  let open = 2;
  metrics.showSockets(() => open);
  assert.match(await metrics.text(), /^clarity_websocket_connections 2$/m);
  open = 0;
  assert.match(await metrics.text(), /^clarity_websocket_connections 0$/m);
});

test('narratives are counted by outcome and by what writes them', async () => {
  const metrics = new ServiceMetrics();
  metrics.recordNarrative('success', 'rules');
  assert.match(
    await metrics.text(),
    /^clarity_insight_generation_requests_total\{status="success",model="rules"\} 1$/m,
  );
});

test('the ledger remembers the newest failures only, and knows no average before anything was loaded', () => {
  const ledger = new ModelLedger();
  assert.equal(ledger.loads(), { successful: 0, corrupt: 0, unanswered: 0, averageMs: null });
  for (let i = 0; i <= MOST_FAILURES_KEPT; i++) {
    ledger.failed({ atMs: i, operation: 'encode', model: null, reason: 'none' });
  }
  assert.is(ledger.failures().length, MOST_FAILURES_KEPT);
  assert.is(ledger.failures()[0]?.atMs, MOST_FAILURES_KEPT);
  assert.is(ledger.failures().at(-1)?.atMs, 1);
});

test.run();
