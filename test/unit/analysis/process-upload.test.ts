import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processUpload } from '../../../core/analysis/process-upload.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { ExportReader } from '../../../core/health-data/ports.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, userId, type ProcessingId } from '../../../core/kernel/ids.ts';
import { isoDate, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, bytes, memoryWorld, NOW_MS, readerOf, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, WATCH } from '../sample-columns.ts';
import { assertTruthful } from './document-nulls.ts';
import { nightBlock, sleepMetric } from './metrics.ts';
import { BERLIN } from './recordings.ts';

/** A Monday. */
const DAY = parseIsoDate('2025-01-06') ?? Number.NaN;

/** Steps in every hour of so many days from the Monday, read in Berlin. */
const stepsFor = (days: number, firstDay = DAY): SampleColumns =>
  columnsOf(
    'step_count',
    Array.from({ length: days * 24 }, (_, hour) =>
      minutesFrom(startOfLocalDay(BERLIN, firstDay))(60 * hour, 60 * hour + 10, 100 + (hour % 24), WATCH),
    ),
  );

/** Accepts an export whose reader finds the batches. */
async function uploaded(world: World, timezone: string | null = null): Promise<Upload> {
  return valueOf(
    await acceptExport(world)({ owner: ADA, content: bytes('<HealthData/>'), limitBytes: 1000, timezone }),
  );
}
const worldWith = (...batches: readonly SampleColumns[]): World =>
  memoryWorld({ exports: readerOf(batches, { timeZones: [{ name: 'Europe/Berlin', count: 9 }] }) });
const work = (world: World, upload: Upload) =>
  processUpload(world)({ owner: ADA, upload: upload.processingId }).map((processed) => processed.upload);
const stateOf = async (world: World, id: ProcessingId): Promise<Upload> => valueOf(await world.uploads.get(ADA, id));
const analysesOf = async (world: World, upload: Upload) =>
  valueOf(await world.analyses.listForUpload(ADA, upload.processingId));

test('an export becomes samples, one window and its complete weeks', async () => {
  const world = worldWith(stepsFor(16));
  const upload = await uploaded(world);
  const done = valueOf(await work(world, upload));
  assert.equal(
    { status: done.status, progress: done.progress, message: done.message, failure: done.failure },
    { status: 'completed', progress: 1, message: 'Analysed: one window and 2 complete weeks.', failure: null },
  );
  assert.equal(done.counts, {
    accepted: { step_count: 16 * 24 },
    duplicates: {},
    rejected: [],
    span: {
      fromMs: startOfLocalDay(BERLIN, DAY),
      toMs: startOfLocalDay(BERLIN, DAY) + (16 * 24 - 1) * 3_600_000,
    },
    timeZone: 'Europe/Berlin',
  });
  const records = await analysesOf(world, upload);
  assert.equal(
    records.map(({ scope, document }) => [scope, document.window.start.slice(0, 10), document.activity.daily.length]),
    [
      ['window', '2025-01-06', 16],
      ['week', '2025-01-06', 7],
      ['week', '2025-01-13', 7],
    ],
  );
  for (const { document, owner, createdAtMs, upload: of } of records) {
    assertTruthful(document);
    assert.is(document.window.timezone, 'Europe/Berlin');
    assert.is(document.input.sha256, upload.raw?.sha256);
    assert.equal([owner, createdAtMs, of], [ADA, NOW_MS, upload.processingId]);
  }
  assert.is(new Set(records.map(({ analysisId }) => analysisId)).size, 3);
});

test('a single complete week is told in the singular', async () => {
  const world = worldWith(stepsFor(7));
  assert.is(valueOf(await work(world, await uploaded(world))).message, 'Analysed: one window and 1 complete week.');
});

test('an upload of less than a week has a window and no week', async () => {
  const world = worldWith(stepsFor(6));
  const upload = await uploaded(world);
  valueOf(await work(world, upload));
  assert.equal(
    (await analysesOf(world, upload)).map(({ scope }) => scope),
    ['window'],
  );
});

test('a complete week in which nothing is known has no result of its own', async () => {
  const world = worldWith(stepsFor(7), stepsFor(7, DAY + 14));
  const upload = await uploaded(world);
  valueOf(await work(world, upload));
  assert.equal(
    (await analysesOf(world, upload))
      .filter(({ scope }) => scope === 'week')
      .map(({ document }) => document.window.start.slice(0, 10)),
    ['2025-01-06', '2025-01-20'],
  );
});

test('importing the same export again adds nothing, and its result is the same', async () => {
  const world = worldWith(stepsFor(8));
  const first = await uploaded(world);
  valueOf(await work(world, first));
  const again = await uploaded(world);
  const { counts } = valueOf(await work(world, again));
  assert.equal(counts.accepted, {});
  assert.equal(counts.duplicates, { step_count: 8 * 24 });
  const documents = await Promise.all(
    [first, again].map(async (upload) => (await analysesOf(world, upload)).map(({ document }) => document)),
  );
  assert.equal(documents[0], documents[1]);
});

test('working on the same upload twice leaves one set of results', async () => {
  const world = worldWith(stepsFor(8));
  const upload = await uploaded(world);
  valueOf(await work(world, upload));
  valueOf(await work(world, upload));
  assert.is((await analysesOf(world, upload)).length, 2);
});

test('progress and message are told while the import runs', async () => {
  const world = worldWith(stepsFor(1), stepsFor(1, DAY + 1));
  const seen: [number, string][] = [];
  const uploads = replacing(world.uploads, {
    change: (owner, id, change, nowMs) => {
      if (change.progress !== undefined) seen.push([change.progress, change.message ?? '']);
      return world.uploads.change(owner, id, change, nowMs);
    },
  });
  const upload = await uploaded(world);
  valueOf(await work({ ...world, uploads }, upload));
  assert.equal(seen, [
    [0.4, 'Importing: 24 samples so far.'],
    [0.8, 'Importing: 48 samples so far.'],
    [0.8, 'Analysing.'],
    [1, 'Analysed: one window and 0 complete weeks.'],
  ]);
});

test('the zone is the requested one, before what the export names', async () => {
  const world = worldWith(stepsFor(1));
  const upload = await uploaded(world, 'America/New_York');
  valueOf(await work(world, upload));
  assert.is((await analysesOf(world, upload))[0]?.document.window.timezone, 'America/New_York');
});

test('without a named zone the offset that most samples carry is taken, and kept with the upload', async () => {
  const world = memoryWorld({
    exports: readerOf([stepsFor(1)], { utcOffsets: [{ minutes: 60, count: 5 }] }),
  });
  const upload = await uploaded(world);
  const { counts } = valueOf(await work(world, upload));
  assert.is(counts.timeZone, 'UTC+01:00');
  assert.is((await analysesOf(world, upload))[0]?.document.window.timezone, 'UTC+01:00');
});

test('a zone name that this system does not know falls back to the offset', async () => {
  const summary = { timeZones: [{ name: 'Mars/Olympus', count: 9 }], utcOffsets: [{ minutes: 60, count: 5 }] };
  const world = memoryWorld({ exports: readerOf([stepsFor(1)], summary) });
  const upload = await uploaded(world);
  valueOf(await work(world, upload));
  assert.is((await analysesOf(world, upload))[0]?.document.window.timezone, 'UTC+01:00');
});

const metricsUpload = (id: string, changes: Partial<Upload> = {}): Upload => ({
  ...newUpload({
    owner: ADA,
    processingId: processingId(id),
    kind: 'health-data',
    uploadSource: 'app',
    timezone: null,
    syncToken: null,
    nowMs: NOW_MS,
  }),
  ...changes,
});

test('an upload that tells no zone is analysed in that of the newest upload that tells one', async () => {
  const world = worldWith(stepsFor(7));
  valueOf(await work(world, await uploaded(world)));
  const readings = metricsUpload('readings', { kind: 'pat-steps', timezone: 'Asia/Tokyo', createdAtMs: NOW_MS + 1 });
  const metrics = metricsUpload('metrics', { createdAtMs: NOW_MS + 2 });
  for (const upload of [readings, metrics]) valueOf(await world.uploads.insert(upload));
  valueOf(await work(world, metrics));
  assert.is((await analysesOf(world, metrics))[0]?.document.window.timezone, 'Europe/Berlin');
});

test('without any zone told by anybody days are counted in UTC', async () => {
  const world = memoryWorld();
  const upload = metricsUpload('metrics');
  valueOf(await world.uploads.insert(upload));
  valueOf(await world.metrics.append(ADA, [sleepMetric(nightBlock('2025-01-06', '2025-01-07'))]));
  const done = valueOf(await work(world, upload));
  assert.is(done.message, 'Analysed: one window and 0 complete weeks.');
  const [record] = await analysesOf(world, upload);
  assert.is(record?.document.window.timezone, 'UTC');
  assert.is(record?.document.input.sha256, '');
});

test('an upload without anything to analyse is completed, and says so', async () => {
  const world = memoryWorld();
  const done = valueOf(await work(world, await uploaded(world)));
  assert.is(done.status, 'completed');
  assert.match(done.message, 'There is nothing to analyse yet: there are no step');
});

test('an unreadable export is impossible to work on: the place is named, and the file is kept', async () => {
  const exports: ExportReader = {
    read: () =>
      errAsync({
        kind: 'export-unreadable',
        code: 'broken-zip',
        message: 'The archive ends in the middle.',
        place: 'byte 4711',
      }),
  };
  const world = memoryWorld({ exports });
  const upload = await uploaded(world);
  assert.equal(errorOf(await work(world, upload)), {
    kind: 'processing-impossible',
    failure: { code: 'broken-zip', reason: 'The archive ends in the middle (byte 4711)' },
  });
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), '<HealthData/>');
});

test('what was read before an export turns out to be broken stays stored', async () => {
  const steps = stepsFor(1);
  const exports: ExportReader = {
    read: (file, sink) =>
      sink([steps], { bytesRead: 1, bytesTotal: file.sizeBytes }).andThen(() =>
        errAsync({
          kind: 'export-unreadable' as const,
          code: 'broken-zip' as const,
          message: 'Broken.',
          place: 'line 9',
        }),
      ),
  };
  const world = memoryWorld({ exports });
  const upload = await uploaded(world);
  assert.is(errorOf(await work(world, upload)).kind, 'processing-impossible');
  assert.equal(valueOf(await world.samples.daysWithData(ADA, ['step_count'])).length, 2);
});

test('an unknown upload, and that of somebody else, are not found', async () => {
  const world = worldWith(stepsFor(1));
  const upload = await uploaded(world);
  assert.is(errorOf(await processUpload(world)({ owner: BOB, upload: upload.processingId })).kind, 'not-found');
  assert.is(errorOf(await processUpload(world)({ owner: ADA, upload: processingId('none') })).kind, 'not-found');
});

test('a kept file that is gone, or was never there, is not worth another try', async () => {
  const world = worldWith(stepsFor(1));
  const upload = await uploaded(world);
  valueOf(await world.objects.delete(ADA, upload.raw?.key ?? ''));
  const never = metricsUpload('never-kept', { kind: 'healthkit-export' });
  valueOf(await world.uploads.insert(never));
  for (const broken of [upload, never]) {
    const error = errorOf(await work(world, broken));
    assert.ok(error.kind === 'port-unavailable' && !error.retryable, JSON.stringify(error));
  }
});

test('an upload deleted while it is imported is not worth another try, one deleted later is not found', async () => {
  for (const [deletedAt, expected] of [
    ['Importing', 'port-unavailable'],
    ['Analysing', 'not-found'],
  ] as const) {
    const world = worldWith(stepsFor(1));
    const upload = await uploaded(world);
    const uploads = replacing(world.uploads, {
      change: (owner, id, change, nowMs) =>
        (change.message?.startsWith(deletedAt) === true ? world.uploads.delete(owner, id) : okAsync(undefined)).andThen(
          () => world.uploads.change(owner, id, change, nowMs),
        ),
    });
    const error = errorOf(await work({ ...world, uploads }, upload));
    assert.is(error.kind, expected);
    if (error.kind === 'port-unavailable') assert.not(error.retryable);
  }
});

test('whatever store fails, the error is passed on and nothing is called completed', async () => {
  const disk = portUnavailable('SomeStore', 'write', 'the disk is full');
  const breaks: ((world: World) => Partial<World>)[] = [
    ({ objects }) => ({ objects: replacing(objects, { open: failing(disk) }) }),
    ({ samples }) => ({ samples: replacing(samples, { append: failing(disk) }) }),
    ({ samples }) => ({ samples: replacing(samples, { daysWithData: failing(disk) }) }),
    ({ samples }) => ({ samples: replacing(samples, { read: failing(disk) }) }),
    ({ metrics }) => ({ metrics: replacing(metrics, { list: failing(disk) }) }),
    ({ analyses }) => ({ analyses: replacing(analyses, { replaceForUpload: failing(disk) }) }),
    ({ uploads }) => ({ uploads: replacing(uploads, { change: failing(disk) }) }),
    () => ({ exports: { read: failing(disk) } }),
  ];
  for (const broken of breaks) {
    const world = worldWith(stepsFor(8));
    const upload = await uploaded(world);
    assert.equal(errorOf(await work({ ...world, ...broken(world) }, upload)), disk);
    assert.is((await stateOf(world, upload.processingId)).status, 'processing');
    assert.equal(await analysesOf(world, upload), []);
  }
});

test('a list of uploads that cannot be read is a failure, not UTC', async () => {
  const disk = portUnavailable('UploadStore', 'list', 'the disk is full');
  const world = memoryWorld();
  const upload = metricsUpload('metrics');
  valueOf(await world.uploads.insert(upload));
  const broken = { ...world, uploads: replacing(world.uploads, { list: failing(disk) }) };
  assert.equal(errorOf(await work(broken, upload)), disk);
});

test("another person's samples are in none of the results", async () => {
  const world = worldWith(stepsFor(7));
  const other = userId('33333333-3333-4333-8333-333333333333');
  valueOf(await world.samples.append(other, processingId('theirs'), [stepsFor(60, DAY)]));
  const upload = await uploaded(world);
  valueOf(await work(world, upload));
  const [window] = await analysesOf(world, upload);
  assert.equal(
    window?.document.activity.daily.map(({ date }) => date),
    Array.from({ length: 7 }, (_, i) => isoDate(DAY + i)),
  );
});

test.run();
