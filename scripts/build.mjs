/**
 * Compiles contracts, core, adapters and hosts from TypeScript into `dist/`, in the same folder layout, and copies the
 * files beside them that are not TypeScript.
 *
 *   node scripts/build.mjs              builds
 *   node scripts/build.mjs --if-stale   builds only when the sources are not the ones that `dist/` was built from
 *   node scripts/build.mjs --prepare    the same after `npm ci`; without a compiler (`--omit=dev`) it does nothing
 *
 * `dist/.built-from` holds a hash of everything that went into the build. Contents decide, not file times, so a clone,
 * a copied folder or a container layer is as good as the place where the build was made.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['contracts', 'core', 'adapters', 'hosts'];
/** Describes infrastructure, with packages that a running service does not have; tsconfig.build.json leaves it out too. */
const NOT_SHIPPED = 'hosts/ecs/';
const BUILD_SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.mjs'];
const dist = join(root, 'dist');
const builtFrom = join(dist, '.built-from');
const compilerMemory = join(dist, '.tsbuildinfo');

/** Paths of all files below the four folders of `base`, relative to `base`, sorted. */
function filesBelow(base) {
  return FOLDERS.filter((folder) => existsSync(join(base, folder)))
    .flatMap((folder) => readdirSync(join(base, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)))
    .sort();
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The files that one source becomes in `dist/`. */
function outputsOf(source) {
  if (source.endsWith('.d.ts') || source.endsWith('.md')) return [];
  if (!source.endsWith('.ts')) return [source];
  const compiled = source.replace(/\.ts$/, '.js');
  return [compiled, `${compiled}.map`];
}

/** The native compiler; the package `typescript` is the older one, for what reads syntax trees with it. */
function compilerPath() {
  const path = join(root, 'node_modules/typescript-native/bin/tsc');
  return existsSync(path) ? path : null;
}

function build(compiler, sources) {
  const outputs = new Set(sources.flatMap(outputsOf));
  const hash = hashOf([...sources, ...BUILD_SETTINGS]);
  rmSync(builtFrom, { force: true });
  // The compiler trusts its memory of what it wrote; where a file has gone since, it has to start afresh.
  if ([...outputs].some((path) => path.endsWith('.js') && !existsSync(join(dist, path)))) {
    rmSync(compilerMemory, { force: true });
  }
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) return status ?? 1;

  for (const path of filesBelow(dist)) {
    if (!outputs.has(path)) rmSync(join(dist, path));
  }
  for (const path of sources) {
    if (path.endsWith('.ts') || outputsOf(path).length === 0) continue;
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    copyFileSync(join(root, path), join(dist, path));
  }
  for (const path of outputs) {
    const output = join(dist, path);
    if (path.endsWith('.js') && readFileSync(output, 'utf8').startsWith('#!')) chmodSync(output, 0o755);
  }
  writeFileSync(builtFrom, hash);
  return 0;
}

/** Whether `dist/` holds exactly what these sources compile to. */
function isFresh(sources) {
  if (!existsSync(builtFrom)) return false;
  return readFileSync(builtFrom, 'utf8') === hashOf([...sources, ...BUILD_SETTINGS]);
}

function main(mode) {
  const sources = filesBelow(root).filter((path) => !path.startsWith(NOT_SHIPPED));
  const compiler = compilerPath();
  if (compiler === null && mode === '--prepare') return 0;
  // An installed copy (a container, a package) carries `dist/` alone.
  if (mode !== undefined && sources.length === 0 && statSync(dist, { throwIfNoEntry: false })?.isDirectory()) return 0;
  if (mode !== undefined && isFresh(sources)) return 0;
  if (compiler === null) {
    console.error('dist/ is missing or older than the sources, and the TypeScript compiler is not installed.');
    console.error('Run `npm ci` (without --omit=dev) once; it builds.');
    return 1;
  }
  return build(compiler, sources);
}

process.exitCode = main(process.argv[2]);
