import type { Logger } from 'pino';
import type { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { ErasedOwners } from '../../core/account/erased-owners.ts';
import type { AuditPseudonyms, AuditStore, HeadSigner } from '../../core/audit/ports.ts';
import type { DataKeys } from '../../core/encryption/ports.ts';
import type { AnalysisStore, EventPublisher, ReportRenderer } from '../../core/analysis/ports.ts';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
} from '../../core/auth/identity-ports.ts';
import type { KnownPasswords } from '../../core/auth/password-ports.ts';
import type { OpenSessions, SessionRevoker } from '../../core/auth/session-ports.ts';
import type { TokenVerifier } from '../../core/auth/token-ports.ts';
import type { MailLater } from '../../core/auth/mail-ports.ts';
import type { UserDirectory } from '../../core/admin/ports.ts';
import type { LookedUpOwners } from '../../core/auth/looked-up-owners.ts';
import type { SecondFactorSetup } from '../../core/auth/second-factor-ports.ts';
import type {
  DirectUploads,
  ExportReader,
  JobQueue,
  MetricStore,
  ObjectStore,
  SampleStore,
  UploadStore,
} from '../../core/health-data/ports.ts';
import type { FailedJobs } from '../../core/health-data/failed-jobs.ts';
import type { InsightStore, Narrator } from '../../core/insights/ports.ts';
import type { IdempotencyStore } from '../../core/idempotency/ports.ts';
import type { FeatureFlags } from '../../core/flags/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Ids } from '../../core/kernel/ids.ts';
import type { RateCounters } from '../../core/limits/ports.ts';
import type { ActigraphyModel, ModelRepository } from '../../core/pat/ports.ts';
import type { RoomBoard } from '../../core/rooms/ports.ts';
import type { OwnerEventLog } from '../../core/events/ports.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import type { StudyKey } from '../../core/research/ports.ts';
import type { WebhookSender, WebhookStore } from '../../core/webhooks/ports.ts';
import type { Config } from './config.ts';
import type { JobRunner } from './job-runner.ts';
import type { ShelteredCounters } from './sheltered-counters.ts';
import type { PoolPeople } from './storage.ts';

/** Mail that leaves after the answer, and how more of it does. */
export interface PendingMail {
  /** Resolves once what was to be mailed so far is. */
  readonly settled: () => Promise<void>;
  readonly mailLater: MailLater;
}

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
  flags: token<FeatureFlags>('FeatureFlags'),
  samples: token<SampleStore>('SampleStore'),
  metrics: token<MetricStore>('MetricStore'),
  uploads: token<UploadStore>('UploadStore'),
  objects: token<ObjectStore>('ObjectStore'),
  directUploads: token<DirectUploads>('DirectUploads'),
  queue: token<JobQueue>('JobQueue'),
  failedJobs: token<FailedJobs>('FailedJobs'),
  analyses: token<AnalysisStore>('AnalysisStore'),
  idempotency: token<IdempotencyStore>('IdempotencyStore'),
  rooms: token<RoomBoard>('RoomBoard'),
  rateCounters: token<RateCounters>('RateCounters'),
  shelteredCounters: token<ShelteredCounters>('ShelteredCounters'),
  insights: token<InsightStore>('InsightStore'),
  erasedOwners: token<ErasedOwners>('ErasedOwners'),
  dataKeys: token<DataKeys>('DataKeys'),
  auditStore: token<AuditStore>('AuditStore'),
  auditPseudonyms: token<AuditPseudonyms>('AuditPseudonyms'),
  headSigner: token<HeadSigner>('HeadSigner'),
  narrator: token<Narrator>('Narrator'),
  ownerEvents: token<OwnerEventLog>('OwnerEventLog'),
  webhooks: token<WebhookStore>('WebhookStore'),
  consents: token<ConsentStore>('ConsentStore'),
  studyKey: token<StudyKey>('StudyKey'),
  webhookSender: token<WebhookSender>('WebhookSender'),
  people: token<Pick<PoolPeople, 'provider' | 'tokens'> & PendingMail>('People'),
  identities: token<IdentityProvider>('IdentityProvider'),
  challenges: token<LoginChallenges>('LoginChallenges'),
  confirmation: token<EmailConfirmation>('EmailConfirmation'),
  recovery: token<PasswordRecovery>('PasswordRecovery'),
  sessions: token<SessionRevoker>('SessionRevoker'),
  openSessions: token<OpenSessions>('OpenSessions'),
  secondFactor: token<SecondFactorSetup>('SecondFactorSetup'),
  userDirectory: token<UserDirectory>('UserDirectory'),
  lookedUpOwners: token<LookedUpOwners>('LookedUpOwners'),
  knownPasswords: token<KnownPasswords>('KnownPasswords'),
  tokens: token<TokenVerifier>('TokenVerifier'),
  events: token<EventPublisher>('EventPublisher'),
  exports: token<ExportReader>('ExportReader'),
  models: token<ModelRepository>('ModelRepository'),
  workerModel: token<WorkerActigraphyModel>('WorkerActigraphyModel'),
  model: token<ActigraphyModel>('ActigraphyModel'),
  reports: token<ReportRenderer>('ReportRenderer'),
  jobRunner: token<JobRunner>('JobRunner'),
} as const;
