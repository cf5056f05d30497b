import type { ContainerModule } from 'inversify';
import { ZipArchiveReader } from '../../adapters/account-archive/zip-archive-reader.ts';
import { ZipArchiveWriter } from '../../adapters/account-archive/zip-archive-writer.ts';
import { nodeStreamDigest } from '../../adapters/node/stream-digest.ts';
import { VERSION } from '../../adapters/node/version.ts';
import { workPorts } from '../wiring/modules.ts';
import type { Config } from '../wiring/config.ts';
import { AUDIT_TOKENS } from '../wiring/audit-module.ts';
import { EVENT_TOKENS } from '../wiring/events-module.ts';
import { readAnalysisDocument } from '../wiring/read-analysis-document.ts';
import { token, TOKENS } from '../wiring/tokens.ts';
import { graphModule } from '../wiring/typed-container.ts';
import { dependenciesOf } from './dependencies.ts';
import { accountSecurityEndpoints } from './endpoints/account-security.ts';
import { adminAuditEndpoints } from './endpoints/admin-audit.ts';
import { adminJobEndpoints } from './endpoints/admin-jobs.ts';
import { adminUserEndpoints } from './endpoints/admin-users.ts';
import { auditEndpoints } from './endpoints/audit.ts';
import { authEndpoints } from './endpoints/auth.ts';
import { consentEndpoints } from './endpoints/consents.ts';
import { docsEndpoints } from './endpoints/docs.ts';
import { eventEndpoints } from './endpoints/events.ts';
import { healthDataEndpoints } from './endpoints/health-data.ts';
import { healthEndpoints } from './endpoints/health.ts';
import { healthKitEndpoints } from './endpoints/healthkit.ts';
import { insightEndpoints } from './endpoints/insights.ts';
import { meEndpoints } from './endpoints/me.ts';
import { meExportEndpoints } from './endpoints/me-export.ts';
import { metricListEndpoints } from './endpoints/metric-list.ts';
import { modelHealthEndpoints } from './endpoints/model-health.ts';
import { modelEndpoints } from './endpoints/models.ts';
import { patEndpoints } from './endpoints/pat.ts';
import { patientEndpoints } from './endpoints/patients.ts';
import { researchEndpoints } from './endpoints/research.ts';
import { roomEndpoints } from './endpoints/rooms.ts';
import { seriesEndpoints } from './endpoints/series.ts';
import { serviceEndpoints } from './endpoints/service.ts';
import { webhookEndpoints } from './endpoints/webhooks.ts';
import { EventStreams } from './events/event-streams.ts';
import { Health } from './health.ts';
import type { Endpoints } from './http/endpoint.ts';
import { newCounting, type Counting } from '../wiring/observe/counting.ts';
import { elapsedMs } from './process-facts.ts';

/** The names that only the HTTP host's graph has. */
export const HTTP_TOKENS = {
  health: token<Health>('Health'),
  eventStreams: token<EventStreams>('EventStreams'),
  endpoints: token<Endpoints>('Endpoints'),
} as const;

/** What answers requests. What `counting` has counted is shown; the graph's ports are to be counted by the same one. */
export const httpModule = (config: Config, counting: Counting = newCounting()): ContainerModule =>
  graphModule((bind) => {
    bind(HTTP_TOKENS.health, (get) => new Health(dependenciesOf(get), elapsedMs));
    bind(
      HTTP_TOKENS.eventStreams,
      (get) =>
        new EventStreams({
          ownerEvents: get(TOKENS.ownerEvents),
          bell: get(EVENT_TOKENS.bell),
          clock: get(TOKENS.clock),
        }),
    );
    bind(HTTP_TOKENS.endpoints, (get) => {
      const common = { ...workPorts(get), health: get(HTTP_TOKENS.health), version: VERSION };
      return {
        ...healthEndpoints({
          ...common,
          foundNotReady: () => {
            counting.metrics.guards.notReady();
            counting.noteFact('notReady');
          },
        }),
        ...docsEndpoints(VERSION, get(TOKENS.flags)),
        ...serviceEndpoints({ metrics: counting.metrics, version: VERSION }),
        ...modelHealthEndpoints({ model: common.model, ledger: counting.ledger, clock: common.clock }),
        ...authEndpoints({
          identities: get(TOKENS.identities),
          challenges: get(TOKENS.challenges),
          confirmation: get(TOKENS.confirmation),
          recovery: get(TOKENS.recovery),
          sessions: get(TOKENS.sessions),
          knownPasswords: get(TOKENS.knownPasswords),
          signUpEnabled: config.signUpEnabled,
          health: common.health,
          version: VERSION,
        }),
        ...accountSecurityEndpoints({
          openSessions: get(TOKENS.openSessions),
          secondFactor: get(TOKENS.secondFactor),
        }),
        ...healthDataEndpoints({
          ...common,
          ownerEvents: get(TOKENS.ownerEvents),
          tell: get(EVENT_TOKENS.tell),
          mostMetricsPerUpload: config.mostMetricsPerUpload,
        }),
        ...metricListEndpoints(common),
        ...seriesEndpoints(common),
        ...healthKitEndpoints({
          ...common,
          exportLimitBytes: config.exportLimitBytes,
          directUploads: get(TOKENS.directUploads),
        }),
        ...meEndpoints({
          ...common,
          idempotency: get(TOKENS.idempotency),
          rooms: get(TOKENS.rooms),
          ownerEvents: get(TOKENS.ownerEvents),
          webhooks: get(TOKENS.webhooks),
          consents: get(TOKENS.consents),
          auditPseudonyms: get(AUDIT_TOKENS.pseudonyms),
          dataKeys: get(TOKENS.dataKeys),
          identities: get(TOKENS.identities),
        }),
        ...adminUserEndpoints({
          ...common,
          directory: get(TOKENS.userDirectory),
          lookedUp: get(TOKENS.lookedUpOwners),
        }),
        ...adminJobEndpoints(common),
        ...auditEndpoints({
          auditStore: get(TOKENS.auditStore),
          auditPseudonyms: get(AUDIT_TOKENS.pseudonyms),
          consents: get(TOKENS.consents),
        }),
        ...adminAuditEndpoints({ auditStore: get(TOKENS.auditStore), auditPseudonyms: get(AUDIT_TOKENS.pseudonyms) }),
        ...meExportEndpoints({
          ...common,
          auditStore: get(TOKENS.auditStore),
          auditPseudonyms: get(AUDIT_TOKENS.pseudonyms),
          consents: get(TOKENS.consents),
          webhooks: get(TOKENS.webhooks),
          identities: get(TOKENS.identities),
          streamDigest: nodeStreamDigest,
          archiveWriter: new ZipArchiveWriter(),
          archiveReader: new ZipArchiveReader(),
          readDocument: readAnalysisDocument,
          importLimitBytes: config.exportLimitBytes,
        }),
        ...patEndpoints({ ...common, reports: get(TOKENS.reports), elapsedMs }),
        ...insightEndpoints({ ...common, narrator: get(TOKENS.narrator), elapsedMs }),
        ...roomEndpoints({ rooms: get(TOKENS.rooms), clock: common.clock, digest: common.digest }),
        ...eventEndpoints({ streams: get(HTTP_TOKENS.eventStreams), tokens: get(TOKENS.tokens) }),
        ...webhookEndpoints({
          webhooks: get(TOKENS.webhooks),
          sender: get(TOKENS.webhookSender),
          signer: get(EVENT_TOKENS.webhookSigner),
          queued: (owner) => {
            get(EVENT_TOKENS.deliveryBell).ring(owner);
          },
        }),
        ...consentEndpoints({ consents: get(TOKENS.consents) }),
        ...patientEndpoints({
          ...common,
          consents: get(TOKENS.consents),
          identities: get(TOKENS.identities),
          mailLater: (message) => {
            get(TOKENS.people).mailLater(message);
          },
          tell: get(EVENT_TOKENS.tell),
        }),
        ...researchEndpoints({ ...common, consents: get(TOKENS.consents), studyKey: get(TOKENS.studyKey) }),
        ...modelEndpoints({ ...common, encoderStatistics: () => get(TOKENS.workerModel).statistics() }),
      };
    });
  });
