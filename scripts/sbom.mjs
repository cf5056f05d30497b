// Lists what is shipped, as CycloneDX 1.5 JSON: npm run sbom [-- FILE]
// Made from package-lock.json alone, so it names the native libraries of all systems, and needs neither a network nor an
// installation. It has no time and no number of its own: the same lock gives the same bytes. (`npm sbom --omit=dev` of
// npm 11.19 leaves some that are shipped out, such as tslib.)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const { '': own, ...installed } = packages;
const shipped = Object.entries(installed).filter(([, { dev }]) => dev !== true);
const folders = new Set(shipped.map(([folder]) => folder));

const nameOf = (folder) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
const purlOf = (name, version) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
const refOf = (folder) =>
  folder === '' ? purlOf(own.name, own.version) : `${purlOf(nameOf(folder), installed[folder].version)}#${folder}`;

/** An SPDX id, an expression of several, or whatever else the package says. */
function licenceOf(text) {
  if (text === undefined) return [];
  if (/ (?:OR|AND|WITH) /.test(text)) return [{ expression: text }];
  return [{ license: /^[\w.+-]+$/.test(text) ? { id: text } : { name: text } }];
}

function componentOf([folder, { version, license, integrity, optional }]) {
  const name = nameOf(folder);
  const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': refOf(folder),
    ...(group === undefined ? {} : { group }),
    name: short,
    version,
    scope: optional === true ? 'optional' : 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: licenceOf(license),
    purl: purlOf(name, version),
  };
}

/** Where Node finds the package when a file in the folder asks for it; undefined where it is not shipped. */
function resolved(folder, name) {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (folders.has(candidate)) return candidate;
    if (at === '') return undefined;
  }
}

function dependencyOf(folder) {
  const { dependencies, optionalDependencies, peerDependencies } = packages[folder];
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const found = names.map((name) => resolved(folder, name)).filter((place) => place !== undefined);
  return { ref: refOf(folder), dependsOn: [...new Set(found.map(refOf))].sort() };
}

const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: {
      type: 'application',
      'bom-ref': refOf(''),
      name: own.name,
      version: own.version,
      licenses: licenceOf(own.license),
      purl: purlOf(own.name, own.version),
    },
  },
  components: shipped.map(componentOf),
  dependencies: ['', ...folders].map(dependencyOf),
};

const [file = 'sbom.cdx.json'] = process.argv.slice(2);
writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${sbom.components.length} packages written to ${file}`);
