import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { okAsync, ResultAsync } from 'neverthrow';
import { AuditKeyFile } from '../../adapters/filesystem/audit-key-file.ts';
import { FileMailOutbox } from '../../adapters/filesystem/mail-outbox.ts';
import { FileObjectStore } from '../../adapters/filesystem/object-store.ts';
import { FileSigningKeyStore } from '../../adapters/filesystem/signing-key-store.ts';
import { studyKeyInFolder } from '../../adapters/filesystem/study-key-file.ts';
import { MemoryAccountStore } from '../../adapters/memory/account-store.ts';
import { MemoryAnalysisStore } from '../../adapters/memory/analysis-store.ts';
import { MemoryAuditPseudonyms } from '../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../adapters/memory/audit-store.ts';
import { MemoryDataKeys } from '../../adapters/memory/data-keys.ts';
import { NoDirectUploads } from '../../adapters/memory/direct-uploads.ts';
import { MemoryConsentStore } from '../../adapters/memory/consent-store.ts';
import { MemoryFailedJobs } from '../../adapters/memory/failed-jobs.ts';
import { MemoryErasedOwners } from '../../adapters/memory/erased-owners.ts';
import { MemoryInsightStore } from '../../adapters/memory/insight-store.ts';
import { MemoryEmailedCodes } from '../../adapters/memory/emailed-codes.ts';
import { MemoryEvents } from '../../adapters/memory/events.ts';
import { MemoryIdempotencyStore } from '../../adapters/memory/idempotency-store.ts';
import { MemoryJobQueue } from '../../adapters/memory/job-queue.ts';
import { MemoryLoginAttempts } from '../../adapters/memory/login-attempts.ts';
import { MemoryMailOutbox } from '../../adapters/memory/mail-outbox.ts';
import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemoryObjectStore } from '../../adapters/memory/object-store.ts';
import { MemoryRateCounters } from '../../adapters/memory/rate-counters.ts';
import { MemoryRoomBoard } from '../../adapters/memory/room-board.ts';
import { MemoryOwnerEventLog } from '../../adapters/memory/owner-event-log.ts';
import { MemorySecondFactorStore } from '../../adapters/memory/second-factor-store.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { MemorySigningKeyStore } from '../../adapters/memory/signing-key-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/upload-store.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { Ed25519HeadSigner } from '../../adapters/node/ed25519-head-signer.ts';
import { randomIds } from '../../adapters/node/ids.ts';
import { HmacStudyKey } from '../../adapters/node/study-key.ts';
import { MemoryWebhookStore } from '../../adapters/memory/webhook-store.ts';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { SqlAnalysisStore } from '../../adapters/sql/analysis-store.ts';
import { SqlAuditPseudonyms } from '../../adapters/sql/audit-pseudonyms.ts';
import { SqlAuditStore } from '../../adapters/sql/audit-store.ts';
import { SqlDataKeys } from '../../adapters/sql/data-keys.ts';
import { openDatabase, type OpenOptions } from '../../adapters/sql/database.ts';
import { SqlEmailedCodes } from '../../adapters/sql/emailed-codes.ts';
import { SqlIdempotencyStore } from '../../adapters/sql/idempotency-store.ts';
import { SqlConsentStore } from '../../adapters/sql/consent-store.ts';
import { SqlFailedJobs } from '../../adapters/sql/failed-jobs.ts';
import { SqlErasedOwners } from '../../adapters/sql/erased-owners.ts';
import { SqlJobQueue } from '../../adapters/sql/job-queue.ts';
import { SqlLoginAttempts } from '../../adapters/sql/login-attempts.ts';
import { SqlMetricStore } from '../../adapters/sql/metric-store.ts';
import { SqlInsightStore } from '../../adapters/sql/insight-store.ts';
import type { SchemaTooNew } from '../../adapters/sql/migrate.ts';
import { SqlRateCounters } from '../../adapters/sql/rate-counters.ts';
import { SqlRoomBoard } from '../../adapters/sql/room-board.ts';
import { SqlOwnerEventLog } from '../../adapters/sql/owner-event-log.ts';
import { SqlSecondFactorStore } from '../../adapters/sql/second-factor-store.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import { SqlUploadStore } from '../../adapters/sql/upload-store.ts';
import type { ErasedOwners } from '../../core/account/erased-owners.ts';
import { SqlWebhookStore } from '../../adapters/sql/webhook-store.ts';
import type { AuditPseudonyms, AuditStore, HeadSigner } from '../../core/audit/ports.ts';
import type { DataKeys, KeyWrapper, MasterKeys } from '../../core/encryption/ports.ts';
import type { AnalysisStore, EventPublisher } from '../../core/analysis/ports.ts';
import type { AccountStore } from '../../core/auth/account-store.ts';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
} from '../../core/auth/identity-ports.ts';
import type { EmailedCodes, Mailer } from '../../core/auth/mail-ports.ts';
import type { LoginAttempts } from '../../core/auth/password-ports.ts';
import type { AccountSecurity, SessionRevoker } from '../../core/auth/session-ports.ts';
import type { SigningKeyStore } from '../../core/auth/signing-key-store.ts';
import type { TokenVerifier } from '../../core/auth/token-ports.ts';
import type { SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import type {
  DirectUploads,
  JobBacklog,
  JobQueue,
  MetricStore,
  ObjectStore,
  SampleStore,
  UploadStore,
} from '../../core/health-data/ports.ts';
import type { UserDirectory } from '../../core/admin/ports.ts';
import type { FailedJobs } from '../../core/health-data/failed-jobs.ts';
import type { InsightStore } from '../../core/insights/ports.ts';
import type { IdempotencyStore } from '../../core/idempotency/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { RateCounters } from '../../core/limits/ports.ts';
import type { OwnerEventLog } from '../../core/events/ports.ts';
import type { WebhookStore } from '../../core/webhooks/ports.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import type { StudyKey } from '../../core/research/ports.ts';
import type { RoomBoard } from '../../core/rooms/ports.ts';
import { mailerOf, mailFolder, type MailConfig } from './mail.ts';

/** Where an embedded installation keeps its signing keys. */
export const keyFolder = (dataDir: string): string => path.join(dataDir, 'keys');

/** Everything that keeps something, of one storage profile. */
export interface Storage {
  readonly samples: SampleStore;
  readonly metrics: MetricStore;
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly directUploads: DirectUploads;
  readonly queue: JobQueue;
  /** How far the queue is behind; null where only its technology knows, as SQS does. */
  readonly backlog: JobBacklog | null;
  readonly failedJobs: FailedJobs;
  readonly analyses: AnalysisStore;
  readonly insights: InsightStore;
  readonly events: EventPublisher;
  readonly ownerEvents: OwnerEventLog;
  readonly webhooks: WebhookStore;
  readonly consents: ConsentStore;
  readonly studyKey: StudyKey;
  readonly idempotency: IdempotencyStore;
  readonly rooms: RoomBoard;
  readonly rateCounters: RateCounters;
  readonly erasedOwners: ErasedOwners;
  readonly dataKeys: DataKeys;
  /** What data keys are wrapped by; null where nothing is encrypted. */
  readonly masterKey: MasterKeyInUse | null;
  readonly auditStore: AuditStore;
  readonly auditPseudonyms: AuditPseudonyms;
  readonly headSigner: HeadSigner;
  readonly people: People;
  readonly close: () => Promise<void>;
}

/** A master key, and where its versions are kept; null where that is none of this program's business, as in KMS. */
export interface MasterKeyInUse {
  readonly wrapper: KeyWrapper;
  readonly versions: MasterKeys | null;
}

/** Where accounts are: kept here, for the local identity provider, or in a user pool of Cognito. */
export type People = LocalPeople | PoolPeople;

export interface LocalPeople {
  readonly kind: 'local';
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
  readonly codes: EmailedCodes;
  readonly attempts: LoginAttempts;
  readonly secondFactors: SecondFactorStore;
  readonly mail: Mailer;
}

export interface PoolPeople {
  readonly kind: 'cognito';
  readonly provider: IdentityProvider &
    LoginChallenges &
    EmailConfirmation &
    PasswordRecovery &
    SessionRevoker &
    AccountSecurity & { readonly directory: UserDirectory };
  readonly tokens: TokenVerifier;
}

/** A storage whose accounts are kept beside the data. */
export type LocalStorage = Storage & { readonly people: LocalPeople };

const KEPT_MAIL: MailConfig = { smtpUrl: null, from: 'no-reply@localhost' };

/** Everything in this process's memory; also the mails, unless there is a server to send them. */
export function memoryStorage(mail: MailConfig = KEPT_MAIL): LocalStorage {
  const queue = new MemoryJobQueue();
  return {
    samples: new MemorySampleStore(),
    metrics: new MemoryMetricStore(),
    uploads: new MemoryUploadStore(),
    objects: new MemoryObjectStore(),
    directUploads: new NoDirectUploads(),
    queue,
    backlog: queue,
    failedJobs: new MemoryFailedJobs(),
    analyses: new MemoryAnalysisStore(),
    insights: new MemoryInsightStore(),
    erasedOwners: new MemoryErasedOwners(),
    dataKeys: new MemoryDataKeys(),
    masterKey: null,
    events: new MemoryEvents(),
    ownerEvents: new MemoryOwnerEventLog(),
    webhooks: new MemoryWebhookStore(),
    consents: new MemoryConsentStore(),
    studyKey: new HmacStudyKey(() => okAsync(randomBytes(32))),
    idempotency: new MemoryIdempotencyStore(),
    rooms: new MemoryRoomBoard(),
    auditStore: new MemoryAuditStore(),
    auditPseudonyms: new MemoryAuditPseudonyms(),
    headSigner: new Ed25519HeadSigner((create) => ResultAsync.fromSafePromise(create())),
    rateCounters: new MemoryRateCounters(),
    people: {
      kind: 'local',
      accounts: new MemoryAccountStore(),
      signingKeys: new MemorySigningKeyStore(),
      codes: new MemoryEmailedCodes(),
      attempts: new MemoryLoginAttempts(),
      secondFactors: new MemorySecondFactorStore(),
      mail: mailerOf(mail, new MemoryMailOutbox()),
    },
    close: () => Promise.resolve(),
  };
}

/** An upload that was not written to for this long was left by a process that died. */
const UNFINISHED_AFTER_MS = 60 * 60_000;

/** `<dataDir>/clarity.db`, `<dataDir>/objects/`, `<dataDir>/keys/`, and `<dataDir>/mail/` where no server sends mail. */
export function embeddedStorage(
  dataDir: string,
  nowMs: number,
  mail: MailConfig,
  options: OpenOptions,
): ResultAsync<LocalStorage, SchemaTooNew | PortUnavailable> {
  const objects = new FileObjectStore(path.join(dataDir, 'objects'));
  const auditKey = new AuditKeyFile(path.join(dataDir, 'keys', 'audit-key.json'));
  const outbox = new FileMailOutbox({
    folder: mailFolder(dataDir),
    from: mail.from,
    clock: systemClock,
    ids: randomIds,
  });
  return openDatabase(path.join(dataDir, 'clarity.db'), options).andThen((database) =>
    objects.removeUnfinished(nowMs - UNFINISHED_AFTER_MS).map(() => {
      const queue = new SqlJobQueue(database);
      return {
        samples: new SqlSampleStore(database),
        metrics: new SqlMetricStore(database),
        uploads: new SqlUploadStore(database),
        objects,
        directUploads: new NoDirectUploads(),
        queue,
        backlog: queue,
        failedJobs: new SqlFailedJobs(database),
        analyses: new SqlAnalysisStore(database),
        insights: new SqlInsightStore(database),
        erasedOwners: new SqlErasedOwners(database),
        dataKeys: new SqlDataKeys(database),
        masterKey: null,
        events: new MemoryEvents(),
        ownerEvents: new SqlOwnerEventLog(database),
        webhooks: new SqlWebhookStore(database),
        consents: new SqlConsentStore(database),
        studyKey: new HmacStudyKey(() => studyKeyInFolder(keyFolder(dataDir))),
        idempotency: new SqlIdempotencyStore(database),
        rooms: new SqlRoomBoard(database),
        auditStore: new SqlAuditStore(database),
        auditPseudonyms: new SqlAuditPseudonyms(database),
        headSigner: new Ed25519HeadSigner((create) => auditKey.loadOrCreate(create)),
        rateCounters: new SqlRateCounters(database),
        people: {
          kind: 'local' as const,
          accounts: new SqlAccountStore(database),
          signingKeys: new FileSigningKeyStore(keyFolder(dataDir)),
          codes: new SqlEmailedCodes(database),
          attempts: new SqlLoginAttempts(database),
          secondFactors: new SqlSecondFactorStore(database),
          mail: mailerOf(mail, outbox),
        },
        close: () => database.close(),
      };
    }),
  );
}
