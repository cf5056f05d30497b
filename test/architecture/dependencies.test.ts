import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { licenceChoices } from './licence-expression.ts';
import {
  JUDGED_LICENCES,
  licenceFaults,
  nameOf,
  originFaults,
  rangeFaults,
  shipped,
  withInstallScript,
  type LockedPackages,
  type Manifest,
} from './locked-packages.ts';

/** What comes with an installation: whose it is, whether it is what was locked, and that it runs nothing while it is installed. */
const dependencies = suite('dependencies');

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const json = (path: string): unknown => JSON.parse(read(path));

const manifest = json('package.json') as Manifest;
const { packages: locked } = json('package-lock.json') as { readonly packages: LockedPackages };
const { '': own, ...others } = locked;

/** Packages with an install script, and why they work without it. None is let run. */
const SCRIPTS_WITHHELD: Readonly<Record<string, string>> = {
  '@scarf/scarf': 'reports each installation to a company; comes with swagger-ui-dist',
  'aws-sdk': 'prints that it is no longer maintained; comes with an emulator that the tests use',
  'classic-level': 'compiles where no compiled library comes along; comes with an emulator that the tests use',
  esbuild: 'puts a faster way to start in place of a script that works; comes with tsx',
  'onnxruntime-node': 'downloads GPU libraries that are not used',
};

dependencies('every package that is shipped is under a licence that lets it be passed on', () => {
  const all = shipped(locked);
  assert.ok(Object.keys(all).length > 200, String(Object.keys(all).length));
  assert.equal(licenceFaults(all), []);
});

dependencies('a licence that no expression names says what was read in it', () => {
  const named = new Set(Object.keys(shipped(locked)).map(nameOf));
  for (const [name, { file, says }] of Object.entries(JUDGED_LICENCES)) {
    assert.ok(named.has(name), `${name} is gone`);
    assert.ok(read(`node_modules/${name}/${file}`).replaceAll('\r\n', '\n').includes(says), name);
  }
});

dependencies('the lock says of every installed package what the package says of itself', () => {
  const differing: string[] = [];
  let compared = 0;
  for (const [folder, { version, license }] of Object.entries(shipped(locked))) {
    // Native libraries of other systems are locked and not installed.
    if (!existsSync(new URL(`${folder}/package.json`, root))) continue;
    compared += 1;
    const installed = json(`${folder}/package.json`) as { readonly version: string; readonly license?: string };
    if (installed.version !== version || installed.license !== license) {
      differing.push(`${folder}: ${installed.version} ${String(installed.license)}`);
    }
  }
  assert.equal(differing, []);
  assert.ok(compared > 150, String(compared));
});

dependencies('every package is locked to a version and a hash, and to no place that it comes from', () => {
  assert.equal(originFaults(others), []);
  assert.match(read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
});

dependencies('the manifest asks for exact versions, and the lock is of this manifest', () => {
  assert.equal(rangeFaults(manifest), []);
  const asked = ({ dependencies, devDependencies, optionalDependencies, peerDependencies }: Manifest) => ({
    dependencies,
    devDependencies,
    optionalDependencies,
    peerDependencies,
  });
  assert.equal(asked(own as Manifest), asked(manifest));
});

dependencies('no package runs a script while it is installed, and a new one that would stops the gate', () => {
  assert.equal(withInstallScript(others), Object.keys(SCRIPTS_WITHHELD).sort());
  assert.equal(
    manifest.allowScripts,
    Object.fromEntries(Object.keys(SCRIPTS_WITHHELD).map((name) => [name, false] as const)),
  );
  // Not in .npmrc: `npx clarity` would be refused too, for this package's own script that builds it.
  assert.match(read('.ci/run'), /npm ci --strict-allow-scripts$/m);
  assert.match(read('Dockerfile'), /npm ci --ignore-scripts/);
});

dependencies('what is not as it should be is found', () => {
  const good = { version: '1.2.3', integrity: `sha512-${'A'.repeat(86)}==`, license: 'MIT' };
  const at = (one: object) => ({ 'node_modules/@a/b': { ...good, ...one } });
  for (const license of [
    'GPL-3.0',
    'MIT AND GPL-3.0',
    'SEE LICENSE IN X',
    'MIT OR',
    '',
    'Apache-2.0 WITH x',
    undefined,
  ]) {
    assert.is(licenceFaults(at({ license })).length, 1, license);
  }
  assert.equal(licenceFaults(at({ license: '(MIT AND Zlib) OR GPL-3.0' })), []);
  assert.equal(originFaults(at({})), []);
  for (const fault of [
    { link: true },
    { resolved: 'git+ssh://git@example.org/a.git#1' },
    { integrity: undefined },
    { integrity: 'sha1-AAAA' },
    { version: '^1.2.3' },
    { version: undefined },
  ]) {
    assert.is(originFaults(at(fault)).length, 1, JSON.stringify(fault));
  }
  assert.is(originFaults({ 'packages/a': good }).length, 1);
  const bundled = { 'node_modules/@a/b/node_modules/c': { version: '1.2.3', inBundle: true } };
  assert.equal(originFaults({ ...at({}), ...bundled }), []);
  assert.is(originFaults(bundled).length, 1);
  for (const version of [
    '^1.0.0',
    '~1.0.0',
    '1.x',
    '*',
    'latest',
    'git+https://example.org/a.git',
    'file:a',
    'npm:b@1.0.0',
  ]) {
    assert.is(rangeFaults({ dependencies: { a: version } }).length, 1, version);
    assert.is(rangeFaults({ overrides: { a: { b: version } } }).length, 1, version);
  }
  assert.equal(rangeFaults({ devDependencies: { a: 'npm:b@1.0.0' } }), []);
  assert.equal(rangeFaults({ devDependencies: { a: 'npm:b@^1.0.0' } }), ['a: ^1.0.0']);
  assert.equal(withInstallScript({ 'node_modules/a/node_modules/b': { hasInstallScript: true } }), ['b']);
  assert.equal(
    Object.keys(shipped({ '': {}, 'node_modules/a': { dev: true }, 'node_modules/b': { devOptional: true } })),
    ['node_modules/b'],
  );
});

dependencies('licence expressions are read as SPDX means them', () => {
  assert.equal(licenceChoices('MIT'), [['MIT']]);
  assert.equal(licenceChoices('MIT OR ISC AND Zlib'), [['MIT'], ['ISC', 'Zlib']]);
  assert.equal(licenceChoices('(MIT OR ISC) AND Zlib'), [
    ['MIT', 'Zlib'],
    ['ISC', 'Zlib'],
  ]);
  assert.equal(licenceChoices('GPL-2.0 WITH Classpath-exception-2.0'), [['GPL-2.0 WITH Classpath-exception-2.0']]);
  for (const none of ['', '(MIT', 'MIT)', 'MIT ISC', 'AND MIT', 'MIT OR', 'GPL-2.0 WITH', '()']) {
    assert.is(licenceChoices(none), null, none);
  }
});

dependencies.run();
