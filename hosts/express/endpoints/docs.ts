import { errAsync, okAsync } from 'neverthrow';
import { openApiDocument } from '../../../contracts/openapi.ts';
import { PROBLEMS, type ProblemSlug } from '../../../contracts/problems.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import type { FeatureFlags } from '../../../core/flags/ports.ts';
import { DOCS_ASSETS } from '../http/docs-assets.ts';
import type { Endpoints } from '../http/endpoint.ts';

type DocsEndpoints = Pick<
  Endpoints,
  'openApi' | 'openApiOfVersion' | 'docs' | 'docsOfVersion' | 'problemIndex' | 'problemPage'
>;

/** Swagger UI needs its own scripts, and writes styles into the page; nothing comes from elsewhere. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clarity API</title>
<link rel="stylesheet" href="${DOCS_ASSETS}/swagger-ui.css">
<link rel="icon" type="image/png" href="${DOCS_ASSETS}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${DOCS_ASSETS}/swagger-ui-bundle.js"></script>
<script src="${DOCS_ASSETS}/start.js"></script>
</body>
</html>
`;

/**
 * The documents: OpenAPI as JSON, a page to try it on, and a page a problem. Everything is served from here. What is turned
 * off for everybody is not in the document.
 */
export function docsEndpoints(version: string, flags: FeatureFlags): DocsEndpoints {
  /** The documents written so far, by the operations in them. */
  const written = new Map<string, string>();
  const openApi = () => {
    const there = Object.entries<RouteDefinition>(ROUTES).filter(
      ([, { feature }]) => feature === undefined || flags.isOn(feature, null),
    );
    const key = there.map(([id]) => id).join();
    const text = written.get(key) ?? JSON.stringify(openApiDocument(Object.fromEntries(there), version));
    written.set(key, text);
    return okAsync({ status: 200 as const, text });
  };
  const docs = () =>
    okAsync({ status: 200 as const, text: DOCS_PAGE, headers: { 'Content-Security-Policy': DOCS_POLICY } });
  return {
    openApi,
    openApiOfVersion: openApi,
    docs,
    docsOfVersion: docs,
    problemIndex: () => okAsync({ status: 200, text: problemIndexPage() }),
    problemPage: ({ params: { slug } }) =>
      Object.hasOwn(PROBLEMS, slug)
        ? okAsync({ status: 200 as const, text: problemPage(slug as ProblemSlug) })
        : errAsync({ kind: 'no-route' as const }),
  };
}

/** Words as HTML: some of them have angle brackets. */
const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
dt{margin-top:1rem}dd{margin:0 0 0 1.5rem}</style></head>
<body>${content}</body>
</html>
`;

function problemPage(slug: ProblemSlug): string {
  const { status, title, hint } = PROBLEMS[slug];
  return page(
    slug,
    `<h1>${title}</h1><p><code>${slug}</code>, HTTP status ${String(status)}</p><p>${escaped(hint)}</p><p><a href="/problems">All problems</a></p>`,
  );
}

function problemIndexPage(): string {
  const entries = Object.entries(PROBLEMS)
    .map(
      ([slug, { status, title, hint }]) =>
        `<dt><a href="/problems/${slug}"><code>${slug}</code></a> (${String(status)}): ${title}</dt><dd>${escaped(hint)}</dd>`,
    )
    .join('\n');
  return page(
    'Problems',
    `<h1>Problems</h1><p>Every error is an <code>application/problem+json</code> document (RFC 9457); its <code>code</code> is one of these.</p><dl>${entries}</dl>`,
  );
}
