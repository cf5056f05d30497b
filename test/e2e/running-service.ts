import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A process of the service. */
export interface RunningProcess {
  readonly printed: () => string;
  /** Sends SIGTERM and resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Sends SIGKILL: nothing gets a chance to finish. */
  readonly kill: () => Promise<void>;
}

/** A service in a process of its own, as `npm start` runs it. */
export interface RunningService extends RunningProcess {
  readonly url: string;
}

/** Starts the service on a free port with these settings, and resolves once it listens. */
export async function startProcess(settings: Readonly<Record<string, string>>): Promise<RunningService> {
  const { running, said } = await launch('express', /listens on\s+(\S+)/, settings);
  return { ...running, url: said };
}

/** Starts a worker with these settings, and resolves once it works on jobs. */
export async function startWorkerProcess(settings: Readonly<Record<string, string>>): Promise<RunningProcess> {
  return (await launch('worker', /works on\s+(queued uploads)/, settings)).running;
}

async function launch(
  host: 'express' | 'worker',
  welcome: RegExp,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly running: RunningProcess; readonly said: string }> {
  // The build is what people run; it resolves packages by other rules than the test runner.
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-stale'], { cwd: root });
  const main = path.join(root, 'dist/hosts', host, 'main.js');
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', main], {
    cwd: root,
    env: {
      ...process.env,
      // What the build does is covered by tests of the sources; counting its statements once more takes minutes.
      NODE_V8_COVERAGE: '',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      // Tests make more calls than people do.
      RATE_LIMITS: 'multiplier=1000',
      // Whatever is installed in the folder of a developer is not what a test is about.
      PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
    });
  });
  const said = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      printed += chunk.toString();
      // The welcome is several lines; it is there when its last one is.
      const match = welcome.exec(printed);
      if (match?.[1] !== undefined && /PAT model .*\n/.test(printed)) resolve(match[1]);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    void exited.then((code) => {
      reject(new Error(`the ${host} process ended with ${String(code)}: ${printed}`));
    });
  });
  return {
    said,
    running: {
      printed: () => printed,
      stop: () => {
        child.kill('SIGTERM');
        return exited;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    },
  };
}

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

/** Runs the built command as `npx clarity` does, in a folder. */
export function runClarity(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-stale'], { cwd: root });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--enable-source-maps', path.join(root, 'dist/hosts/cli/main.js'), ...args],
      { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...environment } },
      (error, out, notes) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, notes });
      },
    );
  });
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Answers are looked into field by field; a test fails on what is not there.
  readonly json: any;
}

export type Call = (
  method: string,
  where: string,
  options?: {
    readonly token?: string;
    readonly json?: unknown;
    readonly body?: string | Uint8Array | FormData;
    readonly type?: string;
  },
) => Promise<Answer>;

/** A client for one service. */
export const callerOf =
  (url: string): Call =>
  async (method, where, { token, json, body, type } = {}) => {
    const contentType = type ?? (json === undefined ? undefined : 'application/json');
    const payload = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(`${url}${where}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
    };
  };

/** Asks again until the processing has ended, one way or the other. */
export async function untilProcessed(call: Call, token: string, id: string): Promise<Answer> {
  for (;;) {
    const answer = await call('GET', `/api/v1/health-data/processing/${id}`, { token });
    const status: unknown = answer.json?.status;
    if (answer.status !== 200 || (status !== 'processing' && status !== 'received')) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
