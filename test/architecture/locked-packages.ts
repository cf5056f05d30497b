import { licenceChoices } from './licence-expression.ts';

/** What `package-lock.json` says of one package. */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  /** Comes inside of the package whose folder it is in. */
  readonly inBundle?: boolean;
}

/** Of each folder below the root what is installed there. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The parts of a `package.json` that name other packages. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: object;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

/** Licences that let everybody use, change and pass on, and ask for nothing but to be named. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Whose licence no expression names, by package: a part of its text that a reader has judged, and the judgement. */
export const JUDGED_LICENCES: Readonly<Record<string, { readonly file: string; readonly says: string }>> = {
  // Public domain in the United States, otherwise free to use, change and pass on with its notice; HDF5 inside is BSD.
  h5wasm: {
    file: 'LICENSE.txt',
    says: 'NIST-developed software is provided by NIST as a public service. You may use, \ncopy, and distribute copies of the software in any medium',
  },
};

/** The package in a folder such as `node_modules/a/node_modules/@b/c`. */
export const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13);

/** All but what is only there for developers. */
export const shipped = (packages: LockedPackages): LockedPackages =>
  Object.fromEntries(Object.entries(packages).filter(([folder, { dev }]) => folder !== '' && dev !== true));

/** Of packages that may not be passed on as this one is; those of `JUDGED_LICENCES` are for a reader. */
export const licenceFaults = (packages: LockedPackages): readonly string[] =>
  Object.entries(packages).flatMap(([folder, { license }]) => {
    if (Object.hasOwn(JUDGED_LICENCES, nameOf(folder))) return [];
    const choices = licenceChoices(license ?? '');
    const isFree = choices?.some((together) => together.every((name) => PERMISSIVE.has(name))) ?? false;
    return isFree ? [] : [`${folder}: ${license ?? 'no licence'}`];
  });

/** Of packages that come from elsewhere than the registry by name and version, or could be others than when they were locked. */
export const originFaults = (packages: LockedPackages): readonly string[] =>
  Object.entries(packages).flatMap(([folder, { version, resolved, integrity, link, inBundle }]) => [
    ...(folder.startsWith('node_modules/') ? [] : [`${folder}: not below node_modules`]),
    ...(link === true ? [`${folder}: a link`] : []),
    // npm asks the registry that it is configured for; a name in here would send everybody to that of whoever locked.
    ...(resolved === undefined ? [] : [`${folder}: names where it comes from`]),
    ...(isHashed(integrity) || (inBundle === true && isInHashedPackage(folder, packages))
      ? []
      : [`${folder}: without a SHA-512`]),
    ...(isExact(version ?? '') ? [] : [`${folder}: version ${version ?? 'unknown'}`]),
  ]);

const isHashed = (integrity: string | undefined): boolean => /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '');

/** Whether the hash of a package around this one speaks for it too. */
const isInHashedPackage = (folder: string, packages: LockedPackages): boolean =>
  Object.entries(packages).some(
    ([outer, { integrity, inBundle }]) =>
      folder.startsWith(`${outer}/node_modules/`) && inBundle !== true && isHashed(integrity),
  );

/** Of what the manifest asks for in other words than an exact version. */
export const rangeFaults = (manifest: Manifest): readonly string[] =>
  [
    manifest.dependencies,
    unaliased(manifest.devDependencies ?? {}),
    manifest.optionalDependencies,
    manifest.peerDependencies,
    ...innermost(manifest.overrides ?? {}),
  ]
    .flatMap((asked) => Object.entries(asked ?? {}))
    .filter(([, version]) => !isExact(version))
    .map(([name, version]) => `${name}: ${version}`);

/** A tool may be there twice, the second time by another name: what is asked for under it. */
const unaliased = (asked: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(asked).map(([name, version]) => [name, version.replace(/^npm:[^@]+@/, '')]));

/** Packages that would run a script when they are installed, each once. */
export const withInstallScript = (packages: LockedPackages): readonly string[] =>
  [
    ...new Set(Object.entries(packages).flatMap(([folder, one]) => (one.hasInstallScript ? [nameOf(folder)] : []))),
  ].sort();

const isExact = (version: string): boolean => /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version);

/** The tables of versions in a tree of overrides. */
function innermost(overrides: object): Readonly<Record<string, string>>[] {
  const entries = Object.entries(overrides) as [string, unknown][];
  const versions = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const deeper = entries.flatMap(([, value]) => (typeof value === 'object' && value !== null ? innermost(value) : []));
  return [Object.fromEntries(versions), ...deeper];
}
