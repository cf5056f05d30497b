import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnalysisDocument, NightResult } from '../../../core/analysis/document.ts';
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

const week = gridOf(datesFrom('2025-06-02', 7), walking);

function pageWith(nights: readonly NightResult[] | null, notComputed: AnalysisDocument['not_computed'] = []): Element {
  const base = sampleDocument(week);
  return parsed(rendered({ ...base, sleep: { ...base.sleep, nights }, not_computed: notComputed }, week));
}

/** The boxes of a one-path drawing, as their left, right, top and bottom. */
function boxesOf(drawing: Element, kind: string): readonly { x0: number; x1: number; y0: number; y1: number }[] {
  const path = withClass(drawing, kind)[0]?.attributes['d'] ?? '';
  return path
    .split('M')
    .filter((box) => box !== '')
    .map((box) => {
      const points = box
        .replace('Z', '')
        .split('L')
        .map((point) => point.split(',').map(Number));
      const xs = points.map(([x]) => x ?? NaN);
      const ys = points.map(([, y]) => y ?? NaN);
      return { x0: Math.min(...xs), x1: Math.max(...xs), y0: Math.min(...ys), y1: Math.max(...ys) };
    });
}

const rowsOf = (page: Element): string[] =>
  elementsIn(withId(page, 'sleep'))
    .filter((element) => element.name === 'tr')
    .slice(1)
    .map(wordsOf);

test('a night’s bar runs from going to bed to getting up on an axis from noon to noon', () => {
  const drawing = drawingOf(pageWith([nightOf('2025-06-02')]), 'nights', 'wide');
  const ticks = elementsIn(drawing)
    .filter((element) => element.name === 'line')
    .map((line) => Number(line.attributes['x1']));
  const [left, right] = [Math.min(...ticks), Math.max(...ticks)];
  const [bar] = boxesOf(drawing, 'in-bed');
  const hours = (x: number): number => ((x - left) / (right - left)) * 24;
  assert.ok(Math.abs(hours(bar?.x0 ?? 0) - 10.5) < 0.01);
  assert.ok(Math.abs(hours(bar?.x1 ?? 0) - 18.5) < 0.01);
});

test('the filled height is the share of the time in bed that was sleep', () => {
  const drawing = drawingOf(pageWith([nightOf('2025-06-02', { stages: null })]), 'nights', 'wide');
  const [bed] = boxesOf(drawing, 'in-bed');
  const [asleep] = boxesOf(drawing, 'asleep');
  if (bed === undefined || asleep === undefined) throw new Error('nothing drawn');
  assert.ok(Math.abs((asleep.y1 - asleep.y0) / (bed.y1 - bed.y0) - 420 / 480) < 0.01);
  assert.is(asleep.y1, bed.y1);
});

test('stages lie on each other, deepest first, each as high as its share', () => {
  const drawing = drawingOf(pageWith([nightOf('2025-06-02')]), 'nights', 'wide');
  const [bed] = boxesOf(drawing, 'in-bed');
  const height = (bed?.y1 ?? 0) - (bed?.y0 ?? 0);
  let foot = bed?.y1 ?? 0;
  for (const [kind, minutes] of [
    ['st-deep', 70],
    ['st-core', 250],
    ['st-rem', 100],
  ] as const) {
    const [layer] = boxesOf(drawing, kind);
    assert.ok(Math.abs((layer?.y1 ?? 0) - foot) < 0.11, kind);
    assert.ok(Math.abs(((layer?.y1 ?? 0) - (layer?.y0 ?? 0)) / height - minutes / 480) < 0.01, kind);
    foot = layer?.y0 ?? 0;
  }
  assert.equal(boxesOf(drawing, 'asleep'), []);
});

test('a night of which only the bed times are known has an empty bar and says "not recorded"', () => {
  const unknown = {
    asleep_minutes: null,
    efficiency_percent: null,
    onset_latency_minutes: null,
    waso_minutes: null,
    stages: null,
  };
  const page = pageWith([nightOf('2025-06-02', unknown)]);
  const drawing = drawingOf(page, 'nights', 'wide');
  assert.is(boxesOf(drawing, 'in-bed').length, 1);
  assert.equal(boxesOf(drawing, 'asleep'), []);
  assert.equal(rowsOf(page), ['Mon 2 Jun 22:30–06:30 8:00 not recorded not recorded not recorded not recorded']);
  assert.match(wordsOf(withId(page, 'sleep')), 'A bar without filling has no sleep recorded inside it.');
});

test('each night is a row with its numbers and its stages in words', () => {
  assert.equal(rowsOf(pageWith([nightOf('2025-06-02')])), [
    'Mon 2 Jun 22:30–06:30 8:00 7:00 87.5 % 0:15 0:45 deep 1:10, core 4:10, REM 1:40, awake 1:00',
  ]);
});

test('nights without a record keep their row in the drawing', () => {
  const page = pageWith([nightOf('2025-06-02'), nightOf('2025-06-05')]);
  const [rows] = withClass(drawingOf(page, 'nights', 'wide'), 'rows');
  assert.is(rows === undefined ? '' : wordsOf(rows), 'Mon 2 Jun Tue 3 Jun Wed 4 Jun Thu 5 Jun');
  assert.is(rowsOf(page).length, 2);
});

test('a night that ends with the window is marked as cut', () => {
  const page = pageWith([nightOf('2025-06-08', { in_bed_end: '2025-06-09T00:00:00+02:00' })]);
  assert.match(rowsOf(page)[0] ?? '', '22:30–00:00 cut by the window');
});

test('the source is named once when there is one and in every row when there are more', () => {
  const one = wordsOf(withId(pageWith([nightOf('2025-06-02'), nightOf('2025-06-03')]), 'sleep'));
  assert.match(one, 'from Watch of a simulated person');
  const two = rowsOf(pageWith([nightOf('2025-06-02', { source: 'Ring' }), nightOf('2025-06-03', { source: 'Band' })]));
  assert.match(two[0] ?? '', /Ring$/);
  assert.match(two[1] ?? '', /Band$/);
});

test('without nights the reason stands in their place', () => {
  const reason = 'counts alone do not tell when a person was in bed';
  const section = withId(pageWith(null, [{ field: 'sleep.nights', reason }]), 'sleep');
  assert.match(wordsOf(section), 'Not computed. Counts alone do not tell when a person was in bed.');
  assert.equal(withClass(section, 'chart'), []);
  assert.match(wordsOf(withId(pageWith([]), 'sleep')), 'No night was recorded.');
});

test('nights that lie years apart or have no date do not blow up the drawing', () => {
  const page = pageWith([nightOf('1970-01-01'), nightOf('2025-06-02'), nightOf('2025-06-03', { date: 'someday' })]);
  assert.equal(withClass(withId(page, 'sleep'), 'chart'), []);
  assert.is(rowsOf(page).length, 3);
});

test('more than a month of nights is folded on screen', () => {
  const nights = datesFrom('2025-05-01', 32).map((date) => nightOf(date));
  const folded = (count: number): number =>
    elementsIn(withId(pageWith(nights.slice(0, count)), 'sleep')).filter((element) => element.name === 'details')
      .length;
  assert.is(folded(31), 0);
  assert.is(folded(32), 1);
});

test.run();
