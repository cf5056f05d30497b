import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MINUTES_PER_WEEK } from '../../../core/pat/ports.ts';
import { lengthNote, prepareWeek, type PrepareOptions } from '../../../core/pat/prepare-week.ts';
import { WEEK_COUNTS } from '../analysis/recordings.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { FIXTURE_POPULATION } from './fixture-population.ts';

const WEEK_INPUT = Float32Array.from(
  JSON.parse(readFileSync(new URL('../../fixtures/pat/week_input.json', import.meta.url), 'utf8')) as number[],
);

const grid = (days: number, value: (minute: number) => number): Float32Array =>
  Float32Array.from({ length: days * 1440 }, (_, minute) => value(minute));
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const prepare = (minutes: Float32Array, options: Partial<PrepareOptions> = {}) =>
  prepareWeek(minutes, { days: null, population: null, ...options });

test('a prepared week has mean 0 and standard deviation 1, and says how it was scaled', () => {
  const { values, scaling, referencePopulation, days, firstRow } = valueOf(prepare(grid(7, (minute) => minute % 1440)));
  assert.equal([scaling, referencePopulation, days, firstRow], ['per-person', null, 7, 0]);
  assert.is(values.length, MINUTES_PER_WEEK);
  assert.ok(Math.abs(mean(values)) < 1e-6);
  assert.ok(Math.abs(mean(values.map((value) => value * value)) - 1) < 1e-5);
});

test('against a population each minute is scaled as the authors do it: the fixture week comes out as expected', () => {
  const { values, scaling, referencePopulation } = valueOf(
    prepare(Float32Array.from(WEEK_COUNTS), { population: FIXTURE_POPULATION }),
  );
  assert.equal([scaling, referencePopulation], ['population', 'simulated-cohort']);
  const farthest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - WEEK_INPUT[i]!)), 0);
  assert.ok(farthest < 1e-5, `off by ${farthest}`);
});

test('a minute at which the population does not vary is centred and left in its unit', () => {
  const population = { ...FIXTURE_POPULATION, sd: FIXTURE_POPULATION.sd.slice().fill(0, 100, 101) };
  const { values } = valueOf(prepare(Float32Array.from(WEEK_COUNTS), { population }));
  assert.ok(Math.abs(values[100]! - (WEEK_COUNTS[100]! - FIXTURE_POPULATION.mean[100]!)) < 1e-4);
});

test('only the last seven days are taken, and the grid is left as it was', () => {
  const days = grid(9, (minute) => (minute < 2880 ? 1e6 : minute % 7));
  const before = days.slice();
  const { values, firstRow } = valueOf(prepare(days));
  assert.is(firstRow, 2);
  assert.equal(values, valueOf(prepare(days.slice(2880))).values);
  assert.equal(days, before);
});

test('level and unit of the counts do not matter where the person is the measure', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 1000 }), (factor, level) => {
      const plain = valueOf(prepare(grid(7, (minute) => minute % 61))).values;
      const changed = valueOf(prepare(grid(7, (minute) => level + factor * (minute % 61)))).values;
      assert.ok(plain.every((value, i) => Math.abs(value - (changed[i] ?? Number.NaN)) < 1e-3));
    }),
    { numRuns: 20 },
  );
});

test('fewer than seven days are encoded as they are, with a note; none are refused', () => {
  assert.is(valueOf(prepare(grid(6, (minute) => minute))).values.length, 6 * 1440);
  assert.match(lengthNote(6) ?? '', '6 local days were encoded');
  assert.match(lengthNote(1) ?? '', '1 local day was encoded');
  assert.is(lengthNote(7), null);
  assert.match(errorOf(prepare(new Float32Array())).reason, 'no local day');
});

test('as many days as are asked for are encoded, up to fourteen', () => {
  assert.is(
    valueOf(
      prepare(
        grid(20, (minute) => minute % 9),
        { days: 14 },
      ),
    ).days,
    14,
  );
  assert.match(
    errorOf(
      prepare(
        grid(20, (minute) => minute % 9),
        { days: 15 },
      ),
    ).reason,
    '1 to 14',
  );
  assert.match(
    errorOf(
      prepare(
        grid(5, (minute) => minute % 9),
        { days: 6 },
      ),
    ).reason,
    'the window has 5',
  );
});

test('a missing minute takes the mean of the same clock minute on the other days', () => {
  const days = grid(7, (minute) => (minute % 1440 === 77 ? 10 * Math.floor(minute / 1440) : minute % 13));
  days[77] = Number.NaN;
  const { raw, imputedMinutes } = valueOf(prepare(days));
  assert.is(imputedMinutes, 1);
  assert.ok(Number.isNaN(raw[77]));
  // 10, 20, ..., 60 on the other six days.
  days[77] = 35;
  assert.equal(valueOf(prepare(days)).values, valueOf(prepare(days.slice().fill(Number.NaN, 77, 78))).values);
});

test('a clock minute that is missing on every day refuses the week and is named', () => {
  const days = grid(7, (minute) => (minute % 1440 === 125 ? Number.NaN : minute % 10));
  assert.match(errorOf(prepare(days)).reason, 'the clock minute 02:05 is missing on every one of the 7 encoded days');
});

test('up to a tenth of the minutes may be missing; one more is refused with the numbers', () => {
  const most = grid(7, (minute) => minute % 97);
  // One a clock minute, on one day after the other, so that none is missing on all of them.
  for (let i = 0; i < 1008; i++) most[(i % 7) * 1440 + i] = Number.NaN;
  assert.is(valueOf(prepare(most)).imputedMinutes, 1008);
  const over = most.slice();
  over[1439] = Number.NaN;
  assert.match(errorOf(prepare(over)).reason, 'at most 1008 of 10080 minutes may be missing; the best here lack 1009');
});

test('of several stretches of days the latest with few enough missing minutes is taken', () => {
  const days = grid(10, (minute) => minute % 10);
  days.fill(Number.NaN, 9 * 1440);
  assert.is(valueOf(prepare(days)).firstRow, 2);
  days.fill(Number.NaN, 0, 2 * 1440);
  assert.is(valueOf(prepare(days)).firstRow, 2);
  days.fill(Number.NaN, 5 * 1440, 6 * 1440);
  assert.match(errorOf(prepare(days)).reason, 'the best here lack 1440');
});

for (const level of [0, 0.1, 7, 123_456.789]) {
  test(`a week of nothing but ${level} is refused, whatever it would be standardised against`, () => {
    assert.match(errorOf(prepare(grid(7, () => level))).reason, 'the same value');
    assert.match(
      errorOf(
        prepare(
          grid(7, () => level),
          { population: FIXTURE_POPULATION },
        ),
      ).reason,
      'the same value',
    );
  });
}

test('the same grid gives the same bytes', () => {
  const days = grid(7, (minute) => (minute % 50 === 3 ? Number.NaN : (minute * 7919) % 257));
  assert.equal(valueOf(prepare(days)).values, valueOf(prepare(days)).values);
});

test.run();
