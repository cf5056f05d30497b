import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hourlyBins } from '../../../core/actigraphy/hourly-bins.ts';
import {
  interdailyStability,
  interdailyStabilityEtaSquared,
  intradailyVariability,
  restAndActivePeriods,
} from '../../../core/actigraphy/rhythm.ts';
import { clockOf, plainClock } from '../../../core/actigraphy/series.ts';
import { localZone, parseIsoDate, startOfLocalDay, type LocalZone } from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12 * Math.max(1, Math.abs(expected)), `${actual}, expected ${expected}`);

const series = (minutes: number, value: (minute: number) => number): Float64Array =>
  Float64Array.from({ length: minutes }, (_, i) => value(i));

/** Starts at local midnight. */
const berlinClock = (date: string, hours: number) => {
  const berlin: LocalZone = valueOf(localZone('Europe/Berlin'));
  return clockOf(berlin, startOfLocalDay(berlin, parseIsoDate(date) as number), hours * 60);
};

test('identical days have an interdaily stability of one', () => {
  const values = series(3 * 1440, (i) => (i % 1440) ** 1.5);
  const clock = plainClock(0, values.length);
  close(valueOf(interdailyStability(values, clock)), 1);
  close(valueOf(interdailyStabilityEtaSquared(values, clock)), 1);
});

test('days that cancel each other have an interdaily stability of zero', () => {
  const values = series(2 * 1440, (i) => (i < 1440 ? 1 : -1) * Math.floor((i % 1440) / 60));
  close(valueOf(interdailyStability(values, plainClock(0, values.length))), 0);
});

test('hourly values 0 and 1 in turn have an intradaily variability of four', () => {
  const values = series(1440, (i) => Math.floor(i / 60) % 2);
  close(valueOf(intradailyVariability(values, plainClock(0, 1440))), 4);
});

test('interdaily stability names the first hour seen on fewer than two days', () => {
  const values = series(2 * 1440, (i) => i);
  values.fill(Number.NaN, 1440 + 3 * 60, 1440 + 3 * 60 + 31);
  assert.equal(errorOf(interdailyStability(values, plainClock(0, values.length))), {
    kind: 'not-computable',
    reason: 'interdaily stability needs every clock hour on at least 2 days; hour 3 was seen on 1',
  });
});

test('an hour counts with thirty of its minutes present and not with twenty-nine', () => {
  const values = series(2 * 1440, (i) => i);
  values.fill(Number.NaN, 1440 + 180, 1440 + 210);
  assert.ok(interdailyStability(values, plainClock(0, values.length)).isOk());
  values.fill(Number.NaN, 1440 + 180, 1440 + 211);
  assert.ok(interdailyStability(values, plainClock(0, values.length)).isErr());
});

test('values that never differ have neither stability nor variability, even when means round differently', () => {
  const values = series(2 * 1440, () => 0.1);
  values.fill(Number.NaN, 100, 117);
  const clock = plainClock(0, values.length);
  assert.match(errorOf(interdailyStability(values, clock)).reason, /needs hours that differ/);
  assert.match(errorOf(interdailyStabilityEtaSquared(values, clock)).reason, /needs hours that differ/);
  assert.match(errorOf(intradailyVariability(values, clock)).reason, /needs hours that differ/);
});

test('intradaily variability needs twenty-four valid hours', () => {
  const values = series(23 * 60 + 29, (i) => i);
  assert.is(
    errorOf(intradailyVariability(values, plainClock(0, values.length))).reason,
    'intradaily variability needs at least 24 valid hours; there were 23',
  );
  const halfHourMore = series(23 * 60 + 30, (i) => i);
  assert.ok(intradailyVariability(halfHourMore, plainClock(0, halfHourMore.length)).isOk());
});

test('intradaily variability takes no step across a missing hour', () => {
  const hours = [...Array<number>(13).fill(0), Number.NaN, ...Array<number>(13).fill(6)];
  const values = series(hours.length * 60, (i) => hours[Math.floor(i / 60)] as number);
  close(valueOf(intradailyVariability(values, plainClock(0, values.length))), 0);
  const alternating = series(48 * 60, (i) => (Math.floor(i / 60) % 2 === 0 ? i : Number.NaN));
  assert.is(
    errorOf(intradailyVariability(alternating, plainClock(0, alternating.length))).reason,
    'intradaily variability needs adjacent valid hours; none of the 24 had a neighbour',
  );
});

test('hours follow the local clock, not the first sample', () => {
  const values = series(4 * 60, (i) => Math.floor((i + 90) / 60));
  const bins = hourlyBins(values, plainClock(90, values.length));
  assert.equal([...bins.hour], [1, 2, 3, 4, 5]);
  assert.equal([...bins.mean], [1, 2, 3, 4, 5]);
  assert.equal([...hourlyBins(values, plainClock(0, values.length)).mean], [1.5, 2.5, 3.5, 4.5]);
});

test('rest and activity across midnight are found on the circle', () => {
  const values = series(1440, (i) => (i >= 1380 || i < 240 ? 0 : i >= 600 && i < 1200 ? 10 : 4));
  const { l5, m10, relativeAmplitude } = valueOf(restAndActivePeriods(values, plainClock(0, 1440)));
  assert.equal(l5, { mean: 0, onsetMinute: 1380 });
  assert.equal(m10, { mean: 10, onsetMinute: 600 });
  assert.is(valueOf(relativeAmplitude), 1);
});

test('among equal windows the earliest clock minute is the onset', () => {
  const values = series(1440, (i) => (i >= 100 && i < 500 ? 0 : 0.1));
  const { l5, m10 } = valueOf(restAndActivePeriods(values, plainClock(0, 1440)));
  assert.is(l5.onsetMinute, 100);
  assert.is(m10.onsetMinute, 500);
});

test('quiet hours after very active ones have a mean of exactly zero', () => {
  const values = series(1440, (i) => (i < 600 ? 0 : 1e6 + i / 7));
  const { l5 } = valueOf(restAndActivePeriods(values, plainClock(0, 1440)));
  assert.equal(l5, { mean: 0, onsetMinute: 0 });
});

test('L5 and M10 need every clock minute on some day, and say how many they got', () => {
  const values = series(2 * 1440, (i) => i);
  values.fill(Number.NaN, 100, 160);
  assert.ok(restAndActivePeriods(values, plainClock(0, values.length)).isOk());
  values.fill(Number.NaN, 1440 + 150, 1440 + 170);
  assert.equal(errorOf(restAndActivePeriods(values, plainClock(0, values.length))), {
    kind: 'not-computable',
    reason: 'L5 and M10 need a value for each of the 1440 clock minutes; 1430 have one',
  });
});

test('relative amplitude alone is not computable when L5 and M10 add up to zero', () => {
  const periods = valueOf(restAndActivePeriods(new Float64Array(1440), plainClock(0, 1440)));
  assert.is(errorOf(periods.relativeAmplitude).reason, 'relative amplitude divides by M10 + L5, which is 0');
  assert.is(periods.m10.mean, 0);
});

test('a life by the local clock stays perfectly stable over both daylight-saving changes', () => {
  for (const [date, hours] of [
    ['2025-03-29', 24 + 23 + 24],
    ['2025-10-25', 24 + 25 + 24],
  ] as const) {
    const clock = berlinClock(date, hours);
    const values = Float64Array.from(clock.clockMinute, (minute) => Math.floor(minute / 60) ** 2);
    close(valueOf(interdailyStabilityEtaSquared(values, clock)), 1);
    const { l5, m10 } = valueOf(restAndActivePeriods(values, clock));
    assert.is(l5.onsetMinute, 0);
    assert.is(m10.onsetMinute, 14 * 60);
  }
});

test('the repeated hour of a 25-hour day is two bins and its day counts once', () => {
  const clock = berlinClock('2025-10-26', 25 + 23);
  const values = series(48 * 60, (i) => i);
  // Hour 2 comes twice on the first day and is missing on the second: two bins, one day.
  const second = clock.dayIndex.indexOf(1);
  values.fill(Number.NaN, second + 120, second + 180);
  assert.match(errorOf(interdailyStability(values, clock)).reason, /hour 2 was seen on 1$/);
});

test('repeated clock minutes begin a new bin, whether an hour or half of one comes twice', () => {
  const autumn = hourlyBins(
    series(25 * 60, (i) => Math.floor(i / 60)),
    berlinClock('2025-10-26', 25),
  );
  assert.equal([...autumn.hour.subarray(0, 5)], [0, 1, 2, 2, 3]);
  assert.equal([...autumn.mean.subarray(0, 5)], [0, 1, 2, 3, 4]);
  const lordHowe = valueOf(localZone('Australia/Lord_Howe'));
  const clock = clockOf(lordHowe, startOfLocalDay(lordHowe, parseIsoDate('2025-04-06') as number), 210);
  const bins = hourlyBins(
    series(210, (i) => Math.floor(i / 30)),
    clock,
  );
  assert.equal([...bins.hour], [0, 1, 1, 2]);
  assert.equal([...bins.mean], [0.5, 2.5, 4, 5.5]);
});

test('a spring hour that the clocks skip is missing on that day only', () => {
  const clock = berlinClock('2025-03-30', 23 + 24);
  const values = series(47 * 60, (i) => i);
  assert.match(errorOf(interdailyStability(values, clock)).reason, /hour 2 was seen on 1$/);
});

test('an empty series has no rhythm', () => {
  const none = new Float64Array(0);
  const clock = plainClock(0, 0);
  assert.match(errorOf(interdailyStability(none, clock)).reason, /hour 0 was seen on 0$/);
  assert.match(errorOf(intradailyVariability(none, clock)).reason, /there were 0$/);
  assert.match(errorOf(restAndActivePeriods(none, clock)).reason, /; 0 have one$/);
});

test.run();
