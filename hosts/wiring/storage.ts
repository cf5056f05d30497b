import path from 'node:path';
import type { ResultAsync } from 'neverthrow';
import { FileObjectStore } from '../../adapters/filesystem/object-store.ts';
import { FileSigningKeyStore } from '../../adapters/filesystem/signing-key-store.ts';
import { MemoryAccountStore } from '../../adapters/memory/account-store.ts';
import { MemoryAnalysisStore } from '../../adapters/memory/analysis-store.ts';
import { NoDirectUploads } from '../../adapters/memory/direct-uploads.ts';
import { MemoryEvents } from '../../adapters/memory/events.ts';
import { MemoryJobQueue } from '../../adapters/memory/job-queue.ts';
import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemoryObjectStore } from '../../adapters/memory/object-store.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { MemorySigningKeyStore } from '../../adapters/memory/signing-key-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/upload-store.ts';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { SqlAnalysisStore } from '../../adapters/sql/analysis-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { SqlJobQueue } from '../../adapters/sql/job-queue.ts';
import { SqlMetricStore } from '../../adapters/sql/metric-store.ts';
import type { SchemaTooNew } from '../../adapters/sql/migrate.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import { SqlUploadStore } from '../../adapters/sql/upload-store.ts';
import type { AnalysisStore, EventPublisher } from '../../core/analysis/ports.ts';
import type {
  AccountStore,
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
  SessionRevoker,
  SigningKeyStore,
  TokenVerifier,
} from '../../core/auth/ports.ts';
import type {
  DirectUploads,
  JobQueue,
  MetricStore,
  ObjectStore,
  SampleStore,
  UploadStore,
} from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Everything that keeps something, of one storage profile. */
export interface Storage {
  readonly samples: SampleStore;
  readonly metrics: MetricStore;
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly directUploads: DirectUploads;
  readonly queue: JobQueue;
  readonly analyses: AnalysisStore;
  readonly events: EventPublisher;
  readonly people: People;
  readonly close: () => Promise<void>;
}

/** Where accounts are: kept here, for the local identity provider, or in a user pool of Cognito. */
export type People = LocalPeople | PoolPeople;

export interface LocalPeople {
  readonly kind: 'local';
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
}

export interface PoolPeople {
  readonly kind: 'cognito';
  readonly provider: IdentityProvider & LoginChallenges & EmailConfirmation & PasswordRecovery & SessionRevoker;
  readonly tokens: TokenVerifier;
}

/** A storage whose accounts are kept beside the data. */
export type LocalStorage = Storage & { readonly people: LocalPeople };

/** Everything in this process's memory. */
export function memoryStorage(): LocalStorage {
  return {
    samples: new MemorySampleStore(),
    metrics: new MemoryMetricStore(),
    uploads: new MemoryUploadStore(),
    objects: new MemoryObjectStore(),
    directUploads: new NoDirectUploads(),
    queue: new MemoryJobQueue(),
    analyses: new MemoryAnalysisStore(),
    events: new MemoryEvents(),
    people: { kind: 'local', accounts: new MemoryAccountStore(), signingKeys: new MemorySigningKeyStore() },
    close: () => Promise.resolve(),
  };
}

/** An upload that was not written to for this long was left by a process that died. */
const UNFINISHED_AFTER_MS = 60 * 60_000;

/** `<dataDir>/clarity.db`, `<dataDir>/objects/` and `<dataDir>/keys/`. */
export function embeddedStorage(
  dataDir: string,
  nowMs: number,
): ResultAsync<LocalStorage, SchemaTooNew | PortUnavailable> {
  const objects = new FileObjectStore(path.join(dataDir, 'objects'));
  return openDatabase(path.join(dataDir, 'clarity.db')).andThen((database) =>
    objects.removeUnfinished(nowMs - UNFINISHED_AFTER_MS).map(() => ({
      samples: new SqlSampleStore(database),
      metrics: new SqlMetricStore(database),
      uploads: new SqlUploadStore(database),
      objects,
      directUploads: new NoDirectUploads(),
      queue: new SqlJobQueue(database),
      analyses: new SqlAnalysisStore(database),
      events: new MemoryEvents(),
      people: {
        kind: 'local' as const,
        accounts: new SqlAccountStore(database),
        signingKeys: new FileSigningKeyStore(path.join(dataDir, 'keys', 'signing-key.json')),
      },
      close: () => database.close(),
    })),
  );
}
