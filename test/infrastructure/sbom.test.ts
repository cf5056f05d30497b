import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { licenceFaults, nameOf, shipped, type LockedPackages } from '../architecture/locked-packages.ts';

const sbom = suite('the list of what is shipped');
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string }[];
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}
interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'clarity-sbom-'));
const written = (): Buffer => {
  const file = path.join(folder, 'sbom.cdx.json');
  execFileSync(process.execPath, [path.join(root, 'scripts/sbom.mjs'), file], { cwd: folder });
  return readFileSync(file);
};
const bytes = written();
const list = JSON.parse(bytes.toString()) as Sbom;
const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: LockedPackages;
};

sbom.after(() => {
  rmSync(folder, { recursive: true });
});

const nameAndVersion = ({ purl }: Component): string =>
  decodeURIComponent(purl.replace(/^pkg:npm\//, '').split('?')[0]!);

sbom('is CycloneDX, and the same for the same lock', () => {
  assert.is(list.bomFormat, 'CycloneDX');
  assert.match(list.specVersion, /^1\.[5-9]$/);
  assert.is(list.metadata.component.name, 'clarity');
  assert.ok(written().equals(bytes));
});

sbom('names every package of the lock that is shipped, with its hash, and no other', () => {
  const expected = Object.entries(shipped(packages)).map(([at, { version = '' }]) => `${nameOf(at)}@${version}`);
  assert.ok(expected.length > 200, String(expected.length));
  assert.equal([...new Set(list.components.map(nameAndVersion))].sort(), [...new Set(expected)].sort());
  assert.equal(
    list.components.filter(({ hashes = [] }) => !hashes.some(({ alg }) => alg === 'SHA-512')).map(nameAndVersion),
    [],
  );
});

sbom('says of each a licence that lets it be passed on', () => {
  const licences = Object.fromEntries(
    list.components.map((component) => {
      const [{ license, expression } = {}] = component.licenses ?? [];
      const named = expression ?? license?.id ?? license?.name;
      const place = `node_modules/${nameAndVersion(component).replace(/@[^@]*$/, '')}`;
      return [place, named === undefined ? {} : { license: named }];
    }),
  );
  assert.equal(licenceFaults(licences), []);
});

sbom.run();
