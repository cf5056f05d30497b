import * as t from 'io-ts';
import { schemaOf, shapeOf, tolerantItemsOf, type JsonSchema } from './codec.ts';
import { PROBLEM_TYPE_BASE, PROBLEMS, type ProblemSlug } from './problems.ts';
import type { RouteDefinition } from './route.ts';
import { listItemsOf } from './scalars.ts';

type Components = Map<string, JsonSchema>;

/** Makes the OpenAPI 3.1 document from the route table, and from nothing else. */
export function openApiDocument(routes: Readonly<Record<string, RouteDefinition>>, version: string): JsonSchema {
  const components: Components = new Map([['Problem', PROBLEM_SCHEMA]]);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [id, route] of Object.entries(routes)) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operation(id, route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Clarity',
      version,
      description:
        'Keeps wearable health data safely and computes rest-activity, sleep and circadian measures by named published ' +
        'methods. A number that the data do not support is null, and the response says why. Not a medical device.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(routes).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** Problems that every operation may answer with, beside its own. */
export function problemsOf(route: RouteDefinition): readonly ProblemSlug[] {
  const common: ProblemSlug[] = ['internal-server-error', 'service-unavailable'];
  if (route.auth === 'user') common.push('authentication-required');
  if (route.body !== undefined) common.push('payload-too-large', 'unsupported-media-type');
  return [...new Set([...route.problems, ...common])];
}

function operation(id: string, route: RouteDefinition, components: Components): JsonSchema {
  const responses: Record<string, JsonSchema> = {};
  for (const [status, definition] of Object.entries(route.responses)) {
    const content =
      definition.kind === 'json'
        ? { 'application/json': { schema: schemaFor(definition.codec, components) } }
        : { [definition.mediaType]: { schema: { type: 'string' } } };
    responses[status] = { description: definition.description, content };
  }
  const byStatus = new Map<number, ProblemSlug[]>();
  for (const slug of problemsOf(route)) {
    const { status } = PROBLEMS[slug];
    byStatus.set(status, [...(byStatus.get(status) ?? []), slug]);
  }
  for (const [status, slugs] of byStatus) {
    const description = slugs.map((slug) => `\`${slug}\`: ${PROBLEMS[slug].title}.`).join(' ');
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    const success = responses[String(status)];
    responses[String(status)] =
      success === undefined
        ? { description, content: problem }
        : {
            description: `${String(success['description'])} Or ${description}`,
            content: { ...(success['content'] as JsonSchema), ...problem },
          };
  }
  return {
    operationId: id,
    summary: route.summary,
    tags: [route.tag],
    ...(route.auth === 'user' ? { security: [{ bearer: [] }] } : { security: [] }),
    parameters: [...parameters('path', route.params, components), ...parameters('query', route.query, components)],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route, components) }),
    responses,
  };
}

function parameters(place: 'path' | 'query', codec: t.Mixed | undefined, components: Components): JsonSchema[] {
  const shape = codec === undefined ? undefined : shapeOf(codec);
  if (shape === undefined) return [];
  return [
    ...Object.entries(shape.required).map(([name, type]) => ({
      name,
      in: place,
      required: true,
      schema: schemaFor(type, components),
    })),
    ...Object.entries(shape.optional).map(([name, type]) => ({
      name,
      in: place,
      required: false,
      schema: schemaFor(type, components),
    })),
  ];
}

function requestBody(route: RouteDefinition, components: Components): JsonSchema {
  const body = route.body;
  if (body === undefined) return {};
  if (body.kind === 'json') {
    return {
      required: body.optional !== true,
      content: { 'application/json': { schema: schemaFor(body.codec, components) } },
    };
  }
  const content: Record<string, JsonSchema> = {};
  for (const mediaType of body.mediaTypes) {
    content[mediaType] =
      mediaType === 'multipart/form-data'
        ? {
            schema: {
              type: 'object',
              required: ['file'],
              properties: { file: { type: 'string', format: 'binary' }, timezone: { type: 'string' } },
            },
          }
        : { schema: { type: 'string', format: 'binary' } };
  }
  return { required: true, description: body.description, content };
}

function objectSchema(codec: t.Mixed, components: Components): JsonSchema {
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

function schemaFor(codec: t.Mixed, components: Components): JsonSchema {
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

const PROBLEM_SCHEMA: JsonSchema = {
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
