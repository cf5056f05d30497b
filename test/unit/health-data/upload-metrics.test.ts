import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Metric } from '../../../core/health-data/model.ts';
import {
  canonicalJson,
  uploadMetrics,
  type MetricDraft,
  type UploadMetricsCommand,
} from '../../../core/health-data/upload-metrics.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const RAW = '{"metrics":["as they came"]}';
const MEASURED_MS = Date.UTC(2025, 2, 1, 8);

const draft = (changes: Partial<MetricDraft> = {}): MetricDraft => ({
  index: 0,
  metricId: null,
  metricType: 'heart_rate',
  createdAtMs: MEASURED_MS,
  sleepTimes: null,
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: { heart_rate: 61 },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  ...changes,
});
const command = (
  drafts: readonly MetricDraft[],
  changes: Partial<UploadMetricsCommand> = {},
): UploadMetricsCommand => ({
  owner: ADA,
  uploadSource: 'app',
  syncToken: 'sync-1',
  drafts,
  rejectedEarlier: 0,
  raw: Buffer.from(RAW),
  ...changes,
});
const send = async (world: World, ...drafts: readonly MetricDraft[]) =>
  valueOf(await uploadMetrics(world)(command(drafts)));
const stored = async (world: World): Promise<readonly Metric[]> => {
  const query = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1000, offset: 0, after: null };
  return valueOf(await world.metrics.list(ADA, query)).metrics;
};

test('good metrics are stored with their upload, and the analysis is queued', async () => {
  const world = memoryWorld();
  const receipt = await send(
    world,
    draft({ metricId: 'a', deviceId: 'watch-1', rawData: { x: 1 }, metadata: { y: 2 } }),
    draft({ metricId: 'b', metricType: 'blood_glucose', biometric_data: { blood_glucose: 90 } }),
  );
  assert.equal(receipt, {
    processingId: '00000000-0000-4000-8000-000000000001',
    stored: 2,
    duplicates: 0,
    rejected: [],
    receivedAtMs: NOW_MS,
  });
  const [b, a] = await stored(world);
  assert.is(b?.metricId, 'b');
  const { fingerprint, ...rest } = a as Metric;
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(rest, {
    biometric_data: { heart_rate: 61 },
    sleep_data: null,
    activity_data: null,
    mental_health_data: null,
    metricId: 'a',
    metricType: 'heart_rate',
    processingId: receipt.processingId,
    uploadSource: 'app',
    createdAtMs: MEASURED_MS,
    deviceId: 'watch-1',
    rawData: { x: 1 },
    metadata: { y: 2 },
  });
  const upload = valueOf(await world.uploads.get(ADA, receipt.processingId));
  assert.equal(
    [upload.kind, upload.status, upload.syncToken, upload.uploadSource, upload.counts.accepted],
    ['health-data', 'processing', 'sync-1', 'app', { heart_rate: 1, blood_glucose: 1 }],
  );
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), RAW);
  assert.match(upload.raw?.key ?? '', /^raw_data\/2025\/03\/03\//);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000))?.upload, receipt.processingId);
});

test('a metric that breaks a rule is set aside by itself, with its place; the others are stored', async () => {
  const world = memoryWorld();
  const receipt = valueOf(
    await uploadMetrics(world)(
      command(
        [
          draft({ index: 0 }),
          draft({ index: 2, biometric_data: null }),
          draft({ index: 5, metricType: 'environmental', biometric_data: null }),
        ],
        { rejectedEarlier: 3 },
      ),
    ),
  );
  assert.is(receipt.stored, 1);
  assert.equal(
    receipt.rejected.map(({ index, issues }) => [index, issues.map(({ pointer }) => pointer)]),
    [
      [2, ['/biometric_data']],
      [5, ['']],
    ],
  );
  const { counts } = valueOf(await world.uploads.get(ADA, receipt.processingId));
  assert.equal(
    counts.rejected.map(({ code, count }) => [code, count]),
    [['invalid-metric', 5]],
  );
});

test('a metric of the same type, instant and values is a duplicate, whatever its id', async () => {
  const world = memoryWorld();
  await send(world, draft({ metricId: 'a' }));
  const receipt = await send(world, draft({ metricId: 'b' }), draft({ biometric_data: { heart_rate: 62 } }));
  assert.equal([receipt.stored, receipt.duplicates], [1, 1]);
  assert.is((await stored(world)).length, 2);
  const { counts } = valueOf(await world.uploads.get(ADA, receipt.processingId));
  assert.equal([counts.accepted, counts.duplicates], [{ heart_rate: 1 }, { heart_rate: 1 }]);
});

test('a metric with an id that is there already is a duplicate, whatever its values', async () => {
  const world = memoryWorld();
  await send(world, draft({ metricId: 'a' }));
  assert.is((await send(world, draft({ metricId: 'a', biometric_data: { heart_rate: 99 } }))).duplicates, 1);
});

test('the same metric twice in one upload is stored once', async () => {
  const receipt = await send(memoryWorld(), draft(), draft({ index: 1 }));
  assert.equal([receipt.stored, receipt.duplicates], [1, 1]);
});

test('another instant or another type with the same values is another metric', async () => {
  const receipt = await send(
    memoryWorld(),
    draft(),
    draft({ createdAtMs: MEASURED_MS + 1 }),
    draft({ metricType: 'blood_oxygen' }),
  );
  assert.equal([receipt.stored, receipt.duplicates], [3, 0]);
});

test('metrics without an instant of their own are never taken for each other', async () => {
  const world = memoryWorld();
  const receipt = await send(world, draft({ createdAtMs: null }), draft({ index: 1, createdAtMs: null }));
  assert.is(receipt.stored, 2);
  assert.ok((await stored(world)).every(({ createdAtMs }) => createdAtMs === NOW_MS));
  const named = await send(
    world,
    draft({ createdAtMs: null, metricId: 'a' }),
    draft({ createdAtMs: null, metricId: 'b' }),
  );
  assert.is(named.stored, 2);
});

test("another person's equal metric is no duplicate", async () => {
  const world = memoryWorld();
  await send(world, draft({ metricId: 'a' }));
  const receipt = valueOf(await uploadMetrics(world)(command([draft({ metricId: 'a' })], { owner: BOB })));
  assert.is(receipt.stored, 1);
});

test('a batch of which nothing is right is kept as it came, and stores nothing', async () => {
  const world = memoryWorld();
  const receipt = await send(world, draft({ biometric_data: null }));
  assert.equal([receipt.stored, receipt.rejected.length], [0, 1]);
  assert.equal(await stored(world), []);
});

test('a store that fails is the failure of the upload, and the body is still there', async () => {
  const down = portUnavailable('MetricStore', 'append', 'the database is locked');
  const world = memoryWorld();
  const broken = { ...world, metrics: replacing(world.metrics, { append: failing(down) }) };
  assert.equal(errorOf(await uploadMetrics(broken)(command([draft()]))), down);
  const [upload] = valueOf(await world.uploads.list(ADA, 10));
  assert.is(await textOf(world.objects.open(ADA, upload?.raw?.key ?? '')), RAW);
});

test('canonical JSON does not depend on the order of members, and leaves out nulls', () => {
  assert.is(canonicalJson({ b: 1, a: [null, 'x', { d: null, c: undefined }] }), '{"a":[null,"x",{}],"b":1}');
  assert.is(canonicalJson(undefined), 'null');
});

test('canonical JSON of shuffled members is the same, and of other content another', () => {
  const withoutNulls = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, member: unknown) => (isObject(member) ? dropNulls(member) : member)));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.is(canonicalJson(reversed), canonicalJson(value));
      assert.equal(JSON.parse(canonicalJson(value)), withoutNulls(value));
    }),
  );
});
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const dropNulls = (value: Record<string, unknown>): unknown =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));

test.run();
