import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MINUTES_PER_WEEK } from '../../../core/pat/ports.ts';
import { prepareWeek } from '../../../core/pat/prepare-week.ts';
import { errorOf, valueOf } from '../result-values.ts';

const grid = (days: number, value: (minute: number) => number): Float32Array =>
  Float32Array.from({ length: days * 1440 }, (_, minute) => value(minute));
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a prepared week has mean 0 and standard deviation 1, and says how it was scaled', () => {
  const { values, scaling } = valueOf(prepareWeek(grid(7, (minute) => minute % 1440)));
  assert.is(scaling, 'per-person');
  assert.is(values.length, MINUTES_PER_WEEK);
  assert.ok(Math.abs(mean(values)) < 1e-6);
  assert.ok(Math.abs(mean(values.map((value) => value * value)) - 1) < 1e-5);
});

test('only the last seven days are taken, and the grid is left as it was', () => {
  const days = grid(9, (minute) => (minute < 2880 ? 1e6 : minute % 7));
  const before = days.slice();
  const { values } = valueOf(prepareWeek(days));
  assert.equal(values, valueOf(prepareWeek(days.slice(2880))).values);
  assert.equal(days, before);
});

test('level and unit of the counts do not matter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 1000 }), (factor, level) => {
      const plain = valueOf(prepareWeek(grid(7, (minute) => minute % 61))).values;
      const changed = valueOf(prepareWeek(grid(7, (minute) => level + factor * (minute % 61)))).values;
      assert.ok(plain.every((value, i) => Math.abs(value - (changed[i] ?? Number.NaN)) < 1e-3));
    }),
    { numRuns: 20 },
  );
});

test('fewer than seven days are refused with their number', () => {
  const error = errorOf(prepareWeek(grid(6, (minute) => minute)));
  assert.equal(error, { kind: 'week-not-usable', reason: 'the encoder needs seven local days; the window has 6' });
  assert.match(errorOf(prepareWeek(new Float32Array())).reason, 'has 0');
});

test('a missing minute refuses the week, and none is filled in', () => {
  const days = grid(7, (minute) => minute % 10);
  days[77] = Number.NaN;
  days[78] = Number.NaN;
  assert.match(errorOf(prepareWeek(days)).reason, '2 of 10080 are missing');
});

test('a minute missing before the last seven days does not matter', () => {
  const days = grid(8, (minute) => minute % 10);
  days[77] = Number.NaN;
  valueOf(prepareWeek(days));
});

for (const level of [0, 0.1, 7, 123_456.789]) {
  test(`a week of nothing but ${level} is refused, and its rounding is not taken for a signal`, () => {
    assert.match(errorOf(prepareWeek(grid(7, () => level))).reason, 'the same value');
  });
}

test.run();
