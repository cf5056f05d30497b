import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CountsRecording } from '../../../adapters/csv/counts-csv.ts';
import { formatLocal, type LocalZone } from '../../../core/kernel/local-time.ts';
import { BERLIN, noticesOf, readText, zoneNamed } from './text-file.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

/** Rows every `stepSeconds` with local times that say no offset; the count is the row's number from 1. */
function localRows(zone: LocalZone, fromMs: number, rows: number, stepSeconds = 60): string[] {
  return Array.from({ length: rows }, (_, i) => {
    const local = formatLocal(zone, fromMs + i * stepSeconds * 1000).slice(0, 19);
    return `${local.replace('T', ' ')},${String(i + 1)}`;
  });
}

const isCountingUp = (read: CountsRecording, fromMs: number, minutes: number): void => {
  assert.is(read.startMs, fromMs);
  assert.equal(
    [...read.values],
    Array.from({ length: minutes }, (_, i) => i + 1),
  );
};

const AUTUMN_MS = utc('2025-10-25T23:00');
const FIVE_HOURS = 300;

test('in autumn the second pass through the repeated hour becomes the second hour', async () => {
  const rows = localRows(BERLIN, AUTUMN_MS, FIVE_HOURS);
  const read = await readText(rows.join('\n'), BERLIN);
  isCountingUp(read, AUTUMN_MS, FIVE_HOURS);
  // The clock shows 02:00 first after an hour.
  assert.equal(noticesOf(read), [['ambiguous-local-time', 120, 'line 61']]);
});

test('a file that runs backward is placed just as well', async () => {
  const rows = localRows(BERLIN, AUTUMN_MS, FIVE_HOURS).reverse();
  isCountingUp(await readText(rows.join('\n'), BERLIN), AUTUMN_MS, FIVE_HOURS);
});

test('short epochs are summed into both passes of the repeated hour', async () => {
  const read = await readText(localRows(BERLIN, AUTUMN_MS, FIVE_HOURS * 2, 30).join('\n'), BERLIN);
  assert.is(read.values.length, FIVE_HOURS);
  assert.equal(
    [...read.values],
    Array.from({ length: FIVE_HOURS }, (_, i) => 4 * i + 3),
  );
});

test('a repeated row inside the repeated hour is set aside, not taken for the second hour', async () => {
  const rows = localRows(BERLIN, AUTUMN_MS, FIVE_HOURS).flatMap((row) => [row, row]);
  const read = await readText(rows.join('\n'), BERLIN);
  isCountingUp(read, AUTUMN_MS, FIVE_HOURS);
  assert.equal(
    read.notices.filter(({ code }) => code === 'repeated-timestamp').map(({ count }) => count),
    [FIVE_HOURS],
  );
});

test('a single pass through the repeated hour is the first hour', async () => {
  const read = await readText('2025-10-26 02:10,1\n2025-10-26 02:50,2\n2025-10-26 03:00,3', BERLIN);
  assert.is(read.startMs, utc('2025-10-26T00:10'));
  assert.is(read.values.length, 111);
});

test('times that the clocks skipped in spring are set aside, not moved', async () => {
  const read = await readText(
    '2025-03-30 01:59,1\n2025-03-30 02:00,2\n2025-03-30 02:59:59,3\n2025-03-30 03:00,4\n2025-03-30 03:01,5',
    BERLIN,
  );
  assert.is(read.startMs, utc('2025-03-30T00:59'));
  assert.equal([...read.values], [1, 4, 5]);
  assert.equal(noticesOf(read), [['nonexistent-local-time', 2, 'line 2']]);
});

test('a week over each change of the clocks comes back whole in any zone', async () => {
  const changes: [string, string][] = [
    ['Europe/Berlin', '2025-03-27T10:00'],
    ['Europe/Berlin', '2025-10-23T10:00'],
    ['America/New_York', '2025-03-06T15:00'],
    ['America/New_York', '2025-10-30T15:00'],
    ['Australia/Lord_Howe', '2025-04-02T03:00'],
    ['Australia/Lord_Howe', '2025-10-02T03:00'],
    ['America/Havana', '2025-10-30T01:00'],
    ['Africa/Casablanca', '2025-02-20T01:00'],
    ['Asia/Kathmandu', '2025-05-01T00:00'],
    ['UTC-03:30', '2025-05-01T00:00'],
  ];
  for (const [name, from] of changes) {
    const zone = zoneNamed(name);
    isCountingUp(await readText(localRows(zone, utc(from), 7 * 1440).join('\n'), zone), utc(from), 7 * 1440);
  }
});

test('rows in order come back at their instants, wherever in the year and however long', async () => {
  const zone = fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Chatham');
  await fc.assert(
    fc.asyncProperty(
      zone,
      fc.integer({ min: 0, max: 366 * 24 }),
      fc.integer({ min: 1, max: 20 }),
      async (name, hour, thousands) => {
        const fromMs = utc('2024-01-01T00:00') + hour * 3_600_000;
        const rows = localRows(zoneNamed(name), fromMs, thousands * 500);
        isCountingUp(await readText(rows.join('\n'), zoneNamed(name)), fromMs, thousands * 500);
      },
    ),
    { numRuns: 40 },
  );
});

test('an offset in the file settles what the clock leaves open', async () => {
  const read = await readText('2025-10-26T02:30:00+01:00,2\n2025-10-26T02:30:00+02:00,1', BERLIN);
  assert.is(read.startMs, utc('2025-10-26T00:30'));
  assert.is(read.values.length, 61);
  assert.equal(read.notices, []);
});

test.run();
