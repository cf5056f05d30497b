import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { text } from '../scalars.ts';

const document = {
  method: 'GET',
  auth: 'none',
  audit: 'none',
  rateLimit: 'none',
  conditional: 'etag',
  tag: 'Documentation',
  summary: 'The OpenAPI 3.1 document of this service',
  responses: { 200: { kind: 'text', mediaType: 'application/json; charset=utf-8', description: 'The document.' } },
  problems: [],
} as const;

const page = {
  method: 'GET',
  auth: 'none',
  audit: 'none',
  rateLimit: 'none',
  tag: 'Documentation',
  summary: 'A page on which every operation can be read and tried',
  responses: { 200: { kind: 'text', mediaType: 'text/html; charset=utf-8', description: 'The page.' } },
  problems: [],
} as const;

export const docsRoutes = routes({
  openApi: { ...document, path: '/openapi.json' },
  openApiOfVersion: { ...document, path: '/api/v1/openapi.json' },
  docs: { ...page, path: '/docs' },
  docsOfVersion: { ...page, path: '/api/v1/docs' },
  problemIndex: { ...page, path: '/problems', summary: 'Every problem that the service answers with' },
  problemPage: {
    ...page,
    path: '/problems/{slug}',
    summary: 'What a problem means and what to do about it',
    params: object('ProblemParams', { slug: text(1, 100) }),
    problems: ['resource-not-found'],
  },
});
