import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SOURCE_RULES } from './source-rules.ts';

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const plantedRoot = join(repositoryRoot, 'test/architecture/planted');

const PRODUCTION_FOLDERS = ['contracts', 'core', 'adapters', 'hosts'];
const SOURCE_FOLDERS = [...PRODUCTION_FOLDERS, 'test', 'scripts'];

const graphConfig = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IConfiguration;
const graphRules = graphConfig.forbidden ?? [];

interface Violation {
  readonly rule: string;
  readonly place: string;
}

const foldersIn = (root: string, names: readonly string[]): string[] =>
  names.filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() ?? false);

const graphViolations = async (root: string): Promise<Violation[]> => {
  const folders = foldersIn(root, PRODUCTION_FOLDERS);
  if (folders.length === 0) return [];
  const { output } = await cruise(folders, {
    ...graphConfig.options,
    ruleSet: { forbidden: graphRules },
    validate: true,
    baseDir: root,
  });
  const { summary } = output as ICruiseResult;
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, place: `${from} -> ${to}` }));
};

const sourceFilesIn = (root: string): string[] =>
  foldersIn(root, SOURCE_FOLDERS)
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|mts|cts|js|mjs|cjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('test/architecture/planted/') && !path.includes('node_modules/'));

const sourceViolations = (root: string): Violation[] =>
  sourceFilesIn(root).flatMap((path) => {
    const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
    return SOURCE_RULES.filter((rule) => rule.appliesTo(path)).flatMap((rule) =>
      rule.violations(path, file).map((what) => ({ rule: rule.name, place: `${path}: ${what}` })),
    );
  });

const allViolations = async (root: string): Promise<Violation[]> => [
  ...(await graphViolations(root)),
  ...sourceViolations(root),
];

const printed = (violations: readonly Violation[]): string[] =>
  violations.map(({ rule, place }) => `${rule}  ${place}`);

const ruleNames = [
  ...graphRules.map((rule) => rule.name ?? 'a rule without a name'),
  ...SOURCE_RULES.map(({ name }) => name),
].sort();

test('the import graph of contracts, core, adapters and hosts breaks no rule', async () => {
  assert.equal(printed(await graphViolations(repositoryRoot)), []);
});

test('the source text breaks no rule', () => {
  assert.equal(printed(sourceViolations(repositoryRoot)), []);
});

test('the scan reaches every source folder', () => {
  const scanned = new Set(sourceFilesIn(repositoryRoot).map((path) => path.split('/')[0]));
  assert.equal([...scanned].sort(), [...SOURCE_FOLDERS].sort());
});

test('every rule has a planted violation, and every planted violation a rule', () => {
  assert.equal(readdirSync(plantedRoot).sort(), ruleNames);
});

/** Each violation in a planted tree carries the comment `planted`. */
const plantedMarks = (root: string): number =>
  sourceFilesIn(root)
    .map((path) => readFileSync(join(root, path), 'utf8').match(/(\/\/|\/\*) planted\b/g)?.length ?? 0)
    .reduce((sum, marks) => sum + marks, 0);

for (const rule of ruleNames) {
  test(`${rule} fires once for each violation planted for it, and no other rule does`, async () => {
    const root = join(plantedRoot, rule);
    const fired = await allViolations(root);
    assert.equal([...new Set(fired.map((violation) => violation.rule))], [rule], printed(fired).join('\n'));
    assert.is(fired.length, plantedMarks(root), printed(fired).join('\n'));
  });
}

test.run();
