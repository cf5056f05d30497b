import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs in namespaces of its own, as root: the image's files, read-only, with one folder that can be written to; then
 * becomes the program, as process 1 and as the image's user. Words: ROOT DATA UID GID FOLDER PROGRAM...
 */
const ENTER = `
set -e
root=$1; data=$2; uid=$3; gid=$4; folder=$5; shift 5
mount --bind "$root" "$root"
mount --bind "$data" "$root/data"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
mount -o remount,ro "$root/dev"
mount -o remount,bind,ro "$root"
exec unshare --root="$root" --wd="$folder" --setgid="$gid" --setuid="$uid" -- "$@"
`;

/** An unpacked image, and how its programs are started the way a container runtime with a read-only root does it. */
export class Sandbox {
  #root;
  #config;
  #data;

  constructor(root, config, data) {
    this.#root = root;
    this.#config = config;
    this.#data = data;
    // A runtime makes these where an image lacks them.
    for (const folder of ['proc', 'dev', 'data']) mkdirSync(join(root, folder), { recursive: true });
  }

  /** Starts the image's entry point with these words, or another program. */
  start(words, { environment = {}, isWhole = false } = {}) {
    const { User: user, WorkingDir: folder, Env: variables, Entrypoint: entryPoint } = this.#config;
    const [uid, gid = uid] = user.split(':');
    const child = spawn(
      'unshare',
      [
        ...['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'],
        ...['/bin/sh', '-c', ENTER, 'sh', this.#root, this.#data, uid, gid, folder],
        ...(isWhole ? words : [...entryPoint, ...words]),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...Object.fromEntries(variables.map(asEntry)), ...environment },
      },
    );
    return new Started(child);
  }
}

const asEntry = (variable) => {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
};

/** A program in the sandbox. */
class Started {
  said = '';
  /** What it ended with: a code, or the name of a signal. */
  ended;
  #outer;

  constructor(child) {
    this.#outer = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.said += text;
      });
    }
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve(code ?? signal));
    });
  }

  /** Signals the program itself. The kernel hands a signal to a process 1 only where it listens for it. */
  signal(name) {
    const { pid } = this.#outer;
    const children = `/proc/${pid}/task/${pid}/children`;
    const [inner] = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : [];
    if (inner !== undefined && inner !== '') process.kill(Number(inner), name);
  }
}
