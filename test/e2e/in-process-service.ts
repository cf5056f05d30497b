import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { graphApp } from '../../hosts/express/graph-app.ts';
import { httpModule } from '../../hosts/express/http-module.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { workModules } from '../../hosts/wiring/modules.ts';
import { memoryStorage, type Storage } from '../../hosts/wiring/storage.ts';
import { resolver, type Get } from '../../hosts/wiring/typed-container.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, type Call } from './running-service.ts';

/** The HTTP host in this process, on memory, with its graph at hand. Nothing works on jobs unless the test starts it. */
export interface InProcessService {
  readonly url: string;
  readonly get: Get;
  readonly storage: Storage;
  readonly call: Call;
  /** Registers a person, and answers their access token and id. */
  readonly person: (email: string) => Promise<{ readonly token: string; readonly id: string }>;
  /** As when the process begins to stop: streams end. */
  readonly beginStopping: () => void;
  readonly close: () => Promise<void>;
}

/** Starts the host with these settings on a free port. */
export async function startInProcess(
  settings: Readonly<Record<string, string>> = {},
  storage: Storage = memoryStorage(),
): Promise<InProcessService> {
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      STORAGE: 'memory',
      PAT_MODEL_BASE_DIR: '/nonexistent/models',
      RATE_LIMITS: 'multiplier=1000',
      ...settings,
    }),
  );
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const logger = pino({ level: 'silent' });
  const get = resolver(...workModules({ config, logger, storage, passwords }), httpModule(config));
  const stopping = new AbortController();
  const server = createServer(graphApp(get, stopping.signal));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const call = callerOf(url);
  return {
    url,
    get,
    storage,
    call,
    person: async (email) => {
      const { json } = await call('POST', '/api/v1/auth/register', { json: { email, password: 'Correct-horse-7' } });
      const token = String(json.access_token);
      const me = await call('GET', '/api/v1/auth/me', { token });
      return { token, id: String(me.json.user_id) };
    },
    beginStopping: () => {
      stopping.abort();
    },
    close: async () => {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
