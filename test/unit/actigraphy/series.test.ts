import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockOf, dayCountOf, plainClock, type MinuteClock } from '../../../core/actigraphy/series.ts';
import { localZone, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { valueOf } from '../result-values.ts';

const zone = (name: string) => valueOf(localZone(name));

const fromMidnight = (name: string, date: string, minutes: number): MinuteClock =>
  clockOf(zone(name), startOfLocalDay(zone(name), parseIsoDate(date) as number), minutes);

const minutesOfDay = (clock: MinuteClock, day: number): number => clock.dayIndex.filter((d) => d === day).length;

test('a plain clock starts where it is told and turns at 1440', () => {
  const clock = plainClock(1438, 4);
  assert.equal([...clock.clockMinute], [1438, 1439, 0, 1]);
  assert.equal([...clock.dayIndex], [0, 0, 1, 1]);
  assert.is(dayCountOf(clock), 2);
});

test('a clock without minutes has no days', () => {
  assert.is(dayCountOf(plainClock(0, 0)), 0);
  assert.is(dayCountOf(clockOf(zone('Europe/Berlin'), 0, 0)), 0);
});

test('a 23-hour day skips the clock hour 2 and a 25-hour day repeats it', () => {
  const spring = fromMidnight('Europe/Berlin', '2025-03-30', 1440);
  assert.equal([...spring.clockMinute.subarray(118, 122)], [118, 119, 180, 181]);
  assert.is(minutesOfDay(spring, 0), 23 * 60);
  const autumn = fromMidnight('Europe/Berlin', '2025-10-26', 1600);
  assert.equal([...autumn.clockMinute.subarray(178, 182)], [178, 179, 120, 121]);
  assert.is(minutesOfDay(autumn, 0), 25 * 60);
  assert.is(autumn.clockMinute[25 * 60], 0);
  assert.is(autumn.dayIndex[25 * 60], 1);
});

test('Lord Howe repeats half an hour', () => {
  const clock = fromMidnight('Australia/Lord_Howe', '2025-04-06', 1500);
  assert.is(minutesOfDay(clock, 0), 1470);
  assert.equal([...clock.clockMinute.subarray(119, 122)], [119, 90, 91]);
});

test('a skipped date is a day without minutes', () => {
  const clock = fromMidnight('Pacific/Apia', '2011-12-29', 2 * 1440);
  assert.equal(
    [0, 1, 2].map((day) => minutesOfDay(clock, day)),
    [1440, 0, 1440],
  );
  assert.is(dayCountOf(clock), 3);
});

test('clocks that go back over midnight do not bring the old day back', () => {
  const clock = fromMidnight('America/St_Johns', '2010-11-07', 1500);
  assert.equal([...clock.clockMinute.subarray(0, 3)], [0, 23 * 60 + 1, 23 * 60 + 2]);
  assert.is(minutesOfDay(clock, 0), 1500);
});

test('a start within a minute belongs to that minute', () => {
  const clock = clockOf(zone('UTC'), 59_999, 2);
  assert.equal([...clock.clockMinute], [0, 1]);
  assert.equal([...clockOf(zone('UTC'), -1, 2).clockMinute], [1439, 0]);
});

test.run();
