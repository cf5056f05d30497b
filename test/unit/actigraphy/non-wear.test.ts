import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { choiNonWear, maskRuns, troianoNonWear } from '../../../core/actigraphy/non-wear.ts';

/** `[minutes, value]` pieces, one after another. */
const pieces = (...parts: readonly (readonly [number, number])[]): Float64Array =>
  Float64Array.from(parts.flatMap(([minutes, value]) => Array<number>(minutes).fill(value)));

const MISSING = Number.NaN;

test('Troiano needs sixty minutes of zeros', () => {
  assert.equal(troianoNonWear(pieces([5, 500], [59, 0], [5, 500])), []);
  assert.equal(troianoNonWear(pieces([5, 500], [60, 0], [5, 500])), [{ start: 5, length: 60 }]);
});

test('Troiano allows one or two low minutes within zeros, not three', () => {
  assert.equal(troianoNonWear(pieces([40, 0], [2, 100], [40, 0])), [{ start: 0, length: 82 }]);
  assert.equal(troianoNonWear(pieces([40, 0], [3, 1], [40, 0])), []);
  assert.equal(troianoNonWear(pieces([60, 0], [3, 1], [60, 0])), [
    { start: 0, length: 60 },
    { start: 63, length: 60 },
  ]);
});

test('Troiano ends a period above 100 counts', () => {
  assert.equal(troianoNonWear(pieces([40, 0], [1, 101], [40, 0])), []);
  assert.equal(troianoNonWear(pieces([40, 0], [1, 50], [1, 101], [80, 0])), [{ start: 42, length: 80 }]);
});

test('low minutes before the first or after the last zero are wear', () => {
  assert.equal(troianoNonWear(pieces([2, 50], [60, 0], [2, 50])), [{ start: 2, length: 60 }]);
  assert.equal(troianoNonWear(pieces([1, 200], [2, 50], [60, 0])), [{ start: 3, length: 60 }]);
});

test('missing minutes end a period and are never non-wear', () => {
  assert.equal(troianoNonWear(pieces([59, 0], [1, MISSING], [60, 0])), [{ start: 60, length: 60 }]);
  assert.equal(troianoNonWear(pieces([40, 0], [1, 50], [1, MISSING], [40, 0])), []);
  assert.equal(choiNonWear(pieces([89, 0], [1, MISSING], [90, 0])), [{ start: 90, length: 90 }]);
  assert.equal(choiNonWear(pieces([60, 0], [1, 5], [1, MISSING], [60, 0])), []);
  assert.equal(troianoNonWear(pieces([200, MISSING])), []);
});

test('Choi needs ninety minutes of zeros', () => {
  assert.equal(choiNonWear(pieces([89, 0])), []);
  assert.equal(choiNonWear(pieces([1, 9], [90, 0])), [{ start: 1, length: 90 }]);
});

test('Choi ignores two minutes of any counts between thirty zeros each way', () => {
  assert.equal(choiNonWear(pieces([30, 0], [2, 9000], [60, 0])), [{ start: 0, length: 92 }]);
  assert.equal(choiNonWear(pieces([30, 0], [3, 1], [60, 0])), []);
  assert.equal(choiNonWear(pieces([29, 0], [2, 1], [90, 0])), [{ start: 31, length: 90 }]);
  assert.equal(choiNonWear(pieces([90, 0], [2, 1], [29, 0])), [{ start: 0, length: 90 }]);
  assert.equal(choiNonWear(pieces([30, 0], [1, 1], [30, 0], [1, 1], [30, 0])), [{ start: 0, length: 92 }]);
});

test('masking takes the runs out of a copy', () => {
  const values = pieces([6, 7]);
  const masked = maskRuns(values, [
    { start: 0, length: 2 },
    { start: 5, length: 1 },
  ]);
  assert.equal([...masked], [MISSING, MISSING, 7, 7, 7, MISSING]);
  assert.equal([...values], [7, 7, 7, 7, 7, 7]);
});

test.run();
