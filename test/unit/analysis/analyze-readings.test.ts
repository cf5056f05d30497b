import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeReadings, type AnalyzeReadingsCommand } from '../../../core/analysis/analyze-readings.ts';
import { readAnalysis } from '../../../core/analysis/read-analysis.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { assertTruthful } from './document-nulls.ts';
import { constant, MONDAY_MS, UTC, WEEK_COUNTS } from './recordings.ts';

const RAW = '{"the body":"as it came"}';
/** One reading a minute. */
const command = (readings: Float64Array, changes: Partial<AnalyzeReadingsCommand> = {}): AnalyzeReadingsCommand => ({
  owner: ADA,
  signal: 'counts',
  timestampsMs: readings.map((_, i) => MONDAY_MS + i * 60_000),
  readings,
  zone: UTC,
  nonWear: 'none',
  encodedDays: null,
  raw: Buffer.from(RAW),
  ...changes,
});
const busy = (minutes: number): Float64Array => Float64Array.from({ length: minutes }, (_, i) => 1 + (i % 50));

async function assertNothingKept(world: World): Promise<void> {
  assert.equal(valueOf(await world.uploads.list(ADA, 10)), []);
  assert.equal(valueOf(await world.objects.list(ADA)), []);
}

test('readings are analysed, and the result and the body are kept and can be read afterwards', async () => {
  const world = memoryWorld();
  const record = valueOf(await analyzeReadings(world)(command(WEEK_COUNTS)));
  assertTruthful(record.document);
  assert.is(record.document.sleep.scored_sleep_minutes, 8003);
  assert.is(record.scope, 'window');
  assert.is(record.createdAtMs, NOW_MS);
  assert.is(record.document.input.sha256, world.digest.sha256Hex(RAW));

  const found = valueOf(await readAnalysis(world)({ owner: ADA, upload: record.upload, week: null }));
  assert.equal(JSON.stringify(found.analysis?.document), JSON.stringify(record.document));
  const { upload } = found;
  assert.equal(
    [upload.status, upload.kind, upload.progress, upload.timezone, upload.failure],
    ['completed', 'pat-counts', 1, 'UTC', null],
  );
  assert.is(upload.raw?.sha256, record.document.input.sha256);
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), RAW);
  assert.is(errorOf(await readAnalysis(world)({ owner: BOB, upload: record.upload, week: null })).kind, 'not-found');
});

test('what was sent and what was used of it is told', async () => {
  const { document } = valueOf(await analyzeReadings(memoryWorld())(command(WEEK_COUNTS)));
  assert.equal(document.input.sources, [
    {
      name: 'request',
      device: 'other',
      signal: 'activity_count',
      samples: 10_080,
      used: WEEK_COUNTS.reduce((sum, count) => sum + count, 0),
      set_aside: 0,
      reason: null,
    },
  ]);
  assert.match(document.data_quality.wear_rule, 'No non-wear rule was applied');
});

test('steps are analysed as steps', async () => {
  const world = memoryWorld();
  const record = valueOf(await analyzeReadings(world)(command(busy(1440), { signal: 'steps' })));
  assertTruthful(record.document);
  assert.is(record.document.input.kind, 'steps');
  assert.is(record.document.input.sources[0]?.signal, 'step_count');
  assert.is(record.document.sleep.scored_sleep_minutes, null);
  assert.match(record.document.data_quality.wear_rule, 'Steps do not show wear');
  assert.is(valueOf(await world.uploads.get(ADA, record.upload)).kind, 'pat-steps');
});

test('readings may come in any order and in short epochs', async () => {
  const seconds = Float64Array.from({ length: 2 * 1440 }, (_, i) => MONDAY_MS + i * 30_000).reverse();
  const { document } = valueOf(
    await analyzeReadings(memoryWorld())(command(constant(5, 2 * 1440), { timestampsMs: seconds })),
  );
  assert.is(document.window.start, '2025-01-06T00:00:00+00:00');
  assert.is(document.window.minutes, 1440);
  assert.is(document.rhythm.l5.mean, 10);
});

test('a reading with the timestamp of another is set aside with its amount', async () => {
  const readings = busy(701);
  const timestampsMs = readings.map((_, i) => MONDAY_MS + (i % 700) * 60_000);
  const { document } = valueOf(await analyzeReadings(memoryWorld())(command(readings, { timestampsMs })));
  const [source] = document.input.sources;
  assert.equal([source?.samples, source?.set_aside], [701, readings[700]]);
  assert.is(source?.reason, 'readings that repeat a timestamp');
});

test('a negative reading means "not computable" and is missing', async () => {
  const readings = busy(700);
  readings.fill(-0.01, 10, 20);
  const { document } = valueOf(await analyzeReadings(memoryWorld())(command(readings)));
  assert.is(document.data_quality.valid_minutes, 690);
  assert.equal(
    document.data_quality.gaps.map(({ minutes }) => minutes),
    [10],
  );
});

test('fewer valid minutes than ten hours are refused with both numbers, and nothing is kept', async () => {
  const world = memoryWorld();
  const missing = busy(700);
  missing.fill(-1, 0, 101);
  for (const readings of [busy(599), missing]) {
    assert.equal(errorOf(await analyzeReadings(world)(command(readings))), {
      kind: 'insufficient-data',
      validMinutes: 599,
      minimumValidMinutes: 600,
    });
  }
  await assertNothingKept(world);
  valueOf(await analyzeReadings(world)(command(busy(600))));
});

test('minutes that the non-wear rule takes away are not valid ones', async () => {
  const world = memoryWorld();
  const readings = busy(1440);
  readings.fill(0, 500, 1440);
  for (const nonWear of ['choi', 'troiano'] as const) {
    assert.equal(errorOf(await analyzeReadings(world)(command(readings, { nonWear }))), {
      kind: 'insufficient-data',
      validMinutes: 500,
      minimumValidMinutes: 600,
    });
  }
  await assertNothingKept(world);
  valueOf(await analyzeReadings(world)(command(readings)));
});

test('readings that lie too far apart are refused at the last of them, and nothing is kept', async () => {
  const world = memoryWorld();
  const readings = busy(700);
  const timestampsMs = readings.map((_, i) => MONDAY_MS + i * 60_000);
  timestampsMs[41] = MONDAY_MS + 93 * MS_PER_DAY;
  for (const [signal, pointer] of [
    ['counts', '/data_points/41/timestamp'],
    ['steps', '/timestamps/41'],
  ] as const) {
    const error = errorOf(await analyzeReadings(world)(command(readings, { timestampsMs, signal })));
    if (error.kind !== 'input-rejected') throw new Error(error.kind);
    assert.equal(error.issues, [
      {
        pointer,
        message: 'lies 93.0 days after the first reading; at most 92 days are analysed at once',
        code: 'span_too_long',
      },
    ]);
  }
  await assertNothingKept(world);
});

test('92 days are not too far apart', async () => {
  const readings = busy(700);
  const timestampsMs = readings.map((_, i) => MONDAY_MS + i * 60_000);
  timestampsMs[0] = MONDAY_MS + 92 * MS_PER_DAY + 60_000;
  timestampsMs[1] = MONDAY_MS + 60_000;
  const { document } = valueOf(await analyzeReadings(memoryWorld())(command(readings, { timestampsMs })));
  assert.is(document.window.minutes, 92 * 1440 + 1);
});

test('where the body cannot be kept there is no result either', async () => {
  const disk = portUnavailable('ObjectStore', 'put', 'the disk is full');
  const world = memoryWorld();
  const broken = { ...world, objects: replacing(world.objects, { put: failing(disk) }) };
  assert.equal(errorOf(await analyzeReadings(broken)(command(busy(700)))), disk);
  await assertNothingKept(world);
});

test('a result that cannot be kept is not given', async () => {
  const disk = portUnavailable('AnalysisStore', 'replaceForUpload', 'the disk is full');
  const world = memoryWorld();
  const broken = { ...world, analyses: replacing(world.analyses, { replaceForUpload: failing(disk) }) };
  assert.equal(errorOf(await analyzeReadings(broken)(command(busy(700)))), disk);
});

test('a new upload that is gone at once is a failure of the store', async () => {
  const world = memoryWorld();
  const gone = { kind: 'not-found', resource: 'processing', id: 'x' } as const;
  const broken = { ...world, uploads: replacing(world.uploads, { change: failing(gone) }) };
  assert.is(errorOf(await analyzeReadings(broken)(command(busy(700)))).kind, 'port-unavailable');
});

test.run();
