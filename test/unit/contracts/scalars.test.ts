import * as fc from 'fast-check';
import * as E from 'fp-ts/Either';
import type * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  date,
  dateTime,
  finite,
  integer,
  jsonObject,
  number,
  oneOf,
  queryInteger,
  readInstant,
  text,
  uuid,
} from '../../../contracts/scalars.ts';
import { parseTimestamp } from '../../../core/apple-health/timestamps.ts';
import { anyDateTime } from './wire-values.ts';

const accepts = (codec: t.Mixed, ...values: readonly unknown[]): void => {
  for (const value of values) assert.ok(E.isRight(codec.decode(value)), `${codec.name}: ${JSON.stringify(value)}`);
};
const refuses = (codec: t.Mixed, ...values: readonly unknown[]): void => {
  for (const value of values) assert.ok(E.isLeft(codec.decode(value)), `${codec.name}: ${String(value)}`);
};

test('a text has a least and a greatest length', () => {
  accepts(text(1, 3), 'a', 'abc');
  refuses(text(1, 3), '', 'abcd', 5, null, undefined, ['a']);
});

test('a text holds no NUL', () => {
  refuses(text(0, 10), '\u0000', 'ad\u0000a');
});

test('a number lies in its range, ends included, and is finite', () => {
  accepts(number(0, 1), 0, 0.5, 1);
  refuses(number(0, 1), -0.001, 1.001, '0.5', Number.NaN, Number.POSITIVE_INFINITY, null);
  refuses(number(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
});

test('an integer is whole', () => {
  accepts(integer(-1, 3), -1, 0, 3, 2.0);
  refuses(integer(-1, 3), 0.5, -2, 4, '1', Number.NaN);
});

test('a finite number is any but NaN and the infinities', () => {
  accepts(finite, 0, -1e300, 5e-324);
  refuses(finite, Number.NaN, Number.NEGATIVE_INFINITY, '1', null);
});

test('a UUID is read in lower case, whatever its version', () => {
  const result = uuid.decode('A1B2C3D4-0000-1000-8000-00000000000F');
  assert.ok(E.isRight(result) && result.right === 'a1b2c3d4-0000-1000-8000-00000000000f');
  refuses(uuid, 'a1b2c3d4', 'a1b2c3d4-0000-1000-8000-00000000000', 'g1b2c3d4-0000-1000-8000-00000000000f', 1);
  assert.ok(uuid.is('a1b2c3d4-0000-1000-8000-00000000000f') && !uuid.is('x'));
});

test('one of a list is one of that list, to the letter', () => {
  accepts(oneOf('low', 'high'), 'low', 'high');
  refuses(oneOf('low', 'high'), 'Low', '', 'lo', null, 'toString');
});

test('a JSON object is neither a list nor null', () => {
  accepts(jsonObject, {}, { a: [1] });
  refuses(jsonObject, [], null, 'x', 1);
  assert.ok(jsonObject.is({}) && !jsonObject.is([]));
});

test('a number in a query is written in digits', () => {
  const codec = queryInteger(0, 1000);
  accepts(codec, '0', '7', '1000', '007');
  refuses(codec, '', ' 7', '7.0', '1e2', '-1', '1001', '0x1', 7, '9999999999999999');
  assert.equal(codec.decode('42'), E.right(42));
  assert.is(codec.encode(42), '42');
  assert.ok(codec.is(4) && !codec.is('4'));
});

const ms = (value: string): number | undefined => readInstant(value)?.ms;

test('RFC 3339 date-times are read with their offset', () => {
  const instant = Date.UTC(2025, 0, 6, 7, 30);
  assert.equal(readInstant('2025-01-06T08:30:00+01:00'), { ms: instant, offsetMinutes: 60 });
  assert.equal(readInstant('2025-01-06T07:30:00Z'), { ms: instant, offsetMinutes: 0 });
  assert.equal(readInstant('2025-01-06T02:00:00-05:30'), { ms: instant, offsetMinutes: -330 });
  assert.equal(readInstant('2025-01-06t07:30z'), { ms: instant, offsetMinutes: 0 });
  assert.equal(readInstant('2025-01-06 08:30:00 +0100'), { ms: instant, offsetMinutes: 60 });
});

test('a date-time without an offset is UTC, and says that it had none', () => {
  assert.equal(readInstant('2025-01-06T07:30:00'), { ms: Date.UTC(2025, 0, 6, 7, 30), offsetMinutes: null });
});

test('fractions of a second are cut to milliseconds', () => {
  assert.is(ms('2025-01-06T00:00:00.1Z'), Date.UTC(2025, 0, 6) + 100);
  assert.is(ms('2025-01-06T00:00:00.123999999Z'), Date.UTC(2025, 0, 6) + 123);
});

test('dates, times and offsets that do not exist are refused', () => {
  for (const value of [
    '2025-02-30T00:00Z',
    '2025-02-29T00:00Z',
    '1900-02-29T00:00Z',
    '2025-13-01T00:00Z',
    '2025-00-10T00:00Z',
    '2025-01-00T00:00Z',
    '2025-01-32T00:00Z',
    '2025-01-06T24:00Z',
    '2025-01-06T23:60Z',
    '2025-01-06T23:59:60Z',
    '2025-01-06T00:00+14:01',
    '2025-01-06T00:00-12:01',
    '2025-01-06T00:00+01:60',
  ]) {
    assert.is(readInstant(value), null, value);
  }
  assert.is(ms('2024-02-29T00:00Z'), Date.UTC(2024, 1, 29));
  assert.is(ms('2000-02-29T00:00Z'), Date.UTC(2000, 1, 29));
});

test('a date is one of the calendar, and nothing besides', () => {
  for (const value of ['2025-01-06', '2024-02-29', '0001-01-01', '9999-12-31'])
    assert.ok(E.isRight(date.decode(value)), value);
  for (const value of [
    '',
    '2025-02-29',
    '2025-13-01',
    '2025-1-6',
    '2025-01-06T00:00Z',
    ' 2025-01-06',
    20250106,
    null,
  ]) {
    assert.ok(E.isLeft(date.decode(value)), String(value));
  }
});

test('what is not a date-time is refused', () => {
  for (const value of [
    '',
    '2025-01-06',
    '2025-1-6T00:00Z',
    'T00:00Z',
    '2025-01-06T00:00:00.Z',
    '2025-01-06T00:00:00,5Z',
    '2025-01-06T00:00  Z',
    '2025-01-06T00:00\tZ',
    '2025-01-06T00:00Z ',
    '2025-01-06T00:00+1',
    '20250106T000000Z',
    '1736150400000',
    'yesterday',
    '+002025-01-06T00:00Z',
  ]) {
    assert.is(readInstant(value), null, value);
  }
  refuses(dateTime, 1736150400000, null, {}, undefined);
});

test('a year below 100 is that year, and not one of the last century', () => {
  assert.is(ms('0050-01-01T00:00Z'), Date.parse('0050-01-01T00:00:00Z'));
  assert.is(ms('0000-01-01T00:00Z'), Date.parse('0000-01-01T00:00:00Z'));
});

test('a date-time is written in the offset it was read in', () => {
  assert.is(dateTime.encode({ ms: 0, offsetMinutes: 0 }), '1970-01-01T00:00:00.000Z');
  assert.is(dateTime.encode({ ms: 0, offsetMinutes: null }), '1970-01-01T00:00:00.000');
  assert.is(dateTime.encode({ ms: 0, offsetMinutes: -330 }), '1969-12-31T18:30:00.000-05:30');
  assert.ok(dateTime.is({ ms: 0, offsetMinutes: null }) && !dateTime.is('1970-01-01T00:00Z'));
});

test('every date-time that is accepted is read alike by the analysis, and survives being written', () => {
  fc.assert(
    fc.property(anyDateTime, (value) => {
      const instant = readInstant(value);
      assert.ok(instant !== null, value);
      assert.is(parseTimestamp(value)?.ms, instant?.ms, value);
      assert.equal(dateTime.decode(dateTime.encode(instant ?? { ms: 0, offsetMinutes: 0 })), E.right(instant));
    }),
    { numRuns: 2000 },
  );
});

test('no text makes the reader of date-times throw, and what it reads the analysis reads alike', () => {
  const nearly = fc
    .tuple(anyDateTime, fc.nat(), fc.string({ maxLength: 2 }))
    .map(([value, at, patch]) => value.slice(0, at % value.length) + patch + value.slice((at % value.length) + 1));
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (value) => {
      const instant = readInstant(value);
      if (instant !== null) assert.is(parseTimestamp(value)?.ms, instant.ms, value);
    }),
    { numRuns: 2000 },
  );
});

test.run();
