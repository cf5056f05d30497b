import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnalysisDocument, LocalDayGrid, RhythmResults } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  drawingOf,
  elementsIn,
  gridOf,
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

function pageWith(rhythm: Partial<RhythmResults>, grid: LocalDayGrid = week): Element {
  const base: AnalysisDocument = sampleDocument(grid);
  return parsed(rendered({ ...base, rhythm: { ...base.rhythm, ...rhythm } }, grid));
}

const numberOf = (element: Element | undefined, attribute: string): number => Number(element?.attributes[attribute]);

/** Where minutes 0 and 1440 lie in the wide drawing. */
function edges(page: Element): { readonly left: number; readonly right: number } {
  const [clip] = elementsIn(withId(page, 'profile-clip-wide'));
  return { left: numberOf(clip, 'x'), right: numberOf(clip, 'x') + numberOf(clip, 'width') };
}

test('L5 that wraps round midnight is shaded at both ends of the day, five hours in all', () => {
  const page = pageWith({ l5: { mean: 0.5, onset_minute: 1380 } });
  const { left, right } = edges(page);
  const pieces = withClass(drawingOf(page, 'profile', 'wide'), 'l5', 'rect');
  assert.is(pieces.length, 2);
  const spans = pieces.map((piece) => [numberOf(piece, 'x'), numberOf(piece, 'x') + numberOf(piece, 'width')] as const);
  assert.ok(spans.some(([, end]) => Math.abs(end - right) < 0.1));
  assert.ok(spans.some(([start]) => Math.abs(start - left) < 0.1));
  const width = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  assert.ok(Math.abs(width / (right - left) - 300 / 1440) < 0.001);
  assert.match(wordsOf(drawingOf(page, 'profile', 'wide')), 'L5 23:00–04:00');
  assert.match(wordsOf(withId(page, 'numbers')), 'lowest from 23:00 to 04:00');
});

test('L5 and M10 inside the day are one piece each, with their mean as a level', () => {
  const page = pageWith({});
  for (const layout of ['wide', 'narrow'] as const) {
    const drawing = drawingOf(page, 'profile', layout);
    assert.is(withClass(drawing, 'l5', 'rect').length, 1);
    assert.is(withClass(drawing, 'm10', 'rect').length, 1);
    assert.is(withClass(drawing, 'level').length, 2);
  }
});

test('the names of windows that touch do not run into each other', () => {
  for (const onset of [540, 560, 1100, 1140, 1200, 0, 60]) {
    const page = pageWith({ l5: { mean: 1, onset_minute: onset }, m10: { mean: 9, onset_minute: 600 } });
    const names = withClass(drawingOf(page, 'profile', 'narrow'), 'name').map((name) => numberOf(name, 'x'));
    assert.is(names.length, 2);
    assert.ok(Math.abs((names[0] ?? 0) - (names[1] ?? 0)) >= 73.9, String(onset));
  }
});

test('the cosine is drawn with its peak at the acrophase and at mesor plus amplitude', () => {
  const page = pageWith({ cosinor: { mesor: 20, amplitude: 12, acrophase_minute: 720, r_squared: 0.5 } });
  const drawing = drawingOf(page, 'profile', 'wide');
  const [path] = withClass(drawing, 'cosinor');
  const points = (path?.attributes['d'] ?? '')
    .slice(1)
    .split('L')
    .map((point) => point.split(',').map(Number));
  const peak = points.reduce((best, point) => ((point[1] ?? 0) < (best[1] ?? 0) ? point : best));
  const { left, right } = edges(page);
  assert.ok(Math.abs((peak[0] ?? 0) - (left + right) / 2) < 0.1);
  const [mark] = withClass(drawing, 'peak');
  assert.ok(
    Math.abs(numberOf(mark, 'cx') - (peak[0] ?? 0)) < 0.1 && Math.abs(numberOf(mark, 'cy') - (peak[1] ?? 0)) < 0.1,
  );
});

test('a cosine below zero is said to be cut, one above is not', () => {
  const wave = (mesor: number) =>
    wordsOf(withId(pageWith({ cosinor: { mesor, amplitude: 5, acrophase_minute: 800, r_squared: 0.2 } }), 'average'));
  assert.match(wave(2), 'falls below zero');
  assert.not.match(wave(9), 'falls below zero');
});

test('what was not computed is neither drawn nor in the legend', () => {
  const nothing = { mean: null, onset_minute: null };
  const cosinor = { mesor: 3, amplitude: 0, acrophase_minute: null, r_squared: null };
  const page = pageWith({ l5: nothing, m10: nothing, cosinor });
  const section = withId(page, 'average');
  for (const kind of ['l5', 'm10', 'cosinor', 'peak', 'level']) assert.equal(withClass(section, kind), [], kind);
  assert.is(withClass(section, 'profile').length, 3, 'two drawings and the legend');
});

test('clock time that no day recorded is hatched, and the mean is not drawn across it', () => {
  const grid = gridOf(datesFrom('2025-06-02', 7), (_, minute) => (minute >= 600 && minute < 660 ? NaN : 5));
  const page = pageWith({}, grid);
  const drawing = drawingOf(page, 'profile', 'wide');
  const { left, right } = edges(page);
  const x = (minute: number): number => left + ((right - left) * minute) / 1440;
  const [missing] = withClass(drawing, 'missing');
  assert.is(missing?.attributes['fill'], 'url(#profile-hatch-wide)');
  const xs = (missing?.attributes['d'] ?? '').match(/[ML]([\d.]+)/g)?.map((part) => Number(part.slice(1))) ?? [];
  assert.ok(Math.abs(Math.min(...xs) - x(600)) < 0.1 && Math.abs(Math.max(...xs) - x(660)) < 0.1);
  const [profile] = withClass(drawing, 'profile');
  const strokes = (profile?.attributes['d'] ?? '').split('M').filter((stroke) => stroke !== '');
  assert.is(strokes.length, 2);
  assert.match(wordsOf(withClass(withId(page, 'average'), 'legend')[0] ?? page), 'not recorded');
});

test('one single bin with a value between missing ones is drawn for itself', () => {
  const grid = gridOf(datesFrom('2025-06-02', 7), (_, minute) => (minute >= 615 && minute < 630 ? 5 : NaN));
  const drawing = drawingOf(pageWith({}, grid), 'profile', 'wide');
  const missing = (withClass(drawing, 'missing')[0]?.attributes['d'] ?? '').split('M').filter((part) => part !== '');
  assert.is(missing.length, 2);
});

test('the spread of the days is drawn from five days on', () => {
  const spreadOf = (days: number): number => {
    const page = pageWith({}, gridOf(datesFrom('2025-06-02', days), walking));
    return withClass(drawingOf(page, 'profile', 'wide'), 'spread').length;
  };
  assert.is(spreadOf(4), 0);
  assert.is(spreadOf(5), 1);
});

test('axes carry their units and the hours can be read as numbers', () => {
  const page = pageWith({});
  const words = wordsOf(drawingOf(page, 'profile', 'wide'));
  assert.match(words, 'steps/min');
  assert.match(words, 'local clock time');
  const rows = elementsIn(withId(page, 'average')).filter((element) => element.name === 'tr');
  assert.is(rows.length, 25);
  assert.is(wordsOf(rows[24] ?? page), '23:00–24:00 23.0');
});

test.run();
