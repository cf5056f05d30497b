import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockChanges } from '../../../adapters/html-report/clock-changes.ts';
import { clockWindow } from '../../../adapters/html-report/clock-windows.ts';
import {
  dateRange,
  dayAndClock,
  endOfSpan,
  readingOf,
  shortDayOrText,
  utcText,
  windowDays,
  windowInGrid,
} from '../../../adapters/html-report/local-clock.ts';
import { parseIsoDate } from '../../../core/kernel/local-time.ts';
import { datesFrom, gridOf } from './sample-report.ts';

const day = (date: string): number => parseIsoDate(date) ?? NaN;
const window = (start: string, end: string) => ({ start, end, timezone: 'Europe/Berlin', minutes: 0 });

test('an instant is read by what its clock showed', () => {
  assert.equal(readingOf('2025-03-30T23:14:30+02:00'), {
    epochDay: day('2025-03-30'),
    minute: 1394.5,
    offset: '+02:00',
  });
  assert.is(readingOf('2025-03-30T23:14:00.250Z')?.offset, '+00:00');
  for (const text of ['2025-02-30T00:00:00Z', '2025-03-30', '2025-03-30T25:00:00Z', 'soon', '']) {
    assert.is(readingOf(text), null, text);
  }
  assert.is(readingOf(null), null);
});

test('the window’s end is exclusive', () => {
  assert.equal(windowDays(window('2025-03-03T00:00:00+01:00', '2025-03-31T00:00:00+02:00')), {
    first: day('2025-03-03'),
    last: day('2025-03-30'),
  });
  assert.equal(windowDays(window('2025-03-03T09:00:00+01:00', '2025-03-03T10:00:00+01:00')), {
    first: day('2025-03-03'),
    last: day('2025-03-03'),
  });
  assert.is(windowDays(window('', '2025-03-03T10:00:00+01:00')), null);
});

test('the window is placed in the grid by its clock, and a window that cannot be read is the whole grid', () => {
  const grid = gridOf(datesFrom('2025-03-03', 2), () => 0);
  assert.equal(windowInGrid(window('2025-03-03T09:14:00+01:00', '2025-03-04T12:00:00+01:00'), grid), {
    startMinute: 554,
    endMinute: 2160,
  });
  assert.equal(windowInGrid(window('?', '?'), grid), { startMinute: 0, endMinute: 2880 });
});

test('ranges of dates repeat only what differs', () => {
  const range = (from: string, to: string): string => dateRange(day(from), day(to));
  assert.is(range('2025-03-03', '2025-03-30'), '3 – 30 March 2025');
  assert.is(range('2025-03-03', '2025-04-02'), '3 March – 2 April 2025');
  assert.is(range('2024-12-30', '2025-01-05'), '30 December 2024 – 5 January 2025');
  assert.is(range('2025-03-03', '2025-03-03'), '3 March 2025');
});

test('spans name the day once, and texts that are no dates are passed on', () => {
  assert.is(dayAndClock('2025-09-07T06:05:59+02:00'), 'Sun 7 Sep, 06:05');
  assert.is(endOfSpan('2025-09-07T06:05:00+02:00', '2025-09-07T09:40:00+02:00'), '09:40');
  assert.is(endOfSpan('2025-09-07T22:05:00+02:00', '2025-09-08T09:40:00+02:00'), 'Mon 8 Sep, 09:40');
  assert.is(dayAndClock('later'), 'later');
  assert.is(shortDayOrText('2025-13-01'), '2025-13-01');
  assert.is(utcText(Date.UTC(2025, 3, 1, 8)), '2025-04-01 08:00 UTC');
  assert.is(utcText(NaN), 'unknown');
});

test('a skipped hour is found on its day and a repeated one is told', () => {
  const spring = clockChanges('Europe/Berlin', datesFrom('2025-03-29', 3));
  assert.equal(
    spring.map(({ row, skipped }) => ({ row, skipped })),
    [{ row: 1, skipped: [[120, 180]] }],
  );
  const autumn = clockChanges('Europe/Berlin', datesFrom('2025-10-26', 1));
  assert.equal(
    autumn.map(({ row, skipped }) => ({ row, skipped })),
    [{ row: 0, skipped: [] }],
  );
  assert.match(autumn[0]?.sentence ?? '', 'went back 1\u00a0h');
  assert.equal(clockChanges('Nowhere/At all', datesFrom('2025-03-29', 3)), []);
});

test('half an hour skipped in Lord Howe is half an hour', () => {
  const [change] = clockChanges('Australia/Lord_Howe', datesFrom('2025-10-05', 1));
  assert.equal(change?.skipped, [[120, 150]]);
});

test('a window past midnight has two pieces whose lengths add up', () => {
  const wrapped = clockWindow({ mean: 0.5, onset_minute: 1380 }, 300);
  assert.equal(wrapped?.pieces, [
    { from: 1380, to: 1440 },
    { from: 0, to: 240 },
  ]);
  assert.is(wrapped?.label, '23:00–04:00');
  assert.equal(clockWindow({ mean: 1, onset_minute: 1140 }, 300)?.pieces, [{ from: 1140, to: 1440 }]);
  assert.is(clockWindow({ mean: 1, onset_minute: null }, 300), null);
});

test.run();
