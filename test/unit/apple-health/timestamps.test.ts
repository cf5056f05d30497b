import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTimestamp } from '../../../core/apple-health/timestamps.ts';
import { UNKNOWN_OFFSET } from '../../../core/health-data/samples.ts';

const at = (ms: number, offsetMinutes: number, isLocal = false) => ({ ms, offsetMinutes, isLocal });

test('reads the form that exports use, keeping the offset', () => {
  assert.equal(parseTimestamp('2024-01-01 08:00:00 +0100'), at(Date.UTC(2024, 0, 1, 7), 60));
  assert.equal(parseTimestamp('2024-01-01 08:00:00 -0330'), at(Date.UTC(2024, 0, 1, 11, 30), -210));
  assert.equal(parseTimestamp('2024-02-29 23:59:59 +0000'), at(Date.UTC(2024, 1, 29, 23, 59, 59), 0));
});

test('reads the compact form of exports before iOS 9', () => {
  assert.equal(parseTimestamp('20150616071820-0700'), at(Date.UTC(2015, 5, 16, 14, 18, 20), -420));
});

test('reads ISO 8601 with and without seconds, fraction and colon', () => {
  assert.equal(parseTimestamp('2024-01-01T08:00+01:00'), at(Date.UTC(2024, 0, 1, 7), 60));
  assert.equal(parseTimestamp('2024-01-01T08:00:05.1239+0545'), at(Date.UTC(2024, 0, 1, 2, 15, 5, 123), 345));
  assert.equal(parseTimestamp('2024-01-01t08:00:05.1+01:00'), at(Date.UTC(2024, 0, 1, 7, 0, 5, 100), 60));
  assert.equal(parseTimestamp('1969-12-31T23:59:59.900+00:00'), at(-100, 0));
});

test('takes Z and -00:00 as an instant whose local offset is not known', () => {
  assert.equal(parseTimestamp('2024-01-01T08:00:00Z'), at(Date.UTC(2024, 0, 1, 8), UNKNOWN_OFFSET));
  assert.equal(parseTimestamp('2024-01-01T08:00:00-00:00'), at(Date.UTC(2024, 0, 1, 8), UNKNOWN_OFFSET));
});

test('says that a time without an offset is local', () => {
  assert.equal(parseTimestamp('2024-01-01T08:00:00'), at(Date.UTC(2024, 0, 1, 8), UNKNOWN_OFFSET, true));
});

test('refuses dates and times that do not exist', () => {
  for (const text of [
    '2023-02-29 08:00:00 +0100',
    '2024-02-30 08:00:00 +0100',
    '1900-02-29 08:00:00 +0100',
    '2024-00-10 08:00:00 +0100',
    '2024-13-01 08:00:00 +0100',
    '2024-04-31 08:00:00 +0100',
    '2024-01-00 08:00:00 +0100',
    '2024-01-01 24:00:00 +0100',
    '2024-01-01 08:60:00 +0100',
    '2024-01-01 23:59:60 +0000',
    '2024-01-01 08:00:00 +1401',
    '2024-01-01 08:00:00 -1201',
    '2024-01-01 08:00:00 +0160',
  ]) {
    assert.is(parseTimestamp(text), null, text);
  }
});

test('refuses every other text', () => {
  for (const text of [
    '',
    'yesterday',
    '2024-01-01',
    '2024-01-01 08:00:00  +0100',
    '2024-01-01 08:00:00 +0100 ',
    ' 2024-01-01 08:00:00 +0100',
    '2024-01-01 08:00:00 0100',
    '2024/01/01 08:00:00 +0100',
    '2024-01-01 08:00:00. +0100',
    '2024-01-01 08:00:00.0000000001 +0100',
    '20150616071820',
    '1704092400000',
    '2024-01-01 08:00:0O +0100',
    '2024-01-01T08:00:00Zz',
  ]) {
    assert.is(parseTimestamp(text), null, text);
  }
});

const instant = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const offset = fc.integer({ min: -720, max: 840 });

test('agrees with the platform about every instant and offset', () => {
  fc.assert(
    fc.property(instant, offset, (date, minutes) => {
      const ms = date.getTime();
      const wall = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
      const sign = minutes < 0 ? '-' : '+';
      const twoDigits = (n: number) => String(Math.floor(n)).padStart(2, '0');
      const text = `${wall}${sign}${twoDigits(Math.abs(minutes) / 60)}:${twoDigits(Math.abs(minutes) % 60)}`;
      assert.is(parseTimestamp(text)?.ms, ms);
      assert.is(parseTimestamp(text)?.offsetMinutes, minutes === 0 ? 0 : minutes);
    }),
  );
});

test('never throws and never returns a number that is not whole', () => {
  const chars = fc.constantFrom(...Array.from('0123456789-: +TZ.abc'));
  fc.assert(
    fc.property(fc.array(chars, { maxLength: 45 }), (letters) => {
      const read = parseTimestamp(letters.join(''));
      assert.ok(read === null || Number.isInteger(read.ms));
    }),
    { numRuns: 2000 },
  );
});

test.run();
