import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errAsync, okAsync } from 'neverthrow';
import { pino } from 'pino';
import { ConfiguredFeatureFlags } from '../../../adapters/configuration/feature-flags.ts';
import { MemoryIdempotencyStore } from '../../../adapters/memory/idempotency-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { randomIds } from '../../../adapters/node/ids.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import { EVERYTHING_ON } from '../../../core/flags/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { createApp, type AppDeps } from '../../../hosts/express/http/app.ts';
import { CallsInHand } from '../../../hosts/express/http/calls-in-hand.ts';
import type { Endpoint } from '../../../hosts/express/http/endpoint.ts';
import { SettableClock } from '../memory-world.ts';

/** A route and what answers it. */
export interface KernelOperation {
  readonly route: RouteDefinition;
  readonly endpoint: Endpoint<RouteDefinition>;
}

/** A token is the name of its owner and their role, such as `ada:patient`. */
const authenticate: AppDeps['authenticate'] = (token) => {
  const [name = '', role = ''] = token.split(':');
  if (name === 'nobody') return errAsync({ kind: 'invalid-token' });
  return okAsync({
    userId: userId(name),
    email: null,
    emailVerified: true,
    sessionId: 'session',
    roles: [role as Role],
    issuedAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  });
};

/** For routes that are not audited. */
const SILENT_AUDITOR: AppDeps['auditor'] = {
  pseudonyms: () => okAsync({ actor: null, onBehalfOf: null, subject: null }),
  known: () => okAsync(null),
  record: () => okAsync(undefined),
  authenticate: () => errAsync({ kind: 'invalid-token' }),
};

export interface KernelAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface KernelRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface KernelApp {
  readonly url: string;
  readonly clock: SettableClock;
  readonly logged: readonly string[];
  readonly send: (method: string, path: string, request?: KernelRequest) => Promise<KernelAnswer>;
  readonly stop: () => void;
  readonly close: () => Promise<void>;
}

/** The HTTP side of the service around a few operations of a test's own. */
export async function kernelApp(
  operations: Readonly<Record<string, KernelOperation>>,
  change: Partial<Omit<AppDeps, 'settings'>> & { readonly settings?: Partial<AppDeps['settings']> } = {},
): Promise<KernelApp> {
  const clock = new SettableClock();
  const logged: string[] = [];
  const stopping = new AbortController();
  const { settings, ...rest } = change;
  const app = createApp({
    routes: Object.fromEntries(Object.entries(operations).map(([id, { route }]) => [id, route])),
    endpoints: Object.fromEntries(Object.entries(operations).map(([id, { endpoint }]) => [id, endpoint])) as never,
    authenticate,
    idempotency: new MemoryIdempotencyStore(),
    auditor: SILENT_AUDITOR,
    ids: randomIds,
    clock,
    digest: nodeDigest,
    stopping: stopping.signal,
    limiter: null,
    inHand: new CallsInHand(),
    flags: new ConfiguredFeatureFlags(EVERYTHING_ON, nodeDigest),
    settings: {
      jsonLimitBytes: 10_000,
      fileLimitBytes: 10_000_000,
      publicUrl: null,
      deadlineMs: 15_000,
      checkReplies: true,
      ...settings,
    },
    logger: pino({ level: 'info' }, { write: (line: string) => logged.push(line) }),
    production: false,
    trustedProxies: 0,
    corsOrigins: [],
    ...rest,
  });
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const agent = new Agent({ keepAlive: true });
  const send: KernelApp['send'] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${url}${path}`, { agent, method, headers });
      request.once('error', reject);
      request.once('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString('utf8');
          const isJson = response.headers['content-encoding'] === undefined && text.startsWith('{');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text,
            json: isJson ? (JSON.parse(text) as KernelAnswer['json']) : {},
          });
        });
      });
      request.end(body);
    });
  return {
    url,
    clock,
    logged,
    send,
    stop: () => {
      stopping.abort();
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Runs a test over an app, and closes it. */
export const withKernel =
  (
    operations: () => Readonly<Record<string, KernelOperation>>,
    check: (app: KernelApp) => Promise<void>,
    change: Parameters<typeof kernelApp>[1] = {},
  ) =>
  async (): Promise<void> => {
    const app = await kernelApp(operations(), change);
    try {
      await check(app);
    } finally {
      await app.close();
    }
  };
