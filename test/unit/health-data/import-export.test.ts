import { okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importExport, ImportTally } from '../../../core/health-data/import-export.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { ExportReader } from '../../../core/health-data/ports.ts';
import { ADA, bytes, memoryWorld, NOW_MS, readerOf, replacing, textOf, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, PHONE, WATCH } from '../sample-columns.ts';

const at = minutesFrom(NOW_MS);
const STEPS = columnsOf('step_count', [at(5, 6, 10, WATCH), at(1, 3, 20, PHONE)]);
const PULSE = columnsOf('heart_rate', [at(9, 9, 61, WATCH), at(9, 9, 61, WATCH), at(0, 0, 62, WATCH)]);
const NOTICE = { code: 'unknown-type', message: 'HKFoo is not kept.', count: 3, firstAt: 'line 12' };

const uploaded = async (world: World): Promise<Upload> =>
  valueOf(await acceptExport(world)({ owner: ADA, content: bytes('<HealthData/>'), limitBytes: 1000, timezone: null }));

test('what the store took and what it had already is counted by type, with the span of all samples', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS, PULSE], { notices: [NOTICE] }) });
  assert.equal(valueOf(await importExport(world)(await uploaded(world))), {
    counts: {
      accepted: { step_count: 2, heart_rate: 2 },
      duplicates: { heart_rate: 1 },
      rejected: [NOTICE],
      span: { fromMs: NOW_MS, toMs: NOW_MS + 9 * 60_000 },
      timeZone: null,
    },
    offsetMinutes: null,
  });
  const [stored] = valueOf(
    await world.samples.read(ADA, ['step_count'], { fromMs: NOW_MS, toMs: NOW_MS + 86_400_000 }),
  );
  assert.equal(Array.from(stored?.value ?? []), [20, 10]);
});

test('the most frequent zone and offset are told', async () => {
  const summary = {
    timeZones: [
      { name: 'Europe/Berlin', count: 9 },
      { name: 'Asia/Tokyo', count: 1 },
    ],
    utcOffsets: [
      { minutes: 60, count: 7 },
      { minutes: 540, count: 1 },
    ],
  };
  const world = memoryWorld({ exports: readerOf([STEPS], summary) });
  const { counts, offsetMinutes } = valueOf(await importExport(world)(await uploaded(world)));
  assert.is(counts.timeZone, 'Europe/Berlin');
  assert.is(offsetMinutes, 60);
});

test('an export without a usable sample has no span', async () => {
  const world = memoryWorld();
  const { counts } = valueOf(await importExport(world)(await uploaded(world)));
  assert.equal(counts, { accepted: {}, duplicates: {}, rejected: [], span: null, timeZone: null });
});

test('the reader is given the file as it was kept', async () => {
  let seen = '';
  const exports: ExportReader = {
    read: (file, sink) =>
      ResultAsync.fromSafePromise(textOf(okAsync(file)))
        .map((text) => (seen = text))
        .andThen(() => readerOf([STEPS]).read(file, sink)),
  };
  const world = memoryWorld({ exports });
  valueOf(await importExport(world)(await uploaded(world)));
  assert.is(seen, '<HealthData/>');
});

test('progress never passes the share of the import, whatever the reader says', async () => {
  const shares: number[] = [];
  const exports: ExportReader = {
    read: (file, sink) =>
      sink([STEPS], { bytesRead: 500, bytesTotal: 0 })
        .andThen(() => sink([PULSE], { bytesRead: 0, bytesTotal: 100 }))
        .andThen(() => readerOf([]).read(file, sink)),
  };
  const world = memoryWorld({ exports });
  const upload = await uploaded(world);
  const change: World['uploads']['change'] = (owner, id, to, nowMs) => {
    shares.push(to.progress ?? Number.NaN);
    return world.uploads.change(owner, id, to, nowMs);
  };
  const watched = { ...world, uploads: replacing(world.uploads, { change }) };
  valueOf(await importExport(watched)(upload));
  assert.equal(shares, [0.8, 0]);
});

test('a tally adds up over batches, and leaves out types of which nothing was counted', () => {
  const tally = new ImportTally();
  tally.add([STEPS], [{ type: 'step_count', stored: 1, duplicates: 0, repeated: 0 }]);
  tally.add(
    [STEPS, PULSE],
    [
      { type: 'step_count', stored: 1, duplicates: 2, repeated: 1 },
      { type: 'heart_rate', stored: 0, duplicates: 0, repeated: 0 },
    ],
  );
  assert.is(tally.total, 7);
  const { accepted, duplicates } = tally.counts();
  assert.equal(accepted, { step_count: 2 });
  assert.equal(duplicates, { step_count: 2 });
});

test.run();
