import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnalysisDocument, LocalDayGrid } from '../../../core/analysis/document.ts';
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

function sectionOf(
  id: string,
  change: (document: AnalysisDocument) => AnalysisDocument,
  grid: LocalDayGrid = week,
): Element {
  return withId(parsed(rendered(change(sampleDocument(grid)), grid)), id);
}

const same = (document: AnalysisDocument): AnalysisDocument => document;
const words = (element: Element): string => wordsOf(element).replace(/\u00a0/g, ' ');
const rows = (element: Element): string[] =>
  elementsIn(element)
    .filter((candidate) => candidate.name === 'tr')
    .map((row) => words(row));

test('the facts say how much was recorded, on how many days, and how much is missing', () => {
  const section = sectionOf('quality', (document) => ({
    ...document,
    data_quality: {
      ...document.data_quality,
      valid_minutes: 9580,
      valid_days: 6,
      wear_fraction: 9580 / 10_080,
      gaps: [
        { start: '2025-06-03T10:00:00+02:00', end: '2025-06-03T13:20:00+02:00', minutes: 200 },
        { start: '2025-06-05T22:00:00+02:00', end: '2025-06-06T03:00:00+02:00', minutes: 300 },
      ],
    },
  }));
  const [facts] = withClass(section, 'facts');
  assert.is(
    facts === undefined ? '' : words(facts),
    'Recorded 95.0 % 9,580 of 10,080 minutes Valid days 6 of 7 with at least ten recorded hours (Troiano 2008) Gaps 2 8 h 20 min in total',
  );
  assert.equal(rows(section).slice(0, 3), [
    'When Length',
    'Thu 5 Jun, 22:00 – Fri 6 Jun, 03:00 5 h',
    'Tue 3 Jun, 10:00 – 13:20 3 h 20 min',
  ]);
});

test('of many gaps the longest are listed, the longest first', () => {
  const gaps = Array.from({ length: 2000 }, (_, i) => ({
    start: '2025-06-03T10:00:00+02:00',
    end: '2025-06-03T10:30:00+02:00',
    minutes: i + 1,
  }));
  const section = sectionOf('quality', (document) => ({
    ...document,
    data_quality: { ...document.data_quality, gaps },
  }));
  assert.match(words(section), 'The 6 longest of 2,000 gaps');
  const lengths = rows(section)
    .slice(1, 7)
    .map((row) => row.replace(/^.* – 10:30 /, ''));
  assert.equal(lengths, ['33 h 20 min', '33 h 19 min', '33 h 18 min', '33 h 17 min', '33 h 16 min', '33 h 15 min']);
});

test('no gap is said to be none', () => {
  const section = sectionOf('quality', same);
  assert.match(words(section), 'Gaps 0 nothing is missing');
});

test('the wear rule is given, and each source with what was used, set aside, and why', () => {
  const section = sectionOf('quality', same);
  assert.match(
    words(section),
    'How wear was decided. A minute without a step sample counts as zero where the watch was worn.',
  );
  assert.match(words(section), 'Steps come from 2 of 2 sources. What the others say of the same time was set aside');
  const table = rows(section);
  assert.ok(table.includes('Watch of a simulated person steps watch 900 60,000 steps 0 steps –'));
  assert.ok(
    table.includes(
      'Phone of a simulated person steps phone 400 1,200 steps 33,000 steps A preferred source counted the same minutes.',
    ),
  );
});

test('sources of nights are counted in nights', () => {
  const night = {
    name: 'Ring',
    device: 'other' as const,
    signal: 'sleep_stage nights',
    samples: 6,
    used: 6,
    set_aside: 0,
    reason: null,
  };
  const section = sectionOf('quality', (document) => ({
    ...document,
    input: { ...document.input, sources: [...document.input.sources, night] },
  }));
  assert.match(words(section), 'Steps come from 2 of 2 sources, nights from 1 of 1.');
  assert.ok(rows(section).includes('Ring nights other device 6 6 nights 0 nights –'));
});

test('what was not used of the input is counted, with its first place', () => {
  const section = sectionOf('quality', (document) => document);
  assert.ok(rows(section).includes('HKQuantityTypeIdentifierDietaryWater is not kept. 12 line 310'));
});

test('an input that was used whole says so', () => {
  const section = sectionOf('quality', (document) => ({ ...document, input: { ...document.input, notices: [] } }));
  assert.match(words(section), 'All of it was used as it came.');
});

test('recorded and lacking hours of a day fill the day', () => {
  const grid = gridOf(datesFrom('2025-06-02', 2), (day, minute) => (day === 0 && minute >= 360 ? NaN : 0));
  const page = parsed(rendered(sampleDocument(grid), grid));
  const drawing = drawingOf(page, 'coverage', 'wide');
  const spans = (kind: string): number[][] =>
    (withClass(drawing, kind)[0]?.attributes['d'] ?? '')
      .split('M')
      .filter((column) => column !== '')
      .map((column) => {
        const ys = column
          .replace('Z', '')
          .split('L')
          .map((point) => Number(point.split(',')[1]));
        return [Math.min(...ys), Math.max(...ys)];
      });
  const [[top = 0, middle = 0] = []] = spans('missing');
  const [[recordedTop = 0, foot = 0] = [], [fullTop = 0] = []] = spans('recorded');
  assert.is(spans('missing').length, 1);
  assert.is(spans('recorded').length, 2);
  assert.is(middle, recordedTop);
  assert.is(top, fullTop);
  assert.ok(Math.abs((foot - recordedTop) / (foot - fullTop) - 0.25) < 0.01);
});

test('an hour that the clocks skipped does not count as lacking', () => {
  const grid = gridOf(datesFrom('2025-03-29', 3), (day, minute) =>
    day === 1 && minute >= 120 && minute < 180 ? NaN : 0,
  );
  const page = parsed(rendered(sampleDocument(grid), grid));
  assert.equal(withClass(drawingOf(page, 'coverage', 'wide'), 'missing'), []);
});

test('totals tell full days, days with too little recorded, and days without a record apart', () => {
  const grid = gridOf(datesFrom('2025-06-02', 4), (day, minute) =>
    day === 3 || (day === 2 && minute >= 500) ? NaN : 10,
  );
  const section = withId(parsed(rendered(sampleDocument(grid), grid)), 'totals');
  const page = parsed(rendered(sampleDocument(grid), grid));
  const drawing = drawingOf(page, 'totals', 'wide');
  const count = (kind: string): number =>
    (withClass(drawing, kind)[0]?.attributes['d'] ?? '').split('M').filter((column) => column !== '').length;
  assert.equal([count('activity'), count('partial'), count('missing')], [2, 1, 1]);
  assert.equal(rows(section).slice(1), [
    'Mon 2 Jun 14,400 24 h',
    'Tue 3 Jun 14,400 24 h',
    'Wed 4 Jun 5,000 8 h 20 min',
    'Thu 5 Jun not recorded 0 min',
  ]);
});

test('tables name their rows and columns', () => {
  const page = parsed(rendered(sampleDocument(week), week));
  const tables = elementsIn(page).filter((element) => element.name === 'table');
  assert.ok(tables.length >= 5);
  for (const table of tables) {
    const inside = elementsIn(table);
    assert.is(inside.filter((element) => element.name === 'caption').length, 1);
    const heads = inside.filter((element) => element.name === 'th' && element.attributes['scope'] === 'col');
    for (const row of inside.filter((element) => element.name === 'tr').slice(1)) {
      const cells = elementsIn(row).filter((element) => element.name === 'td' || element.name === 'th');
      assert.is(cells.length, heads.length);
      assert.is(cells[0]?.attributes['scope'], 'row');
      assert.equal(
        cells.slice(1).map((cell) => cell.attributes['data-l']),
        heads.slice(1).map((head) => wordsOf(head)),
      );
    }
  }
});

test.run();
