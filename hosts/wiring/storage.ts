import path from 'node:path';
import { okAsync, type ResultAsync } from 'neverthrow';
import { FileObjectStore } from '../../adapters/filesystem/object-store.ts';
import { FileSigningKeyStore } from '../../adapters/filesystem/signing-key-store.ts';
import { MemoryAccountStore } from '../../adapters/memory/account-store.ts';
import { MemoryAnalysisStore } from '../../adapters/memory/analysis-store.ts';
import { MemoryJobQueue } from '../../adapters/memory/job-queue.ts';
import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemoryObjectStore } from '../../adapters/memory/object-store.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { MemorySigningKeyStore } from '../../adapters/memory/signing-key-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/upload-store.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { SqlAnalysisStore } from '../../adapters/sql/analysis-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { SqlJobQueue } from '../../adapters/sql/job-queue.ts';
import { SqlMetricStore } from '../../adapters/sql/metric-store.ts';
import type { SchemaTooNew } from '../../adapters/sql/migrate.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import { SqlUploadStore } from '../../adapters/sql/upload-store.ts';
import type { AnalysisStore } from '../../core/analysis/ports.ts';
import type { AccountStore, SigningKeyStore } from '../../core/auth/ports.ts';
import type { JobQueue, MetricStore, ObjectStore, SampleStore, UploadStore } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { Config } from './config.ts';

/** Everything that keeps something, of one storage profile. */
export interface Storage {
  readonly samples: SampleStore;
  readonly metrics: MetricStore;
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly queue: JobQueue;
  readonly analyses: AnalysisStore;
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
  readonly close: () => Promise<void>;
}

/** Opens the profile that the configuration names. */
export function openStorage(config: Config): ResultAsync<Storage, SchemaTooNew | PortUnavailable> {
  return config.storage === 'memory' ? okAsync(memoryStorage()) : embeddedStorage(config.dataDir, systemClock.now());
}

export function memoryStorage(): Storage {
  return {
    samples: new MemorySampleStore(),
    metrics: new MemoryMetricStore(),
    uploads: new MemoryUploadStore(),
    objects: new MemoryObjectStore(),
    queue: new MemoryJobQueue(),
    analyses: new MemoryAnalysisStore(),
    accounts: new MemoryAccountStore(),
    signingKeys: new MemorySigningKeyStore(),
    close: () => Promise.resolve(),
  };
}

/** An upload that was not written to for this long was left by a process that died. */
const UNFINISHED_AFTER_MS = 60 * 60_000;

/** `<dataDir>/clarity.db`, `<dataDir>/objects/` and `<dataDir>/keys/`. */
function embeddedStorage(dataDir: string, nowMs: number): ResultAsync<Storage, SchemaTooNew | PortUnavailable> {
  const objects = new FileObjectStore(path.join(dataDir, 'objects'));
  return openDatabase(path.join(dataDir, 'clarity.db')).andThen((database) =>
    objects.removeUnfinished(nowMs - UNFINISHED_AFTER_MS).map(() => ({
      samples: new SqlSampleStore(database),
      metrics: new SqlMetricStore(database),
      uploads: new SqlUploadStore(database),
      objects,
      queue: new SqlJobQueue(database),
      analyses: new SqlAnalysisStore(database),
      accounts: new SqlAccountStore(database),
      signingKeys: new FileSigningKeyStore(path.join(dataDir, 'keys', 'signing-key.json')),
      close: () => database.close(),
    })),
  );
}
