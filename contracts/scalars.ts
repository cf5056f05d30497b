import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { addErrors, withSchema, type JsonSchema } from './codec.ts';

function refined<A extends string | number>(
  name: string,
  schema: JsonSchema,
  accepts: (value: A) => boolean,
  base: 'string' | 'number',
): t.Type<A, A> {
  const is = (u: unknown): u is A => typeof u === base && accepts(u as A);
  return withSchema(
    new t.Type<A, A>(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity),
    schema,
  );
}

/** A text of bounded length. NUL is no character of any text: stores and logs would end at it. */
export const text = (minLength: number, maxLength: number): t.Type<string, string> =>
  refined<string>(
    `a text of ${String(minLength)} to ${String(maxLength)} characters`,
    { type: 'string', minLength, maxLength },
    (value) => value.length >= minLength && value.length <= maxLength && !value.includes('\u0000'),
    'string',
  );

/** A finite number in an inclusive range. */
export const number = (minimum: number, maximum: number): t.Type<number, number> =>
  refined<number>(
    `a number from ${String(minimum)} to ${String(maximum)}`,
    { type: 'number', minimum, maximum },
    (value) => Number.isFinite(value) && value >= minimum && value <= maximum,
    'number',
  );

/** A whole number in an inclusive range. */
export const integer = (minimum: number, maximum: number): t.Type<number, number> =>
  refined<number>(
    `a whole number from ${String(minimum)} to ${String(maximum)}`,
    { type: 'integer', minimum, maximum },
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    'number',
  );

/** Any finite number. */
export const finite: t.Type<number, number> = refined<number>(
  'a finite number',
  { type: 'number' },
  (value) => Number.isFinite(value),
  'number',
);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID, decoded to lower case so that two spellings are one id. */
export const uuid: t.Type<string, string> = withSchema(
  new t.Type<string, string>(
    'a UUID',
    (u): u is string => typeof u === 'string' && UUID.test(u),
    (u, context) => (typeof u === 'string' && UUID.test(u) ? t.success(u.toLowerCase()) : t.failure(u, context)),
    t.identity,
  ),
  { type: 'string', format: 'uuid' },
);

/** RFC 3339 date-time with seconds optional; without an offset it is taken as UTC, as the contract's old service did. */
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?([Zz]|[+-]\d{2}:?\d{2}))?$/;

/** No place has been further from UTC: Kiritimati is +14:00, Baker Island -12:00. */
const MOST_OFFSET_MINUTES = 14 * 60;
const LEAST_OFFSET_MINUTES = -12 * 60;

/** An instant with the offset it was written in. */
export interface WireInstant {
  readonly ms: number;
  /** Minutes east of UTC, or null where the text carries no offset. */
  readonly offsetMinutes: number | null;
}

/** Reads an RFC 3339 date-time; null where the text is not one or names a date, time or offset that does not exist. */
export function readInstant(value: string): WireInstant | null {
  const match = DATE_TIME.exec(value);
  if (match === null) return null;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6] ?? 0);
  const millis = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'));
  if (day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return null;
  const zone = match[8];
  const offsetMinutes = zone === undefined ? null : offsetOf(zone);
  if (Number.isNaN(offsetMinutes)) return null;
  // The calendar repeats itself after 400 years, and Date.UTC takes the years 0 to 99 for those of the last century.
  const localMs = Date.UTC(year + 400, month - 1, day, hour, minute, second, millis) - MS_PER_400_YEARS;
  return { ms: localMs - (offsetMinutes ?? 0) * 60_000, offsetMinutes };
}

const MS_PER_400_YEARS = 146_097 * 86_400_000;
const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** How many days the month has; none where there is no such month. */
function daysOf(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS_OF_MONTHS[month - 1] ?? 0;
}

/** Minutes east of UTC of `Z`, `+01:00` or `+0100`; NaN for an offset that no place has. */
function offsetOf(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(-2));
  const total = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + minutes) + 0;
  return minutes > 59 || total > MOST_OFFSET_MINUTES || total < LEAST_OFFSET_MINUTES ? Number.NaN : total;
}

/** Writes an instant as `readInstant` reads it, in the offset it carries. */
function writeInstant({ ms, offsetMinutes }: WireInstant): string {
  const local = new Date(ms + (offsetMinutes ?? 0) * 60_000).toISOString();
  if (offsetMinutes === 0) return local;
  const withoutZone = local.slice(0, -1);
  if (offsetMinutes === null) return withoutZone;
  const twoDigits = (part: number): string => String(part).padStart(2, '0');
  const size = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${withoutZone}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** RFC 3339 date-time to an instant and its offset. */
export const dateTime: t.Type<WireInstant, string> = withSchema(
  new t.Type<WireInstant, string>(
    'an RFC 3339 date-time such as 2025-01-06T08:30:00+01:00',
    (u): u is WireInstant => typeof u === 'object' && u !== null && 'ms' in u,
    (u, context) => {
      const instant = typeof u === 'string' ? readInstant(u) : null;
      return instant === null ? t.failure(u, context) : t.success(instant);
    },
    writeInstant,
  ),
  { type: 'string', format: 'date-time' },
);

/** A date of the calendar, such as 2025-01-06. */
export const date: t.Type<string, string> = refined<string>(
  'a date such as 2025-01-06',
  { type: 'string', format: 'date' },
  (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && readInstant(`${value}T00:00`) !== null,
  'string',
);

/** An IANA zone name or a fixed offset; whether it exists is checked where it is used. */
export const timeZoneName: t.Type<string, string> = text(1, 64);

/** One of a closed list of texts. */
export function oneOf<const V extends readonly string[]>(...values: V): t.Type<V[number], V[number]> {
  const known: ReadonlySet<string> = new Set(values);
  const is = (u: unknown): u is V[number] => typeof u === 'string' && known.has(u);
  return withSchema(
    new t.Type<V[number], V[number]>(
      `one of ${values.join(', ')}`,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
      t.identity,
    ),
    { type: 'string', enum: values },
  );
}

/** Any JSON object, kept as it is. */
export const jsonObject: t.Type<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>> = withSchema(
  new t.Type<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>(
    'a JSON object',
    (u): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null && !Array.isArray(u),
    (u, context) =>
      typeof u === 'object' && u !== null && !Array.isArray(u)
        ? t.success(u as Readonly<Record<string, unknown>>)
        : t.failure(u, context),
    t.identity,
  ),
  { type: 'object', additionalProperties: true },
);

/** A list whose every item must be right. */
export function list<A, O>(
  item: t.Type<A, O>,
  limits: { readonly min: number; readonly max: number },
): t.Type<readonly A[], readonly O[]> {
  const name = `a list of ${String(limits.min)} to ${String(limits.max)} items`;
  const codec = new t.Type<readonly A[], readonly O[]>(
    name,
    (u): u is readonly A[] => Array.isArray(u),
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context);
      if (u.length < limits.min || u.length > limits.max) {
        return t.failure(u, context, `has ${String(u.length)} items; expected ${name}`);
      }
      const values: A[] = [];
      const errors: t.Errors = [];
      for (const [i, value] of u.entries()) {
        const result = item.validate(value, t.appendContext(context, String(i), item, value));
        if (E.isRight(result)) values.push(result.right);
        else if (!addErrors(errors, result.left)) break;
      }
      return errors.length > 0 ? t.failures(errors) : t.success(values);
    },
    (items) => items.map((value) => item.encode(value)),
  );
  LIST_ITEMS.set(codec, { item, limits });
  return codec;
}
const LIST_ITEMS = new WeakMap<object, { readonly item: t.Mixed; readonly limits: { min: number; max: number } }>();
export const listItemsOf = (codec: object) => LIST_ITEMS.get(codec);

/** A number written in a query string. */
export function queryInteger(minimum: number, maximum: number): t.Type<number, string> {
  return withSchema(
    new t.Type<number, string>(
      `a whole number from ${String(minimum)} to ${String(maximum)}`,
      (u): u is number => typeof u === 'number',
      (u, context) => {
        const value = typeof u === 'string' && /^-?\d{1,15}$/.test(u) ? Number(u) : Number.NaN;
        return value >= minimum && value <= maximum ? t.success(value) : t.failure(u, context);
      },
      String,
    ),
    { type: 'integer', minimum, maximum },
  );
}
