import * as t from 'io-ts';
import { schemaOf, shapeOf, tolerantItemsOf } from '../../contracts/codec.ts';
import { listItemsOf } from '../../contracts/scalars.ts';
import type { Markers } from './markers.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A body for the codec with a marker in every text that a client may choose, also in those that it need not send. What has a form
 * of its own (an id, a time, one of a few words, a number) is as in the example, or the least there can be.
 */
export function filledBody(codec: t.Mixed, example: unknown, markers: Markers, field = ''): unknown {
  const shape = shapeOf(codec);
  if (shape !== undefined) {
    const parts = Object.entries({ ...shape.required, ...shape.optional }).map(([name, part]) => {
      const given = isRecord(example) ? example[name] : undefined;
      return [name, filledBody(part, given, markers, `${field}${name}`)] as const;
    });
    return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  }
  const items = listItemsOf(codec) ?? tolerantItemsOf(codec);
  if (items !== undefined) {
    const first: unknown = Array.isArray(example) ? example[0] : undefined;
    return [filledBody(items.item, first, markers, field)];
  }
  const schema = schemaOf(codec) as Schema | undefined;
  if (schema !== undefined) return filledScalar(schema, example, markers, field);
  if (codec instanceof t.UnionType) return filledBody((codec.types as readonly t.Mixed[])[0]!, example, markers, field);
  if (codec instanceof t.StringType) return markers.mark(field);
  if (codec instanceof t.NumberType) return example ?? 1;
  if (codec instanceof t.BooleanType) return example ?? true;
  if (codec instanceof t.LiteralType) return codec.value as unknown;
  if (codec instanceof t.UnknownType) return { note: markers.mark(field) };
  if (codec instanceof t.DictionaryType) return example;
  return example;
}

function filledScalar(schema: Schema, example: unknown, markers: Markers, field: string): unknown {
  const { type, format, pattern, minLength = 0, maxLength = 4096 } = schema;
  if (schema.enum !== undefined) return example ?? schema.enum[0];
  if (type === undefined) return markers.mark(field);
  if (type === 'object')
    return {
      name: markers.mark(`${field}name`),
      note: markers.mark(field),
      [markers.mark(`${field}key`)]: [markers.mark(`${field}list`)],
    };
  if (Array.isArray(type))
    return example ?? filledScalar({ type: (type as readonly string[])[0] ?? 'string' }, example, markers, field);
  if (type === 'integer' || type === 'number') return example ?? schema.minimum ?? 1;
  if (type === 'boolean') return example ?? true;
  if (format === 'uuid' || format === 'date-time' || format === 'date' || pattern !== undefined) return example;
  if (/e_?mail/i.test(field) || format === 'email') return `${markers.mark('email')}@example.org`;
  if (/password/i.test(field)) return `Aa7-${markers.mark('password')}`;
  if (/url$/i.test(field))
    return `https://${markers.mark('host')}.example.org/${markers.mark('path')}?${markers.mark('query')}`;
  if (/timezone/i.test(field)) return 'UTC';
  const text = typeof example === 'string' && HAS_A_MEANING.test(field) ? example : markers.mark(field);
  return text.length >= minLength ? text.slice(0, maxLength) : text.padEnd(minLength, ' and so on');
}

/** Texts that are one of a few words without the schema saying so. */
const HAS_A_MEANING = /(?:identifier|unit|start_date|end_date|samples?type|user_id)$/;
