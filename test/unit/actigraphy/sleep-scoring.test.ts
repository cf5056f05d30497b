import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  COLE_KRIPKE_1992,
  countSleep,
  OAKLEY_THRESHOLDS,
  oakleyAutomaticThreshold,
  rescoreWebster,
  scoreColeKripke,
  scoreColeKripke1992,
  scoreOakley,
  scoreSadeh,
  scoreSadeh1994,
  SLEEP,
  UNSCORED,
  WAKE,
} from '../../../core/actigraphy/sleep-scoring.ts';
import { errorOf, valueOf } from '../result-values.ts';

const counts = (...values: number[]): Float64Array => Float64Array.from(values);
const zeros = (minutes: number): Float64Array => new Float64Array(minutes);

/** A quiet record with one value in the middle; the result shows which of its neighbours that value keeps awake. */
const aroundOne = (value: number): Float64Array => {
  const values = zeros(21);
  values[10] = value;
  return values;
};
const wakeOffsets = (states: Uint8Array): number[] =>
  [...states].flatMap((state, t) => (state === WAKE ? [t - 10] : []));

const text = (states: Uint8Array): string =>
  Array.from(states, (state) => (state === SLEEP ? 'S' : state === WAKE ? 'W' : '.')).join('');
const states = (pattern: string): Uint8Array =>
  Uint8Array.from(pattern, (c) => (c === 'S' ? SLEEP : c === 'W' ? WAKE : UNSCORED));

test('Cole-Kripke looks four minutes back and two ahead with the published weights', () => {
  // A minute at offset k from the active one has it at -k in its window: 1000 / weight counts are the limit, times 100.
  const limits: [number, number][] = [
    [-2, 67],
    [-1, 74],
    [0, 230],
    [1, 76],
    [2, 58],
    [3, 54],
    [4, 106],
  ];
  for (const [offset, weight] of limits) {
    const atLimit = wakeOffsets(scoreColeKripke(aroundOne(100_000 / weight + 1e-6)));
    const below = wakeOffsets(scoreColeKripke(aroundOne(100_000 / weight - 1e-6)));
    assert.ok(atLimit.includes(offset), `weight ${weight}`);
    assert.not.ok(below.includes(offset), `weight ${weight}`);
  }
  assert.equal(wakeOffsets(scoreColeKripke(aroundOne(30_000))), [-2, -1, 0, 1, 2, 3, 4]);
});

test('Cole-Kripke calls a sum of exactly one wake', () => {
  // 54 * 1000 + 230 * 200 = 100 000, which is D = 1 in units of counts/100 and P = .001.
  assert.is(scoreColeKripke(counts(0, 1000, 0, 0, 200, 0, 0))[4], WAKE);
  assert.is(scoreColeKripke(counts(0, 999, 0, 0, 200, 0, 0))[4], SLEEP);
});

test('a count at the cut of ActiLife or far beyond it keeps its whole window awake', () => {
  for (const value of [30_000, 30_001, 1e12]) {
    assert.equal(wakeOffsets(scoreColeKripke(aroundOne(value))), [-2, -1, 0, 1, 2, 3, 4]);
  }
});

test('the rows of 1992 apply to their own inputs without scaling', () => {
  for (const row of Object.values(COLE_KRIPKE_1992)) {
    const own = row.weights[4];
    assert.is(scoreColeKripke1992(aroundOne(row.sleepBelow / own + 1e-6), row)[10], WAKE);
    assert.is(scoreColeKripke1992(aroundOne(row.sleepBelow / own - 1e-6), row)[10], SLEEP);
  }
  assert.equal(COLE_KRIPKE_1992.maximumOf30sEpochs.weights, [50, 30, 14, 28, 121, 8, 50]);
  assert.equal(COLE_KRIPKE_1992.maximumOf10sEpochs.weights, [550, 378, 413, 699, 1736, 287, 309]);
});

test('missing minutes are unscored and still for their neighbours', () => {
  const values = counts(0, Number.NaN, 5000, Number.NaN, 0);
  const still = counts(0, 0, 5000, 0, 0);
  for (const score of [scoreColeKripke, scoreSadeh, scoreSadeh1994, scoreOakley]) {
    const scored = score(values);
    assert.equal([scored[1], scored[3]], [UNSCORED, UNSCORED]);
    for (const t of [0, 2, 4]) assert.is(scored[t], score(still)[t]);
  }
});

test('a missing record has no sleep and an empty one no states', () => {
  for (const score of [scoreColeKripke, scoreSadeh, scoreSadeh1994, scoreOakley]) {
    assert.is(countSleep(score(zeros(100).fill(Number.NaN))), 0);
    assert.is(score(zeros(0)).length, 0);
  }
});

test('Sadeh agrees with its formula worked by hand', () => {
  // Constant 20: MW5 = 20, NAT = 0, SD6 = 0, ln 21 = 3.0445: PS = 7.601 - 1.3 - 2.1403 = 4.1607.
  assert.is(scoreSadeh1994(zeros(30).fill(20))[15], SLEEP);
  // Constant 60: NAT = 11, PS = 7.601 - 3.9 - 11.88 - 2.8899 = -11.07.
  assert.is(scoreSadeh(zeros(30).fill(60))[15], WAKE);
  // Constant 45: PS = 7.601 - 2.925 - 2.6915 = 1.98; constant 49 adds no NAT, 50 adds eleven.
  assert.is(scoreSadeh1994(zeros(30).fill(49))[15], SLEEP);
  assert.is(scoreSadeh1994(zeros(30).fill(50))[15], WAKE);
  // Constant 100 has no NAT again: PS = 7.601 - 6.5 - 3.2444 = -2.14, between the two thresholds.
  assert.is(scoreSadeh(zeros(30).fill(100))[15], SLEEP);
  assert.is(scoreSadeh1994(zeros(30).fill(100))[15], WAKE);
});

test('Sadeh takes the sample standard deviation of the last six minutes only', () => {
  const before = zeros(30);
  before[10] = 300;
  // Five minutes later 300 is still among the six: PS = 7.601 - 0.065 * 300/11 - 0.056 * 122.474 = -1.031.
  assert.is(scoreSadeh1994(before)[15], WAKE);
  assert.is(scoreSadeh1994(before)[16], SLEEP);
  // Ahead of the minute it only raises the mean: PS = 7.601 - 1.773 = 5.828.
  assert.is(scoreSadeh1994(before)[9], SLEEP);
});

test('Sadeh cuts counts at 300', () => {
  const values = aroundOne(300);
  assert.equal(scoreSadeh(aroundOne(1e6)), scoreSadeh(values));
  assert.equal(scoreSadeh1994(aroundOne(1e6)), scoreSadeh1994(values));
});

test('Oakley weighs two minutes each way and calls a total at the threshold sleep', () => {
  assert.is(scoreOakley(aroundOne(40))[10], SLEEP);
  assert.is(scoreOakley(aroundOne(41))[10], WAKE);
  assert.equal(wakeOffsets(scoreOakley(aroundOne(200))), [0]);
  assert.equal(wakeOffsets(scoreOakley(aroundOne(201))), [-1, 0, 1]);
  assert.equal(wakeOffsets(scoreOakley(aroundOne(1000))), [-1, 0, 1]);
  assert.equal(wakeOffsets(scoreOakley(aroundOne(1001))), [-2, -1, 0, 1, 2]);
});

test('the sensitivities are the thresholds 20, 40 and 80', () => {
  const values = aroundOne(30);
  assert.is(scoreOakley(values, OAKLEY_THRESHOLDS.highSensitivity)[10], WAKE);
  assert.is(scoreOakley(values, OAKLEY_THRESHOLDS.mediumSensitivity)[10], SLEEP);
  assert.is(scoreOakley(aroundOne(80), OAKLEY_THRESHOLDS.lowSensitivity)[10], SLEEP);
});

test('the automatic threshold divides all counts by the mobile minutes', () => {
  const threshold = valueOf(oakleyAutomaticThreshold(counts(0, 3, 4, 96, Number.NaN)));
  assert.ok(Math.abs(threshold - (103 / 2) * 0.88888) < 1e-12);
  assert.equal(errorOf(oakleyAutomaticThreshold(counts(0, 3))), {
    kind: 'not-computable',
    reason: 'the automatic threshold needs minutes of at least 4 counts; there were 0',
  });
});

test('Webster rescoring keeps missing minutes and lets them end a run', () => {
  assert.is(text(rescoreWebster(states('WWW.WWWSSS'))), 'WWW.WWWSSS');
  assert.is(text(rescoreWebster(states('WWWW.SSS'))), 'WWWW.SSS');
  assert.is(text(rescoreWebster(states('WWWWS.SSS'))), 'WWWWW.SSS');
  assert.is(text(rescoreWebster(states('WWWWWWWWWWSSSSS.WWWWWWWWWW'))), 'WWWWWWWWWWWWWSS.WWWWWWWWWW');
});

test('Webster rescoring leaves the given states as they were', () => {
  const given = states('WWWWSSS');
  rescoreWebster(given);
  assert.is(text(given), 'WWWWSSS');
});

test.run();
