import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stepMinutes, WEAR_EVIDENCE_TYPES } from '../../../core/analysis/step-minutes.ts';
import type { SampleSource } from '../../../core/health-data/samples.ts';
import { MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import { columnsOf, minutesFrom, OTHER_WATCH, PHONE, TRACKER, WATCH, type TestSample } from '../sample-columns.ts';

const T0 = Date.UTC(2025, 2, 3, 8);
const sample = minutesFrom(T0);
const at = (minute: number, source: SampleSource): TestSample => sample(minute, minute, 60, source);

const series = (minutes: number, steps: readonly TestSample[], heartRate: readonly TestSample[] = []) =>
  stepMinutes(columnsOf('step_count', steps), [columnsOf('heart_rate', heartRate)], T0, minutes);

const MISSING = null;
const shown = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? MISSING : Math.round(value * 1e9) / 1e9));
const knownMinutes = (values: Float64Array): number[] =>
  Array.from(values.keys()).filter((m) => !Number.isNaN(values[m]));

test('a sample is spread evenly over the time it covers', () => {
  assert.equal(shown(series(5, [sample(1, 4, 30, WATCH)]).values), [MISSING, 10, 10, 10, MISSING]);
});

test('a sample that begins and ends inside minutes gives each its share', () => {
  assert.equal(shown(series(4, [sample(0.5, 2.75, 90, WATCH)]).values), [20, 40, 30, MISSING]);
});

test('a sample that ends with a minute does not touch the next one', () => {
  assert.equal(shown(series(3, [sample(0, 1, 7, WATCH)]).values), [7, MISSING, MISSING]);
});

test('an instantaneous sample belongs to the minute it lies in', () => {
  const { values } = series(3, [at(1, WATCH), sample(1.9, 1.9, 5, WATCH)]);
  assert.equal(shown(values), [MISSING, 65, MISSING]);
});

test('instantaneous samples outside the window are left out, one on its first instant is not', () => {
  const { values, sources } = series(2, [at(-1, WATCH), at(0, WATCH), at(2, WATCH)]);
  assert.equal(shown(values), [60, MISSING]);
  assert.equal(
    sources.map(({ samples, used }) => ({ samples, used })),
    [{ samples: 1, used: 60 }],
  );
});

test("a sample that crosses the window's edge gives only what lies inside", () => {
  const { values, sources } = series(2, [sample(-2, 1, 30, WATCH), sample(1, 5, 40, WATCH)]);
  assert.equal(shown(values), [10, 10]);
  assert.equal(
    sources.map(({ samples, used }) => ({ samples, used })),
    [{ samples: 2, used: 20 }],
  );
});

test('a sample that ends where the window begins is not one of its samples', () => {
  const { sources } = series(2, [sample(-2, 0, 30, WATCH), sample(0, 1, 5, WATCH), sample(2, 3, 5, WATCH)]);
  assert.equal(
    sources.map(({ samples, used }) => ({ samples, used })),
    [{ samples: 1, used: 5 }],
  );
});

test('where watch and phone counted the same minute the watch counts, and the phone is set aside and reported', () => {
  const { values, sources } = series(3, [sample(0, 2, 200, PHONE), sample(0, 1, 50, WATCH)]);
  assert.equal(shown(values), [50, 100, MISSING]);
  assert.equal(sources, [
    { name: 'Sam Watch', device: 'watch', signal: 'step_count', samples: 1, used: 50, set_aside: 0, reason: null },
    {
      name: 'Sam iPhone',
      device: 'phone',
      signal: 'step_count',
      samples: 1,
      used: 100,
      set_aside: 100,
      reason: 'a preferred source counted the same minutes',
    },
  ]);
});

test('the watch counts even where the phone saw more steps, and where its own count is zero', () => {
  const { values } = series(2, [sample(0, 2, 500, PHONE), sample(0, 1, 3, WATCH), sample(1, 2, 0, WATCH)]);
  assert.equal(shown(values), [3, 0]);
});

test('of three sources the watch goes first, then the phone, then the others', () => {
  const { values, sources } = series(3, [sample(0, 3, 900, TRACKER), sample(0, 2, 40, PHONE), sample(0, 1, 5, WATCH)]);
  assert.equal(shown(values), [5, 20, 300]);
  assert.equal(
    sources.map(({ name, used, set_aside }) => [name, used, set_aside]),
    [
      ['Sam Watch', 5, 0],
      ['Sam iPhone', 20, 20],
      ['Tracker', 300, 600],
    ],
  );
});

test('of two watches the one with more steps counts; with as many, the key decides', () => {
  const more = series(1, [sample(0, 1, 5, OTHER_WATCH), sample(0, 1, 6, WATCH)]);
  assert.equal(shown(more.values), [6]);
  for (const order of [
    [WATCH, OTHER_WATCH],
    [OTHER_WATCH, WATCH],
  ]) {
    const same = series(
      1,
      order.map((source) => sample(0, 1, 5, source)),
    );
    assert.equal(
      same.sources.map(({ name }) => name),
      ['Old Watch', 'Sam Watch'],
    );
  }
});

test('a source without a sample in the window is not named', () => {
  const { sources } = series(2, [sample(0, 1, 5, WATCH), sample(10, 11, 5, PHONE)]);
  assert.equal(
    sources.map(({ name }) => name),
    ['Sam Watch'],
  );
});

test('a minute that no sample covers is zero within ten minutes of evidence of the watch, and missing beyond', () => {
  const { values } = series(60, [sample(0, 1, 9, WATCH)], [at(30, WATCH)]);
  assert.equal(knownMinutes(values), [0, ...Array.from({ length: 21 }, (_, i) => 20 + i)]);
  assert.is(values[20], 0);
  assert.is(values[40], 0);
});

test('evidence reaches as many minutes back as forward wherever in its minute it lies', () => {
  for (const seconds of [0, 1, 30, 59]) {
    const { values } = series(60, [sample(0, 1, 9, WATCH)], [at(30 + seconds / 60, WATCH)]);
    assert.is(knownMinutes(values).at(1), 20, String(seconds));
    assert.is(knownMinutes(values).at(-1), 40, String(seconds));
  }
});

test('a long piece of evidence shows wear around its start and its end, not in between', () => {
  const { values } = series(120, [sample(0, 1, 9, WATCH)], [sample(30, 90, 60, WATCH)]);
  const known = knownMinutes(values);
  assert.ok(known.includes(40) && known.includes(80) && known.includes(100));
  assert.not.ok(known.some((m) => m > 40 && m < 80));
});

test('evidence just outside the window reaches into it', () => {
  const { values } = series(30, [sample(15, 16, 9, WATCH)], [at(-4, WATCH), at(33, WATCH)]);
  assert.equal(knownMinutes(values), [0, 1, 2, 3, 4, 5, 6, 15, 23, 24, 25, 26, 27, 28, 29]);
});

for (const type of WEAR_EVIDENCE_TYPES) {
  test(`${type} of the watch is evidence of wear`, () => {
    const evidence = columnsOf(type, [at(5, WATCH)]);
    const { values } = stepMinutes(columnsOf('step_count', [sample(0, 1, 9, WATCH)]), [evidence], T0, 3);
    assert.equal(shown(values), [9, 0, 0]);
  });
}

test('evidence of another watch, a phone or another device shows nothing', () => {
  const { values } = series(20, [sample(0, 1, 9, WATCH)], [at(5, OTHER_WATCH), at(5, PHONE), at(5, TRACKER)]);
  assert.equal(knownMinutes(values), [0]);
});

test('a phone that counts steps alone leaves its still minutes unknown, whatever else it recorded', () => {
  const { values } = series(20, [sample(0, 1, 9, PHONE)], [at(5, PHONE), at(5, WATCH)]);
  assert.equal(knownMinutes(values), [0]);
});

test('evidence does not overwrite what a phone counted while the watch was worn and still', () => {
  const { values } = series(5, [sample(0, 1, 9, WATCH), sample(2, 3, 12, PHONE)], [at(2, WATCH)]);
  assert.equal(shown(values), [9, 0, 12, 0, 0]);
});

test('without any step sample every minute is missing and no source is named', () => {
  const { values, sources } = stepMinutes(null, [columnsOf('heart_rate', [at(1, WATCH)])], T0, 3);
  assert.equal(shown(values), [MISSING, MISSING, MISSING]);
  assert.equal(sources, []);
});

const WINDOW_MINUTES = 120;
const anySample: fc.Arbitrary<TestSample> = fc
  .record({
    startSecond: fc.integer({ min: -1800, max: 9000 }),
    seconds: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3600 })),
    value: fc.integer({ min: 0, max: 500 }),
    source: fc.constantFrom(WATCH, OTHER_WATCH, PHONE, TRACKER),
  })
  .map(({ startSecond, seconds, value, source }) => ({
    startMs: T0 + startSecond * 1000,
    endMs: T0 + (startSecond + seconds) * 1000,
    value,
    source,
  }));

/** What of a sample lies in the window, written down a second time. */
function insideWindow({ startMs, endMs = startMs, value }: TestSample): number {
  const toMs = T0 + WINDOW_MINUTES * MS_PER_MINUTE;
  if (startMs === endMs) return startMs >= T0 && startMs < toMs ? value : 0;
  return (value * Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, T0))) / (endMs - startMs);
}
const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) if (!Number.isNaN(number)) total += number;
  return total;
};
/** Amounts are reported in thousandths. */
const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;

test('every step is either used or set aside, and what is used is what the minutes hold', () => {
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 1, maxLength: 40 }), (samples) => {
      const { values, sources } = series(WINDOW_MINUTES, samples);
      const used = sum(sources.map((source) => source.used));
      const setAside = sum(sources.map((source) => source.set_aside));
      assert.ok(near(used, sum(values)), `used ${used}, in the minutes ${sum(values)}`);
      assert.ok(near(used + setAside, sum(samples.map(insideWindow))), `used ${used}, set aside ${setAside}`);
    }),
    { numRuns: 300 },
  );
});

test('the order of the samples does not matter', () => {
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 1, maxLength: 20 }), (samples) => {
      const forward = series(WINDOW_MINUTES, samples).values;
      const backward = series(WINDOW_MINUTES, [...samples].reverse()).values;
      assert.equal(knownMinutes(forward), knownMinutes(backward));
      for (const m of knownMinutes(forward)) assert.ok(near(forward[m] ?? 0, backward[m] ?? 0));
    }),
  );
});

test('evidence of wear never changes a minute that a sample covers', () => {
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 1, maxLength: 20 }), fc.array(anySample), (samples, evidence) => {
      const without = series(WINDOW_MINUTES, samples).values;
      const withEvidence = series(WINDOW_MINUTES, samples, evidence).values;
      for (let m = 0; m < WINDOW_MINUTES; m++) {
        if (!Number.isNaN(without[m])) assert.is(withEvidence[m], without[m]);
        else assert.ok(Number.isNaN(withEvidence[m]) || withEvidence[m] === 0);
      }
    }),
  );
});

test.run();
