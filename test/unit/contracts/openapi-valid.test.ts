import { createRequire } from 'node:module';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { issuesOf } from '../../../contracts/codec.ts';
import { openApiDocument } from '../../../contracts/openapi.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { ALL_ROUTES } from './route-codecs.ts';

// As a client gets it: through JSON, where what is undefined disappears.
const DOCUMENT = JSON.parse(JSON.stringify(openApiDocument(ROUTES, '1.2.3'))) as Record<string, unknown>;

/** What the independent validator itself checks schemas with. */
interface SchemaChecker {
  addSchema(schema: unknown, key: string): void;
  compile(schema: unknown): ((value: unknown) => boolean) & { readonly errors?: unknown };
}

/** Checks values against parts of the document, named by JSON pointers. */
function checkerOf(document: unknown): (pointer: string) => (value: unknown) => unknown {
  const ofValidator = createRequire(createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'));
  const { default: Ajv2020 } = ofValidator('ajv/dist/2020.js') as {
    readonly default: new (options: object) => SchemaChecker;
  };
  const { default: addFormats } = ofValidator('ajv-formats') as {
    readonly default: (checker: SchemaChecker) => void;
  };
  // Everything in an OpenAPI document that is no schema is unknown to a checker of schemas.
  const checker = new Ajv2020({ strict: false, allErrors: true });
  addFormats(checker);
  checker.addSchema(document, 'document');
  return (pointer) => {
    const check = checker.compile({ $ref: `document#${pointer}` });
    return (value) => (check(value) ? null : check.errors);
  };
}

const schemaAt = checkerOf(DOCUMENT);

const escaped = (key: string): string => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));

interface Example {
  readonly name: string;
  readonly codec: t.Mixed;
  readonly value: unknown;
  /** Where its schema is in the document. */
  readonly pointer: string;
}

const EXAMPLES: readonly Example[] = ALL_ROUTES.flatMap(([id, { method, path, body, responses }]) => {
  const operation = `/paths/${escaped(path)}/${method.toLowerCase()}`;
  const schema = `content/${escaped('application/json')}/schema`;
  return [
    ...(body?.kind === 'json' && body.example !== undefined
      ? [{ name: `${id} body`, codec: body.codec, value: body.example, pointer: `${operation}/requestBody/${schema}` }]
      : []),
    ...Object.entries(responses).flatMap(([status, response]) =>
      response.kind === 'json' && response.example !== undefined
        ? [
            {
              name: `${id} ${status}`,
              codec: response.codec,
              value: response.example,
              pointer: `${operation}/responses/${status}/${schema}`,
            },
          ]
        : [],
    ),
  ];
});

test('the document is valid under an independent validator', async () => {
  const outcome = await new Validator().validate(structuredClone(DOCUMENT));
  assert.equal(outcome.errors ?? [], []);
  assert.is(outcome.valid, true);
});

test('that validator refuses a document with a mistake in it', async () => {
  const broken = structuredClone(DOCUMENT);
  broken['paths'] = { 'no-slash': { get: { responses: { 200: {} } } } };
  assert.is((await new Validator().validate(broken)).valid, false);
});

test('there are examples of what is sent and of what is answered', () => {
  assert.ok(EXAMPLES.some(({ name }) => name.endsWith(' body')));
  assert.ok(EXAMPLES.some(({ name }) => name.endsWith(' 200')));
});

for (const { name, codec, value, pointer } of EXAMPLES) {
  test(`the example of ${name} is valid under its codec`, () => {
    const decoded = codec.decode(value);
    if (E.isLeft(decoded)) assert.equal(issuesOf(decoded.left), []);
  });

  test(`the example of ${name} is valid under its schema`, () => {
    assert.is(schemaAt(pointer)(value), null);
  });
}

test('the schema of an example refuses what the example is not', () => {
  assert.ok(EXAMPLES.length > 0);
  for (const { name, pointer } of EXAMPLES) {
    assert.is.not(schemaAt(pointer)('certainly not'), null, name);
  }
});

test.run();
