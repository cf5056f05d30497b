import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelEntry } from '../../../core/pat/installed/catalogue.ts';
import { MOST_FAILURES_KEPT, ModelLedger } from '../../../hosts/wiring/observe/model-ledger.ts';
import { ServiceMetrics } from '../../../hosts/wiring/observe/service-metrics.ts';

const request = { method: 'GET', route: '/api/v1/things/{thing_id}', status: 200, seconds: 0.004 };

test('requests are counted by method, route pattern and status, and timed by route', async () => {
  const metrics = new ServiceMetrics();
  metrics.http.ended(request);
  metrics.http.ended({ ...request, seconds: 0.2 });
  metrics.http.ended({ ...request, status: 404 });
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
  one.http.ended(request);
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

test('open websockets, rooms and streams are asked for whenever the metrics are read', async () => {
  const metrics = new ServiceMetrics();
  let open = 2;
  metrics.http.showOpen({ sockets: () => open, rooms: () => 1, streams: () => 3 });
  const text = await metrics.text();
  assert.match(text, /^clarity_websocket_connections 2$/m);
  assert.match(text, /^clarity_websocket_rooms 1$/m);
  assert.match(text, /^clarity_event_streams 3$/m);
  open = 0;
  assert.match(await metrics.text(), /^clarity_websocket_connections 0$/m);
});

test('narratives are counted by outcome and by what writes them', async () => {
  const metrics = new ServiceMetrics();
  metrics.models.narrative('success', 'rules', 0.01);
  assert.match(
    await metrics.text(),
    /^clarity_insight_generation_requests_total\{status="success",model="rules"\} 1$/m,
  );
});

test('a value that is not to be had is not shown, and keeps nobody from the others', async () => {
  const metrics = new ServiceMetrics();
  const shown = async () => /^clarity_job_queue_oldest_wait_seconds (.*)$/m.exec(await metrics.text())?.[1] ?? null;
  assert.is(await shown(), null);
  metrics.work.showOldestWait(() => Promise.resolve(1500));
  assert.is(await shown(), '1.5');
  metrics.work.showOldestWait(() => Promise.reject(new Error('the queue is gone')));
  assert.is(await shown(), null);
  // One that never answers is given up on.
  metrics.work.showOldestWait(() => new Promise(() => undefined));
  assert.is(await shown(), null);
  assert.match(await metrics.text(), /^clarity_http_requests_in_flight 0$/m);
});

test('the encoder is shown in the state that it was found in last, by the name of its engine without the version', async () => {
  const metrics = new ServiceMetrics();
  const entry = { size: 'S', name: 'PAT-S', converted: { sha256: 'f00d' } } as ModelEntry;
  metrics.models.described({ status: 'ready', name: 'PAT-S', engine: 'onnxruntime 1.30.0 (cpu)', message: '', entry });
  const ready = await metrics.text();
  assert.match(ready, /^clarity_pat_model_status\{status="ready"\} 1$/m);
  assert.match(ready, /^clarity_pat_model_status\{status="weights_corrupt"\} 0$/m);
  assert.match(
    ready,
    /^clarity_pat_current_version_info\{model_size="S",version="PAT-S",checksum="f00d",engine="onnxruntime"\} 1$/m,
  );
  metrics.models.described(null);
  const unreadable = await metrics.text();
  assert.match(unreadable, /^clarity_pat_model_status\{status="ready"\} 0$/m);
  assert.match(unreadable, /^clarity_pat_model_status\{status="unreadable"\} 1$/m);
  assert.not.match(unreadable, /^clarity_pat_current_version_info\{/m);
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
