import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LocalDayGrid, ModelEncoding } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  drawingOf,
  elementsIn,
  encodedDocument,
  gridOf,
  parsed,
  rendered,
  sampleEncoding,
  sharesOf,
  walking,
  withClass,
  withId,
  wordsOf,
} from './sample-report.ts';
import type { Element } from './sample-report.ts';

const LAYOUTS = ['wide', 'narrow'] as const;
const STEPS = 8;
const nineDays = gridOf(datesFrom('2025-05-31', 9), walking);

const pageOf = (changes: Partial<ModelEncoding> = {}, grid: LocalDayGrid = nineDays): Element =>
  parsed(rendered(encodedDocument(grid, changes), grid));

const withShares = (shares: readonly number[], patchMinutes = 18): Partial<ModelEncoding> => ({
  importance: { method: 'attention received', patch_minutes: patchMinutes, per_patch: shares },
});

/** The colour step of every minute of every encoded day, read back from the drawn strokes; later ones lie on top. */
function drawnSteps(page: Element, days: number): Uint8Array {
  const drawn = new Uint8Array(days * 1440).fill(255);
  for (let step = 0; step < STEPS; step++) {
    const [path] = withClass(withId(page, 'attention-steps'), `look-${String(step)}`);
    for (const [, from, middle, width] of (path?.attributes['d'] ?? '').matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      const start = Math.floor(Number(middle) / 100) * 1440 + Number(from);
      drawn.fill(step, start, start + Number(width));
    }
  }
  return drawn;
}

test('every patch has the colour of its attention, in eight equal steps from the least to the most of these days', () => {
  const shares = sharesOf(560);
  const page = pageOf(withShares(shares));
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const drawn = drawnSteps(page, 7);
  const wrong = shares.filter((share, patch) => {
    const exact = ((share - least) / (most - least)) * STEPS;
    const minutes = drawn.subarray(patch * 18, (patch + 1) * 18);
    // A share at the border of two steps may fall to either in single precision.
    return !minutes.every((step) => step === minutes[0] && step >= exact - 1.0001 && step <= exact + 0.0001);
  });
  assert.equal(wrong, []);
  assert.is(new Set(drawn).size, STEPS);
});

test('a patch that runs past midnight goes on in the next row', () => {
  const shares = sharesOf(2 * 45, (patch) => (patch === 1 || patch === 45 ? 9 : 1));
  const page = pageOf({ days: 2, ...withShares(shares, 32) });
  const drawn = drawnSteps(page, 2);
  const loud = (minute: number): boolean => drawn[minute] === STEPS - 1;
  assert.ok(loud(32) && loud(63) && !loud(31) && !loud(64));
  assert.ok(loud(1440) && loud(1471) && !loud(1439) && !loud(1472));
  const across = pageOf({
    days: 7,
    ...withShares(
      sharesOf(7 * 18, (patch) => (patch === 17 ? 9 : 1)),
      80,
    ),
  });
  assert.ok(drawnSteps(across, 7)[17 * 80] === STEPS - 1);
});

test('rows are the encoded days and place the actogram’s drawings of the same days', () => {
  const page = pageOf({ first_day: '2025-06-01', days: 3, ...withShares(sharesOf(240)) });
  for (const layout of LAYOUTS) {
    const drawing = drawingOf(page, 'attention', layout);
    const uses = elementsIn(drawing).flatMap((element) => element.attributes['href'] ?? []);
    assert.equal(uses, ['#day-1', '#day-2', '#day-3', '#attention-steps']);
    assert.match(wordsOf(drawing), 'Sun 1 Jun Mon 2 Jun Tue 3 Jun');
  }
});

test('the colours of all days are few elements, drawn once for both layouts', () => {
  const page = pageOf({}, gridOf(datesFrom('2025-06-02', 14), walking));
  assert.ok(elementsIn(withId(page, 'attention-steps')).length <= STEPS + 1);
  const places = elementsIn(page).filter((element) => element.attributes['href'] === '#attention-steps');
  assert.is(places.length, LAYOUTS.length);
});

test('a bar of colours says which numbers the ends of the scale stand for', () => {
  const page = pageOf(withShares(sharesOf(560, (patch) => (patch === 100 ? 4 : patch === 7 ? 0.5 : 1))));
  const [ramp] = withClass(withId(page, 'model'), 'ramp');
  assert.equal(
    (ramp?.children ?? []).map((box) => (typeof box === 'string' ? box : box.attributes['class'])),
    Array.from({ length: STEPS }, (_, step) => `look-${String(step)}`),
  );
  // 558 patches of 1, one of 4 and one of 0.5: their mean is 562.5 / 560.
  assert.match(ramp?.parent === undefined || ramp.parent === null ? '' : wordsOf(ramp.parent), /0\.50 × 3\.98 ×/);
  assert.match(wordsOf(drawingOf(page, 'attention', 'wide')), /the most on Tue 3 Jun from 06:00 to 06:18/);
});

test('every picture of attention says that it is where, not why, and not good or bad', () => {
  const captions = elementsIn(withId(pageOf(), 'model'))
    .filter((element) => element.name === 'figcaption')
    .map(wordsOf)
    .filter((caption) => caption.includes('attention'));
  assert.is(captions.length, 2);
  for (const caption of captions) {
    assert.match(caption, 'last block');
    assert.match(caption, 'It says where the model looked, not why, and not what is good or bad.');
  }
});

test('even attention is not stretched into a pattern', () => {
  const page = pageOf(withShares(sharesOf(560, (patch) => 1 + (patch % 3) * 1e-7)));
  assert.equal([...new Set(drawnSteps(page, 7))], [0]);
  const words = wordsOf(withId(page, 'model'));
  assert.match(words, 'the same attention everywhere');
  assert.not.match(words, 'equal steps');
});

test('the average day shows the mean attention of each clock minute, with the even share as a line', () => {
  const shares = sharesOf(560, (patch) => (patch % 80 === 20 ? 8.9 : patch % 80 < 40 ? 1 : 0.8025));
  const page = pageOf(withShares(shares));
  const drawing = drawingOf(page, 'attention-day', 'wide');
  const [outline] = withClass(drawing, 'look-line');
  const corners = [...(outline?.attributes['d'] ?? '').matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );
  const [left, right] = [corners[0]?.[0] ?? 0, corners.at(-1)?.[0] ?? 0];
  const peak = corners.filter(([, y]) => y === Math.min(...corners.map((corner) => corner[1]))).map(([x]) => x);
  const clock = (x: number): number => ((x - left) / (right - left)) * 1440;
  assert.ok(Math.abs(clock(Math.min(...peak)) - 360) < 1 && Math.abs(clock(Math.max(...peak)) - 378) < 1);
  const [even] = withClass(drawing, 'limit');
  const levels = [...new Set(corners.map(([, y]) => y))].sort((a, b) => a - b);
  const at = Number(even?.attributes['y1']);
  assert.ok((levels[0] ?? 0) < at && at < (levels.at(-1) ?? 0), 'the even share lies between the most and the least');
});

test('the average day is there as numbers, an hour a row, over the encoded days alone', () => {
  const grid = gridOf(datesFrom('2025-05-31', 9), (day, minute) => (day < 2 ? 1000 : Math.floor(minute / 60)));
  // Nine on the first of seven days and two on the others are three on average, and one over the whole week.
  const shares = sharesOf(560, (patch) => (patch % 80 >= 10 ? 5 / 7 : patch < 80 ? 9 : 2));
  const section = withId(pageOf(withShares(shares), grid), 'model');
  const rows = elementsIn(section)
    .filter((element) => element.name === 'tr')
    .map(wordsOf);
  assert.is(rows.length, 25);
  assert.is(rows[1], '00:00–01:00 3.00 × 0.00');
  assert.is(rows[3], '02:00–03:00 3.00 × 2.00');
  assert.is(rows[4], '03:00–04:00 0.71 × 3.00');
  assert.is(rows[24], '23:00–24:00 0.71 × 23.0');
});

test('hatched time is said to be stand-ins for the model, and not spoken of where there is none', () => {
  const gaps = gridOf(datesFrom('2025-06-02', 7), (day, minute) => (day === 3 && minute < 60 ? NaN : 5));
  const words = wordsOf(withId(pageOf({}, gaps), 'model'));
  assert.match(words, 'not recorded');
  assert.match(words, 'given stand-ins');
  assert.not.match(wordsOf(withId(pageOf(), 'model')), /stand-ins|not recorded/);
});

test('a year’s record shows its encoded days densely, with missing time in grey', () => {
  const year = gridOf(datesFrom('2024-06-02', 366), (day, minute) => (day === 364 && minute < 90 ? NaN : minute % 7));
  const page = pageOf({}, year);
  const drawing = drawingOf(page, 'attention', 'wide');
  const [first] = elementsIn(drawing).filter((element) => element.attributes['href'] === '#day-359');
  assert.is(first?.parent?.attributes['class'], 'gap');
});

/** Encodings that tell nothing about where the model looked, with words of the sentence that says so. */
const MALFORMED: readonly (readonly [name: string, changes: Partial<ModelEncoding>, said: string | RegExp])[] = [
  ['too few numbers', withShares(sharesOf(559)), /559 numbers for 18 minutes each/],
  ['too many numbers', withShares(sharesOf(561)), /561 numbers/],
  ['no number', withShares([]), /0 numbers/],
  ['NaN', withShares([NaN, ...sharesOf(559)]), 'not all of its numbers are shares'],
  ['Infinity', withShares([Infinity, ...sharesOf(559)]), 'not all of its numbers are shares'],
  ['null, as JSON writes NaN', withShares([null as unknown as number, ...sharesOf(559)]), 'not all of its numbers'],
  ['a negative share', withShares([-0.5, ...sharesOf(559)]), 'not all of its numbers are shares'],
  ['numbers that are no shares of one', withShares(sharesOf(560).map((share) => share * 2)), 'do not sum to 1'],
  ['zeros', withShares(sharesOf(560).map(() => 0)), 'do not sum to 1'],
  ['patches of no length', withShares(sharesOf(560), 0), 'the length of a patch'],
  ['patches of NaN minutes', withShares(sharesOf(560), NaN), 'the length of a patch'],
  ['half minutes', withShares(sharesOf(7 * 2880), 0.5), 'the length of a patch'],
  ['more days than a model takes', { days: 15, ...withShares(sharesOf(15 * 80)) }, 'the number of days'],
  ['a fraction of a day', { days: 6.5, ...withShares(sharesOf(520)) }, 'the number of days'],
  ['NaN days', { days: NaN }, 'the number of days'],
  ['days before the record', { first_day: '2025-05-30' }, 'not all among the days'],
  ['days after the record', { first_day: '2025-06-03' }, 'not all among the days'],
  ['a date that is none', { first_day: '2025-02-30' }, 'not all among the days'],
];

for (const [name, changes, said] of MALFORMED) {
  test(`${name}: where the model looked is not drawn, and a sentence says why`, () => {
    const page = pageOf({ ...sampleEncoding(nineDays), ...changes });
    const words = wordsOf(withId(page, 'model'));
    assert.match(words, 'Not drawn:');
    assert.match(words, said);
    assert.not.match(words, /NaN|Infinity|undefined/);
    assert.equal(
      elementsIn(page).filter((element) => (element.attributes['id'] ?? '').startsWith('attention')),
      [],
    );
    assert.is(withClass(page, 'wide', 'svg').length, 6, 'all other charts are drawn');
  });
}

test('any importance at all gives a well-formed page without a number that is none', () => {
  const number = fc.oneof(
    fc.constantFrom(NaN, Infinity, -1, 0, 1e308, 1e-320),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const encoding = fc.record({
    days: fc.oneof(fc.integer({ min: 1, max: 3 }), number),
    patch: fc.constantFrom(9, 18, 32, 1440),
    weights: fc.array(number, { minLength: 1, maxLength: 20 }),
    normalised: fc.boolean(),
  });
  fc.assert(
    fc.property(encoding, ({ days, patch, weights, normalised }) => {
      const patches = Number.isInteger(days) ? (days * 1440) / patch : 5;
      const raw = Array.from({ length: Math.min(500, patches) }, (_, i) => weights[i % weights.length] ?? 0);
      const shares = normalised ? sharesOf(raw.length, (i) => Math.abs(raw[i] ?? 0)) : raw;
      const root = pageOf({ days, first_day: '2025-06-02', ...withShares(shares, patch) });
      for (const { attributes } of elementsIn(root)) {
        assert.not.match(Object.values(attributes).join(' '), /NaN|undefined|Infinity/);
      }
      assert.not.match(wordsOf(root), /NaN|undefined|Infinity|∞/);
    }),
    { numRuns: 25 },
  );
});

test.run();
