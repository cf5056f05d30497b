import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  /** The most memory that it has held so far, in millions of bytes. */
  readonly peakRssMb: () => number;
  /** Asks it to stop and waits until it has. */
  readonly stop: () => Promise<void>;
}

const RUNNING = new Set<ServerProcess>();

/** Stops whatever still runs, such as after an error. */
export async function stopServers(): Promise<void> {
  await Promise.all([...RUNNING].map((server) => server.stop()));
}

/** Compiles what is to be measured, unless it has been: the build is what people run. */
export function buildService(): void {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-stale'], { cwd: root, stdio: 'inherit' });
}

/** Starts the built service on the embedded profile with its data in this folder. */
export const startBuiltService = (dataDir: string, nodeOptions: readonly string[] = []): Promise<ServerProcess> =>
  start(['--enable-source-maps', ...nodeOptions, path.join(root, 'dist/hosts/express/main.js')], {
    STORAGE: 'embedded',
    DATA_DIR: dataDir,
    // Calls are counted as they are for people, and so many are let through.
    RATE_LIMITS: 'multiplier=1000000',
    MAX_RUNNING_JOBS_PER_USER: '0',
    PAT_MODEL_BASE_DIR: path.join(dataDir, 'no-models'),
  });

/** Starts the bare Express server over this SQLite file. */
export const startBareServer = (databaseFile: string): Promise<ServerProcess> =>
  start(['--import', 'tsx', path.join(root, 'test/bench/bare-server.ts'), databaseFile], {});

async function start(args: readonly string[], settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const match = /listens on\s+(\S+)/.exec(printed);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    void exited.then((code) => {
      reject(new Error(`a server ended with ${code}: ${printed}`));
    });
  });
  const { pid } = child;
  const server: ServerProcess = {
    url,
    peakRssMb: () => {
      const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return Math.round((Number(match?.[1]) * 1024) / 1e6);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      RUNNING.delete(server);
    },
  };
  RUNNING.add(server);
  return server;
}
