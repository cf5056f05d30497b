import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { pino } from 'pino';
import type { ClientOptions } from 'ws';
import { ConfiguredFeatureFlags } from '../../../adapters/configuration/feature-flags.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Profile } from '../../../core/auth/identity-ports.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import { EVERYTHING_ON } from '../../../core/flags/model.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { attachSockets, type SocketDeps, type Sockets } from '../../../hosts/express/sockets/attach-sockets.ts';
import { ADA, BOB, memoryWorld, NOW_MS, type World } from '../../unit/memory-world.ts';
import { ManualTimers } from './manual-timers.ts';
import { SocketClient } from './socket-client.ts';

/** A quarter of an hour, as tokens are good for. */
export const TOKEN_MS = 900_000;

/** Tokens that the service under test knows, besides those that a test adds. */
const TOKENS: Readonly<Record<string, UserId>> = { ada: ADA, bob: BOB };

export interface SocketService {
  readonly server: Server;
  readonly sockets: Sockets;
  readonly world: World;
  readonly timers: ManualTimers;
  readonly url: string;
  /** Lines of the log. */
  readonly log: readonly string[];
  /** Tokens that are good no more. */
  readonly revoked: Set<string>;
  /** Opens a socket; the token goes into the query unless it is null. */
  readonly open: (path: string, token: string | null, options?: OpenOptions) => SocketClient;
  readonly close: () => Promise<void>;
}

export interface OpenOptions extends ClientOptions {
  readonly protocols?: string[];
}

const profileOf = (userId: UserId): Profile => ({
  userId,
  email: null,
  emailVerified: true,
  displayName: userId === ADA ? 'Ada L.' : 'bob@example.org',
  provider: 'local',
});

/** Who a patient's token speaks for. */
export const principalOf = (user: UserId, expiresAtMs: number): Principal => ({
  userId: user,
  email: null,
  emailVerified: true,
  sessionId: 's',
  roles: ['patient'],
  issuedAtMs: NOW_MS,
  expiresAtMs,
});

/** Says whom the tokens of the tests speak for: a name, or anything that `broken` begins. */
const verifierOf =
  (world: World, revoked: ReadonlySet<string>) =>
  (token: string): ResultAsync<Principal, InvalidToken | PortUnavailable> => {
    if (token.startsWith('broken')) return errAsync(portUnavailable('TokenVerifier', 'verify', 'planted'));
    const user = TOKENS[token];
    const expiresAtMs = NOW_MS + TOKEN_MS;
    if (user === undefined || revoked.has(token) || world.clock.now() >= expiresAtMs) {
      return errAsync({ kind: 'invalid-token' });
    }
    return okAsync(principalOf(user, expiresAtMs));
  };

/** An HTTP server with the sockets, on memory adapters and a clock that stands still. */
export async function startSockets(
  replaced: Partial<SocketDeps> = {},
  world: World = memoryWorld(),
): Promise<SocketService> {
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const timers = new ManualTimers(world.clock);
  const revoked = new Set<string>();
  const server = createServer((request, response) => {
    // Answers with what it was asked, so that a test sees that the call came through whole.
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () =>
      response.end(`${request.method ?? ''} ${request.url ?? ''} ${Buffer.concat(parts).toString()}`),
    );
  });
  const sockets = attachSockets(server, {
    ...world,
    authenticate: verifierOf(world, revoked),
    identities: { profile: (user) => okAsync(profileOf(user)) },
    flags: new ConfiguredFeatureFlags(EVERYTHING_ON, nodeDigest),
    narrator: rulesNarrator,
    logger,
    corsOrigins: [],
    publicUrl: null,
    production: false,
    timers,
    ...replaced,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const clients: SocketClient[] = [];
  return {
    server,
    sockets,
    world,
    timers,
    url: `http://${address}`,
    log,
    revoked,
    open: (path, token, { protocols = [], ...options } = {}) => {
      const query = token === null ? '' : `?token=${token}`;
      const client = new SocketClient(`ws://${address}${path}${query}`, protocols, options);
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const { socket } of clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs a test with a service, which is closed after it whatever happens. */
export const withSockets =
  (body: (service: SocketService) => Promise<void>, replaced: Partial<SocketDeps> = {}) =>
  async (): Promise<void> => {
    const service = await startSockets(replaced);
    try {
      await body(service);
    } finally {
      await service.close();
    }
  };

/** Activity counts of so many minutes from 2025-03-01T00:00+01:00 on, awake from 8 to 23 o'clock. */
export const countsOf = (minutes: number) =>
  Array.from({ length: minutes }, (_, i) => {
    const hour = Math.floor(i / 60) % 24;
    return {
      timestamp: new Date(Date.UTC(2025, 1, 28, 23, i)).toISOString().replace('.000Z', 'Z'),
      value: hour >= 8 && hour < 23 ? 100 + ((i * 37) % 200) : (i * 7) % 4,
    };
  });
