import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';

/** Where the files of the documentation page are. They are no operations of the contract. */
export const DOCS_ASSETS = '/docs/assets';

const START = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** The files of the documentation page. */
export function docsAssets(): Router {
  const router = express.Router();
  const swaggerUi = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  router.use(`${DOCS_ASSETS}/start.js`, (_request, response) => {
    response.type('js').send(START);
  });
  router.use(DOCS_ASSETS, express.static(swaggerUi, { index: false, redirect: false, dotfiles: 'ignore' }));
  return router;
}
