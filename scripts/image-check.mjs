// Builds the image twice and starts it, without a daemon: npm run image:check
//
// Needs Linux, root, and Debian's debootstrap, and builds with buildah where that is installed, or else by executing the
// Dockerfile's own steps; says what is missing and ends with 2, and installs nothing. Ends with 1 where a check fails.
// The last line is JSON: {checks, failures, sizeMb, seconds}.
//
//   IMAGE_BUILDER=steps    the Dockerfile's own steps are executed, also where there is buildah
//   IMAGE_BUILDS=1         builds once: nothing is said about the same sources giving the same layers
//   IMAGE_BASES=registry   the base images are fetched from their registries; otherwise stand-ins are made of packages
//   IMAGE_CACHE=FOLDER     where base images are kept between runs; about 1 GB
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, lstatSync, chownSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { baseImagesOf, makeBaseImages } from './image/base-images.mjs';
import { Builder } from './image/builder.mjs';
import { isInstalled, run } from './image/programs.mjs';
import { Sandbox } from './image/sandbox.mjs';
import { StepsBuilder } from './image/steps-builder.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = process.env.IMAGE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clarity-image');
const mayFetch = process.env.IMAGE_BASES === 'registry';
const isByHand = process.env.IMAGE_BUILDER === 'steps' || (!mayFetch && !isInstalled('buildah'));
const isBuiltTwice = process.env.IMAGE_BUILDS !== '1';

const MOST_MB = 450;
const MOST_START_MS = 60_000;
const MOST_STOP_MS = 25_000;
const NATIVE_LIBRARIES = ['libsql', '@node-rs/argon2', 'onnxruntime-node'];
/** Where a file of the image may belong to the service's user, or be writable by all: its data, and the base's own. */
const MAY_BE_WRITABLE = /^(?:data|tmp|home\/nonroot|proc|dev|run|var\/(?:tmp|lock))(?:\/|$)/;

function missing() {
  if (process.platform !== 'linux') return 'This is not Linux.';
  if (process.getuid() !== 0) return 'It mounts and changes its root, which only root may: use sudo.';
  const builds = isByHand ? ['chroot'] : ['buildah'];
  const absent = [...builds, ...(mayFetch ? [] : ['debootstrap', 'dpkg-deb']), 'unshare'].filter(
    (name) => !isInstalled(name),
  );
  if (absent.length > 0) return `Not installed: ${absent.join(', ')}. On Debian: apt-get install buildah debootstrap`;
  try {
    run('unshare', ['--mount', '--pid', '--fork', '--propagation', 'private', 'true']);
  } catch {
    return 'Namespaces of its own are not allowed here, as in a container without privileges.';
  }
  return null;
}

const started = performance.now();
const secondsSince = (sinceMs) => Math.round((performance.now() - sinceMs) / 1000);
const outcome = { checks: 0, failures: 0, sizeMb: null, seconds: null };

function check(what, isTrue, otherwise = '') {
  outcome.checks += 1;
  if (!isTrue) outcome.failures += 1;
  console.log(isTrue ? `ok    ${what}` : `FAIL  ${what}: ${otherwise}`);
}

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url) {
  const untilMs = performance.now() + MOST_START_MS;
  while (performance.now() < untilMs) {
    const status = await fetch(url).then(
      (reply) => reply.status,
      () => null,
    );
    if (status !== null) return status;
    await wait(100);
  }
  return null;
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* filesBelow(path);
  }
}

/** Size of everything, and what the service's user could change if the root were not read-only. */
function look(folder, uid) {
  let bytes = 0;
  const open = [];
  for (const path of filesBelow(folder)) {
    const entry = lstatSync(path);
    if (entry.isFile()) bytes += entry.size;
    const name = relative(folder, path);
    const isOpen = !entry.isSymbolicLink() && (entry.uid === uid || (entry.mode & 0o002) !== 0);
    if (isOpen && !MAY_BE_WRITABLE.test(name)) open.push(name);
  }
  return { sizeMb: Math.round(bytes / 1e6), open };
}

/** The sources as another machine would have them: elsewhere, with other times, and writable for a group. */
function copiedSources(folder) {
  const ignore = readFileSync(join(root, '.dockerignore'), 'utf8');
  const names = [...ignore.matchAll(/^!([^*\n]+)$/gm)].map(([, name]) => name);
  for (const name of ['Dockerfile', '.dockerignore', ...names])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  run('chmod', ['-R', 'g+w', folder]);
  return folder;
}

/** The layers of a second build, from nothing and from a copy, are those of the first. */
function built(builder, scratch) {
  const places = isBuiltTwice ? [root, copiedSources(join(scratch, 'sources'))] : [root];
  const described = places.map((sources, i) => {
    const beganMs = performance.now();
    const image = `localhost/clarity-check:${i + 1}`;
    builder.build(image, sources, { mayFetch });
    console.log(`note  build ${i + 1}: ${secondsSince(beganMs)} s`);
    return { image, ...builder.describe(image, join(scratch, `described-${i + 1}`)) };
  });
  const [first, second] = described;
  console.log(`note  ${Math.round(first.transferredBytes / 1e6)} MB are ${isByHand ? 'copied' : 'transferred'}`);
  if (second === undefined) return first;
  const own = first.layers.slice(1);
  check(
    `two builds have the same layers: ${first.layers.map((layer) => layer.slice(7, 19)).join(' ')}`,
    own.length > 0 && String(first.layers) === String(second.layers),
    `${first.layers.join(' ')} and ${second.layers.join(' ')}`,
  );
  builder.removeImage(second.image);
  return first;
}

const WRITES = `
  const fs = require('node:fs');
  const said = (path) => { try { fs.writeFileSync(path + '/probe', ''); return 'written'; } catch ({ code }) { return code; } };
  console.log(JSON.stringify(Object.fromEntries(process.argv.slice(1).map((path) => [path, said(path)]))));
`;

async function checkSandboxed(sandbox, config) {
  const says = async (words) => {
    const program = sandbox.start(words);
    return { code: await program.ended, said: program.said.trim() };
  };
  const who = await says([
    '-p',
    'process.getuid() + ":" + process.getgid() + ":" + process.getgroups() + ":" + process.pid',
  ]);
  check('it runs as 65532, in no other group, as process 1', who.said === '65532:65532:65532:1', who.said);
  const inside = ['/', '/app', '/app/models', '/etc', '/tmp', '/home/nonroot'];
  const tried = await says(['-e', WRITES, ...inside, '/data']);
  const written = JSON.parse(tried.said || '{}');
  check(
    'nothing but /data can be written to',
    inside.every((path) => written[path] === 'EROFS'),
    tried.said,
  );
  check('/data can be written to', written['/data'] === 'written', tried.said);
  for (const name of NATIVE_LIBRARIES) {
    const loaded = await says(['-e', `require('${name}')`]);
    check(`${name} loads`, loaded.code === 0, loaded.said);
  }
  const manifest = await says(['-p', "JSON.parse(require('node:fs').readFileSync('models/manifest.json')).schema"]);
  check('the manifest of models is there', manifest.said === 'clarity.models/1', manifest.said);
  const shell = ['bin/sh', 'usr/bin/sh', 'bin/bash', 'usr/bin/apt', 'usr/bin/dpkg', 'usr/local/bin/npm'];
  check(
    'it has neither a shell nor a package manager',
    (await says(['-p', `${JSON.stringify(shell)}.filter((it) => require('node:fs').existsSync('/' + it)).join()`]))
      .said === '',
    'one of them is there',
  );
  await checkService(sandbox, config);
  const command = await says(['dist/hosts/cli/main.js', 'doctor']);
  check('clarity doctor finds nothing amiss in what the service left', command.code === 0, command.said);
  const worker = sandbox.start(['dist/hosts/worker/main.js']);
  for (
    const untilMs = performance.now() + MOST_START_MS;
    !worker.said.includes('works on') && performance.now() < untilMs;
  )
    await wait(100);
  worker.signal('SIGTERM');
  check('the worker starts, and stops with 0', (await endOf(worker)) === 0, worker.said);
}

/** What it ended with, or null where it has not after the time that a stop may take. */
async function endOf(program) {
  const late = new AbortController();
  const ended = await Promise.race([program.ended, wait(MOST_STOP_MS, null, { signal: late.signal })]);
  late.abort();
  if (ended === null) program.signal('SIGKILL');
  return ended;
}

async function checkService(sandbox, { Cmd: command, Healthcheck: healthcheck }) {
  const environment = { PORT: String(await freePort()), HOST: '127.0.0.1' };
  const url = `http://127.0.0.1:${environment.PORT}`;
  const beganMs = performance.now();
  const service = sandbox.start(command, { environment });
  check('it starts, and /health answers 200', (await answers(`${url}/health`)) === 200, service.said);
  console.log(`note  it answered after ${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
  check('its health check is a command without a shell', healthcheck?.Test[0] === 'CMD', JSON.stringify(healthcheck));
  const healthy = sandbox.start(healthcheck?.Test.slice(1) ?? [], { environment, isWhole: true });
  check('its health check ends with 0', (await healthy.ended) === 0, healthy.said);
  const nobody = sandbox.start(healthcheck?.Test.slice(1) ?? [], { environment: { PORT: '1' }, isWhole: true });
  check('its health check ends with 1 where nobody answers', (await nobody.ended) === 1, nobody.said);
  try {
    console.log(run(join(root, 'scripts/smoke-test.sh'), [url]).split('\n').at(-1));
    check('a person can walk through it (scripts/smoke-test.sh)', true);
  } catch (cause) {
    check('a person can walk through it (scripts/smoke-test.sh)', false, cause.message);
  }
  const stopMs = performance.now();
  service.signal('SIGTERM');
  const ended = await endOf(service);
  check('SIGTERM ends it with 0', ended === 0, `${ended} after ${secondsSince(stopMs)} s\n${service.said}`);
}

async function main() {
  const lacking = missing();
  if (lacking !== null) {
    console.log(`NOT CHECKED. ${lacking}`);
    return 2;
  }
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'clarity-image-'));
  const builder = isByHand ? new StepsBuilder(cache) : new Builder(cache);
  console.log(`note  built ${isByHand ? "by the Dockerfile's own steps" : 'by buildah'}`);
  const made = [];
  try {
    builder.removeContainers();
    const beganMs = performance.now();
    try {
      if (!mayFetch) makeBaseImages(builder, baseImagesOf(join(root, 'Dockerfile')), join(cache, 'scratch'));
    } catch (cause) {
      // It says nothing of the image where a mirror of packages is not reached.
      console.log(`NOT CHECKED. The base images could not be made: ${cause.message}`);
      return 2;
    }
    console.log(`note  base images: ${secondsSince(beganMs)} s`);
    const { image, config } = built(builder, scratch);
    made.push(image);
    const folder = builder.unpack(image);
    const { sizeMb, open } = look(folder, 65532);
    outcome.sizeMb = sizeMb;
    check(`it has ${sizeMb} MB, at most ${MOST_MB}`, sizeMb <= MOST_MB, `${sizeMb} MB`);
    check('its user owns nothing but /data', open.length === 0, open.slice(0, 10).join(' '));
    const data = join(scratch, 'data');
    mkdirSync(data);
    chownSync(data, 65532, 65532);
    await checkSandboxed(new Sandbox(folder, config, data), config);
  } catch (cause) {
    check('it could be checked', false, cause.message);
  } finally {
    builder.removeContainers();
    for (const image of made) builder.removeImage(image);
    rmSync(scratch, { recursive: true, force: true });
  }
  return outcome.failures === 0 ? 0 : 1;
}

const code = await main();
outcome.seconds = secondsSince(started);
console.log(JSON.stringify(outcome));
process.exitCode = code;
