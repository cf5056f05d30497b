import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  asSentence,
  counted,
  formatAmount,
  formatClock,
  formatCompact,
  formatCount,
  formatDuration,
  formatFixed,
  formatHoursMinutes,
  formatPercent,
  isKnown,
} from '../../../adapters/html-report/text.ts';

const spaces = (text: string): string => text.replace(/\u00a0/g, ' ');

test('amounts keep about three digits', () => {
  assert.equal([1234.5, 56.74, 0.4321, 99.96, 9.996, 0].map(formatAmount), [
    '1,235',
    '56.7',
    '0.43',
    '100',
    '10.0',
    '0.00',
  ]);
});

test('negative numbers get a true minus sign and zero never has one', () => {
  assert.is(formatFixed(-1.25, 1), '−1.3');
  assert.is(formatFixed(-0.001, 2), '0.00');
  assert.is(formatCompact(-12_345), '−12.3k');
});

test('a share that is not whole is never shown as all or nothing', () => {
  assert.equal(
    [0, 100, 99.996, 0.01, 87.25].map((value) => spaces(formatPercent(value))),
    ['0 %', '100 %', '99.9 %', '0.1 %', '87.3 %'],
  );
});

test('durations are in minutes, hours, and days from two days on', () => {
  assert.equal(
    [0, 45, 60, 472, 2879, 2880, 4570].map((minutes) => spaces(formatDuration(minutes))),
    ['0 min', '45 min', '1 h', '7 h 52 min', '47 h 59 min', '2 d', '3 d 4 h 10 min'],
  );
  assert.is(formatHoursMinutes(453), '7:33');
  assert.is(formatHoursMinutes(4), '0:04');
});

test('a duration reads back to the minutes it was made of', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (minutes) => {
      const part = (unit: string): number =>
        Number((new RegExp(`([\\d,]+)\u00a0${unit}`).exec(formatDuration(minutes))?.[1] ?? '0').replace(/,/g, ''));
      return part('d') * 1440 + part('h') * 60 + part('min') === minutes;
    }),
  );
});

test('clock times go round the clock', () => {
  assert.equal([0, 65, 1439.6, 1500, -30].map(formatClock), ['00:00', '01:05', '00:00', '01:00', '23:30']);
});

test('a number that is none is written as unknown', () => {
  for (const format of [formatAmount, formatCount, formatPercent, formatDuration, formatHoursMinutes, formatClock]) {
    for (const value of [NaN, Infinity, -Infinity]) assert.is(format(value), 'unknown');
  }
  assert.equal([null, undefined, NaN, Infinity, 0].map(isKnown), [false, false, false, false, true]);
});

test('fragments become sentences and sentences stay as they are', () => {
  assert.is(asSentence('too few days'), 'Too few days.');
  assert.is(asSentence('Done.'), 'Done.');
  assert.is(asSentence('  '), '');
});

test('things are counted in singular and plural', () => {
  assert.equal(
    [counted(1, 'night'), counted(0, 'night'), counted(1200, 'entry', 'entries')],
    ['1 night', '0 nights', '1,200 entries'],
  );
});

test.run();
