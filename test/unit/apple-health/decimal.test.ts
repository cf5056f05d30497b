import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDecimal } from '../../../core/apple-health/decimal.ts';

test('reads decimals exactly as the platform does', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.is(parseDecimal(String(value)), value);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.nat(), fc.stringMatching(/^\d{0,9}$/), (whole, fraction) => {
      const text = `${String(whole)}.${fraction}`;
      assert.is(parseDecimal(text), Number(text));
    }),
    { numRuns: 2000 },
  );
});

test('reads signs, exponents and long fractions', () => {
  assert.is(parseDecimal('-3.5'), -3.5);
  assert.is(parseDecimal('+3.5'), 3.5);
  assert.is(parseDecimal('.5'), 0.5);
  assert.is(parseDecimal('1.5e-3'), 0.0015);
  assert.is(parseDecimal('0.43459749999999997'), 0.43459749999999997);
});

test('gives NaN for what is not a decimal number', () => {
  for (const text of [
    '',
    ' ',
    '1 ',
    '0x10',
    '0b1',
    'Infinity',
    'NaN',
    '1,5',
    '1.2.3',
    '.',
    '-',
    '1e',
    '1e99999',
    '٣',
  ]) {
    assert.ok(Number.isNaN(parseDecimal(text)), text);
  }
  assert.ok(Number.isNaN(parseDecimal('1'.repeat(65))));
});

test.run();
