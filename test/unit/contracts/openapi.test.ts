import * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { object, shapeOf, tolerantItemsOf, withSchema } from '../../../contracts/codec.ts';
import { openApiDocument, problemsOf } from '../../../contracts/openapi.ts';
import { PROBLEM_TYPE_BASE, PROBLEMS } from '../../../contracts/problems.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import type { ResponseDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { list, listItemsOf } from '../../../contracts/scalars.ts';
import { ALL_ROUTES, REQUEST_CODECS, RESPONSE_CODECS } from './route-codecs.ts';

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Json }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}
// As a client gets it: through JSON, where what is undefined disappears.
const DOCUMENT = JSON.parse(JSON.stringify(openApiDocument(ROUTES, '1.2.3'))) as Document;
const operationOf = ({ method, path }: RouteDefinition): Operation => {
  const operation = DOCUMENT.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path} is not documented`);
  return operation;
};

/** Every object inside a JSON value, itself included. */
const objectsIn = (value: unknown): readonly Json[] =>
  typeof value !== 'object' || value === null
    ? []
    : [...(Array.isArray(value) ? [] : [value as Json]), ...Object.values(value).flatMap(objectsIn)];

test('it is an OpenAPI 3.1 document of this version', () => {
  assert.is(DOCUMENT.openapi, '3.1.0');
  assert.is(DOCUMENT.info['version'], '1.2.3');
  assert.ok('bearer' in DOCUMENT.components.securitySchemes);
});

test('every route is in it, and nothing else', () => {
  const documented = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.equal(documented.sort(), ALL_ROUTES.map(([, { method, path }]) => `${method} ${path}`).sort());
});

test('operation ids are unique, and those of the route table', () => {
  const ids = Object.values(DOCUMENT.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  assert.equal(ids.sort(), ALL_ROUTES.map(([id]) => id).sort());
  assert.is(new Set(ids).size, ids.length);
});

test('every reference resolves, and every component is referred to', () => {
  const refs = objectsIn(DOCUMENT)
    .map((value) => value['$ref'])
    .filter((ref) => ref !== undefined);
  assert.ok(refs.length > 50);
  const known = Object.keys(DOCUMENT.components.schemas).map((name) => `#/components/schemas/${name}`);
  assert.equal([...new Set(refs)].sort(), known.sort());
});

test('components have names that the specification allows', () => {
  for (const name of Object.keys(DOCUMENT.components.schemas)) assert.match(name, /^[A-Za-z0-9._-]+$/);
});

test('one name is never used for two different objects', () => {
  const byName = new Map<string, t.Mixed>();
  const visit = (codec: t.Mixed): void => {
    const shape = shapeOf(codec);
    const items = listItemsOf(codec) ?? tolerantItemsOf(codec);
    if (items !== undefined) visit(items.item);
    if (codec instanceof t.UnionType) (codec.types as readonly t.Mixed[]).forEach(visit);
    if (codec instanceof t.DictionaryType) visit(codec.codomain as t.Mixed);
    if (shape === undefined) return;
    assert.ok(byName.get(codec.name) === undefined || byName.get(codec.name) === codec, codec.name);
    byName.set(codec.name, codec);
    [...Object.values(shape.required), ...Object.values(shape.optional)].forEach(visit);
  };
  for (const { codec } of [...REQUEST_CODECS, ...RESPONSE_CODECS]) visit(codec);
  assert.ok(byName.size > 40);
});

test('parameters of paths are declared, required and named as in the path', () => {
  for (const [, route] of ALL_ROUTES) {
    const inPath = operationOf(route).parameters.filter((parameter) => parameter.in === 'path');
    const named = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    assert.equal(
      inPath.map(({ name }) => name),
      named,
    );
    assert.ok(inPath.every(({ required }) => required));
  }
});

test('parameters of queries are declared and optional', () => {
  const query = operationOf(ROUTES.listHealthData).parameters.filter((parameter) => parameter.in === 'query');
  assert.equal(
    query.map(({ name }) => name),
    ['limit', 'cursor', 'offset', 'data_type', 'start_date', 'end_date', 'source'],
  );
  assert.ok(query.every((parameter) => !parameter.required));
});

test('routes that need a user say so, the others say that they need nobody', () => {
  for (const [id, route] of ALL_ROUTES) {
    assert.equal(operationOf(route).security, route.auth === 'none' ? [] : [{ bearer: [] }], id);
  }
});

function mediaTypeOf(definition: ResponseDefinition): string | null {
  switch (definition.kind) {
    case 'json':
      return 'application/json';
    case 'text':
      return definition.mediaType.split(';')[0] ?? null;
    case 'stream':
      return definition.mediaType;
    case 'events':
      return 'text/event-stream';
    case 'empty':
      return null;
  }
}

test('every answer is documented: successes with their schema, problems by their status', () => {
  for (const [id, route] of ALL_ROUTES) {
    const { responses } = operationOf(route);
    for (const [status, definition] of Object.entries(route.responses)) {
      const mediaType = mediaTypeOf(definition);
      if (mediaType === null) assert.is(responses[status]?.content?.['application/json'], undefined);
      else assert.ok(mediaType in (responses[status]?.content ?? {}), `${id} ${status}`);
    }
    for (const slug of problemsOf(route)) {
      const response = responses[String(PROBLEMS[slug].status)];
      assert.match(response?.description ?? '', slug);
      assert.ok('application/problem+json' in (response?.content ?? {}), `${id} ${slug}`);
    }
  }
});

test('a status that is a success and a problem documents both', () => {
  const { description, content } = operationOf(ROUTES.ready).responses['503'] ?? { description: '', content: {} };
  assert.match(description, 'Not ready: see checks. Or `service-unavailable`');
  assert.equal(Object.keys(content), ['application/json', 'application/problem+json']);
});

test('problems that every operation may answer with are added by what it is', () => {
  assert.equal(problemsOf(ROUTES.liveness), [
    'not-acceptable',
    'internal-server-error',
    'service-unavailable',
    'deadline-exceeded',
  ]);
  assert.not.ok(problemsOf(ROUTES.exportMe).includes('deadline-exceeded'));
  assert.ok(problemsOf(ROUTES.uploadHealthData).includes('idempotency-key-reused'));
  assert.ok(problemsOf(ROUTES.describeMe).includes('authentication-required'));
  const upload = problemsOf(ROUTES.uploadHealthData);
  assert.ok(upload.includes('unsupported-media-type'));
  assert.is(upload.filter((slug) => slug === 'payload-too-large').length, 1);
});

test('bodies are required unless the route takes none', () => {
  for (const [id, route] of ALL_ROUTES) {
    const body = operationOf(route).requestBody;
    if (route.body === undefined) assert.is(body, undefined, id);
    else assert.is(body?.required, !(route.body.kind === 'json' && route.body.optional === true), id);
  }
});

test('the export is a form with a file, or the file itself', () => {
  const content = operationOf(ROUTES.uploadHealthKitExport).requestBody?.content ?? {};
  assert.equal(Object.keys(content), [
    'multipart/form-data',
    'application/zip',
    'application/xml',
    'application/octet-stream',
  ]);
  assert.equal((content['multipart/form-data'] as { schema: Json }).schema['required'], ['file']);
});

test('the problem document lists every type and code', () => {
  const { properties } = DOCUMENT.components.schemas['Problem'] as { properties: Record<string, { enum?: string[] }> };
  assert.equal(properties['code']?.enum, Object.keys(PROBLEMS));
  assert.equal(
    properties['type']?.enum,
    Object.keys(PROBLEMS).map((slug) => `${PROBLEM_TYPE_BASE}${slug}`),
  );
});

test('no schema is empty but that of a value which may be anything', () => {
  const empty = Object.entries(DOCUMENT.components.schemas).flatMap(([name, schema]) =>
    Object.entries((schema['properties'] ?? {}) as Record<string, Json>)
      .filter(([, property]) => Object.keys(property).length === 0 || objectsIn(property).some(isEmptySchema))
      .map(([property]) => `${name}.${property}`),
  );
  assert.equal(empty, ['ValidationIssue.value']);
});
const isEmptySchema = (value: Json): boolean => Object.keys(value).length === 0;

/** The schema of one codec, as the document has it. */
const schemaOf = (codec: t.Mixed): unknown => {
  const route: RouteDefinition = {
    method: 'GET',
    path: '/x',
    auth: 'none',
    audit: 'none',
    tag: 'X',
    summary: 'x',
    responses: { 200: { kind: 'json', codec: object('Holder', { value: codec }), description: 'x' } },
    problems: [],
  };
  const document = openApiDocument({ x: route }, '1') as unknown as Document;
  return (document.components.schemas['Holder']!['properties'] as Json)['value'];
};

test('codecs become the schemas that JSON Schema has for them', () => {
  assert.equal(schemaOf(t.string), { type: 'string' });
  assert.equal(schemaOf(t.boolean), { type: 'boolean' });
  assert.equal(schemaOf(t.null), { type: 'null' });
  assert.equal(schemaOf(t.literal(false)), { const: false });
  assert.equal(schemaOf(t.union([t.number, t.null])), { type: ['number', 'null'] });
  assert.equal(schemaOf(t.union([t.number, t.string])), { anyOf: [{ type: 'number' }, { type: 'string' }] });
  assert.equal(schemaOf(t.record(t.string, t.number)), { type: 'object', additionalProperties: { type: 'number' } });
  assert.equal(schemaOf(list(t.number, { min: 1, max: 2 })), {
    type: 'array',
    items: { type: 'number' },
    minItems: 1,
    maxItems: 2,
  });
  assert.equal(schemaOf(object('Inner', { a: t.string })), { $ref: '#/components/schemas/Inner' });
  assert.equal(schemaOf(t.union([object('Other', {}), t.null])), {
    anyOf: [{ $ref: '#/components/schemas/Other' }, { type: 'null' }],
  });
  assert.equal(schemaOf(withSchema(t.intersection([t.string, t.string]), { type: 'string' })), { type: 'string' });
});

test('optional members may be null in the schema as in the codec', () => {
  const { SleepData } = DOCUMENT.components.schemas;
  const properties = (SleepData?.['properties'] ?? {}) as Record<string, Json>;
  assert.equal(properties['wake_count'], { type: ['integer', 'null'], minimum: 0, maximum: 50 });
  assert.equal(properties['sleep_stages'], {
    anyOf: [{ $ref: '#/components/schemas/SleepStageMinutes' }, { type: 'null' }],
  });
  assert.equal(SleepData?.['required'], ['total_sleep_minutes', 'sleep_efficiency', 'sleep_start', 'sleep_end']);
  assert.is(SleepData?.['additionalProperties'], false);
});

test.run();
