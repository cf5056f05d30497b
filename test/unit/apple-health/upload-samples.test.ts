import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  uploadSamples,
  type PlacedSample,
  type UploadSamplesCommand,
} from '../../../core/apple-health/upload-samples.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, textOf } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const RAW = '{"the body":"as it came"}';

const steps = (index: number, changes: Partial<PlacedSample> = {}): PlacedSample => ({
  pointer: `/quantity_samples/${index}`,
  identifier: 'HKQuantityTypeIdentifierStepCount',
  value: 100,
  unit: 'count',
  startDate: `2025-03-01T08:0${index}:00+01:00`,
  endDate: `2025-03-01T08:0${index}:30+01:00`,
  sourceName: 'Sam Watch',
  device: null,
  ...changes,
});
const command = (
  samples: readonly PlacedSample[],
  changes: Partial<UploadSamplesCommand> = {},
): UploadSamplesCommand => ({
  owner: ADA,
  samples,
  unreadable: [],
  unread: {},
  limits: { writtenAtMs: NOW_MS, zone: null },
  timezone: null,
  syncToken: 'sync-1',
  uploadSource: 'apple_health',
  raw: Buffer.from(RAW),
  ...changes,
});

test('good samples are stored, the body is kept, and the analysis is queued', async () => {
  const world = memoryWorld();
  const upload = valueOf(await uploadSamples(world)(command([steps(0), steps(1)])));
  assert.is(upload.processingId, `${ADA}-00000000000040008000000000000001`);
  assert.equal(
    [upload.kind, upload.status, upload.uploadSource, upload.syncToken, upload.message],
    ['healthkit', 'processing', 'apple_health', 'sync-1', 'Stored; the analysis is queued.'],
  );
  assert.equal(upload.counts, {
    accepted: { step_count: 2 },
    duplicates: {},
    rejected: [],
    span: { fromMs: Date.UTC(2025, 2, 1, 7), toMs: Date.UTC(2025, 2, 1, 7, 1) },
    timeZone: 'UTC+01:00',
  });
  assert.equal(valueOf(await world.uploads.get(ADA, upload.processingId)), upload);
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), RAW);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000))?.upload, upload.processingId);
  const [columns] = valueOf(await world.samples.read(ADA, ['step_count'], { fromMs: 0, toMs: NOW_MS }));
  assert.equal(Array.from(columns?.value ?? []), [100, 100]);
});

test('samples sent again are counted as duplicates', async () => {
  const world = memoryWorld();
  valueOf(await uploadSamples(world)(command([steps(0)])));
  const { counts } = valueOf(await uploadSamples(world)(command([steps(0), steps(1)])));
  assert.equal([counts.accepted, counts.duplicates], [{ step_count: 1 }, { step_count: 1 }]);
  const foreign = valueOf(await uploadSamples(world)(command([steps(0)], { owner: BOB })));
  assert.equal(foreign.counts.accepted, { step_count: 1 });
});

test('what is not right is set aside and counted by reason, with the place of the first', async () => {
  const world = memoryWorld();
  const { counts } = valueOf(
    await uploadSamples(world)(
      command([
        steps(0),
        steps(1, { value: -3 }),
        steps(2, { value: 'many' }),
        steps(3, { endDate: '2025-03-01T07:00:00+01:00' }),
        steps(4, { startDate: '1970-01-01T00:00:00Z', endDate: '1970-01-01T00:00:00Z' }),
        steps(5, { identifier: 'HKQuantityTypeIdentifierBananas' }),
        steps(6, { value: -4 }),
      ]),
    ),
  );
  assert.equal(counts.accepted, { step_count: 1 });
  assert.equal(counts.rejected.map(({ code, count, firstAt }) => [code, count, firstAt]).sort(), [
    ['bad-value', 1, '/quantity_samples/2'],
    ['date-out-of-range', 1, '/quantity_samples/4'],
    ['ends-before-start', 1, '/quantity_samples/3'],
    ['unknown-type', 1, '/quantity_samples/5'],
    ['value-out-of-range', 2, '/quantity_samples/1'],
  ]);
});

test('list items that are no samples, and parts that are not read, are told too', async () => {
  const { counts } = valueOf(
    await uploadSamples(memoryWorld())(
      command([steps(0)], {
        unreadable: [{ pointer: '/category_samples/7', message: '/value is required' }],
        unread: { workouts: 2, correlation_samples: 0 },
      }),
    ),
  );
  assert.equal(counts.rejected, [
    {
      code: 'malformed-sample',
      message: 'A sample is not of the documented form: /value is required.',
      count: 1,
      firstAt: '/category_samples/7',
    },
    {
      code: 'kept-unread',
      message: 'workouts are kept with the raw upload and make no samples.',
      count: 2,
      firstAt: '/workouts/0',
    },
  ]);
});

test('the zone kept with the upload is the offset that most samples carry', async () => {
  const winter = (index: number) => steps(index, { startDate: '2025-03-01T08:00:00+02:00', value: index });
  const zoneOf = async (samples: readonly PlacedSample[]) =>
    valueOf(await uploadSamples(memoryWorld())(command(samples))).counts.timeZone;
  assert.is(await zoneOf([steps(0), winter(1), winter(2)]), 'UTC+02:00');
  assert.is(await zoneOf([steps(0), winter(1)]), 'UTC+01:00');
  const utc = { startDate: '2025-03-01T08:00:00Z', endDate: '2025-03-01T08:00:30Z' };
  assert.is(await zoneOf([steps(0, utc)]), null, 'Z does not tell where the sample was recorded');
  assert.is(await zoneOf([]), null);
});

test('an upload without samples is kept all the same', async () => {
  const upload = valueOf(await uploadSamples(memoryWorld())(command([])));
  assert.equal([upload.status, upload.counts.span], ['processing', null]);
});

test('a store that fails is the failure of the upload, and the body is still there', async () => {
  const down = portUnavailable('SampleStore', 'append', 'the disk is full');
  const world = memoryWorld();
  const broken = { ...world, samples: replacing(world.samples, { append: failing(down) }) };
  assert.equal(errorOf(await uploadSamples(broken)(command([steps(0)]))), down);
  const [upload] = valueOf(await world.uploads.list(ADA, 10));
  assert.is(await textOf(world.objects.open(ADA, upload?.raw?.key ?? '')), RAW);
});

test.run();
