import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dailyTotals, hourlyProfile, meanDailyProfile } from '../../../core/actigraphy/profiles.ts';
import { clockOf, plainClock } from '../../../core/actigraphy/series.ts';
import { missingRuns, VALID_DAY_MINUTES, validMinutesByDay, wearByDay } from '../../../core/actigraphy/wear.ts';
import { localZone, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { valueOf } from '../result-values.ts';

const MISSING = Number.NaN;

test('gaps are the runs of missing minutes, also at both ends', () => {
  assert.equal(missingRuns(Float64Array.of(MISSING, 1, MISSING, MISSING, 0, MISSING)), [
    { start: 0, length: 1 },
    { start: 2, length: 2 },
    { start: 5, length: 1 },
  ]);
  assert.equal(missingRuns(new Float64Array(5)), []);
  assert.equal(missingRuns(new Float64Array(0)), []);
});

test('a day is valid with six hundred minutes and not with one less', () => {
  const values = new Float64Array(2 * 1440).fill(MISSING);
  values.fill(0, 0, VALID_DAY_MINUTES);
  values.fill(0, 1440, 1440 + VALID_DAY_MINUTES - 1);
  const clock = plainClock(0, values.length);
  assert.equal([...validMinutesByDay(values, clock)], [600, 599]);
  assert.equal(
    wearByDay(values, clock).map((day) => day.valid),
    [true, false],
  );
});

test('partial days count the minutes they have', () => {
  const values = new Float64Array(1440);
  assert.equal(wearByDay(values, plainClock(1000, 1440)), [
    { dayIndex: 0, recordedMinutes: 440, validMinutes: 440, valid: false },
    { dayIndex: 1, recordedMinutes: 1000, validMinutes: 1000, valid: true },
  ]);
  assert.equal(wearByDay(new Float64Array(0), plainClock(0, 0)), []);
});

test('daily totals add up what is there and are null where nothing is', () => {
  const values = new Float64Array(3 * 1440).fill(2);
  values.fill(MISSING, 0, 1000);
  values.fill(MISSING, 1440, 2880);
  assert.equal(dailyTotals(values, plainClock(0, values.length)), [880, null, 2880]);
});

test('the hourly profile averages the minutes of each clock hour and is null for an hour never seen', () => {
  const values = Float64Array.from({ length: 2 * 1440 }, (_, i) => Math.floor(i / 60));
  values.fill(MISSING, 0, 60);
  values.fill(MISSING, 300, 360);
  values.fill(MISSING, 1440 + 300, 1440 + 360);
  const profile = hourlyProfile(values, plainClock(0, values.length));
  assert.is(profile.length, 24);
  assert.is(profile[0], 24);
  assert.is(profile[1], 13);
  assert.is(profile[5], null);
});

test('the mean day has 1440 values, missing ones for minutes never seen', () => {
  const values = Float64Array.of(1, 2, MISSING);
  const profile = meanDailyProfile(values, plainClock(1438, 3));
  assert.is(profile.length, 1440);
  assert.equal([profile[1438], profile[1439], profile[0], profile[1]], [1, 2, MISSING, MISSING]);
});

test('daily totals and profiles follow the local day over a daylight-saving change', () => {
  const berlin = valueOf(localZone('Europe/Berlin'));
  const start = startOfLocalDay(berlin, parseIsoDate('2025-10-25') as number);
  const clock = clockOf(berlin, start, 73 * 60);
  const values = Float64Array.from(clock.clockMinute, (minute) => Math.floor(minute / 60));
  const oneDay = (60 * 23 * 24) / 2;
  assert.equal(dailyTotals(values, clock), [oneDay, oneDay + 120, oneDay]);
  assert.equal([...validMinutesByDay(values, clock)], [1440, 1500, 1440]);
  assert.equal(
    hourlyProfile(values, clock),
    Array.from({ length: 24 }, (_, hour) => hour),
  );
});

test.run();
