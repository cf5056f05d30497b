import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binToMinutes } from '../../../core/analysis/count-minutes.ts';
import { MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';

const T0 = Date.UTC(2025, 2, 3, 8);
const seconds = (...at: readonly number[]): Float64Array => Float64Array.from(at, (second) => T0 + second * 1000);
const shown = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : value));

test('readings fall into the minutes of their timestamps, and a minute without one is missing', () => {
  const { startMs, values } = binToMinutes(seconds(0, 60, 240), Float64Array.of(3, 0, 7));
  assert.is(startMs, T0);
  assert.equal(shown(values), [3, 0, null, null, 7]);
});

test('readings of one minute are added up', () => {
  assert.equal(shown(binToMinutes(seconds(0, 15, 30, 45), Float64Array.of(1, 2, 3, 4)).values), [10]);
});

test('the series starts with the minute that holds the first reading', () => {
  const { startMs, values } = binToMinutes(seconds(59.999, 60), Float64Array.of(1, 2));
  assert.is(startMs, T0);
  assert.equal(shown(values), [1, 2]);
});

test('instants before 1970 are binned alike', () => {
  const { startMs, values } = binToMinutes(Float64Array.of(-1, 0), Float64Array.of(4, 5));
  assert.is(startMs, -MS_PER_MINUTE);
  assert.equal(shown(values), [4, 5]);
});

test('a reading with a timestamp that was given already is set aside, and its amount told', () => {
  const { values, repeated, repeatedSum } = binToMinutes(seconds(0, 0, 60, 0), Float64Array.of(3, 4, 5, Number.NaN));
  assert.equal(shown(values), [3, 5]);
  assert.is(repeated, 2);
  assert.is(repeatedSum, 4);
});

test('a reading that is not a number leaves its minute missing, unless another one lies in it', () => {
  const { values } = binToMinutes(seconds(0, 60, 90), Float64Array.of(Number.NaN, Number.NaN, 2));
  assert.equal(shown(values), [null, 2]);
});

const anyReadings = fc.array(
  fc.record({ second: fc.integer({ min: 0, max: 40_000 }), count: fc.integer({ min: 0, max: 5000 }) }),
  { minLength: 1, maxLength: 200 },
);
const binned = (readings: readonly { readonly second: number; readonly count: number }[]) =>
  binToMinutes(
    seconds(...readings.map(({ second }) => second)),
    Float64Array.from(readings, ({ count }) => count),
  );
const total = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const number of numbers) if (!Number.isNaN(number)) sum += number;
  return sum;
};

test('the total is conserved: every count lies in a minute or is set aside', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const { values, repeatedSum, repeated } = binned(readings);
      assert.is(total(values) + repeatedSum, total(readings.map(({ count }) => count)));
      assert.is(repeated, readings.length - new Set(readings.map(({ second }) => second)).size);
    }),
  );
});

test('the order of the readings does not matter where no timestamp comes twice', () => {
  const distinct = anyReadings.map((readings) => [...new Map(readings.map((r) => [r.second, r])).values()]);
  fc.assert(
    fc.property(distinct, (readings) => {
      const [forward, backward] = [binned(readings), binned([...readings].reverse())];
      assert.equal(shown(backward.values), shown(forward.values));
      assert.is(backward.startMs, forward.startMs);
    }),
  );
});

test.run();
