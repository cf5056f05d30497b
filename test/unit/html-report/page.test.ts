import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LocalDayGrid } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  elementsIn,
  emptyDocument,
  encodedDocument,
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

const week = gridOf(datesFrom('2025-06-02', 7), walking);

/** Records of every length and content that the report has to bear. */
const CASES: readonly (readonly [name: string, grid: LocalDayGrid, document: typeof sampleDocument])[] = [
  ['a week', week, sampleDocument],
  ['one day', gridOf(datesFrom('2025-06-02', 1), walking), sampleDocument],
  [
    '28 days with gaps',
    gridOf(datesFrom('2025-06-02', 28), (d, m) => (m % 200 < 40 ? NaN : walking(d, m))),
    sampleDocument,
  ],
  ['90 days', gridOf(datesFrom('2025-06-02', 90), walking), sampleDocument],
  ['no day at all', { dates: [], values: new Float32Array(0) }, sampleDocument],
  ['nothing recorded', gridOf(datesFrom('2025-06-02', 7), () => NaN), emptyDocument],
  ['only zeros', gridOf(datesFrom('2025-06-02', 7), () => 0), sampleDocument],
  ['constant activity', gridOf(datesFrom('2025-06-02', 7), () => 42), sampleDocument],
  [
    'infinite values',
    gridOf(datesFrom('2025-06-02', 2), (_, m) => (m % 2 === 0 ? Infinity : -Infinity)),
    emptyDocument,
  ],
  ['the clocks going forward', gridOf(datesFrom('2025-03-29', 3), walking), sampleDocument],
  ['the clocks going back', gridOf(datesFrom('2025-10-25', 3), walking), sampleDocument],
  ['an encoded week', week, encodedDocument],
  ['an encoded day', gridOf(datesFrom('2025-06-02', 1), walking), encodedDocument],
  [
    'an encoded week in a long record with gaps',
    gridOf(datesFrom('2025-06-02', 120), (d, m) => (m % 200 < 10 ? NaN : walking(d, m))),
    encodedDocument,
  ],
  ['encoded zeros', gridOf(datesFrom('2025-06-02', 7), () => 0), encodedDocument],
  ['an encoding of days that are not recorded', gridOf(datesFrom('2025-06-02', 7), () => NaN), encodedDocument],
];

for (const [name, grid, documentOf] of CASES) {
  const document = documentOf(grid);

  test(`${name}: the page is well-formed and every number in it is a number`, () => {
    const page = rendered(document, grid);
    const elements = elementsIn(parsed(page));
    for (const element of elements) {
      for (const [attribute, value] of Object.entries(element.attributes)) {
        assert.not.match(value, /NaN|undefined|Infinity/, `${element.name} ${attribute}`);
      }
    }
    assert.not.match(wordsOf(parsed(page)), /\b(NaN|undefined|Infinity|null|\[object)\b/);
    const ids = elements.flatMap((element) => element.attributes['id'] ?? []);
    assert.is(new Set(ids).size, ids.length, 'ids are unique');
  });

  test(`${name}: everything that an element refers to is on the page`, () => {
    const root = parsed(rendered(document, grid));
    const elements = elementsIn(root);
    const ids = new Set(elements.flatMap((element) => element.attributes['id'] ?? []));
    for (const { attributes } of elements) {
      const labels = (attributes['aria-labelledby'] ?? '').split(' ').filter((id) => id !== '');
      const fills = Object.values(attributes).flatMap((value) => /^url\(#(.+)\)$/.exec(value)?.[1] ?? []);
      const anchors = (attributes['href'] ?? '').startsWith('#') ? [(attributes['href'] ?? '').slice(1)] : [];
      for (const id of [...labels, ...fills, ...anchors]) assert.ok(ids.has(id), id);
    }
  });
}

test('any values and any gaps in the results give a well-formed page without a number that is none', () => {
  const number = fc.oneof(
    fc.constantFrom(null, NaN, Infinity, -Infinity),
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.integer({ min: -3000, max: 3000 }),
  );
  const minute = fc.oneof(fc.constant(NaN), fc.float(), fc.integer({ min: 0, max: 200 }));
  const results = fc.record({
    rhythm: fc.record({
      interdaily_stability: number,
      intradaily_variability: number,
      relative_amplitude: number,
      l5: fc.record({ mean: number, onset_minute: number }),
      m10: fc.record({ mean: number, onset_minute: number }),
      cosinor: fc.record({ mesor: number, amplitude: number, acrophase_minute: number, r_squared: number }),
    }),
    nights: fc.array(
      fc.record({
        time_in_bed_minutes: number,
        asleep_minutes: number,
        efficiency_percent: number,
        onset_latency_minutes: number,
        waso_minutes: number,
        in_bed_end: fc.constantFrom(null, '2025-06-03T07:10:00+02:00', '2025-06-02T20:00:00+02:00'),
      }),
      { maxLength: 3 },
    ),
    minutes: fc.array(minute, { minLength: 1, maxLength: 50 }),
    days: fc.integer({ min: 0, max: 8 }),
  });
  fc.assert(
    fc.property(results, ({ rhythm, nights, minutes, days }) => {
      const grid = gridOf(
        datesFrom('2025-06-02', days),
        (_, at) => minutes[Math.floor(at / 7) % minutes.length] ?? NaN,
      );
      const base = sampleDocument(grid);
      const sleep = { ...base.sleep, nights: nights.map((night) => nightOf('2025-06-02', night)) };
      const root = parsed(rendered({ ...base, rhythm, sleep }, grid));
      for (const { attributes } of elementsIn(root)) {
        assert.not.match(Object.values(attributes).join(' '), /NaN|undefined|Infinity/);
      }
      assert.not.match(wordsOf(root), /NaN|undefined|Infinity|∞/);
    }),
    { numRuns: 60 },
  );
});

test('the same input gives the same bytes', () => {
  assert.is(rendered(sampleDocument(week), week), rendered(sampleDocument(week), week));
});

test('data quality is the first section and "not a medical device" comes before it and at the end', () => {
  const root = parsed(rendered(sampleDocument(week), week));
  const [first] = elementsIn(root).filter((element) => element.name === 'section');
  assert.is(first?.attributes['id'], 'quality');
  for (const part of ['header', 'footer']) {
    const [element] = elementsIn(root).filter((candidate) => candidate.name === part);
    assert.match(element === undefined ? '' : wordsOf(element), 'This is not a medical device');
  }
});

test('the title says which days and where, and the origin what was read and when', () => {
  const root = parsed(rendered(sampleDocument(week), week));
  assert.is(wordsOf(elementsIn(root).find((element) => element.name === 'h1') ?? root), '2 – 8 June 2025');
  assert.match(wordsOf(elementsIn(root).find((element) => element.name === 'header') ?? root), 'Europe/Berlin');
  const origin = wordsOf(withId(root, 'origin'));
  for (const fact of ['ab'.repeat(32), 'clarity.analysis/1', '2025-06-30 08:15 UTC', '2025-06-02T00:00:00+02:00']) {
    assert.match(origin, fact);
  }
});

test('steps are called a proxy that norms do not fit, counts are called counts', () => {
  const steps = sampleDocument(week);
  const counts = { ...steps, input: { ...steps.input, kind: 'counts' as const } };
  for (const kind of ['steps', 'healthkit'] as const) {
    const words = wordsOf(withId(parsed(rendered({ ...steps, input: { ...steps.input, kind } }, week)), 'numbers'));
    assert.match(words, /steps a minute, a proxy/);
    assert.match(words, /cannot be compared with published values/);
  }
  const words = wordsOf(parsed(rendered(counts, week)));
  assert.match(words, /counts a minute/);
  assert.not.match(words, /steps a minute|proxy/);
});

for (const [charts, document] of [
  [5, sampleDocument(week)],
  [8, encodedDocument(week)],
] as const) {
  test(`each of ${charts} charts is an image with a title and a description, once for pages and once for phones`, () => {
    const root = parsed(rendered(document, week));
    for (const layout of ['wide', 'narrow']) {
      const drawings = withClass(root, layout, 'svg');
      assert.is(drawings.length, charts);
      for (const drawing of drawings) {
        assert.is(drawing.attributes['role'], 'img');
        const labels = (drawing.attributes['aria-labelledby'] ?? '').split(' ').map((id) => wordsOf(withId(root, id)));
        assert.ok(labels.length === 2 && labels.every((label) => label.length > 5));
      }
    }
  });
}

test('headings never skip a level', () => {
  const levels = elementsIn(parsed(rendered(encodedDocument(week), week)))
    .flatMap((element) => /^h([1-6])$/.exec(element.name)?.[1] ?? [])
    .map(Number);
  assert.is(levels[0], 1);
  assert.ok(levels.every((level, i) => i === 0 || level <= (levels[i - 1] ?? 0) + 1));
});

test('there are styles for dark screens, phones and paper', () => {
  const [style] = elementsIn(parsed(rendered(sampleDocument(week), week))).filter(
    (element) => element.name === 'style',
  );
  const css = style === undefined ? '' : wordsOf(style);
  for (const rule of [
    '@media screen and (prefers-color-scheme:dark)',
    '@media screen and (max-width:',
    '@media print',
  ]) {
    assert.ok(css.includes(rule), rule);
  }
});

test.run();
