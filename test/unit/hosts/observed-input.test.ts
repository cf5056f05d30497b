import { errAsync, okAsync } from 'neverthrow';
import { pino } from 'pino';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import type { JobOutcome, RunJobPorts } from '../../../core/analysis/run-next-job.ts';
import type { ExportReader, ExportSummary } from '../../../core/health-data/ports.ts';
import type { Narrator } from '../../../core/insights/ports.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import type { ActigraphyModel, ModelRepository, ModelUnavailable, VerifiedModel } from '../../../core/pat/ports.ts';
import { newCounting, type Counting } from '../../../hosts/wiring/observe/counting.ts';
import { observedInput } from '../../../hosts/wiring/observe/observed-input.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { memoryStorage } from '../../../hosts/wiring/storage.ts';
import {
  ADA,
  MODEL_WITHOUT_WEIGHTS,
  NOW_MS,
  READY_MODEL,
  replacing,
  SettableClock,
  TEST_ENTRY,
} from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, WATCH } from '../sample-columns.ts';

const UPLOAD = processingId('33333333-3333-4333-8333-333333333333');
/** A file without bytes. */
const NOTHING: AsyncIterable<Uint8Array> = (async function* () {})();
const WEEK = [new Float32Array(10_080)];

const upload = newUpload({
  owner: ADA,
  processingId: UPLOAD,
  kind: 'health-data',
  uploadSource: 'a secret name',
  timezone: null,
  syncToken: null,
  nowMs: NOW_MS,
});

/** A graph's input in which everything is counted, on a stopwatch that the test turns. */
function counted() {
  const clock = new SettableClock();
  const stopwatch = { ms: 0 };
  const facts: string[] = [];
  const counting = newCounting({
    clock,
    elapsedMs: () => stopwatch.ms,
    noteFact: (fact) => facts.push(fact),
  });
  const input = observedInput(
    { config: valueOf(readConfig({})), logger: pino({ level: 'silent' }), storage: memoryStorage() },
    counting,
  );
  return { counting, clock, stopwatch, facts, input, storage: input.storage };
}

const lines = async ({ metrics }: Counting): Promise<readonly string[]> => (await metrics.text()).split('\n');

async function shows(counting: Counting, ...expected: readonly string[]): Promise<void> {
  const text = await lines(counting);
  for (const line of expected) assert.ok(text.includes(line), `${line}\nis not among\n${text.join('\n')}`);
}

async function hides(counting: Counting, pattern: RegExp): Promise<void> {
  for (const line of await lines(counting)) assert.not.match(line, pattern);
}

test('uploads are counted in each state that they come to, by kind and never by what the client calls them', async () => {
  const { counting, storage } = counted();
  valueOf(await storage.uploads.insert(upload));
  valueOf(await storage.uploads.change(ADA, UPLOAD, { status: 'processing' }, NOW_MS));
  valueOf(await storage.uploads.change(ADA, UPLOAD, { progress: 0.5 }, NOW_MS));
  valueOf(await storage.uploads.change(ADA, UPLOAD, { status: 'completed' }, NOW_MS));
  await shows(
    counting,
    'clarity_health_data_uploads_total{status="received",source="health-data"} 1',
    'clarity_health_data_uploads_total{status="processing",source="health-data"} 1',
    'clarity_health_data_uploads_total{status="completed",source="health-data"} 1',
  );
  await hides(counting, /secret|11111111|33333333|clarity_failed_jobs_total\{/);
});

test('a failed upload is counted by its kind and the code of its failure', async () => {
  const { counting, storage } = counted();
  valueOf(await storage.uploads.insert(upload));
  const failure = { code: 'no-usable-samples', reason: 'none' };
  valueOf(await storage.uploads.change(ADA, UPLOAD, { status: 'failed', failure }, NOW_MS));
  valueOf(await storage.uploads.change(ADA, UPLOAD, { status: 'failed', failure: null }, NOW_MS));
  await shows(
    counting,
    'clarity_health_data_uploads_total{status="failed",source="health-data"} 2',
    'clarity_failed_jobs_total{job_type="health-data",error_type="no-usable-samples"} 1',
    'clarity_failed_jobs_total{job_type="health-data",error_type="unknown"} 1',
  );
});

test('what a store refuses is not counted, and the refusal goes through', async () => {
  const { counting, storage } = counted();
  const error = errorOf(await storage.uploads.change(ADA, UPLOAD, { status: 'completed' }, NOW_MS));
  assert.is(error.kind, 'not-found');
  const down = portUnavailable('UploadStore', 'insert', 'down');
  const broken = observedInput(
    {
      config: valueOf(readConfig({})),
      logger: pino({ level: 'silent' }),
      storage: {
        ...memoryStorage(),
        uploads: replacing(memoryStorage().uploads, { insert: () => errAsync(down) }),
        metrics: replacing(memoryStorage().metrics, { append: () => errAsync(down) }),
        samples: replacing(memoryStorage().samples, { append: () => errAsync(down) }),
        queue: replacing(memoryStorage().queue, { claim: () => errAsync(down) }),
      },
    },
    counting,
  ).storage;
  assert.is(errorOf(await broken.uploads.insert(upload)), down);
  assert.is(errorOf(await broken.metrics.append(ADA, [metric('1', 'heart_rate')])), down);
  assert.is(errorOf(await broken.samples.append(ADA, UPLOAD, [])), down);
  assert.is(errorOf(await broken.queue.claim(NOW_MS, 1000)), down);
  await hides(counting, /^clarity_(health|samples)\w+(_total)?\{/);
  await shows(counting, 'clarity_active_processing_jobs 0');
});

const metric = (id: string, metricType: 'heart_rate' | 'activity_level') => ({
  metricId: id,
  fingerprint: `fingerprint ${id}`,
  processingId: UPLOAD,
  metricType,
  createdAtMs: NOW_MS,
  uploadSource: 'watch',
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: null,
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
});

test('metrics are counted by type when they are stored, and not again when they come twice', async () => {
  const { counting, storage } = counted();
  const batch = [metric('1', 'heart_rate'), metric('2', 'heart_rate'), metric('3', 'activity_level')];
  valueOf(await storage.metrics.append(ADA, batch));
  assert.not.ok(valueOf(await storage.metrics.append(ADA, batch)).includes('stored'));
  await shows(
    counting,
    'clarity_health_metrics_processed_total{metric_type="heart_rate"} 2',
    'clarity_health_metrics_processed_total{metric_type="activity_level"} 1',
  );
});

test('samples are counted by type when they are stored, and not again when they come twice', async () => {
  const { counting, storage } = counted();
  const sample = minutesFrom(NOW_MS);
  const batch = columnsOf('active_energy', [sample(0, 1, 10, WATCH), sample(1, 2, 20, WATCH)]);
  valueOf(await storage.samples.append(ADA, UPLOAD, [batch]));
  valueOf(await storage.samples.append(ADA, UPLOAD, [batch]));
  await shows(counting, 'clarity_samples_stored_total{sample_type="active_energy"} 2');
});

test('a job is active from its taking to its settling, and how long that was is kept', async () => {
  const { counting, storage, stopwatch } = counted();
  assert.is(valueOf(await storage.queue.claim(NOW_MS, 1000)), null);
  for (const id of ['a', 'b', 'c']) valueOf(await storage.queue.enqueue({ id, owner: ADA, upload: UPLOAD }, NOW_MS));
  const [first, second, third] = [
    valueOf(await storage.queue.claim(NOW_MS, 1000)),
    valueOf(await storage.queue.claim(NOW_MS, 1000)),
    valueOf(await storage.queue.claim(NOW_MS, 1000)),
  ];
  if (first === null || second === null || third === null) throw new Error('no job was handed out');
  await shows(counting, 'clarity_active_processing_jobs 3');
  stopwatch.ms = 2000;
  valueOf(await storage.queue.complete(first));
  valueOf(await storage.queue.release(second, NOW_MS + 60_000));
  valueOf(await storage.queue.giveUp(third, 'it never works'));
  assert.is(errorOf(await storage.queue.complete(first)).kind, 'stale-receipt');
  await shows(
    counting,
    'clarity_active_processing_jobs 0',
    'clarity_health_data_processing_duration_seconds_sum{stage="job"} 6',
    'clarity_health_data_processing_duration_seconds_count{stage="job"} 3',
  );
});

test('calls of the encoder are counted and timed; what did not answer is remembered without its own words', async () => {
  const { counting, clock, stopwatch, input } = counted();
  const answering: ActigraphyModel = replacing(READY_MODEL, {
    encode: (weeks) => {
      stopwatch.ms += 500;
      return READY_MODEL.encode(weeks);
    },
  });
  const down = portUnavailable('ActigraphyModel', 'encode', 'SECRET words of an engine');
  const failing = replacing(READY_MODEL, { encode: () => errAsync(down) });
  const refusing = replacing(READY_MODEL, {
    encode: () => errAsync({ kind: 'not-encodable' as const, reason: 'nan' }),
  });
  const observe = (model: ActigraphyModel): ActigraphyModel => input.observeModel?.(model) ?? model;
  assert.is(valueOf(await observe(answering).encode(WEEK)).length, 1);
  assert.is(errorOf(await observe(failing).encode(WEEK)), down);
  assert.is(errorOf(await observe(refusing).encode(WEEK)).kind, 'not-encodable');
  assert.is(errorOf(await observe(MODEL_WITHOUT_WEIGHTS).encode(WEEK)).kind, 'model-unavailable');
  await shows(
    counting,
    'clarity_pat_inference_requests_total{status="success",engine="arithmetic",model_size="S"} 1',
    'clarity_pat_inference_requests_total{status="port-unavailable",engine="none",model_size="none"} 1',
    'clarity_pat_inference_requests_total{status="not-encodable",engine="none",model_size="none"} 1',
    'clarity_pat_inference_requests_total{status="model-unavailable",engine="none",model_size="none"} 1',
    'clarity_pat_inference_duration_seconds_sum{engine="arithmetic",model_size="S"} 0.5',
    'clarity_pat_inference_duration_seconds_count{engine="arithmetic",model_size="S"} 1',
  );
  assert.equal(counting.ledger.failures(), [
    { atMs: clock.now(), operation: 'encode', model: null, reason: 'ActigraphyModel.encode did not answer' },
  ]);
});

test('every reading of weights is noted: intact, damaged, or not answered', async () => {
  const { counting, stopwatch, input } = counted();
  const verified = { entry: TEST_ENTRY } as VerifiedModel;
  const corrupt: ModelUnavailable = { kind: 'model-unavailable', status: 'weights_corrupt', message: 'not the bytes' };
  const outcomes = [
    okAsync(verified),
    errAsync(corrupt),
    errAsync(portUnavailable('ModelRepository', 'readWeights', 'SECRET path')),
  ];
  const repository = {
    readWeights: () => {
      stopwatch.ms += 40;
      return outcomes.shift();
    },
  } as unknown as ModelRepository;
  const observed = input.observeModels?.(repository) ?? repository;
  assert.is(valueOf(await observed.readWeights(TEST_ENTRY)), verified);
  assert.equal(counting.ledger.weights().get(TEST_ENTRY.id), { atMs: NOW_MS, intact: true });
  assert.is(errorOf(await observed.readWeights(TEST_ENTRY)), corrupt);
  assert.equal(counting.ledger.weights().get(TEST_ENTRY.id), { atMs: NOW_MS, intact: false });
  assert.is(errorOf(await observed.readWeights(TEST_ENTRY)).kind, 'port-unavailable');
  assert.equal(counting.ledger.weights().get(TEST_ENTRY.id), { atMs: NOW_MS, intact: null });
  assert.equal(counting.ledger.loads(), { successful: 1, corrupt: 1, unanswered: 1, averageMs: 40 });
  assert.equal(
    counting.ledger.failures().map(({ model, reason }) => [model, reason]),
    [
      [TEST_ENTRY.id, 'ModelRepository.readWeights did not answer'],
      [TEST_ENTRY.id, 'not the bytes'],
    ],
  );
  await shows(
    counting,
    'clarity_pat_model_load_attempts_total{status="success"} 1',
    'clarity_pat_model_load_attempts_total{status="weights_corrupt"} 1',
    'clarity_pat_model_load_attempts_total{status="port-unavailable"} 1',
  );
});

test('narratives are counted by what wrote them, and one that was not written by its error', async () => {
  const { counting, input } = counted();
  const request = { facts: [], notComputed: [], insightType: 'comprehensive', includeRecommendations: true };
  const down = portUnavailable('Narrator', 'narrate', 'down');
  const observe = (narrator: Narrator): Narrator => input.observeNarrator?.(narrator) ?? narrator;
  assert.is(valueOf(await observe(rulesNarrator).narrate(request)).generator, 'rules');
  assert.is(errorOf(await observe({ narrate: () => errAsync(down) }).narrate(request)), down);
  await shows(
    counting,
    'clarity_insight_generation_requests_total{status="success",model="rules"} 1',
    'clarity_insight_generation_requests_total{status="port-unavailable",model="unknown"} 1',
  );
});

test('the time of a job is told apart: reading without what was stored meanwhile, storing, encoding, and the rest', async () => {
  const { counting, stopwatch, storage, input } = counted();
  const taking = (ms: number): void => {
    stopwatch.ms += ms;
  };
  const sample = minutesFrom(NOW_MS);
  const batch = columnsOf('active_energy', [sample(0, 1, 10, WATCH)]);
  const reader: ExportReader = {
    read: (_file, sink) => {
      taking(1000);
      return sink([batch], { bytesRead: 1, bytesTotal: 1 }).map(() => {
        taking(500);
        return {} as ExportSummary;
      });
    },
  };
  const samples = replacing(storage.samples, {
    append: (...given) => {
      taking(4000);
      return storage.samples.append(...given);
    },
  });
  const model = replacing(READY_MODEL, {
    encode: (weeks) => {
      taking(250);
      return READY_MODEL.encode(weeks);
    },
  });
  const ports = { ...storage, samples, model, exports: reader } as unknown as RunJobPorts;
  const job = { id: `${UPLOAD}/1`, owner: ADA, upload: UPLOAD, attempt: 1, receipt: 'r' };
  const outcome = await input.observeJob?.(job, ports, (timed) =>
    timed.exports
      .read({ sizeBytes: 1, stream: () => NOTHING }, (batches) =>
        timed.samples.append(ADA, UPLOAD, batches).map(() => undefined),
      )
      .andThen(() => timed.model.encode(WEEK))
      .map((): JobOutcome => {
        taking(70);
        return { kind: 'done', eventNotSent: null };
      })
      .mapErr(() => portUnavailable('ExportReader', 'read', 'never here')),
  );
  assert.equal(outcome?.unwrapOr(null), { kind: 'done', eventNotSent: null });
  const stage = (name: string, seconds: number) =>
    `clarity_health_data_processing_duration_seconds_sum{stage="${name}"} ${String(seconds)}`;
  await shows(counting, stage('read', 1.5), stage('store', 4), stage('encode', 0.25), stage('analyse', 0.07));
});

test('what is no method of a port, and what is not observed, goes through as it is', async () => {
  const { storage } = counted();
  valueOf(await storage.uploads.insert(upload));
  assert.equal(valueOf(await storage.uploads.get(ADA, UPLOAD)), upload);
  assert.is((storage.uploads as { readonly nothing?: string }).nothing, undefined);
});

test.run();
