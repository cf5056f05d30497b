const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DOT = 46;
/** Powers of ten that a double holds exactly, as far as the digits below need them. */
const POWERS_OF_TEN = Float64Array.of(
  1,
  1e1,
  1e2,
  1e3,
  1e4,
  1e5,
  1e6,
  1e7,
  1e8,
  1e9,
  1e10,
  1e11,
  1e12,
  1e13,
  1e14,
  1e15,
);
/** Every number of this many digits is below 2^53. */
const EXACT_DIGITS = 15;
/** Apple writes at most about 20 characters; much longer text is not a measurement. */
const MAX_LENGTH = 64;

/**
 * Reads a decimal number with a point, as `Number` does, but NaN for what `Number` takes too kindly: empty text, spaces,
 * hexadecimal, `Infinity`. Plain numbers of up to 15 digits need no library call: digits and power of ten are then both
 * exact doubles, so one division is correctly rounded (Clinger 1990, "How to read floating point numbers accurately").
 */
export function parseDecimal(text: string): number {
  const length = text.length;
  if (length <= EXACT_DIGITS) {
    let digits = 0;
    let pointAt = -1;
    let at = 0;
    for (; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) digits = digits * 10 + (code - 48);
      else if (code === DOT && pointAt < 0 && at > 0) pointAt = at;
      else break;
    }
    if (at === length && length > 0)
      return pointAt < 0 ? digits : digits / (POWERS_OF_TEN[length - pointAt - 1] ?? NaN);
  }
  return length <= MAX_LENGTH && DECIMAL.test(text) ? Number(text) : NaN;
}
