import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { run } from './programs.mjs';

/** Runs a step in namespaces of its own, in the stage's files. Words: ROOT SECRET-OR-EMPTY TARGET COMMAND */
const STEP = `
set -e
root=$1; secret=$2; target=$3; command=$4
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for file in resolv.conf hosts; do : >"$root/etc/$file"; mount --bind "$(readlink -f /etc/$file)" "$root/etc/$file"; done
[ -z "$secret" ] || mount --bind "$secret" "$root$target"
exec chroot "$root" /bin/sh -c "$command"
`;

/**
 * Executes a Dockerfile's own steps, each stage in a folder, for machines that buildah does not run on. It knows the
 * instructions that this project's Dockerfile has, and refuses others. What it calls a layer is the digest of the files that
 * a COPY of the last stage brings, with their owners, permissions and times.
 */
export class StepsBuilder {
  #folder;

  constructor(folder) {
    this.#folder = join(folder, 'steps');
    mkdirSync(this.#folder, { recursive: true });
  }

  #place = (image) => join(this.#folder, encodeURIComponent(image));
  #rootOf = (image) => join(this.#place(image), 'root');
  #described = (image) => JSON.parse(readFileSync(join(this.#place(image), 'image.json'), 'utf8'));

  #write(image, described) {
    writeFileSync(join(this.#place(image), 'image.json'), JSON.stringify(described));
  }

  has(image) {
    return existsSync(join(this.#place(image), 'image.json'));
  }

  /** An image of what a folder holds, with a configuration in the words of `buildah config`. */
  pack(image, folder, words) {
    const config = { Env: [], Entrypoint: [], Cmd: [], User: '0:0', WorkingDir: '/' };
    const set = {
      '--entrypoint': (value) => (config.Entrypoint = JSON.parse(value)),
      '--cmd': (value) => (config.Cmd = value === '' ? [] : [value]),
      '--user': (value) => (config.User = value),
      '--workingdir': (value) => (config.WorkingDir = value),
      '--env': (value) => config.Env.push(value),
    };
    for (let i = 0; i < words.length; i += 2) set[words[i]](words[i + 1]);
    this.removeImage(image);
    mkdirSync(this.#place(image), { recursive: true });
    run('cp', ['-a', folder, this.#rootOf(image)]);
    this.#write(image, { config, layers: [], bytes: 0 });
  }

  build(image, context) {
    const stages = new Map();
    const args = new Map();
    let stage = null;
    for (const { name, rest } of instructionsOf(join(context, 'Dockerfile'))) {
      const words = substituted(rest, new Map([...args, ...(stage?.args ?? [])]));
      if (name === 'ARG') {
        const [key, value = ''] = splitAt(words, '=');
        (stage?.args ?? args).set(key, value);
      } else if (name === 'FROM') {
        const [base, , as = image] = words.replace(/^--platform=\S+ /, '').split(' ');
        stage = this.#begin(as, base);
        stages.set(as, stage);
      } else {
        console.log(`step  ${name} ${words.slice(0, 100)}`);
        this.#follow(stage, { name, words, context, stages });
      }
    }
    const { config, layers, bytes } = stage;
    this.#write(image, { config, layers, bytes });
    for (const as of stages.keys()) if (as !== image) this.removeImage(as);
  }

  #begin(as, base) {
    const { config, layers } = this.#described(base);
    this.removeImage(as);
    mkdirSync(this.#place(as), { recursive: true });
    run('cp', ['-a', '--reflink=auto', this.#rootOf(base), this.#rootOf(as)]);
    return { root: this.#rootOf(as), args: new Map(), config: structuredClone(config), layers: [...layers], bytes: 0 };
  }

  #follow(stage, { name, words, context, stages }) {
    const { config, root } = stage;
    const set = {
      WORKDIR: () => {
        config.WorkingDir = words;
        mkdirSync(join(root, words), { recursive: true });
      },
      ENV: () => config.Env.push(...words.split(' ')),
      COPY: () => copy(stage, words, context, stages),
      RUN: () => runStep(stage, words),
      USER: () => (config.User = words),
      CMD: () => (config.Cmd = JSON.parse(words)),
      ENTRYPOINT: () => (config.Entrypoint = JSON.parse(words)),
      HEALTHCHECK: () =>
        (config.Healthcheck = { Test: ['CMD', ...JSON.parse(words.slice(words.indexOf('CMD ') + 4))] }),
      LABEL: () => undefined,
      EXPOSE: () => undefined,
      VOLUME: () => undefined,
    }[name];
    if (set === undefined) throw new Error(`the Dockerfile's ${name} is not known here`);
    set();
  }

  /** The image's configuration, and what its layers are. */
  describe(image) {
    const { config, layers, bytes } = this.#described(image);
    return { config, layers: ['sha256:base', ...layers], transferredBytes: bytes };
  }

  unpack(image) {
    return this.#rootOf(image);
  }

  removeContainers() {
    // There are none: a stage's files are the image.
  }

  removeImage(image) {
    rmSync(this.#place(image), { recursive: true, force: true });
  }
}

function instructionsOf(dockerfile) {
  const lines = readFileSync(dockerfile, 'utf8')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'));
  return lines
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' '))
    .filter((line) => line !== '')
    .map((line) => {
      const [name, rest = ''] = splitAt(line, ' ');
      return { name, rest };
    });
}

/** Of what is in both, a shell in a RUN step sets the rest. */
const substituted = (text, args) =>
  text.replaceAll(/\$\{(\w+)\}/g, (whole, name) => (args.has(name) ? args.get(name) : whole));

function splitAt(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** What a step brings is laid out beside, so that it can be owned and looked at by itself. */
function copy(stage, words, context, stages) {
  const given = words.split(' ');
  const option = (name) =>
    given
      .find((word) => word.startsWith(`--${name}=`))
      ?.split('=')
      .at(1);
  const paths = given.filter((word) => !word.startsWith('--'));
  const target = paths.pop();
  const from = option('from');
  const source = from === undefined ? context : stages.get(from).root;
  const layer = `${stage.root}.layer`;
  mkdirSync(layer);
  const isSent = from === undefined ? sentFrom(context) : null;
  for (const path of paths) {
    const whole = join(source, path);
    // A folder's content is copied, and a file as it is called.
    const to = statSync(whole).isDirectory() ? layer : join(layer, basename(path));
    if (isSent === null) run('cp', ['-a', `${whole}/.`, layer]);
    else cpSync(whole, to, { recursive: true, preserveTimestamps: true, filter: isSent });
  }
  for (const name of readdirSync(layer)) run('chown', ['-R', option('chown') ?? '0:0', join(layer, name)]);
  if (from !== undefined) {
    const { digest, bytes } = digestOf(layer);
    stage.layers.push(digest);
    stage.bytes += bytes;
  }
  const place = join(stage.root, target.startsWith('/') ? target : join(stage.config.WorkingDir, target));
  mkdirSync(place, { recursive: true });
  run('cp', ['-a', `${layer}/.`, `${place}/`]);
  rmSync(layer, { recursive: true });
}

/** Which files a builder is sent: what the last matching line of .dockerignore says. */
function sentFrom(context) {
  const lines = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.map((line) => ({
    isSent: line.startsWith('!'),
    pattern: new RegExp(`^${line.replace(/^!/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(?:/|$)`),
  }));
  return (file) => {
    const path = relative(context, file);
    const rule = rules.findLast(({ pattern }) => pattern.test(path));
    return rule === undefined || rule.isSent || lines.some((line) => line.startsWith(`!${path}/`));
  };
}

function runStep({ root, args, config }, words) {
  let command = words;
  let secret = '';
  let target = '';
  for (let mount; (mount = /^--mount=(\S+) /.exec(command)) !== null; command = command.slice(mount[0].length)) {
    const settings = Object.fromEntries(mount[1].split(',').map((setting) => splitAt(setting, '=')));
    const npmrc = join(homedir(), '.npmrc');
    if (settings.type !== 'secret' || !existsSync(npmrc)) continue;
    [secret, target] = [npmrc, settings.target];
    writeFileSync(join(root, target), '');
  }
  const variables = Object.fromEntries(config.Env.map((variable) => splitAt(variable, '=')));
  const folder = config.WorkingDir;
  run(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', '/bin/sh', '-c', STEP, 'sh'],
      ...[root, secret, target, `cd ${folder} && ${command}`],
    ],
    { isLoud: true, env: { HOME: '/root', ...variables, ...Object.fromEntries(args) } },
  );
  if (secret !== '') rmSync(join(root, target));
}

function digestOf(folder) {
  const hash = createHash('sha256');
  let bytes = 0;
  const visit = (path) => {
    const entry = lstatSync(path);
    const { mode, uid, gid, size } = entry;
    const mtime = Math.trunc(entry.mtimeMs / 1000);
    hash.update(JSON.stringify([relative(folder, path), mode, uid, gid, entry.isDirectory() ? 0 : size, mtime]));
    if (entry.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (entry.isFile()) {
      bytes += size;
      hash.update(readFileSync(path));
    } else if (entry.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  for (const name of readdirSync(folder).sort()) visit(join(folder, name));
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}
