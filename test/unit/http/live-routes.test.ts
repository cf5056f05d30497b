import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openApiDocument } from '../../../contracts/openapi.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { contractRouter, servedPaths, type RouterDeps } from '../../../hosts/express/http/router.ts';

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
}

/** Every method and path that the router answers with an endpoint, in the form of OpenAPI. */
function liveOperations(): string[] {
  // Nothing of it is called: the routes are made from the table, the endpoints are only looked up.
  const router = contractRouter({ endpoints: {}, settings: {} } as unknown as RouterDeps);
  return (router.stack as unknown as readonly Layer[]).flatMap(({ route }) =>
    route === undefined
      ? []
      : route.stack
          // `all` has no method of its own: it answers OPTIONS, refuses other methods and leads from one slash form to the other.
          .filter(({ method }) => method !== undefined)
          .map(({ method }) => `${String(method).toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`),
  );
}

const documented = (): string[] => {
  const { paths } = openApiDocument(ROUTES, '1') as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
};

const TWINS = new Set(
  Object.values(ROUTES as Readonly<Record<string, RouteDefinition>>)
    .filter(({ slashTwin }) => slashTwin === true)
    .map(({ method, path }) => `${method} ${path}/`),
);

test('what is documented is what is served, and nothing else', () => {
  const live = liveOperations();
  assert.is(new Set(live).size, live.length);
  assert.equal(live.filter((operation) => !TWINS.has(operation)).sort(), documented().sort());
});

test('slash twins are served too', () => {
  const live = new Set(liveOperations());
  assert.ok(TWINS.size >= 5);
  for (const twin of TWINS) assert.ok(live.has(twin), twin);
});

test('a path has its twin where the table says so', () => {
  assert.equal(servedPaths(ROUTES.listHealthData), ['/api/v1/health-data', '/api/v1/health-data/']);
  assert.equal(servedPaths(ROUTES.readProcessing), [ROUTES.readProcessing.path]);
});

test.run();
