import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { ContainerModule } from 'inversify';
import { okAsync } from 'neverthrow';
import { faultInjecting } from '../../adapters/fault-injecting/fault-injecting.ts';
import type { FaultPlan, FaultTiming } from '../../adapters/fault-injecting/fault-plan.ts';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { LocalKeyWrapper } from '../../adapters/node/local-key-wrapper.ts';
import { MemoryMasterKeys } from '../../adapters/memory/master-keys.ts';
import { MemoryMailOutbox } from '../../adapters/memory/mail-outbox.ts';
import { authenticate } from '../../core/auth/authenticate.ts';
import type { DirectUploads, JobQueue, ObjectStore } from '../../core/health-data/ports.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { WebhookStore } from '../../core/webhooks/ports.ts';
import { graphApp } from '../../hosts/express/graph-app.ts';
import { httpModule } from '../../hosts/express/http-module.ts';
import { attachSockets } from '../../hosts/express/sockets/attach-sockets.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { encryptedStorage } from '../../hosts/wiring/encryption.ts';
import { openLog } from '../../hosts/wiring/log/open-log.ts';
import { EVENT_TOKENS } from '../../hosts/wiring/events-module.ts';
import { workModules, workPorts } from '../../hosts/wiring/modules.ts';
import { memoryStorage, type LocalPeople, type LocalStorage } from '../../hosts/wiring/storage.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { resolver, type Get } from '../../hosts/wiring/typed-container.ts';
import { WebhookRunner } from '../../hosts/wiring/webhook-runner.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { ManualTimers } from '../integration/sockets/manual-timers.ts';
import { READY_MODEL, SettableClock } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import { clientOf, type Call } from './http-client.ts';
import { isPort, KEY_WRAPPER, methodsOf, PEOPLE } from './ports.ts';
import { Looks, Switchboard, type CallListener, type ReachedMethod } from './switchboard.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** The deadline of every adapter here, on the service's clock. */
export const DEADLINE_MS = 1000;

/** What differs from the usual service. */
export interface ServiceOptions {
  /** `ready` computes embeddings; `not-installed` is the shipped model adapter over an empty folder. */
  readonly model?: 'ready' | 'not-installed';
  /** Webhooks are sent, when the test says so. */
  readonly webhooks?: true;
  /** WebSockets are answered. */
  readonly sockets?: true;
}

/** The whole service in this process, on memory adapters that fail as they are told. Timers must be held by the test. */
export interface ServiceUnderFaults {
  readonly call: Call;
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The same storage past the faults. */
  readonly storage: LocalStorage;
  /** The mails that were sent, past the faults. */
  readonly outbox: MemoryMailOutbox;
  readonly receiver: WebhookReceiver;
  readonly clock: SettableClock;
  readonly timing: FaultTiming;
  /** From now on the ports fail by this plan; null: not at all. */
  readonly arm: (plan: FaultPlan | null) => void;
  /** From now on the ports do not fail; the methods that are called are counted on. */
  readonly recover: () => void;
  readonly onCall: (listener: CallListener | null) => void;
  /** The methods that were called since the last `arm`. */
  readonly reached: () => readonly ReachedMethod[];
  /** All methods of all ports. One object may be behind several ports. */
  readonly methods: () => readonly { readonly ports: readonly string[]; readonly method: string }[];
  /** Lets the job runner work until nothing is due any more or it has looked into the queue `mostLooks` times. */
  readonly drain: (mostLooks?: number) => Promise<void>;
  /** The same for what sends webhooks. */
  readonly drainWebhooks: (mostLooks?: number) => Promise<void>;
  /** Resolves once the mails that were asked for so far have left. */
  readonly mailed: () => Promise<void>;
  /** Wakes the person's streams of events for another look. */
  readonly ring: (owner: UserId) => void;
  /** The timers of the sockets, and how many are open. */
  readonly sockets: { readonly timers: ManualTimers; readonly count: () => number };
  /** What was logged as a bug, and what was logged although it is a person's: addresses and passwords of the people here. */
  readonly bugs: () => readonly string[];
  readonly close: () => Promise<void>;
}

export async function startUnderFaults(options: ServiceOptions = {}): Promise<ServiceUnderFaults> {
  const outbox = new MemoryMailOutbox();
  const clock = new SettableClock();
  const plain = memoryStorage();
  const past: LocalStorage = { ...plain, people: { ...plain.people, mail: outbox } };
  const masterKeys = new MemoryMasterKeys();
  const masterKey = { wrapper: new LocalKeyWrapper(masterKeys), versions: masterKeys };
  const storage = encryptedStorage(past, masterKey, clock);
  const receiver = new WebhookReceiver();
  const timing: FaultTiming = { deadlineMs: DEADLINE_MS, wait: waitingBy(clock) };
  const standIns: Readonly<Record<string, object>> = {
    // The memory profile takes no direct uploads; what clients would send is put into its object store here.
    directUploads: directUploadsInto(storage.objects),
    webhookSender: receiver,
    ...(options.model === 'not-installed' ? {} : { model: READY_MODEL }),
  };
  const switchboard = new Switchboard(timing);
  const jobLooks = new Looks();
  const webhookLooks = new Looks();
  const wrapped = new Map<object, { readonly target: object; readonly ports: string[] }>();
  const wrap = <Port extends object>(port: string, made: Port, standIn?: object): Port => {
    const target = standIn ?? made;
    const known = wrapped.get(made) ?? { target, ports: [] };
    known.ports.push(port);
    wrapped.set(made, known);
    return faultInjecting<object>(port, target, switchboard) as Port;
  };
  const bugs: string[] = [];
  const keep = (line: string): void => {
    if (line.includes('unexpected error') || OF_A_PERSON.test(line)) bugs.push(line);
  };
  const logger = openLog('trace', { write: keep });
  const faults = new ContainerModule(({ onActivation }) => {
    onActivation(TOKENS.clock, () => clock);
    for (const [name, token] of Object.entries(TOKENS)) {
      if (!isPort(name)) continue;
      onActivation<object>(token, (_context, made) => {
        const failing = wrap(token.description ?? name, made, standIns[name]);
        if (name === 'queue') return jobLooks.watch(failing as JobQueue, 'claim');
        return name === 'webhooks' ? webhookLooks.watch(failing as WebhookStore, 'claimDue') : failing;
      });
    }
  });
  const underFaults = encryptedStorage(
    { ...past, dataKeys: wrap('DataKeys', past.dataKeys) },
    { wrapper: wrap(KEY_WRAPPER, masterKey.wrapper), versions: null },
    clock,
  );
  const people: LocalPeople = {
    kind: 'local',
    accounts: wrap(PEOPLE.accounts, underFaults.people.accounts),
    signingKeys: wrap(PEOPLE.signingKeys, underFaults.people.signingKeys),
    codes: wrap(PEOPLE.codes, underFaults.people.codes),
    attempts: wrap(PEOPLE.attempts, underFaults.people.attempts),
    secondFactors: wrap(PEOPLE.secondFactors, underFaults.people.secondFactors),
    mail: wrap(PEOPLE.mail, underFaults.people.mail),
  };
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      STORAGE: 'memory',
      RATE_LIMITS: 'multiplier=1000',
      PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'),
    }),
  );
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const input = { config, logger, storage: { ...underFaults, people }, passwords };
  const get = resolver(...workModules(input), httpModule(config), faults);
  const server = createServer(graphApp(get, new AbortController().signal));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const client = clientOf(url);
  const timers = new ManualTimers(clock);
  const sockets = options.sockets === true ? attachSockets(server, { ...socketPorts(get), logger, timers }) : null;
  const runners: { start: () => void; stop: (graceMs: number) => Promise<void> }[] = [];
  const run = async (runner: (typeof runners)[number], looks: Looks): Promise<void> => {
    runners.push(runner);
    runner.start();
    await looks.next();
  };
  await run(get(TOKENS.jobRunner), jobLooks);
  if (options.webhooks === true) await run(webhookRunner(get), webhookLooks);
  for (const [name, kept] of Object.entries({ ...underFaults, people: null, masterKey: null })) {
    if (typeof kept === 'object' && kept !== null && !wrapped.has(kept))
      throw new Error(`storage.${name} is not wrapped`);
  }
  return {
    call: client.call,
    url,
    storage,
    outbox,
    receiver,
    clock,
    timing,
    arm: (plan) => {
      switchboard.arm(plan);
    },
    recover: () => {
      switchboard.recover();
    },
    onCall: (listener) => {
      switchboard.onCall(listener);
    },
    reached: () => switchboard.reached(),
    methods: () =>
      [...wrapped.values()].flatMap(({ target, ports }) => methodsOf(target).map((method) => ({ ports, method }))),
    drain: (mostLooks = MOST_LOOKS) => drained(jobLooks, clock, LONGER_THAN_ANY_DELAY_MS, mostLooks),
    drainWebhooks: (mostLooks = MOST_LOOKS) => drained(webhookLooks, clock, LONGER_THAN_ANY_LEASE_MS, mostLooks),
    mailed: () => get(TOKENS.people).settled(),
    ring: (owner) => {
      get(EVENT_TOKENS.bell).ring(owner);
    },
    sockets: { timers, count: () => sockets?.count() ?? 0 },
    bugs: () => bugs,
    close: async () => {
      client.close();
      const stopped = Promise.all([...runners.map((runner) => runner.stop(0)), sockets?.close(0)]);
      await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(LONGER_THAN_ANY_PAUSE_MS);
      await stopped;
      await get(TOKENS.workerModel).close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** In the addresses and passwords of all people of the journeys. */
const OF_A_PERSON = /@example\.org|Correct-horse/i;

/** Waits that begin together end together. */
function waitingBy(clock: SettableClock): FaultTiming['wait'] {
  let begunMs: number | null = null;
  return async (ms) => {
    begunMs ??= clock.nowMs;
    const endMs = begunMs + ms;
    await Promise.resolve();
    clock.nowMs = Math.max(clock.nowMs, endMs);
    begunMs = null;
  };
}

/** Where the client is told to send an object to, the key being all that the test needs of it. */
export const keyOfUrl = (url: string): string => decodeURIComponent(url.slice('memory:'.length));

const directUploadsInto = (objects: ObjectStore): DirectUploads => ({
  grant: (_owner, key, _expected, nowMs) =>
    okAsync({ method: 'PUT', url: `memory:${encodeURIComponent(key)}`, headers: {}, expiresAtMs: nowMs + 900_000 }),
  arrived: (owner, key, expected) => objects.open(owner, key).map(() => expected),
});

const socketPorts = (get: Get) => ({
  ...workPorts(get),
  authenticate: authenticate({ tokens: get(TOKENS.tokens) }),
  identities: get(TOKENS.identities),
  rooms: get(TOKENS.rooms),
  flags: get(TOKENS.flags),
  narrator: get(TOKENS.narrator),
  corsOrigins: [],
  publicUrl: null,
  production: false,
});

/** One attempt at a time, so that it is known when nothing is under way. */
const webhookRunner = (get: Get): WebhookRunner =>
  new WebhookRunner({
    webhooks: get(TOKENS.webhooks),
    sender: get(TOKENS.webhookSender),
    signer: get(EVENT_TOKENS.webhookSigner),
    clock: get(TOKENS.clock),
    random: () => 0,
    logger: get(TOKENS.logger),
    bell: get(EVENT_TOKENS.deliveryBell),
    attemptsAtOnce: 1,
  });

/** A job is leased for 15 seconds, and waits for at most 16 for another attempt. */
const LONGER_THAN_ANY_DELAY_MS = 20_000;
/** A delivery is leased for a minute. */
const LONGER_THAN_ANY_LEASE_MS = 61_000;
/** Runners pause for two seconds when what they work through does not answer. */
const LONGER_THAN_ANY_PAUSE_MS = 2000;
const MOST_LOOKS = 200;

async function drained(looks: Looks, clock: SettableClock, delayMs: number, mostLooks: number): Promise<void> {
  let emptyLooks = 0;
  for (let look = 0; look < mostLooks && emptyLooks < 2; look++) {
    if (emptyLooks > 0) clock.nowMs += delayMs;
    const next = looks.next();
    mock.timers.tick(LONGER_THAN_ANY_PAUSE_MS);
    const found = await next;
    emptyLooks = found === 'nothing due' ? emptyLooks + 1 : 0;
    // What does not answer still lets time pass.
    if (found === 'no answer') clock.nowMs += delayMs;
  }
}
