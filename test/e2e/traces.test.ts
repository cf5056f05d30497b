import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeExportZip } from '../../adapters/apple-export/write-export.ts';
import { FileModelRepository } from '../../adapters/filesystem/model-repository.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { localZone } from '../../core/kernel/local-time.ts';
import { simulatePerson } from '../../core/simulation/simulate-person.ts';
import { newMarkers } from '../canaries/markers.ts';
import { hitsIn, told } from '../canaries/search-places.ts';
import { installWeights } from '../fixtures/pat/installed-models.ts';
import { seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { valueOf } from '../unit/result-values.ts';
import { batchOf, DENIED, EMAIL, startObserved } from './observed-service.ts';
import { startReceiver, type Received } from './receiver.ts';
import { untilProcessed } from './running-service.ts';

const traces = suite('traces');

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  readonly text: string;
}

/** Every span of the requests to a collector, in OTLP's JSON form. */
const spansOf = (received: readonly Received[]): readonly SentSpan[] =>
  received.flatMap(({ body }) =>
    (JSON.parse(body).resourceSpans as any[]).flatMap(({ scopeSpans }) =>
      (scopeSpans as any[]).flatMap(({ spans }) =>
        (spans as any[]).map((span) => ({
          ...span,
          attributes: Object.fromEntries(
            (span.attributes as any[]).map(({ key, value }) => [key, Object.values(value as object)[0]]),
          ),
          failed: span.status.code === 2,
          text: JSON.stringify(span),
        })),
      ),
    ),
  );

/** Whether all spans but one hang together, and that one is the beginning of them. */
function isOneTree(spans: readonly SentSpan[], root: SentSpan): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.every((span) => span === root || ids.has(span.parentSpanId ?? ''));
}

/** What this process has loaded of OpenTelemetry, but for its interfaces, which the metrics' library uses. */
const loaded = (): readonly string[] => [
  ...new Set(
    Object.keys(createRequire(import.meta.url).cache)
      .map((file) => /@opentelemetry\/([\w-]+)/.exec(file)?.[1] ?? 'api')
      .filter((name) => name !== 'api'),
  ),
];

traces('without a collector nothing of it is loaded', async () => {
  const service = await startObserved();
  await service.call('GET', '/health');
  await service.stop();
  assert.equal(loaded(), []);
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const REQUEST = '3f0e7f1c-6f3e-4e0c-9d55-3a1c5a0a7f11';

traces('a request and a job are a trace each, of everything that was done for them', async () => {
  const collector = await startReceiver();
  const markers = newMarkers();
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-traces-'));
  const exportFile = path.join(folder, 'export.zip');
  await installWeights(new FileModelRepository(folder, nodeDigest), 'PAT-S-seeded', seededWeights('S'));
  const person = simulatePerson({ seed: 3, days: 8, zone: valueOf(localZone('Europe/Berlin')) });
  valueOf(await writeExportZip(person, exportFile));
  const service = await startObserved({
    PAT_MODEL_BASE_DIR: folder,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc',
  });
  const { call, token, userId } = service;
  let id = '';
  try {
    const response = await fetch(`${service.url}/api/v1/healthkit/export`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/zip',
        traceparent: `00-${TRACE}-${CALLER}-01`,
        'x-request-id': REQUEST,
      },
      body: await readFile(exportFile),
    });
    assert.is(response.status, 202);
    id = ((await response.json()) as any).processing_id;
    assert.is((await untilProcessed(call, token, id)).json.status, 'completed');
    const batch = batchOf(userId);
    const json = {
      ...batch,
      upload_source: markers.mark('source'),
      metrics: batch.metrics.map((metric) => ({ ...metric, raw_data: { note: markers.mark('note') } })),
    };
    const sent = await call('POST', `/api/v1/health-data?${markers.mark('query')}=1`, { token, json });
    assert.is(sent.status, 201, sent.text);
    await call('POST', '/api/v1/insights', {
      token,
      json: { analysis_results: { sleep_efficiency: 0.9 }, context: markers.mark('context') },
    });
    service.troubles.set('insights.list', 'denied');
    assert.is((await call('GET', `/api/v1/insights/history/${userId}`, { token })).status, 503);
    service.troubles.set('insights.list', 'broken');
    assert.is((await call('GET', `/api/v1/insights/history/${userId}`, { token })).status, 500);
  } finally {
    await service.stop();
    await collector.close();
    await rm(folder, { recursive: true });
  }
  for (const { path: where, headers } of collector.received) {
    assert.is(where, '/v1/traces');
    assert.is(headers.authorization, 'Basic abc');
    assert.match(headers['content-type'] ?? '', 'application/json');
  }
  assert.ok(loaded().includes('sdk-trace-base'), 'what is loaded is seen');
  const spans = spansOf(collector.received);

  const upload = spans.find(({ attributes }) => attributes['clarity.request_id'] === REQUEST);
  assert.ok(upload !== undefined, 'the request is there');
  assert.is(upload.traceId, TRACE);
  assert.is(upload.parentSpanId, CALLER);
  assert.is(upload.name, 'POST /api/v1/healthkit/export');
  assert.equal(upload.attributes, {
    'clarity.request_id': REQUEST,
    'http.request.method': 'POST',
    'http.route': '/api/v1/healthkit/export',
    'http.response.status_code': 202,
  });
  const ofUpload = spans.filter(({ traceId }) => traceId === TRACE);
  assert.ok(isOneTree(ofUpload, upload));
  const names = ofUpload.map(({ name }) => name);
  for (const name of ['ObjectStore.put', 'UploadStore.insert', 'JobQueue.enqueue']) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(', ')}`);
  }
  assert.equal(ofUpload.find(({ name }) => name === 'UploadStore.insert')?.attributes, {
    'clarity.port': 'UploadStore',
    'clarity.operation': 'insert',
    'clarity.adapter': 'MemoryUploadStore',
  });

  const job = spans.find(({ attributes }) => String(attributes['clarity.job_id']).startsWith(`${id}/`));
  assert.ok(job !== undefined, 'the job is there');
  assert.is(job.name, 'job');
  assert.is(job.attributes['clarity.job_attempt'], 1);
  assert.is(job.failed, false);
  const ofJob = spans.filter(({ traceId }) => traceId === job.traceId);
  assert.ok(isOneTree(ofJob, job));
  const done = ofJob.map(({ name }) => name);
  for (const name of [
    'read export',
    'SampleStore.append',
    'SampleStore.read',
    'encode',
    'AnalysisStore.replaceForUpload',
    'JobQueue.complete',
  ]) {
    assert.ok(done.includes(name), `${name} is not among ${done.join(', ')}`);
  }

  const { attributes: encoder = {} } = ofJob.find(({ name }) => name === 'encode') ?? {};
  assert.match(String(encoder['clarity.engine']), /^[a-z]+$/);
  assert.is(encoder['clarity.model_size'], 'S');

  assert.ok(spans.some(({ name }) => name === 'narrate'));
  const failures = spans.filter(({ failed }) => failed);
  assert.equal(
    [...new Set(failures.map(({ name, attributes }) => `${name} ${String(attributes['error.type'])}`))].sort(),
    [
      'GET /api/v1/insights/history/{user_id} bug',
      'GET /api/v1/insights/history/{user_id} port-unavailable',
      'InsightStore.list bug',
      'InsightStore.list port-unavailable',
    ],
  );
  // Idle looks into the queue, which nobody waits for, are no traces.
  assert.not.ok(spans.some(({ name }) => name === 'JobQueue.claim'));

  const bytes = collector.received.map(({ body }) => body).join('\n');
  assert.equal(told(hitsIn('collector', bytes, markers.stem)), []);
  for (const secret of [userId, EMAIL, token, DENIED, 'not a function']) assert.not.ok(bytes.includes(secret), secret);
});

traces('a collector that fails or is not there disturbs nobody', async () => {
  const collector = await startReceiver();
  collector.answer = { status: 500 };
  const service = await startObserved({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await collector.close();
  const health = await service.call('GET', '/health');
  await service.stop();
  assert.is(health.status, 200);
  assert.not.match(service.logged.join(''), /"level":[56]0/);
});

traces('a caller can keep a trace from being sent, and cannot have more sent than the operator wants', async () => {
  const collector = await startReceiver();
  const ask = async (share: string, flags: string): Promise<number> => {
    const before = collector.received.length;
    const service = await startObserved({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: share,
    });
    await fetch(`${service.url}/health`, { headers: { traceparent: `00-${TRACE}-${CALLER}-${flags}` } });
    await service.stop();
    return spansOf(collector.received.slice(before)).filter(({ traceId }) => traceId === TRACE).length;
  };
  try {
    assert.equal([await ask('1', '01'), await ask('1', '00'), await ask('0', '01')], [1, 0, 0]);
  } finally {
    await collector.close();
  }
});

traces.run();
