import { okAsync, type ResultAsync } from 'neverthrow';
import type { LoginAttempts } from '../../../core/auth/password-ports.ts';
import { queuedAtMs } from '../../../core/health-data/receive-upload.ts';
import type { LocalPeople, People, PoolPeople, Storage } from '../storage.ts';
import type { Counting } from './counting.ts';
import { observed } from './observed-methods.ts';
import { watchedPort } from './watch-port.ts';
import type { JobSettlement } from './work-metrics.ts';

/** The storage with everything that goes through it counted: every call, and what uploads, metrics, samples and jobs come to. */
export function observedStorage<S extends Storage>(storage: S, counting: Counting): S {
  return {
    ...storage,
    ...watchedPorts(workCounted(storage, counting), counting),
    people: observedPeople(storage.people, counting),
  };
}

/** Every member of a storage that is a port, by the port's name. */
const PORTS: Readonly<Record<PortOfStorage, string>> = {
  samples: 'SampleStore',
  metrics: 'MetricStore',
  uploads: 'UploadStore',
  objects: 'ObjectStore',
  directUploads: 'DirectUploads',
  queue: 'JobQueue',
  failedJobs: 'FailedJobs',
  analyses: 'AnalysisStore',
  insights: 'InsightStore',
  events: 'EventPublisher',
  ownerEvents: 'OwnerEventLog',
  webhooks: 'WebhookStore',
  consents: 'ConsentStore',
  studyKey: 'StudyKey',
  idempotency: 'IdempotencyStore',
  rooms: 'RoomBoard',
  rateCounters: 'RateCounters',
  erasedOwners: 'ErasedOwners',
  dataKeys: 'DataKeys',
  auditStore: 'AuditStore',
  auditPseudonyms: 'AuditPseudonyms',
  headSigner: 'HeadSigner',
};

type PortOfStorage = Exclude<keyof Storage, 'masterKey' | 'people' | 'close' | 'backlog'>;

function watchedPorts(storage: Storage, counting: Counting): Pick<Storage, PortOfStorage> {
  const watched = Object.entries(PORTS).map(([member, name]) => [
    member,
    watchedPort(storage[member as PortOfStorage], name, counting),
  ]);
  return Object.fromEntries(watched) as Pick<Storage, PortOfStorage>;
}

/** Counts what uploads and jobs come to. Beneath the other watch, which names the adapter. */
function workCounted(storage: Storage, { metrics: { work }, clock, elapsedMs }: Counting): Storage {
  /** When the jobs in hand were taken, by receipt. */
  const taken = new Map<string, number>();
  const settles =
    (how: JobSettlement) =>
    ({ receipt }: { readonly receipt: string }) => {
      // However settling ends, this process has no more to do with the job.
      const settled = (): void => {
        const takenMs = taken.get(receipt);
        if (takenMs === undefined) return;
        taken.delete(receipt);
        work.jobSettled((elapsedMs() - takenMs) / 1000, how);
      };
      return settled;
    };
  return {
    ...storage,
    uploads: observed(storage.uploads, {
      insert: (upload) => (outcome) => {
        if (outcome.isOk()) work.upload('received', upload.kind);
      },
      change: (_owner, _id, change) => (outcome) => {
        if (outcome.isErr() || change.status === undefined) return;
        const { kind, failure } = outcome.value;
        work.upload(change.status, kind);
        if (change.status === 'failed') work.failedUpload(kind, failure?.code ?? 'unknown');
      },
    }),
    metrics: observed(storage.metrics, {
      append: (_owner, batch) => (outcome) => {
        if (outcome.isErr()) return;
        const stored = new Map<string, number>();
        batch.forEach(({ metricType }, i) => {
          if (outcome.value[i] === 'stored') stored.set(metricType, (stored.get(metricType) ?? 0) + 1);
        });
        for (const [type, count] of stored) work.storedMetrics(type, count);
      },
    }),
    samples: observed(storage.samples, {
      append: () => (outcome) => {
        if (outcome.isErr()) return;
        for (const { type, stored } of outcome.value) if (stored > 0) work.storedSamples(type, stored);
      },
    }),
    queue: observed(storage.queue, {
      claim: () => (outcome) => {
        if (outcome.isErr() || outcome.value === null) return;
        const { id, attempt, receipt } = outcome.value;
        taken.set(receipt, elapsedMs());
        work.jobTaken();
        const queuedMs = attempt === 1 ? queuedAtMs(id) : null;
        if (queuedMs !== null) work.stage('wait', Math.max(0, clock.now() - queuedMs) / 1000);
      },
      complete: settles('completed'),
      release: settles('released'),
      giveUp: settles('given_up'),
    }),
  };
}

const observedPeople = (people: People, counting: Counting): People =>
  people.kind === 'local' ? observedLocally(people, counting) : observedInPool(people, counting);

const observedLocally = (people: LocalPeople, counting: Counting): LocalPeople => ({
  kind: 'local',
  accounts: watchedPort(people.accounts, 'AccountStore', counting),
  signingKeys: watchedPort(people.signingKeys, 'SigningKeyStore', counting),
  codes: watchedPort(people.codes, 'EmailedCodes', counting),
  attempts: tellingLocks(watchedPort(people.attempts, 'LoginAttempts', counting), counting),
  secondFactors: watchedPort(people.secondFactors, 'SecondFactorStore', counting),
  mail: watchedPort(people.mail, 'Mailer', counting),
});

/**
 * Tells when a failure has locked an account. The port does not say so of the failure that does it, so that it is asked
 * after each that counted.
 */
function tellingLocks(attempts: LoginAttempts, { metrics, noteFact }: Counting): LoginAttempts {
  return {
    lockedUntil: (...asked) => attempts.lockedUntil(...asked),
    recordFailure: (...failure) =>
      attempts.recordFailure(...failure).andThen((untilMs): ResultAsync<number | null, never> => {
        if (untilMs !== null) return okAsync(untilMs);
        return attempts
          .lockedUntil(...failure)
          .map((locksUntilMs) => {
            if (locksUntilMs !== null) {
              metrics.guards.lockedOut();
              noteFact('lockouts');
            }
            return null;
          })
          .orElse(() => okAsync(null));
      }),
    recordSuccess: (...success) => attempts.recordSuccess(...success),
    clear: (emailKey) => attempts.clear(emailKey),
  };
}

/** A user pool keeps no count that it shows: what can be seen is a login that it refuses for the failures before. */
function observedInPool({ kind, provider, tokens }: PoolPeople, counting: Counting): PoolPeople {
  const { metrics, noteFact } = counting;
  const counted = observed(watchedPort(provider, 'IdentityProvider', counting), {
    login: () => (outcome) => {
      if (outcome.isOk() || outcome.error.kind !== 'too-many-attempts') return;
      metrics.guards.lockedOut();
      noteFact('lockouts');
    },
  });
  const parts: Readonly<Record<PropertyKey, object>> = {
    openSessions: watchedPort(provider.openSessions, 'OpenSessions', counting),
    secondFactor: watchedPort(provider.secondFactor, 'SecondFactorSetup', counting),
    directory: watchedPort(provider.directory, 'UserDirectory', counting),
  };
  return {
    kind,
    provider: new Proxy(counted, {
      get: (target, name): unknown => parts[name] ?? Reflect.get(target, name, target),
    }),
    tokens: watchedPort(tokens, 'TokenVerifier', counting),
  };
}
