import { okAsync, type ResultAsync } from 'neverthrow';
import { MemoryActigraphyModel } from '../../adapters/memory/actigraphy-model.ts';
import { MemoryAuditPseudonyms } from '../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../adapters/memory/audit-store.ts';
import { MemoryAnalysisStore } from '../../adapters/memory/analysis-store.ts';
import { MemoryDataKeys } from '../../adapters/memory/data-keys.ts';
import { MemoryErasedOwners } from '../../adapters/memory/erased-owners.ts';
import { MemoryFailedJobs } from '../../adapters/memory/failed-jobs.ts';
import { MemoryInsightStore } from '../../adapters/memory/insight-store.ts';
import { MemoryEvents } from '../../adapters/memory/events.ts';
import { MemoryIdempotencyStore } from '../../adapters/memory/idempotency-store.ts';
import { MemoryJobQueue } from '../../adapters/memory/job-queue.ts';
import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemoryModelRepository } from '../../adapters/memory/model-repository.ts';
import { MemoryObjectStore } from '../../adapters/memory/object-store.ts';
import { MemoryRoomBoard } from '../../adapters/memory/room-board.ts';
import { MemoryOwnerEventLog } from '../../adapters/memory/owner-event-log.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/upload-store.ts';
import { MemoryConsentStore } from '../../adapters/memory/consent-store.ts';
import { MemoryWebhookStore } from '../../adapters/memory/webhook-store.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import type { AuditPseudonyms, AuditStore } from '../../core/audit/ports.ts';
import type { ErasedOwners } from '../../core/account/erased-owners.ts';
import type { FailedJobs } from '../../core/health-data/failed-jobs.ts';
import { NO_QUOTA } from '../../core/health-data/upload-quota.ts';
import type { AnalyzeReadingsPorts } from '../../core/analysis/analyze-readings.ts';
import type { RunJobPorts } from '../../core/analysis/run-next-job.ts';
import type { UploadSamplesPorts } from '../../core/apple-health/upload-samples.ts';
import type { AcceptExportPorts } from '../../core/health-data/accept-export.ts';
import type { ExportReader, ExportSummary } from '../../core/health-data/ports.ts';
import type { SampleColumns } from '../../core/health-data/samples.ts';
import type { UploadMetricsPorts } from '../../core/health-data/upload-metrics.ts';
import type { OwnerEventLog } from '../../core/events/ports.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import type { WebhookStore } from '../../core/webhooks/ports.ts';
import type { IdempotencyStore } from '../../core/idempotency/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { ErasesOwner } from '../../core/kernel/owner-data.ts';
import { userId, type Ids } from '../../core/kernel/ids.ts';
import { PAT_SIZES, parameterCount } from '../../core/pat/encoder/architecture.ts';
import type { RoomBoard } from '../../core/rooms/ports.ts';
import type { ModelEntry } from '../../core/pat/installed/catalogue.ts';
import type { ActigraphyModel, AnsweredWeek } from '../../core/pat/ports.ts';

export const ADA = userId('11111111-1111-4111-8111-111111111111');
export const BOB = userId('22222222-2222-4222-8222-222222222222');

/** 2025-03-03T12:00:00Z, a Monday. */
export const NOW_MS = Date.UTC(2025, 2, 3, 12);

/** A clock that stands still until the test moves it. */
export class SettableClock implements Clock {
  nowMs = NOW_MS;

  now(): number {
    return this.nowMs;
  }
}

/** UUIDs in counting order. */
export function countingIds(): Ids {
  let next = 0;
  return { uuid: () => `00000000-0000-4000-8000-${String(++next).padStart(12, '0')}` };
}

/** An encoder without weights. */
export const MODEL_WITHOUT_WEIGHTS: ActigraphyModel = new MemoryActigraphyModel(null);

/** The manifest's entry of an encoder that exists in tests only. */
export const TEST_ENTRY: ModelEntry = {
  id: 'PAT-S-0123456789ab',
  name: 'PAT-S_test',
  size: 'S',
  architecture: PAT_SIZES.S,
  parameters: parameterCount(PAT_SIZES.S),
  source: { location: 'PAT-S_test.h5', sha256: 'ab'.repeat(32), bytes: 1 },
  converted: { format: 'safetensors', file: 'PAT-S-0123456789ab.safetensors', sha256: 'cd'.repeat(32), bytes: 1 },
  licence: 'CC-BY-4.0',
  attribution: 'nobody',
  citation: 'none',
  installed_at: '2025-01-01T00:00:00.000Z',
  golden: { input: 'none', pooled: new Array<number>(96).fill(0), tolerance: 0 },
};

/** An encoder that is ready and answers 0, 1, ..., 95 for every week. */
export const READY_MODEL: ActigraphyModel = {
  describe: () =>
    okAsync({ status: 'ready', name: 'PAT-S', engine: 'arithmetic', message: 'ready', entry: TEST_ENTRY }),
  encode: (weeks) =>
    okAsync(
      weeks.map((week): AnsweredWeek => {
        const patches = week.length / TEST_ENTRY.architecture.patchMinutes;
        return {
          tokens: new Float32Array(patches * 96),
          pooled: Float32Array.from({ length: 96 }, (_, i) => i),
          attentionReceived: new Float32Array(patches).fill(1 / patches),
          by: { entry: TEST_ENTRY, engine: 'arithmetic' },
        };
      }),
    ),
};

const EMPTY_SUMMARY: ExportSummary = {
  xmlBytes: 100,
  recordsSeen: 0,
  samples: {},
  notices: [],
  timeZones: [],
  utcOffsets: [],
};

/** A reader that finds these batches in whatever file it is given, one a call of the sink. */
export function readerOf(batches: readonly SampleColumns[], summary: Partial<ExportSummary> = {}): ExportReader {
  return {
    read: (file, sink) =>
      batches
        .reduce<ReturnType<typeof sink>>(
          (earlier, batch, i) =>
            earlier.andThen(() =>
              sink([batch], {
                bytesRead: (file.sizeBytes * (i + 1)) / batches.length,
                bytesTotal: file.sizeBytes,
              }),
            ),
          okAsync(undefined),
        )
        .map(() => ({ ...EMPTY_SUMMARY, ...summary })),
  };
}

/** The memory adapters behind every port the use cases ask for. */
export type World = RunJobPorts &
  AcceptExportPorts &
  AnalyzeReadingsPorts &
  UploadMetricsPorts &
  UploadSamplesPorts & { readonly erasedOwners: ErasedOwners; readonly rooms: RoomBoard } & {
    readonly ownerEvents: OwnerEventLog;
    readonly dataKeys: ErasesOwner;
    readonly idempotency: IdempotencyStore;
    readonly webhooks: WebhookStore;
    readonly consents: ConsentStore;
    readonly failedJobs: FailedJobs;
    readonly auditPseudonyms: AuditPseudonyms;
    readonly auditStore: AuditStore;
  } & { readonly clock: SettableClock };

export function memoryWorld(replaced: Partial<World> = {}): World {
  return {
    uploads: new MemoryUploadStore(),
    objects: new MemoryObjectStore(),
    samples: new MemorySampleStore(),
    metrics: new MemoryMetricStore(),
    analyses: new MemoryAnalysisStore(),
    insights: new MemoryInsightStore(),
    erasedOwners: new MemoryErasedOwners(),
    writeDown: (_, work) => work(),
    dataKeys: new MemoryDataKeys(),
    rooms: new MemoryRoomBoard(),
    ownerEvents: new MemoryOwnerEventLog(),
    webhooks: new MemoryWebhookStore(),
    consents: new MemoryConsentStore(),
    auditPseudonyms: new MemoryAuditPseudonyms(),
    auditStore: new MemoryAuditStore(),
    queue: new MemoryJobQueue(),
    failedJobs: new MemoryFailedJobs(),
    quota: NO_QUOTA,
    idempotency: new MemoryIdempotencyStore(),
    events: new MemoryEvents(),
    exports: readerOf([]),
    model: MODEL_WITHOUT_WEIGHTS,
    models: new MemoryModelRepository(nodeDigest),
    ids: countingIds(),
    digest: nodeDigest,
    clock: new SettableClock(),
    ...replaced,
  };
}

/** The same port with some of its methods replaced: for adapters that fail where a test wants them to. */
export function replacing<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, key) {
      const method: unknown = Reflect.get(Object.hasOwn(methods, key) ? methods : target, key);
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });
}

export async function* bytes(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(typeof part === 'string' ? Buffer.from(part) : part);
}

/** The whole content of a kept object. */
export async function textOf(source: ResultAsync<{ stream(): AsyncIterable<Uint8Array> }, unknown>): Promise<string> {
  const opened = await source;
  if (opened.isErr()) throw new Error(`nothing is kept: ${JSON.stringify(opened.error)}`);
  const parts: Uint8Array[] = [];
  for await (const part of opened.value.stream()) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
