import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countsCsv, writeCountsCsv } from '../../../adapters/csv/write-counts.ts';
import { simulatePerson } from '../../../core/simulation/simulate-person.ts';
import { BERLIN, readText, zoneNamed } from './text-file.ts';
import { errorOf, valueOf } from '../result-values.ts';

test('rows carry the local time with its offset, and a missing minute has no count', () => {
  const counts = Float64Array.of(0, Number.NaN, 12.5);
  const text = [...countsCsv({ startMs: Date.UTC(2025, 9, 26, 0, 59), counts, zone: BERLIN })].join('');
  const rows = ['2025-10-26T02:59:00+02:00,0', '2025-10-26T02:00:00+01:00,', '2025-10-26T02:01:00+01:00,12.5'];
  assert.is(text, `timestamp,count\n${rows.join('\n')}\n`);
});

test('what is written is read back as it was, missing minutes included', async () => {
  const count = fc.oneof(
    fc.integer({ min: 0, max: 9000 }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.constant(Number.NaN),
  );
  // The first and the last minute are known, since a file has no other way to say how long it is.
  const known = fc.integer({ min: 0, max: 100 });
  const series = fc
    .tuple(known, fc.array(count, { maxLength: 3000 }), known)
    .map(([first, middle, last]) => Float64Array.of(first, ...middle.map((value) => value + 0), last));
  const zones = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'UTC', 'UTC-03:30');
  const minute = fc.integer({ min: Date.UTC(2001, 0) / 60_000, max: Date.UTC(2098, 0) / 60_000 });
  await fc.assert(
    fc.asyncProperty(series, zones, minute, async (counts, name, startMinute) => {
      const startMs = startMinute * 60_000;
      const text = [...countsCsv({ startMs, counts, zone: zoneNamed(name) })].join('');
      const read = await readText(text);
      assert.is(read.startMs, startMs);
      assert.equal([...read.values], [...counts]);
      assert.is(read.rows, counts.length);
      assert.is(read.explicitOffsets, true);
    }),
    { numRuns: 60 },
  );
});

test("a simulated person's counts survive the way through a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'counts-'));
  try {
    const recording = simulatePerson({ seed: 5, days: 8, zone: BERLIN, firstDay: 20_174 });
    const path = join(folder, 'counts.csv');
    const written = valueOf(await writeCountsCsv(recording, path));
    const bytes = await readFile(path);
    assert.is(written.bytes, bytes.length);
    assert.is(written.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.is(written.rows, recording.counts.length);
    assert.equal(await readdir(folder), ['counts.csv']);
    const read = await readText(bytes);
    assert.is(read.startMs, recording.startMs);
    assert.equal(read.values, recording.counts);
    assert.equal(read.notices, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a place that cannot be written to is an error and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'counts-'));
  try {
    const counts = { startMs: 0, counts: Float64Array.of(1), zone: BERLIN };
    const error = errorOf(await writeCountsCsv(counts, join(folder, 'absent', 'counts.csv')));
    assert.is(error.port, 'CountsFile');
    // The path is a folder: the rows can be written beside it, but not put in its place.
    const taken = join(folder, 'taken');
    await mkdir(taken);
    assert.is((await writeCountsCsv(counts, taken)).isErr(), true);
    assert.equal(await readdir(folder), ['taken']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
