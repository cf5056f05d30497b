import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LocalDayGrid } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  drawingOf,
  elementsIn,
  gridOf,
  nightOf,
  parsed,
  rendered,
  sampleDocument,
  walking,
  withClass,
  withId,
  wordsOf,
} from './sample-report.ts';
import type { Element } from './sample-report.ts';

const LAYOUTS = ['wide', 'narrow'] as const;

const pageOf = (grid: LocalDayGrid, change = (document: ReturnType<typeof sampleDocument>) => document): Element =>
  parsed(rendered(change(sampleDocument(grid)), grid));

/** The path of a class in a day's shape; empty when the day has none. */
function pathOf(page: Element, day: number, kind: string): string {
  return withClass(withId(page, `day-${day}`), kind)[0]?.attributes['d'] ?? '';
}

test('minutes without a record are another element than minutes of zero, each where it belongs', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-02', 1), (_, minute) => (minute < 720 ? 0 : NaN)));
  assert.is(pathOf(page, 0, 'zero'), 'M0,100L144,100');
  assert.is(pathOf(page, 0, 'missing'), 'M144,0L288,0L288,100L144,100Z');
  assert.is(pathOf(page, 0, 'activity'), '');
});

test('missing minutes are hatched with lines in both layouts', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-02', 2), () => NaN));
  for (const layout of LAYOUTS) {
    const drawing = drawingOf(page, 'actogram', layout);
    const [use] = elementsIn(drawing).filter((element) => element.name === 'use');
    assert.is(use?.parent?.attributes['fill'], `url(#actogram-hatch-${layout})`);
    const pattern = withId(drawing, `actogram-hatch-${layout}`);
    assert.is(withClass(pattern, 'hatch-line').length, 1);
  }
  assert.is(withClass(withId(page, 'day-0'), 'missing')[0]?.attributes['fill'], undefined);
});

test('the hatch keeps its angle although days are stretched', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-02', 7), walking));
  for (const layout of LAYOUTS) {
    const drawing = drawingOf(page, 'actogram', layout);
    const pattern = withId(drawing, `actogram-hatch-${layout}`).attributes['patternTransform'] ?? '';
    const use = elementsIn(drawing).find((element) => element.name === 'use')?.attributes['transform'] ?? '';
    const factors = (text: string): number[] => (/scale\(([^ )]+) ([^)]+)\)/.exec(text) ?? []).slice(1).map(Number);
    const [undoX = 0, undoY = 0] = factors(pattern);
    const [x = 0, y = 0] = factors(use);
    assert.ok(Math.abs(undoX * x - 1) < 1e-3 && Math.abs(undoY * y - 1) < 1e-3);
  }
});

test('activity rises off the baseline, however little it is', () => {
  const grid = gridOf(datesFrom('2025-06-02', 1), (_, minute) => (minute < 5 ? 0.01 : minute < 100 ? 500 : 0));
  const points = pathOf(pageOf(grid), 0, 'activity').slice(1).split('L');
  const corners = points.filter((point, i) => point !== points[i - 1]);
  assert.equal(corners, ['0,100', '0,99', '1,99', '1,0', '20,0', '20,100', '288,100']);
});

test('every day stands left in its own row and right in the row before', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-02', 4), walking));
  for (const layout of LAYOUTS) {
    const uses = elementsIn(drawingOf(page, 'actogram', layout)).filter((element) => element.name === 'use');
    assert.equal(
      uses.map((use) => use.attributes['href']),
      ['#day-0', '#day-1', '#day-1', '#day-2', '#day-2', '#day-3', '#day-3'],
    );
    const at = uses.map((use) =>
      (/translate\(([^ ]+) ([^)]+)\)/.exec(use.attributes['transform'] ?? '') ?? []).slice(1).map(Number),
    );
    assert.is(at[0]?.[1], at[1]?.[1]);
    assert.is(at[0]?.[0], at[2]?.[0]);
    assert.ok((at[2]?.[1] ?? 0) > (at[1]?.[1] ?? 0));
  }
});

test('rows are labelled with weekday and date', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-06', 3), walking));
  const [rows] = withClass(drawingOf(page, 'actogram', 'wide'), 'rows');
  assert.is(rows === undefined ? '' : wordsOf(rows), 'Fri 6 Jun Sat 7 Jun Sun 8 Jun');
});

test('time outside the window is neither missing nor zero', () => {
  const grid = gridOf(datesFrom('2025-06-02', 2), (day, minute) => (day === 0 && minute < 600 ? NaN : 0));
  const page = pageOf(grid, (document) => ({
    ...document,
    window: { ...document.window, start: '2025-06-02T10:00:00+02:00', end: '2025-06-03T12:00:00+02:00' },
  }));
  assert.is(pathOf(page, 0, 'missing'), '');
  assert.is(pathOf(page, 0, 'zero'), 'M120,100L288,100');
  assert.is(pathOf(page, 1, 'zero'), 'M0,100L144,100');
});

test('the hour that the clocks skipped is left blank and the caption says so', () => {
  const grid = gridOf(datesFrom('2025-03-29', 3), (day, minute) =>
    day === 1 && minute >= 120 && minute < 180 ? NaN : 0,
  );
  const page = pageOf(grid);
  assert.is(pathOf(page, 1, 'missing'), '');
  assert.is(pathOf(page, 1, 'zero'), 'M0,100L24,100M36,100L288,100');
  assert.match(wordsOf(withId(page, 'days')), /On Sun 30 Mar the clocks went forward 1\s?h/);
});

test('a night is drawn under its evening, across midnight, and under the morning after', () => {
  const grid = gridOf(datesFrom('2025-06-02', 3), walking);
  const page = pageOf(grid, (document) => ({
    ...document,
    sleep: { ...document.sleep, nights: [nightOf('2025-06-03')] },
  }));
  for (const layout of LAYOUTS) {
    const [nights] = withClass(drawingOf(page, 'actogram', layout), 'night');
    const bars = (nights?.attributes['d'] ?? '').split('M').filter((bar) => bar !== '');
    const ends = bars.map((bar) => bar.split('L').map((point) => point.split(',').map(Number)));
    assert.is(bars.length, 3, 'right end of row 0, middle of row 1, left end of row 2');
    const hours = (bar: number): number => Math.abs((ends[bar]?.[1]?.[0] ?? 0) - (ends[bar]?.[0]?.[0] ?? 0));
    assert.ok(Math.abs(hours(0) / hours(1) - 1.5 / 8) < 0.01);
    assert.ok(Math.abs(hours(2) / hours(1) - 6.5 / 8) < 0.01);
  }
});

test('without nights there is no bar for them and no word of them in the legend', () => {
  const page = pageOf(gridOf(datesFrom('2025-06-02', 3), walking), (document) => ({
    ...document,
    sleep: { ...document.sleep, nights: null },
  }));
  assert.equal(withClass(withId(page, 'days'), 'night'), []);
  assert.not.match(wordsOf(withClass(withId(page, 'days'), 'legend')[0] ?? page), 'in bed');
});

test('a year is drawn densely, with missing time in plain grey', () => {
  const page = pageOf(gridOf(datesFrom('2024-06-02', 366), (day) => (day === 3 ? NaN : 0)));
  assert.is(pathOf(page, 3, 'missing'), 'M0,0L96,0L96,100L0,100Z');
  assert.is(pathOf(page, 4, 'missing'), '');
  const use = elementsIn(drawingOf(page, 'actogram', 'wide')).find((element) => element.name === 'use');
  assert.is(use?.parent?.attributes['class'], 'gap');
  const words = wordsOf(withId(page, 'days'));
  assert.match(words, /means over 15 minutes/);
  assert.match(words, /A bar is grey when/);
});

test.run();
