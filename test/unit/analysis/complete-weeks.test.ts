import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { completeWeeks } from '../../../core/analysis/complete-weeks.ts';
import { isoDate, parseIsoDate } from '../../../core/kernel/local-time.ts';

const dayOf = (text: string): number => parseIsoDate(text) ?? Number.NaN;
const weeksIn = (first: string, last: string): string[] =>
  completeWeeks({ firstDay: dayOf(first), lastDay: dayOf(last) }).map(
    ({ firstDay, lastDay }) => `${isoDate(firstDay)} ${isoDate(lastDay)}`,
  );

test('complete weeks run from Monday to Sunday, and both ends must be inside', () => {
  assert.equal(weeksIn('2025-03-03', '2025-03-09'), ['2025-03-03 2025-03-09']);
  assert.equal(weeksIn('2025-03-04', '2025-03-10'), []);
  assert.equal(weeksIn('2025-03-03', '2025-03-08'), []);
  assert.equal(weeksIn('2025-03-02', '2025-03-17'), ['2025-03-03 2025-03-09', '2025-03-10 2025-03-16']);
});

test('weeks before 1970 begin on Mondays too, and an empty range holds none', () => {
  assert.equal(weeksIn('1969-12-20', '1970-01-04'), ['1969-12-22 1969-12-28', '1969-12-29 1970-01-04']);
  assert.equal(weeksIn('2025-03-10', '2025-03-03'), []);
});

test.run();
