import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../hosts/wiring/config.ts';

/** What the documents name is there, and what can be set is in the documents. */
const documents = suite('documents');

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All pages but the changelog, which speaks of the past. */
const PAGES = ['', 'docs', 'docs/decisions', 'models', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
    .map((name) => join(folder, name)),
);

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Targets of links to other files, relative to the root. */
const linked = (page: string, text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)|(?:src|href)="([^"#]+)"/g)]
    .map(([, link, source]) => link ?? source ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(page), target)));

/** Files of the sources that are named as code, without those that are only meant as an example. */
const named = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:contracts|core|adapters|hosts|test|scripts|docs)\/[\w./-]+\.\w+)`/g)]
    .map(([, path]) => path ?? '')
    .filter((path) => !path.includes('<'));

const missingIn = (page: string, text: string): readonly string[] =>
  [...linked(page, text), ...named(text)].filter((path) => !existsSync(join(root, path)));

documents('every file that a page links to or names is there', () => {
  assert.ok(PAGES.includes('docs/security.md') && PAGES.includes('SECURITY.md') && PAGES.includes('README.md'));
  const missing = PAGES.flatMap((page) => missingIn(page, textOf(page)).map((path) => `${page}: ${path}`));
  assert.equal(missing, []);
  assert.equal(missingIn('docs/a.md', '[a](b.md) [b](../README.md#x) `test/none.test.ts` [c](https://example.org/x)'), [
    'docs/b.md',
    'test/none.test.ts',
  ]);
});

documents('links lead from the README to every page', () => {
  const reached = new Set(['README.md']);
  // A set that grows while it is walked is walked to its end.
  for (const page of reached) {
    for (const target of linked(page, textOf(page))) if (PAGES.includes(target)) reached.add(target);
  }
  assert.equal(
    PAGES.filter((page) => !reached.has(page)),
    [],
  );
});

/** Whatever the configuration asks its environment for, for each kind of storage. */
function settings(): readonly string[] {
  const asked = new Set<string>();
  for (const storage of ['embedded', 'memory', 'aws']) {
    const environment = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_target, name) => {
          asked.add(String(name));
          return name === 'STORAGE' ? storage : undefined;
        },
      },
    );
    readConfig(environment).unwrapOr(null);
  }
  return [...asked].sort();
}

documents('every setting is in the table of the README or of the page about AWS', () => {
  const rows = ['README.md', 'docs/aws.md']
    .flatMap((page) => textOf(page).split('\n'))
    .filter((line) => line.startsWith('| `'))
    .join(' ');
  // `AWS_ENDPOINT_URL`, or `DYNAMODB_`, ... stands for all of them.
  const isThere = (name: string): boolean =>
    rows.includes(`\`${name}\``) || rows.includes(`\`${name.replace(/ENDPOINT_URL$/, '')}\``);
  const all = settings();
  assert.ok(all.length > 40 && all.includes('RATE_LIMITS') && all.includes('KMS_KEY_ID'), String(all));
  assert.equal(
    all.filter((name) => !isThere(name)),
    [],
  );
});

documents.run();
