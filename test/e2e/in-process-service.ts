import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { ResolveName } from '../../adapters/https/webhook-target.ts';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { authenticate } from '../../core/auth/authenticate.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { graphApp } from '../../hosts/express/graph-app.ts';
import { httpModule } from '../../hosts/express/http-module.ts';
import { attachSockets } from '../../hosts/express/sockets/attach-sockets.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { workModules, workPorts } from '../../hosts/wiring/modules.ts';
import { memoryStorage, type LocalStorage, type Storage } from '../../hosts/wiring/storage.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { resolver, type Get } from '../../hosts/wiring/typed-container.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, type Call } from './running-service.ts';

/** The password of everybody here. */
export const PASSWORD = 'Correct-horse-7';

/** Somebody with an account. */
export interface Registered {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** The HTTP host in this process with its graph at hand. Nothing works on jobs unless the test starts it. */
export interface InProcessService {
  readonly url: string;
  readonly get: Get;
  readonly storage: Storage;
  readonly call: Call;
  /** Registers a person, who has these roles; a patient where they are left out. */
  readonly person: (email: string, roles?: readonly Role[]) => Promise<Registered>;
  /** As when the process begins to stop: streams end. */
  readonly beginStopping: () => void;
  readonly close: () => Promise<void>;
}

/** A name service of a test's own: what tests say does not hang on anybody's network. */
const resolveName: ResolveName = (name) => {
  if (name === 'localhost') return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  if (/^(?:[\w-]+\.)*example\.(?:org|com)$/.test(name))
    return Promise.resolve([{ address: '93.184.215.14', family: 4 }]);
  return Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));
};

/** Starts the host with these settings on a free port, on memory unless another storage is given. */
export async function startInProcess(
  settings: Readonly<Record<string, string>> = {},
  storage: Storage = memoryStorage(),
): Promise<InProcessService> {
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      STORAGE: 'memory',
      PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'),
      RATE_LIMITS: 'multiplier=1000',
      // Nothing works on jobs here.
      MAX_RUNNING_JOBS_PER_USER: '0',
      ...settings,
    }),
  );
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const logger = pino({ level: 'silent' });
  const get = resolver(...workModules({ config, logger, storage, passwords, resolveName }), httpModule(config));
  const stopping = new AbortController();
  const server = createServer(graphApp(get, stopping.signal));
  const sockets = attachSockets(server, {
    ...workPorts(get),
    authenticate: authenticate({ tokens: get(TOKENS.tokens) }),
    identities: get(TOKENS.identities),
    rooms: get(TOKENS.rooms),
    flags: get(TOKENS.flags),
    narrator: get(TOKENS.narrator),
    logger,
    corsOrigins: config.corsOrigins,
    publicUrl: config.publicUrl,
    production: false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const call = callerOf(url);
  return {
    url,
    get,
    storage,
    call,
    person: async (email, roles = []) => {
      const json = { email, password: PASSWORD };
      const registered = await call('POST', '/api/v1/auth/register', { json });
      const speaking = async ({ access_token, refresh_token }: typeof registered.json): Promise<Registered> => {
        const token = String(access_token);
        const me = await call('GET', '/api/v1/auth/me', { token });
        return { id: String(me.json.user_id), email, token, refreshToken: String(refresh_token) };
      };
      const first = await speaking(registered.json);
      if (roles.length === 0) return first;
      const { people } = storage;
      if (people.kind !== 'local') throw new Error('roles are given by the user pool here');
      valueOf(await people.accounts.setRoles(userId(first.id), roles));
      // Tokens tell the roles that there were when they were made.
      return speaking((await call('POST', '/api/v1/auth/login', { json })).json);
    },
    beginStopping: () => {
      stopping.abort();
    },
    close: async () => {
      stopping.abort();
      await sockets.close(0);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await get(TOKENS.workerModel).close();
    },
  };
}

/** A service that works on jobs, on memory, and two people who use it. */
export interface ServiceOfTwo extends InProcessService {
  readonly storage: LocalStorage;
  readonly ada: Registered;
  readonly bob: Registered;
}

/** The longest that the job in hand may take when the work is done. */
const LAST_JOB_MS = 10_000;

/** Does the work with a service of its own, every reply of which is held against the contract. */
export async function withService(work: (service: ServiceOfTwo) => Promise<void>): Promise<void> {
  const storage = memoryStorage();
  const service = await startInProcess({}, storage);
  const jobs = service.get(TOKENS.jobRunner);
  jobs.start();
  try {
    const [ada, bob] = [await service.person('ada@example.org'), await service.person('bob@example.org')];
    await work({ ...service, storage, ada, bob });
  } finally {
    await jobs.stop(LAST_JOB_MS);
    await service.close();
  }
}
