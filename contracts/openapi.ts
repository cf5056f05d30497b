import type * as t from 'io-ts';
import { shapeOf, type JsonSchema } from './codec.ts';
import { PROBLEM_SCHEMA, schemaFor, type SchemaComponents } from './openapi-schemas.ts';
import { PROBLEMS, type ProblemSlug } from './problems.ts';
import { rateLimitOf, type ResponseDefinition, type RouteDefinition } from './route.ts';
import { SOCKETS, type SocketDefinition } from './sockets.ts';

/** Makes the OpenAPI 3.1 document from the route table and the table of sockets, and from nothing else. */
export function openApiDocument(routes: Readonly<Record<string, RouteDefinition>>, version: string): JsonSchema {
  const components: SchemaComponents = new Map([['Problem', PROBLEM_SCHEMA]]);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const sockets = new Map<string, SocketDefinition>(Object.values(SOCKETS).map((socket) => [socket.path, socket]));
  for (const [id, route] of Object.entries(routes)) {
    const item = (paths[route.path] ??= {});
    const socket = sockets.get(route.path);
    item[route.method.toLowerCase()] = {
      ...operation(id, route, components),
      ...(socket === undefined ? {} : { 'x-websocket': framesOf(socket, components) }),
    };
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

/** What goes over a socket once it is open; OpenAPI itself has no words for it. */
const framesOf = ({ clientFrames, serverFrames, closeCodes }: SocketDefinition, components: SchemaComponents) => ({
  client_frames: Object.values(clientFrames).map((codec) => schemaFor(codec, components)),
  server_frames: Object.values(serverFrames).map((codec) => schemaFor(codec, components)),
  close_codes: closeCodes,
});

/** Problems that every operation may answer with, beside its own. */
export function problemsOf(route: RouteDefinition): readonly ProblemSlug[] {
  const common: ProblemSlug[] = ['not-acceptable', 'internal-server-error', 'service-unavailable'];
  if (route.auth !== 'none') common.push('authentication-required', 'authorization-denied');
  if (route.duration !== 'long') common.push('deadline-exceeded');
  if (rateLimitOf(route) !== 'none') common.push('rate-limit-exceeded');
  if (route.params !== undefined || route.query !== undefined) common.push('validation-error');
  if (route.feature !== undefined) common.push('feature-disabled');
  if (route.idempotency === 'key') common.push('call-in-progress', 'idempotency-key-reused');
  if (route.body !== undefined) common.push('payload-too-large', 'unsupported-media-type');
  if (route.body?.kind === 'json') common.push('malformed-json', 'validation-error');
  return [...new Set([...route.problems, ...common])];
}

function operation(id: string, route: RouteDefinition, components: SchemaComponents): JsonSchema {
  const responses: Record<string, JsonSchema> = {};
  for (const [status, definition] of Object.entries(route.responses)) {
    responses[status] = success(route, definition, components);
  }
  if (route.conditional === 'etag') responses['304'] = { description: 'It is as If-None-Match names it.' };
  const byStatus = new Map<number, ProblemSlug[]>();
  for (const slug of problemsOf(route)) {
    const { status } = PROBLEMS[slug];
    byStatus.set(status, [...(byStatus.get(status) ?? []), slug]);
  }
  for (const [status, slugs] of byStatus) {
    const description = slugs.map((slug) => `\`${slug}\`: ${PROBLEMS[slug].title}.`).join(' ');
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    const known = responses[String(status)];
    responses[String(status)] =
      known === undefined
        ? { description, content: problem }
        : {
            ...known,
            description: `${String(known['description'])} Or ${description}`,
            content: { ...(known['content'] as JsonSchema | undefined), ...problem },
          };
  }
  return {
    operationId: id,
    summary: route.summary,
    tags: [route.tag],
    ...(route.deprecated === true ? { deprecated: true } : {}),
    ...(route.auth === 'none' ? { security: [] } : { security: [{ bearer: [] }], 'x-permission': route.auth }),
    'x-rate-limit-class': rateLimitOf(route),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...headerParameters(route),
    ],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route, components) }),
    responses,
  };
}

/** What every answer carries. */
const ANSWER_HEADERS = {
  'X-Request-ID': { description: 'Names the call in the log of the service.', schema: { type: 'string' } },
};

/** What every answer of a limited operation carries, also a refusal. */
const RATE_LIMIT_HEADERS = {
  'RateLimit-Limit': { description: 'So many calls of this kind there may be at once.', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'So many of them are left.', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until all of them are there again.', schema: { type: 'integer' } },
  'RateLimit-Policy': {
    description: 'The limit with its window in seconds, such as `1000;w=3600`.',
    schema: { type: 'string' },
  },
};

function success(route: RouteDefinition, definition: ResponseDefinition, components: SchemaComponents): JsonSchema {
  return {
    description: definition.description,
    headers: {
      ...ANSWER_HEADERS,
      ...(rateLimitOf(route) === 'none' ? {} : RATE_LIMIT_HEADERS),
      ...(route.conditional === 'etag' ? { ETag: { schema: { type: 'string' } } } : {}),
    },
    ...contentOf(definition, components),
  };
}

function contentOf(definition: ResponseDefinition, components: SchemaComponents): { readonly content?: JsonSchema } {
  switch (definition.kind) {
    case 'json':
      return {
        content: {
          'application/json': { schema: schemaFor(definition.codec, components), ...exampleOf(definition) },
        },
      };
    case 'text':
      return { content: { [definition.mediaType.replace(/;.*/, '')]: { schema: { type: 'string' } } } };
    case 'stream':
      return { content: { [definition.mediaType]: { schema: { type: 'string', format: 'binary' } } } };
    case 'events':
      return { content: { 'text/event-stream': { schema: { type: 'string' } } } };
    case 'empty':
      return {};
  }
}

const exampleOf = ({ example }: { readonly example?: unknown }): { readonly example?: unknown } =>
  example === undefined ? {} : { example };

function headerParameters(route: RouteDefinition): JsonSchema[] {
  const header = (name: string, description: string, schema: JsonSchema = { type: 'string' }): JsonSchema => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  });
  return [
    ...(route.idempotency === 'key'
      ? [
          header('Idempotency-Key', 'Makes a call that is sent twice one call; remembered for 24 hours.', {
            type: 'string',
            minLength: 1,
            maxLength: 255,
          }),
        ]
      : []),
    ...(route.conditional === 'etag' ? [header('If-None-Match', 'The ETag of what the client has already.')] : []),
    ...(Object.values(route.responses).some(({ kind }) => kind === 'events')
      ? [header('Last-Event-ID', 'The last event that the client has seen; what follows it is sent.')]
      : []),
  ];
}

function parameters(place: 'path' | 'query', codec: t.Mixed | undefined, components: SchemaComponents): JsonSchema[] {
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

function requestBody(route: RouteDefinition, components: SchemaComponents): JsonSchema {
  const body = route.body;
  if (body === undefined) return {};
  if (body.kind === 'json') {
    return {
      required: body.optional !== true,
      content: { 'application/json': { schema: schemaFor(body.codec, components), ...exampleOf(body) } },
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
