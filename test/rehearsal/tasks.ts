import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** How a process ended after it was told to. */
export interface Exit {
  readonly task: string;
  readonly signal: 'SIGTERM' | 'SIGKILL';
  /** Null where the signal ended it. */
  readonly code: number | null;
  readonly seconds: number;
}

/** One process of the service, as a container platform runs it. */
export interface Task {
  readonly name: string;
  readonly url: string;
  /** Tells it to end, and resolves when it has. */
  readonly end: (signal: Exit['signal']) => Promise<Exit>;
  /** Whether it has ended, told or not. */
  readonly hasEnded: () => boolean;
}

/** The folder of a build: this one's, or that of a commit, which is built in `folder` with the packages that are here. */
export function builtIn(folder: string, ref: string | null): string {
  const at = ref === null ? root : path.join(folder, 'source');
  if (ref !== null) {
    mkdirSync(at);
    const archive = execFileSync('git', ['archive', ref], { cwd: root, maxBuffer: 1024 * 1024 * 1024 });
    execFileSync('tar', ['-x'], { cwd: at, input: archive });
    symlinkSync(path.join(root, 'node_modules'), path.join(at, 'node_modules'));
  }
  execFileSync(process.execPath, [path.join(at, 'scripts/build.mjs'), '--if-stale'], { cwd: at, stdio: 'inherit' });
  return at;
}

/** Starts a process of the build, with its data in a folder that all of them share, and resolves once it listens. */
export async function startTask(
  name: string,
  build: string,
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Task> {
  const child = spawn(process.execPath, ['--enable-source-maps', path.join(build, 'dist/hosts/express/main.js')], {
    cwd: build,
    env: {
      ...process.env,
      NODE_V8_COVERAGE: '',
      HOST: '127.0.0.1',
      PORT: '0',
      STORAGE: 'embedded',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      RATE_LIMITS: 'multiplier=1000000',
      MAX_RUNNING_JOBS_PER_USER: '0',
      PAT_MODEL_BASE_DIR: path.join(dataDir, 'no-models'),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let hasEnded = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      hasEnded = true;
      resolve(code);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const match = /listens on\s+(\S+)/.exec(printed);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    void exited.then((code) => {
      reject(new Error(`${name} ended with ${String(code)}: ${printed}`));
    });
  });
  return {
    name,
    url,
    hasEnded: () => hasEnded,
    end: async (signal) => {
      const toldMs = performance.now();
      child.kill(signal);
      const code = await exited;
      return { task: name, signal, code, seconds: (performance.now() - toldMs) / 1000 };
    },
  };
}
