import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { averageDay, binDays, displayCeiling } from '../../../adapters/html-report/minute-bins.ts';
import { runEnds, runsWhere, runSteps } from '../../../adapters/html-report/runs.ts';
import { datesFrom, gridOf } from './sample-report.ts';

const oneDay = datesFrom('2025-06-02', 1);

test('a bin is the mean of its recorded minutes', () => {
  const { means } = binDays(
    gridOf(oneDay, (_, minute) => (minute % 5 === 0 ? NaN : 10)),
    5,
  );
  assert.ok(means.every((mean) => mean === 10));
});

test('a bin with fewer than half of its minutes is missing, and zero is not missing', () => {
  const { means } = binDays(
    gridOf(oneDay, (_, minute) => (minute < 720 && minute % 5 > 1 ? NaN : 0)),
    5,
  );
  assert.ok(means.subarray(0, 144).every(Number.isNaN));
  assert.ok(means.subarray(144).every((mean) => mean === 0));
});

test('infinite values and minutes that the grid lacks are missing', () => {
  const { means } = binDays({ dates: oneDay, values: Float32Array.of(Infinity, -Infinity, 1, 1, 1) }, 5);
  assert.is(means[0], 1);
  assert.ok(means.subarray(1).every(Number.isNaN));
});

test('the average day weighs every clock minute once, however often it was seen', () => {
  const grid = gridOf(datesFrom('2025-06-02', 3), (day, minute) => (minute % 2 === 0 ? 4 : day === 0 ? 0 : NaN));
  assert.ok(
    averageDay(grid, 15).mean.every((mean, bin) => Math.abs(mean - (bin % 2 === 0 ? 32 / 15 : 28 / 15)) < 1e-9),
  );
});

test('the spread of the days is their quartiles and needs five days', () => {
  const grid = (days: number) => gridOf(datesFrom('2025-06-02', days), (day) => day);
  const five = averageDay(grid(5), 60);
  assert.is(five.lower[0], 1);
  assert.is(five.upper[0], 3);
  assert.ok(averageDay(grid(4), 60).lower.every(Number.isNaN));
});

test('one extreme bin does not set the height of all others', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i === 500 ? 1e6 : 10));
  assert.is(displayCeiling(values), 10);
  assert.is(displayCeiling(Float64Array.of(NaN, 0, 0)), 1);
});

test('runs cover exactly the indices that pass', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (flags) => {
      const runs = runsWhere(flags.length, (index) => flags[index] === true);
      const covered = flags.map((_, index) => runs.some(([from, to]) => index >= from && index < to));
      const apart = runs.every(([, to], i) => i + 1 === runs.length || (runs[i + 1]?.[0] ?? 0) > to);
      assert.equal(covered, flags);
      assert.ok(apart);
    }),
  );
});

test('the pen lifts after every run', () => {
  assert.equal(
    runEnds([
      [1, 3],
      [5, 6],
    ]),
    [1, 3, null, 5, 6, null],
  );
  assert.equal(runSteps([[1, 3]]), [{ edge: 1, bin: 1 }, { edge: 2, bin: 2 }, { edge: 3, bin: 2 }, null]);
});

test.run();
