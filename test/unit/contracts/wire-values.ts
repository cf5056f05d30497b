import * as fc from 'fast-check';
import * as t from 'io-ts';
import { schemaOf, shapeOf, tolerantItemsOf, type JsonSchema } from '../../../contracts/codec.ts';
import { listItemsOf } from '../../../contracts/scalars.ts';

/** Longer lists than this are drawn only where the codec demands it. */
const MOST_ITEMS = 3;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Date-times in all the forms that are accepted. */
export const anyDateTime: fc.Arbitrary<string> = fc
  .record({
    year: fc.integer({ min: 0, max: 9998 }),
    dayOfYear: fc.integer({ min: 0, max: 364 }),
    minute: fc.integer({ min: 0, max: 1439 }),
    separator: fc.constantFrom('T', 't', ' '),
    seconds: fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 59 }).map((second) => `:${twoDigits(second)}`),
      fc
        .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 9 }), fc.nat(999_999_999))
        .map(([second, digits, n]) => `:${twoDigits(second)}.${String(n).padStart(9, '0').slice(0, digits)}`),
    ),
    zone: fc.oneof(
      fc.constantFrom('', 'Z', 'z', ' Z', '-00:00', '+00:00'),
      fc
        .tuple(fc.integer({ min: -720, max: 840 }), fc.constantFrom(':', ''), fc.constantFrom('', ' '))
        .map(
          ([offset, colon, gap]) =>
            `${gap}${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(Math.abs(offset) / 60))}${colon}${twoDigits(Math.abs(offset) % 60)}`,
        ),
    ),
  })
  .map(({ year, dayOfYear, minute, separator, seconds, zone }) => {
    const date = new Date(0);
    date.setUTCFullYear(year, 0, 1 + dayOfYear);
    const day = date.toISOString().slice(0, 10);
    return `${day}${separator}${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}${seconds}${zone}`;
  });

const anyObject: fc.Arbitrary<unknown> = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), {
  maxKeys: 3,
});

function scalar(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, minimum, maximum, minLength, maxLength, format, pattern } = schema as {
    readonly type?: string | readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly format?: string;
    readonly pattern?: string;
  };
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]));
  if (Array.isArray(type)) return fc.oneof(...(type as readonly string[]).map((one) => scalar({ type: one })));
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'uuid') return fc.uuid().map((id) => (id.charCodeAt(0) % 2 === 0 ? id : id.toUpperCase()));
  if (format === 'date-time') return anyDateTime;
  if (format === 'date') return anyDateTime.map((instant) => instant.slice(0, 10));
  switch (type) {
    case 'integer':
      return fc.integer({ min: minimum ?? -1000, max: maximum ?? 1000 });
    case 'number':
      return fc.double({ min: minimum ?? -1e9, max: maximum ?? 1e9, noNaN: true });
    case 'string':
      return fc.string({ minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 20, (minLength ?? 0) + 20) });
    case 'object':
      return anyObject;
    default:
      throw new Error(`no values are known for the schema ${JSON.stringify(schema)}`);
  }
}

/** JSON that the codec accepts, drawn from what the OpenAPI document says of it. */
export function wireOf(codec: t.Mixed): fc.Arbitrary<unknown> {
  const written = schemaOf(codec);
  if (written !== undefined) return scalar(written);
  const shape = shapeOf(codec);
  if (shape !== undefined) {
    const optional = Object.entries(shape.optional).map(([key, type]) => [key, fc.option(wireOf(type))] as const);
    const required = Object.entries(shape.required).map(([key, type]) => [key, wireOf(type)] as const);
    return fc.record(Object.fromEntries([...required, ...optional]), { requiredKeys: Object.keys(shape.required) });
  }
  const items = listItemsOf(codec) ?? tolerantItemsOf(codec);
  if (items !== undefined) {
    const { min, max } = items.limits;
    return fc.array(wireOf(items.item), { minLength: min, maxLength: Math.min(max, Math.max(min, MOST_ITEMS)) });
  }
  if (codec instanceof t.StringType) return fc.string();
  if (codec instanceof t.NumberType) return fc.double({ noNaN: true, noDefaultInfinity: true });
  if (codec instanceof t.BooleanType) return fc.boolean();
  if (codec instanceof t.NullType) return fc.constant(null);
  if (codec instanceof t.UnknownType) return fc.jsonValue({ maxDepth: 1 });
  if (codec instanceof t.LiteralType) return fc.constant(codec.value);
  if (codec instanceof t.UnionType) return fc.oneof(...(codec.types as readonly t.Mixed[]).map(wireOf));
  if (codec instanceof t.DictionaryType) {
    return fc.dictionary(fc.string({ maxLength: 8 }), wireOf(codec.codomain as t.Mixed), { maxKeys: 3 });
  }
  throw new Error(`no values are known for ${codec.name}`);
}
