import * as t from 'io-ts';
import { schemaOf, shapeOf, tolerantItemsOf, type JsonSchema } from './codec.ts';
import { PROBLEM_TYPE_BASE, PROBLEMS } from './problems.ts';
import { listItemsOf } from './scalars.ts';

/** The named schemas that others refer to, by name. */
export type SchemaComponents = Map<string, JsonSchema>;

function objectSchema(codec: t.Mixed, components: SchemaComponents): JsonSchema {
  const shape = shapeOf(codec);
  if (shape === undefined) return {};
  const properties: Record<string, JsonSchema> = {};
  for (const [key, type] of Object.entries(shape.required)) properties[key] = schemaFor(type, components);
  for (const [key, type] of Object.entries(shape.optional)) properties[key] = orNull(schemaFor(type, components));
  const required = Object.keys(shape.required);
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties,
    additionalProperties: false,
  };
}

const orNull = (schema: JsonSchema): JsonSchema =>
  typeof schema['type'] === 'string' && schema['enum'] === undefined
    ? { ...schema, type: [schema['type'], 'null'] }
    : { anyOf: [schema, { type: 'null' }] };

/** The JSON Schema of what a codec reads; objects go into `components` once each, and are referred to. */
export function schemaFor(codec: t.Mixed, components: SchemaComponents): JsonSchema {
  const written = schemaOf(codec);
  if (written !== undefined) return written;
  if (shapeOf(codec) !== undefined) {
    if (!components.has(codec.name)) {
      components.set(codec.name, {});
      components.set(codec.name, objectSchema(codec, components));
    }
    return { $ref: `#/components/schemas/${codec.name}` };
  }
  const items = listItemsOf(codec) ?? tolerantItemsOf(codec);
  if (items !== undefined) {
    return {
      type: 'array',
      items: schemaFor(items.item, components),
      minItems: items.limits.min,
      maxItems: items.limits.max,
    };
  }
  if (codec instanceof t.StringType) return { type: 'string' };
  if (codec instanceof t.NumberType) return { type: 'number' };
  if (codec instanceof t.BooleanType) return { type: 'boolean' };
  if (codec instanceof t.NullType) return { type: 'null' };
  if (codec instanceof t.LiteralType) return { const: codec.value as unknown };
  if (codec instanceof t.UnionType) {
    const members = codec.types as readonly t.Mixed[];
    const others = members.filter((member) => !(member instanceof t.NullType));
    const [only] = others;
    if (others.length === 1 && only !== undefined && others.length < members.length) {
      return orNull(schemaFor(only, components));
    }
    return { anyOf: members.map((member) => schemaFor(member, components)) };
  }
  if (codec instanceof t.DictionaryType) {
    return { type: 'object', additionalProperties: schemaFor(codec.codomain as t.Mixed, components) };
  }
  return {};
}

/** The document of every error. */
export const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem document.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', enum: Object.keys(PROBLEMS).map((slug) => `${PROBLEM_TYPE_BASE}${slug}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'field', 'message', 'code'],
        properties: {
          pointer: { type: 'string' },
          field: { type: 'string' },
          message: { type: 'string' },
          code: { type: 'string' },
        },
      },
    },
  },
};
