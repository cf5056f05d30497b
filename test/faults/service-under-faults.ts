import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { ContainerModule } from 'inversify';
import { okAsync } from 'neverthrow';
import { pino } from 'pino';
import { faultInjecting } from '../../adapters/fault-injecting/fault-injecting.ts';
import type { FaultPlan, FaultTiming } from '../../adapters/fault-injecting/fault-plan.ts';
import { ScryptPasswords } from '../../adapters/local-identity/scrypt-passwords.ts';
import { authenticate } from '../../core/auth/authenticate.ts';
import type { DirectUploads, JobQueue, ObjectStore } from '../../core/health-data/ports.ts';
import { createApp } from '../../hosts/express/http/app.ts';
import { HTTP_TOKENS, httpModule } from '../../hosts/express/http-module.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { workModules } from '../../hosts/wiring/modules.ts';
import { memoryStorage, type LocalPeople, type Storage } from '../../hosts/wiring/storage.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { resolver } from '../../hosts/wiring/typed-container.ts';
import { CHEAP_SCRYPT } from '../integration/local-identity/local-installation.ts';
import { READY_MODEL, SettableClock } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import { clientOf, type Call } from './http-client.ts';

/** The deadline of every adapter here, on the service's clock. */
export const DEADLINE_MS = 1000;

/** What is in the graph and is no port that an outage could strike. Everything else is wrapped, also what is added later. */
const NO_PORTS: Readonly<Partial<Record<keyof typeof TOKENS, string>>> = {
  config: 'a value',
  logger: 'writes to its own process',
  clock: 'answers at once',
  ids: 'answers at once',
  digest: 'computes',
  reports: 'computes',
  people: 'is wrapped as each of the ports it implements',
  workerModel: 'is wrapped as the ActigraphyModel',
  jobRunner: 'works on ports, is none',
};

const isPort = (name: string): boolean => !Object.hasOwn(NO_PORTS, name);

/** What the local identity provider keeps accounts in; these have no names of their own in the graph. */
const PEOPLE: Readonly<Record<Exclude<keyof LocalPeople, 'kind'>, string>> = {
  accounts: 'AccountStore',
  signingKeys: 'SigningKeyStore',
};

/** The names of all ports of the graph. */
export const PORTS: readonly string[] = [
  ...Object.values(PEOPLE),
  ...Object.entries(TOKENS)
    .filter(([name]) => isPort(name))
    .map(([name, token]) => token.description ?? name),
];

/** A method of a port, and how often it was called. */
export interface ReachedMethod {
  readonly port: string;
  readonly method: string;
  readonly calls: number;
}

/** The whole service in this process, on memory adapters that fail as they are told. Timers must be held by the test. */
export interface ServiceUnderFaults {
  readonly call: Call;
  /** The same storage past the faults. */
  readonly storage: Storage;
  readonly clock: SettableClock;
  readonly timing: FaultTiming;
  /** From now on the ports fail by this plan; null: not at all. */
  readonly arm: (plan: FaultPlan | null) => void;
  /** The methods that were called since the last `arm`. */
  readonly reached: () => readonly ReachedMethod[];
  /** Lets the job runner work until nothing is due any more or it has looked into the queue `mostLooks` times. */
  readonly drain: (mostLooks?: number) => Promise<void>;
  /** What was logged as a bug. */
  readonly bugs: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** `ready` computes embeddings; `not-installed` is the shipped model adapter over an empty folder. */
export type ModelUnderFaults = 'ready' | 'not-installed';

export async function startUnderFaults(model: ModelUnderFaults): Promise<ServiceUnderFaults> {
  const storage = memoryStorage();
  const clock = new SettableClock();
  const timing: FaultTiming = {
    deadlineMs: DEADLINE_MS,
    wait: (ms) => {
      clock.nowMs += ms;
      return Promise.resolve();
    },
  };
  const standIns: Readonly<Record<string, object>> = {
    // The memory profile takes no direct uploads; what clients would send is put into its object store here.
    directUploads: directUploadsInto(storage.objects),
    ...(model === 'ready' ? { model: READY_MODEL } : {}),
  };
  const switchboard = new Switchboard(timing);
  const looks = new QueueLooks();
  const wrapped = new Set<unknown>();
  const config = valueOf(
    readConfig({ STORAGE: 'memory', PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models') }),
  );
  const bugs: string[] = [];
  const keep = (line: string): void => {
    if (line.includes('unexpected error')) bugs.push(line);
  };
  const logger = pino({ level: 'error', base: null }, { write: keep });
  const faults = new ContainerModule(({ onActivation }) => {
    onActivation(TOKENS.clock, () => clock);
    for (const [name, token] of Object.entries(TOKENS)) {
      if (!isPort(name)) continue;
      onActivation<object>(token, (_context, made) => {
        wrapped.add(made);
        const port = standIns[name] ?? made;
        const failing = faultInjecting<object>(token.description ?? name, port, switchboard);
        return name === 'queue' ? looks.watch(failing as JobQueue) : failing;
      });
    }
  });
  const passwords = new ScryptPasswords({ cost: CHEAP_SCRYPT });
  const people: LocalPeople = {
    kind: 'local',
    accounts: faultInjecting(PEOPLE.accounts, storage.people.accounts, switchboard),
    signingKeys: faultInjecting(PEOPLE.signingKeys, storage.people.signingKeys, switchboard),
  };
  wrapped.add(storage.people);
  const input = { config, logger, storage: { ...storage, people }, passwords };
  const get = resolver(...workModules(input), httpModule(config), faults);
  const app = createApp({
    endpoints: get(HTTP_TOKENS.endpoints),
    authenticate: authenticate({ tokens: get(TOKENS.tokens) }),
    settings: {
      jsonLimitBytes: config.jsonLimitBytes,
      fileLimitBytes: config.exportLimitBytes,
      publicUrl: null,
    },
    logger,
    version: '0',
    production: false,
    corsOrigins: [],
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = clientOf(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const runner = get(TOKENS.jobRunner);
  runner.start();
  await looks.next();
  for (const [name, kept] of Object.entries(storage)) {
    if (typeof kept !== 'function' && !wrapped.has(kept)) throw new Error(`storage.${name} is not wrapped`);
  }
  return {
    call: client.call,
    storage,
    clock,
    timing,
    arm: (plan) => {
      switchboard.plan = plan;
    },
    reached: () => switchboard.reached(),
    bugs: () => bugs,
    drain: async (mostLooks = MOST_LOOKS) => {
      let emptyLooks = 0;
      for (let look = 0; look < mostLooks && emptyLooks < 2; look++) {
        if (emptyLooks > 0) clock.nowMs += LONGER_THAN_ANY_DELAY_MS;
        const next = looks.next();
        mock.timers.tick(LONGER_THAN_ANY_PAUSE_MS);
        emptyLooks = (await next) === 'nothing due' ? emptyLooks + 1 : 0;
        // A queue that does not answer still lets time pass.
        if (looks.last === 'no answer') clock.nowMs += LONGER_THAN_ANY_DELAY_MS;
      }
    },
    close: async () => {
      client.close();
      const stopped = runner.stop(0);
      await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(LONGER_THAN_ANY_PAUSE_MS);
      await stopped;
      await get(TOKENS.workerModel).close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where the client is told to send an object to, the key being all that the test needs of it. */
export const keyOfUrl = (url: string): string => decodeURIComponent(url.slice('memory:'.length));

const directUploadsInto = (objects: ObjectStore): DirectUploads => ({
  grant: (_owner, key, _expected, nowMs) =>
    okAsync({ method: 'PUT', url: `memory:${encodeURIComponent(key)}`, headers: {}, expiresAtMs: nowMs + 900_000 }),
  arrived: (owner, key, expected) => objects.open(owner, key).map(() => expected),
});

/** A job is leased for 15 seconds, and waits for at most 16 for another attempt. */
const LONGER_THAN_ANY_DELAY_MS = 20_000;
/** The runner pauses for two seconds when the queue does not answer. */
const LONGER_THAN_ANY_PAUSE_MS = 2000;
const MOST_LOOKS = 200;

/** Asks the plan that is in force now, and counts what is called. */
class Switchboard {
  readonly timing: FaultTiming;
  readonly #reached = new Map<string, { port: string; method: string; calls: number }>();
  #plan: FaultPlan | null = null;

  constructor(timing: FaultTiming) {
    this.timing = timing;
  }

  set plan(plan: FaultPlan | null) {
    this.#plan = plan;
    this.#reached.clear();
  }

  next(port: string, method: string): ReturnType<FaultPlan['next']> {
    const name = `${port}.${method}`;
    const known = this.#reached.get(name) ?? { port, method, calls: 0 };
    known.calls += 1;
    this.#reached.set(name, known);
    return this.#plan?.next(port, method) ?? null;
  }

  reached(): readonly ReachedMethod[] {
    return [...this.#reached.values()];
  }
}

/** Tells when the runner has looked into the queue and pauses, or, after a job, looks again and pauses. */
class QueueLooks {
  last: 'nothing due' | 'no answer' | 'none yet' = 'none yet';
  #tell: () => void = () => undefined;

  watch(queue: JobQueue): JobQueue {
    return new Proxy(queue, {
      get: (target, name) => {
        if (name !== 'claim') return Reflect.get(target, name) as unknown;
        return (...args: Parameters<JobQueue['claim']>) => {
          const claimed = target.claim(...args);
          void claimed.then((result) => {
            if (result.isOk() && result.value !== null) return;
            this.last = result.isOk() ? 'nothing due' : 'no answer';
            // The runner reads the same answer and starts its pause before this comes round.
            setImmediate(this.#tell);
          });
          return claimed;
        };
      },
    });
  }

  /** Resolves with what the runner found when it next pauses. */
  next(): Promise<'nothing due' | 'no answer' | 'none yet'> {
    return new Promise((resolve) => {
      this.#tell = () => resolve(this.last);
    });
  }
}
