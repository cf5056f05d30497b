import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Response, type Router } from 'express';
import { openApiDocument } from '../../../contracts/openapi.ts';
import { PROBLEMS, type ProblemSlug } from '../../../contracts/problems.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { PAGE_POLICY } from './headers.ts';
import { sendProblem } from './send.ts';

const ASSETS = '/docs/assets';
const ASSET_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clarity API</title>
<link rel="stylesheet" href="${ASSETS}/swagger-ui.css">
<link rel="icon" type="image/png" href="${ASSETS}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${ASSETS}/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** The documents: OpenAPI as JSON, a page to try it on, and a page a problem. Everything is served from here. */
export function docsRouter(version: string): Router {
  const router = express.Router();
  const openApi = JSON.stringify(openApiDocument(ROUTES, version));
  const swaggerUi = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = (response: Response): void => {
    response.set('Content-Security-Policy', ASSET_POLICY).type('html').send(PAGE);
  };
  for (const prefix of ['', '/api/v1']) {
    router.get(`${prefix}/openapi.json`, (_request, response) => {
      response.type('json').send(openApi);
    });
    router.get(`${prefix}/docs`, (_request, response) => {
      page(response);
    });
  }
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(START);
  });
  router.use(ASSETS, express.static(swaggerUi, { index: false, redirect: false, dotfiles: 'ignore' }));
  router.get('/problems/:slug', (request, response) => {
    const { slug } = request.params;
    if (!Object.hasOwn(PROBLEMS, slug)) {
      sendProblem(request, response, { kind: 'no-route' });
      return;
    }
    response
      .set('Content-Security-Policy', PAGE_POLICY)
      .type('html')
      .send(problemPage(slug as ProblemSlug));
  });
  return router;
}

function problemPage(slug: ProblemSlug): string {
  const { status, title, hint } = PROBLEMS[slug];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${slug}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style></head>
<body><h1>${title}</h1><p><code>${slug}</code>, HTTP status ${String(status)}</p><p>${hint}</p></body>
</html>
`;
}
