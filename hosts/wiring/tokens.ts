import type { Logger } from 'pino';
import type { LocalIdentityProvider } from '../../adapters/local-identity/local-identity-provider.ts';
import type { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { AnalysisStore, ReportRenderer } from '../../core/analysis/ports.ts';
import type {
  AccountStore,
  IdentityProvider,
  SessionRevoker,
  SigningKeyStore,
  TokenVerifier,
} from '../../core/auth/ports.ts';
import type {
  ExportReader,
  JobQueue,
  MetricStore,
  ObjectStore,
  SampleStore,
  UploadStore,
} from '../../core/health-data/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Ids } from '../../core/kernel/ids.ts';
import type { ActigraphyModel, ModelRepository } from '../../core/pat/ports.ts';
import type { Config } from './config.ts';
import type { JobRunner } from './job-runner.ts';

declare const bound: unique symbol;

/** A symbol that remembers the type it is bound to. */
export type Token<T> = symbol & { readonly [bound]: T };

/** A new name. A host adds its own to those below. */
export const token = <T>(name: string): Token<T> => Symbol(name) as Token<T>;

/** The names that every host's graph has: the ports, and what is made of them. */
export const TOKENS = {
  config: token<Config>('Config'),
  logger: token<Logger>('Logger'),
  clock: token<Clock>('Clock'),
  ids: token<Ids>('Ids'),
  digest: token<Digest>('Digest'),
  samples: token<SampleStore>('SampleStore'),
  metrics: token<MetricStore>('MetricStore'),
  uploads: token<UploadStore>('UploadStore'),
  objects: token<ObjectStore>('ObjectStore'),
  queue: token<JobQueue>('JobQueue'),
  analyses: token<AnalysisStore>('AnalysisStore'),
  accounts: token<AccountStore>('AccountStore'),
  signingKeys: token<SigningKeyStore>('SigningKeyStore'),
  localIdentity: token<LocalIdentityProvider>('LocalIdentityProvider'),
  identities: token<IdentityProvider>('IdentityProvider'),
  sessions: token<SessionRevoker>('SessionRevoker'),
  tokens: token<TokenVerifier>('TokenVerifier'),
  exports: token<ExportReader>('ExportReader'),
  models: token<ModelRepository>('ModelRepository'),
  workerModel: token<WorkerActigraphyModel>('WorkerActigraphyModel'),
  model: token<ActigraphyModel>('ActigraphyModel'),
  reports: token<ReportRenderer>('ReportRenderer'),
  jobRunner: token<JobRunner>('JobRunner'),
} as const;
