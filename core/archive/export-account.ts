import { type ResultAsync } from 'neverthrow';
import type { Profile } from '../auth/identity-ports.ts';
import type { AuditPlace } from '../audit/model.ts';
import { readOwnLog, type OwnLogPage, type ReadOwnLogPorts } from '../audit/read-own-log.ts';
import { observationsOfMetric } from '../fhir/metric-observations.ts';
import type { ObservationContext } from '../fhir/observation.ts';
import { patientOf } from '../fhir/patient.ts';
import { observationOfSample } from '../fhir/sample-observations.ts';
import type { Upload } from '../health-data/model.ts';
import { samplesOf } from '../health-data/single-samples.ts';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { WebhookStore } from '../webhooks/ports.ts';
import { analysisLine } from './analysis-line.ts';
import { auditLine } from './audit-line.ts';
import { chunkPages, insightPages, metricPages, orInterrupt, type ExportStores } from './export-pages.ts';
import { insightLine } from './insight-line.ts';
import { instantFields } from './instants.ts';
import { manifestText } from './manifest.ts';
import { metricLine } from './metric-line.ts';
import { ARCHIVE_FORMAT, IMPORTS_PREFIX, MANIFEST_NAME } from './model.ts';
import { OutgoingFiles } from './outgoing-files.ts';
import type { ArchiveDigests, ArchiveStores, ArchiveWriter, OutgoingFile } from './ports.ts';
import { rawFileName } from './raw-file-name.ts';
import { readmeText } from './readme-text.ts';
import { sampleLine } from './sample-line.ts';
import { uploadLine } from './upload-line.ts';

export interface ExportAccountPorts extends ArchiveStores, ArchiveDigests, ReadOwnLogPorts {
  readonly webhooks: Pick<WebhookStore, 'list'>;
  readonly clock: Clock;
  readonly archives: ArchiveWriter;
}

export interface ExportAccountCommand {
  readonly owner: UserId;
  /** Null where the account is not known, only its data. */
  readonly profile: Profile | null;
  /** Whether whoever asked for the export has gone. */
  readonly isCancelled: () => boolean;
}

/** An archive that is made while its bytes are read. */
export interface AccountArchive {
  readonly madeAtMs: EpochMs;
  /** Throws `ExportInterrupted` where a store does not answer, or the export was cancelled. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Everything that is kept of a person as a zip: see `readmeText` for what is in it. It is written while it is read from
 * the stores, a page at a time, so a long life needs no more memory than a short one, and it holds nothing of anybody
 * else and no secret. What arrives or goes while it is made may be in it or not.
 */
export function exportAccount(ports: ExportAccountPorts) {
  return (command: ExportAccountCommand): ResultAsync<AccountArchive, PortUnavailable> => {
    const madeAtMs = ports.clock.now();
    return ports.uploads.list(command.owner, ALL).map((newestFirst) => {
      const files = filesOf(ports, command, [...newestFirst].reverse(), madeAtMs);
      return { madeAtMs, bytes: ports.archives.write(files, madeAtMs) };
    });
  };
}

/** More than any person has. */
const ALL = 1_000_000_000;

async function* filesOf(
  ports: ExportAccountPorts,
  { owner, profile, isCancelled }: ExportAccountCommand,
  uploads: readonly Upload[],
  madeAtMs: EpochMs,
): AsyncGenerator<OutgoingFile> {
  const files = new OutgoingFiles(ports.streamDigest);
  const stores: ExportStores = { ...ports, owner, isCancelled };
  yield files.text('README.txt', 'readme', readmeText(madeAtMs));
  yield files.text(
    'profile.json',
    'profile',
    `${JSON.stringify(profileDocument(owner, profile, madeAtMs), null, 1)}\n`,
  );
  yield files.lines('uploads.ndjson', 'uploads', uploads.map(uploadLine));
  yield files.lines('metrics.ndjson', 'metrics', metricLines(stores));
  yield* sampleFiles(files, stores);
  yield files.lines('analyses.ndjson', 'analyses', analysisLines(stores, uploads));
  yield files.lines('insights.ndjson', 'insights', insightLines(stores));
  yield files.lines('webhooks.ndjson', 'webhooks', await webhookLines(ports, owner));
  yield files.lines('audit-log.ndjson', 'audit-log', auditLines(ports, stores));
  yield* rawFiles(files, stores);
  const patient = patientOf(owner, profile, ports.digest);
  yield files.lines('fhir/patient.ndjson', 'fhir', [patient]);
  const context = { patient: patient.id, digest: ports.digest };
  yield files.lines('fhir/observations.ndjson', 'fhir', observationLines(stores, context));
  yield files.text(MANIFEST_NAME, null, manifestText({ userId: owner, files: files.written }, madeAtMs));
}

const profileDocument = (owner: UserId, profile: Profile | null, madeAtMs: EpochMs): object => ({
  format: ARCHIVE_FORMAT,
  ...instantFields('made_at', madeAtMs),
  user_id: owner,
  email: profile?.email ?? null,
  email_verified: profile?.emailVerified ?? null,
  display_name: profile?.displayName ?? null,
  provider: profile?.provider ?? null,
});

async function* metricLines(stores: ExportStores): AsyncGenerator<object> {
  for await (const page of metricPages(stores)) for (const metric of page) yield metricLine(metric);
}

async function* insightLines(stores: ExportStores): AsyncGenerator<object> {
  for await (const page of insightPages(stores)) for (const insight of page) yield insightLine(insight);
}

/** A file for each type; chunks come in the order of their types. */
async function* sampleFiles(files: OutgoingFiles, stores: ExportStores): AsyncGenerator<OutgoingFile> {
  const chunks = chunkPages(stores);
  let next = await chunks.next();
  while (next.done !== true) {
    const { type } = next.value.columns;
    const ofType = async function* (): AsyncGenerator<object> {
      while (next.done !== true && next.value.columns.type === type) {
        for (const sample of samplesOf(next.value)) yield sampleLine(sample);
        next = await chunks.next();
      }
    };
    yield files.lines(`samples/${type}.ndjson`, 'samples', ofType());
  }
}

async function* analysisLines(stores: ExportStores, uploads: readonly Upload[]): AsyncGenerator<object> {
  for (const { processingId } of uploads) {
    const records = orInterrupt(stores, await stores.analyses.listForUpload(stores.owner, processingId));
    for (const record of records) yield analysisLine(record);
  }
}

async function webhookLines({ webhooks }: ExportAccountPorts, owner: UserId): Promise<readonly object[]> {
  const found = orInterrupt(null, await webhooks.list(owner));
  return found.map(({ webhookId, url, eventTypes, description, enabled, createdAtMs }) => ({
    webhook_id: webhookId,
    url,
    event_types: eventTypes,
    description,
    enabled,
    ...instantFields('created_at', createdAtMs),
  }));
}

const EVENTS_A_PAGE = 500;

/** The newest first. */
async function* auditLines(ports: ReadOwnLogPorts, stores: ExportStores): AsyncGenerator<object> {
  let before: AuditPlace | null = null;
  do {
    const page: OwnLogPage = orInterrupt(
      stores,
      await readOwnLog(ports)(stores.owner, { before, limit: EVENTS_A_PAGE }),
    );
    for (const { event } of page.events) yield auditLine(event, page);
    before = page.next;
  } while (before !== null);
}

async function* rawFiles(files: OutgoingFiles, stores: ExportStores): AsyncGenerator<OutgoingFile> {
  const keys = orInterrupt(stores, await stores.objects.list(stores.owner));
  for (const [i, key] of keys.entries()) {
    if (key.startsWith(IMPORTS_PREFIX)) continue;
    const opened = await stores.objects.open(stores.owner, key);
    // One that was deleted since it was listed is not part of the account any more.
    if (opened.isErr() && opened.error.kind === 'not-found') continue;
    const object = orInterrupt(stores, opened);
    yield files.raw(rawFileName(key, i + 1), key, object.stream());
  }
}

async function* observationLines(stores: ExportStores, context: ObservationContext): AsyncGenerator<object> {
  for await (const page of metricPages(stores)) {
    for (const metric of page) yield* observationsOfMetric(metric, context);
  }
  for await (const chunk of chunkPages(stores)) {
    for (const sample of samplesOf(chunk)) {
      const observation = observationOfSample(sample, context);
      if (observation !== null) yield observation;
    }
  }
}
