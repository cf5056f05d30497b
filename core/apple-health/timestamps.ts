import type { EpochMs } from '../kernel/clock.ts';
import { UNKNOWN_OFFSET } from '../health-data/samples.ts';

/**
 * A point in time as it was written. Where the text names an offset, `ms` is the instant and `offsetMinutes` the offset;
 * `Z` is an instant whose local offset is not known (RFC 9557 section 2). Text without either is wall time: `ms` is then
 * what the instant would be in UTC, and `isLocal` says that it is not one yet.
 */
export interface Timestamp {
  readonly ms: EpochMs;
  /** Minutes east of UTC, or `UNKNOWN_OFFSET`. */
  readonly offsetMinutes: number;
  readonly isLocal: boolean;
}

/** A `Timestamp` that `readTimestamp` writes into, so that reading millions of them allocates nothing. */
export type TimestampRegister = { -readonly [Field in keyof Timestamp]: Timestamp[Field] };

export const timestampRegister = (): TimestampRegister => ({ ms: 0, offsetMinutes: UNKNOWN_OFFSET, isLocal: false });

/** The timestamp, or null; see `readTimestamp`. */
export function parseTimestamp(text: string): Timestamp | null {
  const register = timestampRegister();
  return readTimestamp(text, register) ? register : null;
}

const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const COLON = 58;
const SPACE = 32;
/** Longer text is no timestamp; nine fractional digits and an offset fit. */
const MAX_LENGTH = 40;
/** No place on Earth has been further from UTC: Kiritimati is +14:00, Baker Island -12:00. */
const MAX_OFFSET_MINUTES = 14 * 60;
const MIN_OFFSET_MINUTES = -12 * 60;
const DAYS_BEFORE_MONTH = Uint16Array.of(0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334);
const DAYS_IN_MONTH = Uint8Array.of(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/**
 * Reads Apple's `2024-01-01 08:00:00 +0100`, the `20150616071820-0700` of exports before iOS 9, and ISO 8601 with `T` or
 * a space, seconds and fraction optional, and `Z`, `+01:00`, `+0100` or nothing. Fractions are cut to milliseconds.
 * False, with the register in an undefined state, for any other text and for dates and times that do not exist
 * (February 30, 24:00, a leap second, an offset that no place has).
 */
export function readTimestamp(text: string, into: TimestampRegister): boolean {
  const length = text.length;
  if (length < 16 || length > MAX_LENGTH) return false;
  const compact = digit(text, 4) >= 0;
  const gap = compact ? 0 : 1;
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 4 + gap);
  const day = twoDigits(text, 6 + 2 * gap);
  const hour = twoDigits(text, 8 + 3 * gap);
  const minute = twoDigits(text, 10 + 4 * gap);
  if ((century | yearOfCentury | month | day | hour | minute) < 0) return false;
  let at = 12 + 4 * gap;
  let second = 0;
  let fractionMs = 0;
  if (compact) {
    second = twoDigits(text, at);
    at += 2;
  } else {
    if (text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS || text.charCodeAt(13) !== COLON) return false;
    const separator = text.charCodeAt(10);
    if (separator !== SPACE && (separator | 32) !== 116) return false;
    if (text.charCodeAt(at) === COLON) {
      second = twoDigits(text, at + 1);
      at += 3;
      if (text.charCodeAt(at) === DOT) {
        const from = at + 1;
        at = from;
        while (digit(text, at) >= 0) {
          if (at - from < 3) fractionMs = fractionMs * 10 + digit(text, at);
          at += 1;
        }
        const digits = at - from;
        if (digits === 0 || digits > 9) return false;
        if (digits === 1) fractionMs *= 100;
        else if (digits === 2) fractionMs *= 10;
      }
    }
  }
  const year = century * 100 + yearOfCentury;
  if (second < 0 || hour > 23 || minute > 59 || second > 59 || !isDate(year, month, day)) return false;
  if (!readOffset(text, at, compact, into)) return false;
  const offsetMs = into.offsetMinutes === UNKNOWN_OFFSET ? 0 : into.offsetMinutes * 60_000;
  const timeMs = ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
  into.ms = epochDay(year, month, day) * 86_400_000 + timeMs - offsetMs;
  return true;
}

/** Reads what follows the time: nothing, `Z`, or an offset, with at most one space before it. */
function readOffset(text: string, from: number, needed: boolean, into: TimestampRegister): boolean {
  into.offsetMinutes = UNKNOWN_OFFSET;
  into.isLocal = from === text.length;
  if (into.isLocal) return !needed;
  const at = text.charCodeAt(from) === SPACE ? from + 1 : from;
  const sign = text.charCodeAt(at);
  if ((sign | 32) === 122) return text.length === at + 1;
  if (sign !== PLUS && sign !== MINUS) return false;
  const hours = twoDigits(text, at + 1);
  const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  const minutes = twoDigits(text, minutesAt);
  if (hours < 0 || minutes < 0 || minutes > 59 || text.length !== minutesAt + 2) return false;
  const total = (sign === MINUS ? -1 : 1) * (hours * 60 + minutes);
  if (total < MIN_OFFSET_MINUTES || total > MAX_OFFSET_MINUTES) return false;
  // RFC 3339 section 4.3: -00:00 is UTC with the local offset unknown.
  into.offsetMinutes = sign === MINUS && total === 0 ? UNKNOWN_OFFSET : total;
  return true;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= (DAYS_IN_MONTH[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days since 1970-01-01 of a date in the Gregorian calendar, year 0 to 9999. */
function epochDay(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477;
  const dayOfYear = (DAYS_BEFORE_MONTH[month - 1] ?? 0) + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
  return 365 * (year - 1970) + leapDays + dayOfYear;
}

/** The digit at the place, or -1. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : -1;
}

/** The number that the two digits at the place make, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
