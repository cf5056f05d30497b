import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { startService } from '../../hosts/express/service.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { memoryStorage, type LocalStorage } from '../../hosts/wiring/storage.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, type Call } from './running-service.ts';

/** Somebody with an account. */
export interface Registered {
  readonly id: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** The whole service over memory adapters, in the process of the test, and two people who use it. */
export interface ServiceInProcess {
  readonly url: string;
  readonly call: Call;
  readonly storage: LocalStorage;
  readonly ada: Registered;
  readonly bob: Registered;
}

/** Does the work with a service of its own, every reply of which is held against the contract. */
export async function withService(work: (service: ServiceInProcess) => Promise<void>): Promise<void> {
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      STORAGE: 'memory',
      PORT: '0',
      RATE_LIMITS: 'multiplier=1000',
      PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'),
    }),
  );
  const storage = memoryStorage();
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const service = await startService({ config, logger: pino({ level: 'silent' }), storage, passwords });
  try {
    const call = callerOf(service.url);
    const register = async (email: string): Promise<Registered> => {
      const { json } = await call('POST', '/api/v1/auth/register', { json: { email, password: 'Correct-horse-7' } });
      const token = String(json.access_token);
      const id = String((await call('GET', '/api/v1/auth/me', { token })).json.user_id);
      return { id, token, refreshToken: String(json.refresh_token) };
    };
    const [ada, bob] = [await register('ada@example.org'), await register('bob@example.org')];
    await work({ url: service.url, call, storage, ada, bob });
  } finally {
    await service.stop();
  }
}
