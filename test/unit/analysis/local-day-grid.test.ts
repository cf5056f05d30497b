import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockOf } from '../../../core/actigraphy/series.ts';
import { localDayGrid } from '../../../core/analysis/local-day-grid.ts';
import { localZone, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { valueOf } from '../result-values.ts';

const BERLIN = valueOf(localZone('Europe/Berlin'));
const dayOf = (text: string): number => parseIsoDate(text) ?? Number.NaN;

/** Elapsed minutes numbered from 0, over whole local days. */
function numbered(firstDay: string, days: number) {
  const startMs = startOfLocalDay(BERLIN, dayOf(firstDay));
  const minutes = (startOfLocalDay(BERLIN, dayOf(firstDay) + days) - startMs) / 60_000;
  const values = Float64Array.from({ length: minutes }, (_, i) => i);
  return localDayGrid(values, clockOf(BERLIN, startMs, minutes), BERLIN, startMs);
}

test('an ordinary day lies in one row, minute by minute', () => {
  const { dates, values } = numbered('2025-03-03', 2);
  assert.equal(dates, ['2025-03-03', '2025-03-04']);
  assert.equal(Array.from(values.subarray(0, 3)), [0, 1, 2]);
  assert.is(values[1440], 1440);
  assert.is(values.length, 2880);
});

test('the hour that the clocks skip is missing, and the rest of the day stands at its clock time', () => {
  const { dates, values } = numbered('2025-03-30', 2);
  assert.equal(dates, ['2025-03-30', '2025-03-31']);
  assert.is(values[119], 119);
  assert.ok(values.subarray(120, 180).every((value) => Number.isNaN(value)));
  assert.is(values[180], 120);
  assert.is(values[1439], 1379);
  assert.is(values[1440], 1380);
});

test('the hour that comes twice holds the mean of the two', () => {
  const { values } = numbered('2025-10-26', 1);
  assert.is(values[119], 119);
  // 02:00 was minute 120 and, again, minute 180.
  assert.is(values[120], 150);
  assert.is(values[179], 209);
  assert.is(values[180], 240);
  assert.is(values[1439], 1499);
});

test('of a minute that comes twice and was known once, the known one is taken', () => {
  const startMs = startOfLocalDay(BERLIN, dayOf('2025-10-26'));
  const values = new Float64Array(1500).fill(Number.NaN);
  values[180] = 7;
  const grid = localDayGrid(values, clockOf(BERLIN, startMs, 1500), BERLIN, startMs);
  assert.is(grid.values[120], 7);
});

test('minutes before a recording that begins in the day are missing', () => {
  const startMs = startOfLocalDay(BERLIN, dayOf('2025-03-03')) + 60 * 60_000;
  const grid = localDayGrid(Float64Array.of(5), clockOf(BERLIN, startMs, 1), BERLIN, startMs);
  assert.ok(Number.isNaN(grid.values[59]));
  assert.is(grid.values[60], 5);
  assert.is(grid.values.length, 1440);
});

test('no minutes make no days', () => {
  const grid = localDayGrid(new Float64Array(), clockOf(BERLIN, 0, 0), BERLIN, 0);
  assert.equal(grid, { dates: [], values: new Float32Array() });
});

test.run();
