import { errAsync, ResultAsync } from 'neverthrow';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import { startService, type Service } from '../../hosts/express/service.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openLog } from '../../hosts/wiring/log/open-log.ts';
import type { GraphInput } from '../../hosts/wiring/modules.ts';
import { memoryStorage, type LocalStorage } from '../../hosts/wiring/storage.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, type Call } from './running-service.ts';

export const EMAIL = 'ada@example.org';
export const PASSWORD = 'Correct-horse-7';

/** What a method of a port does in the place of its own work, by `port.method`; its own where there is nothing, and once it need not wait. */
export type Troubles = Map<string, 'denied' | 'down' | 'broken' | (() => Promise<unknown>)>;

/** The service in this process, on memory, with ports that fail, break or wait when they are told to. */
export interface ObservedService {
  readonly url: string;
  readonly call: Call;
  readonly token: string;
  readonly userId: string;
  readonly refreshToken: string;
  readonly troubles: Troubles;
  readonly storage: LocalStorage;
  /** Lines of the log. */
  readonly logged: readonly string[];
  readonly metrics: () => Promise<string>;
  readonly stop: Service['stop'];
}

/** As AWS words it; what a person has sent may be in it. */
export const DENIED = 'User: arn:aws:sts::1:assumed-role/r/ada@example.org is not authorized';

/** A storage whose ports do as `troubles` say. */
function troubled(storage: LocalStorage, troubles: Troubles): LocalStorage {
  const wrap = <P extends object>(name: string, port: P): P =>
    new Proxy(port, {
      get(target, member) {
        const own: unknown = Reflect.get(target, member, target);
        if (typeof own !== 'function' || typeof member === 'symbol' || member === 'constructor') return own;
        return (...args: unknown[]): unknown => {
          const trouble = troubles.get(`${name}.${member}`);
          const work = (): unknown => Reflect.apply(own, target, args);
          if (trouble === undefined) return work();
          if (trouble === 'broken') throw new TypeError(`the note of ${EMAIL} is not a function`);
          if (typeof trouble === 'function') {
            return ResultAsync.fromSafePromise(trouble()).andThen(() => work() as ResultAsync<unknown, unknown>);
          }
          const cause = new Error(trouble === 'denied' ? DENIED : 'socket hang up');
          cause.name = trouble === 'denied' ? 'AccessDeniedException' : 'TimeoutError';
          return errAsync(portUnavailable(name, member, cause));
        };
      },
    });
  return Object.fromEntries(
    Object.entries(storage).map(([name, port]: [string, unknown]) => [
      name,
      typeof port === 'object' && port !== null && name !== 'people' ? wrap(name, port) : port,
    ]),
  ) as unknown as LocalStorage;
}

/** Starts it, with a person who has an account. */
export async function startObserved(
  settings: Readonly<Record<string, string>> = {},
  more: Partial<GraphInput> = {},
): Promise<ObservedService> {
  const logged: string[] = [];
  const troubles: Troubles = new Map();
  const storage = troubled(memoryStorage(), troubles);
  const service = await startService({
    config: valueOf(
      readConfig({
        STORAGE: 'memory',
        PORT: '0',
        RATE_LIMITS: 'multiplier=1000',
        PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'),
        ...settings,
      }),
    ),
    logger: openLog('trace', { write: (line) => logged.push(line) }),
    storage,
    passwords: new PasswordHashes({ cost: CHEAP_ARGON2 }),
    ...more,
  });
  const call = callerOf(service.url);
  const json = { email: EMAIL, password: PASSWORD };
  const { access_token, refresh_token } = (await call('POST', '/api/v1/auth/register', { json })).json;
  const token = String(access_token);
  const me = await call('GET', '/api/v1/auth/me', { token });
  return {
    url: service.url,
    call,
    token,
    userId: String(me.json.user_id),
    refreshToken: String(refresh_token),
    troubles,
    storage,
    logged,
    metrics: async () => (await call('GET', '/metrics', { token })).text,
    stop: service.stop,
  };
}

/** A batch of metrics as clients send it. */
export const batchOf = (userId: string) => ({
  user_id: userId,
  upload_source: 'a secret source',
  client_timestamp: '2025-02-05T08:00:00Z',
  metrics: [61, 64].map((heart_rate, i) => ({
    metric_type: 'heart_rate',
    biometric_data: { heart_rate },
    created_at: `2025-02-04T0${String(i)}:00:00Z`,
  })),
});
