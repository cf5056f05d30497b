import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numbersOf, rounded, shown, unsupportedNumbers } from '../../../core/insights/numbers-of-text.ts';
import { factsFrom } from './insight-facts.ts';

test('numbers are shown rounded, with thousands apart', () => {
  for (const [value, decimals, text] of [
    [10_080, 0, '10,080'],
    [999.5, 0, '1,000'],
    [1_234_567.891, 2, '1,234,567.89'],
    [7.44, 1, '7.4'],
    [7, 1, '7.0'],
    [-12.4, 0, '-12'],
    [-1234.5, 1, '-1,234.5'],
    [-0.2, 0, '0'],
    [0, 2, '0.00'],
  ] as const) {
    assert.is(shown(value, decimals), text);
    assert.equal(numbersOf(`It is ${text}.`), [text]);
  }
});

test('rounding has no negative zero', () => {
  assert.ok(Object.is(rounded(-0.001, 2), 0));
  assert.is(rounded(2.345, 1), 2.3);
});

test('every number of a text is found, as it is written', () => {
  for (const [text, numbers] of [
    ['', []],
    ['no number, L5 and M10 and a 24h or x7 word', []],
    ['from 00:40 to 9,999 and -100, 3.5 %.', ['00:40', '9,999', '-100', '3.5']],
    ['on 7 of 7 days: 1, 2, 3', ['7', '7', '1', '2', '3']],
    ['(0 means none, 1 all)', ['0', '1']],
    ['10,080 of 10080', ['10,080', '10080']],
    ['82 %, 85%', ['82', '85']],
    ['12,34', ['12', '34']],
  ] as const) {
    assert.equal(numbersOf(text), numbers, text);
  }
});

test('a number is supported by a fact that rounds to it, by a time of day, or by being allowed', () => {
  const facts = factsFrom({ sleep_efficiency: 82.456, 'rhythm.l5.onset_minute': 40.2, total_sleep_time: 7 });
  for (const [text, unsupported] of [
    ['82, 82.5, 82.46', []],
    ['82.456 is not rounded', ['82.456']],
    ['83', ['83']],
    ['7 and 7.0 and 7.00', []],
    ['begins at 00:40', []],
    ['begins at 00:41', ['00:41']],
    ['minute 40', []],
    ['85 or more', ['85']],
  ] as const) {
    assert.equal(unsupportedNumbers(text, facts), unsupported, text);
  }
  assert.equal(unsupportedNumbers('85 or more, 86', facts, [85]), ['86']);
});

test.run();
