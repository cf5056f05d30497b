import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AwsService, AwsSettings } from '../../adapters/aws/settings.ts';

/** An emulator in a process of its own. */
export interface Emulator {
  readonly endpointUrl: string;
  /** Whether `setClock` works: only for what these tests started themselves. */
  readonly controlsClock: boolean;
  /** Stops the emulator's clock at this instant; null lets it run again. */
  readonly setClock: (nowMs: number | null) => Promise<void>;
}

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'emulator-process.mjs');

const running = new Map<string, Promise<Emulator>>();

/**
 * The emulator of that name, started the first time it is asked for. Where `AWS_ENDPOINT_URL` or the service's own
 * variable names an endpoint, that is used instead, and its credentials are the environment's.
 */
export function emulator(name: 'dynalite' | 'fauxqs' | 'cognito-local', service: AwsService): Promise<Emulator> {
  const given = givenEndpoint(service);
  if (given !== null) {
    return Promise.resolve({
      endpointUrl: given,
      controlsClock: false,
      setClock: () => Promise.reject(new Error('the clock of a given endpoint cannot be set')),
    });
  }
  const known = running.get(name) ?? start(name);
  running.set(name, known);
  return known;
}

/** Such as `DYNAMODB_ENDPOINT_URL`, or the one for all. */
export const givenEndpoint = (service: AwsService): string | null =>
  process.env[`${service.toUpperCase()}_ENDPOINT_URL`] ?? process.env['AWS_ENDPOINT_URL'] ?? null;

async function start(name: string): Promise<Emulator> {
  useTestCredentials();
  const child: ChildProcess = fork(script, [name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    // Nobody asks which statements of an emulator are run, and counting them slows it down.
    env: { ...process.env, NODE_V8_COVERAGE: '' },
  });
  child.unref();
  child.channel?.unref();
  const message = (): Promise<{ readonly port?: number }> =>
    new Promise((resolve, reject) => {
      child.channel?.ref();
      const onExit = (code: number | null): void => {
        reject(new Error(`the emulator ${name} ended with ${String(code)}`));
      };
      child.once('exit', onExit);
      child.once('message', (received) => {
        child.off('exit', onExit);
        child.channel?.unref();
        resolve(received as { readonly port?: number });
      });
    });
  const { port } = await message();
  let last: Promise<unknown> = Promise.resolve();
  return {
    endpointUrl: `http://127.0.0.1:${String(port)}`,
    controlsClock: true,
    setClock: (nowMs) => {
      const set = last.then(() => {
        const answered = message();
        child.send({ nowMs });
        return answered;
      });
      last = set;
      return set.then(() => undefined);
    },
  };
}

/** The SDK's default chain begins with the environment; these open nothing. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
  process.env['AWS_REGION'] ??= 'us-east-1';
}

/** Settings in which these services are at these endpoints, and all others nowhere. */
export const settingsFor = (endpoints: Partial<Record<AwsService, string>>): AwsSettings => ({
  region: process.env['AWS_REGION'] ?? 'us-east-1',
  endpointUrls: {
    dynamodb: null,
    s3: null,
    sqs: null,
    sns: null,
    cognito: null,
    sts: null,
    kms: null,
    ssm: null,
    ...endpoints,
  },
});
