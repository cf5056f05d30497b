import { okAsync, type ResultAsync } from 'neverthrow';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { analysisText } from '../../../core/account/canonical-text.ts';
import { analyzeReadings } from '../../../core/analysis/analyze-readings.ts';
import { claimJob, runJob } from '../../../core/analysis/run-next-job.ts';
import { uploadSamples, type PlacedSample } from '../../../core/apple-health/upload-samples.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { DirectUploads } from '../../../core/health-data/ports.ts';
import { presignExport } from '../../../core/health-data/presign-export.ts';
import { retryProcessing } from '../../../core/health-data/retry-processing.ts';
import { uploadMetrics, type MetricDraft } from '../../../core/health-data/upload-metrics.ts';
import type { IdempotencyScope } from '../../../core/idempotency/ports.ts';
import { repeatableIds } from '../../../core/idempotency/repeatable-ids.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { contentOf } from '../account/account-content.ts';
import { MONDAY_MS, UTC } from '../analysis/recordings.ts';
import { ADA, bytes, countingIds, memoryWorld, NOW_MS, readerOf, SettableClock, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { columnsOf, WATCH } from '../sample-columns.ts';

/** The stores of a person, and where a client can send to. */
export type CallWorld = World & { readonly directUploads: DirectUploads; readonly wallClock: Clock };

/** The members of the world whose calls can be interrupted. */
export const PORTS = ['uploads', 'objects', 'samples', 'metrics', 'analyses', 'queue', 'directUploads'] as const;

/** A call that creates something, and what of its reply must be the same however it is repeated. */
export interface CreatingCall {
  readonly name: string;
  /** What the person has before. */
  readonly prepare?: (world: CallWorld) => Promise<void>;
  readonly make: (ports: CallWorld) => ResultAsync<unknown, unknown>;
}

export const SCOPE: IdempotencyScope = { owner: ADA, operation: 'any', key: 'a key' };

/** The world with ids and "now" of an attempt at a call that was first begun then; those of every attempt are the same. */
export function attemptAt(world: CallWorld, firstBegunAtMs = NOW_MS): CallWorld {
  const clock = new SettableClock();
  clock.nowMs = firstBegunAtMs;
  return { ...world, clock, ids: repeatableIds(nodeDigest, SCOPE, firstBegunAtMs) };
}

const EARLIER = processingId('earlier');

/** An hour later, so that what a worker does can be told from what a call does. */
const WORKER_LATER_MS = 3_600_000;

const steps = (minute: number): PlacedSample => ({
  pointer: `/quantity_samples/${minute}`,
  identifier: 'HKQuantityTypeIdentifierStepCount',
  value: 100 + minute,
  unit: 'count',
  startDate: new Date(MONDAY_MS + minute * 60_000).toISOString(),
  endDate: new Date(MONDAY_MS + minute * 60_000 + 30_000).toISOString(),
  sourceName: 'Sam Watch',
  device: null,
});

const draft = (index: number, changes: Partial<MetricDraft> = {}): MetricDraft => ({
  index,
  metricId: null,
  metricType: 'heart_rate',
  createdAtMs: MONDAY_MS + index * 60_000,
  sleepTimes: null,
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: { heart_rate: 60 + index },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  ...changes,
});

const metricsCommand = (drafts: readonly MetricDraft[]) => ({
  owner: ADA,
  uploadSource: 'apple_health',
  syncToken: 'sync-1',
  drafts,
  rejectedEarlier: 1,
  raw: Buffer.from(`{"count":${drafts.length}}`),
});

const samplesCommand = (samples: readonly PlacedSample[]) => ({
  owner: ADA,
  samples,
  unreadable: [],
  unread: { workouts: 1 },
  limits: { writtenAtMs: NOW_MS, zone: null },
  timezone: null,
  syncToken: null,
  uploadSource: 'healthkit_ios',
  raw: Buffer.from(`{"count":${samples.length}}`),
});

/** The parts of an upload that its creation decides; the rest becomes of it by the worker. */
const created = ({ processingId: id, createdAtMs, raw, timezone, kind, counts }: Upload) => ({
  id,
  createdAtMs,
  raw,
  timezone,
  kind,
  counts,
});

/** Every call that creates something, with duplicates of what was there before and of itself. */
export const CREATING_CALLS: readonly CreatingCall[] = [
  {
    name: 'uploading metrics',
    prepare: async (world) => {
      const earlier = metricsCommand([draft(0), draft(1)]);
      valueOf(await uploadMetrics({ ...world, ids: countingIds() })(earlier));
    },
    make: (ports) =>
      uploadMetrics(ports)(
        metricsCommand([
          draft(1),
          draft(2),
          draft(3, { metricId: 'own id' }),
          draft(4, { metricId: 'own id' }),
          draft(5, { createdAtMs: null }),
          draft(2),
          draft(6, { biometric_data: null }),
        ]),
      ),
  },
  {
    name: 'uploading samples',
    prepare: async (world) => {
      const earlier = samplesCommand([steps(0), steps(1)]);
      valueOf(await uploadSamples({ ...world, ids: countingIds() })(earlier));
    },
    make: (ports) =>
      uploadSamples(ports)(samplesCommand([steps(1), steps(2), steps(1500), steps(2), steps(3000)])).map(created),
  },
  {
    name: 'accepting an export',
    make: (ports) =>
      acceptExport(ports)({
        owner: ADA,
        content: bytes('<HealthData', ' of="ada">', '</HealthData>'),
        limitBytes: 1000,
        timezone: 'Europe/Berlin',
      }).map((upload) => ({ ...created(upload), counts: null })),
  },
  {
    name: 'announcing an export',
    make: (ports) =>
      presignExport(ports)({
        owner: ADA,
        expected: { bytes: 12, sha256: 'ab'.repeat(32) },
        format: 'zip',
        limitBytes: 1000,
        timezone: null,
        // Every attempt is granted a request that has not expired.
      }).map(({ upload, request: { url } }) => ({ upload, url })),
  },
  {
    name: 'analysing readings',
    make: (ports) => {
      const readings = Float64Array.from({ length: 700 }, (_, i) => 1 + (i % 50));
      return analyzeReadings(ports)({
        owner: ADA,
        signal: 'counts',
        timestampsMs: readings.map((_, i) => MONDAY_MS + i * 60_000),
        readings,
        zone: UTC,
        nonWear: 'none',
        encodedDays: null,
        raw: Buffer.from('{"the body":"as it came"}'),
      }).map(analysisText);
    },
  },
  {
    name: 'trying a failed upload again',
    prepare: async (world) => {
      const clock = { now: () => NOW_MS - 1000 };
      const command = { owner: ADA, content: bytes('<HealthData/>'), limitBytes: 1000, timezone: null };
      const ids = { uuid: () => EARLIER };
      valueOf(await acceptExport({ ...world, clock, ids })(command));
      valueOf(await world.queue.complete(valueOf(await world.queue.claim(NOW_MS, 1))!));
      const failure = { code: 'gave-up', reason: 'It did not work.' };
      valueOf(await world.uploads.change(ADA, EARLIER, { status: 'failed', failure }, NOW_MS - 500));
    },
    make: (ports) =>
      retryProcessing(ports)({ owner: ADA, processingId: EARLIER }).map((upload) => ({
        ...created(upload),
        counts: null,
      })),
  },
];

const EXPORTED = columnsOf(
  'step_count',
  Array.from({ length: 48 }, (_, hour) => ({
    startMs: MONDAY_MS + hour * 3_600_000,
    endMs: MONDAY_MS + hour * 3_600_000 + 60_000,
    value: 40 + hour,
    source: WATCH,
  })),
);

/** A world in which the call can be made. */
export async function worldFor({ prepare }: CreatingCall): Promise<CallWorld> {
  const memory = memoryWorld({ exports: readerOf([EXPORTED]) });
  const world: CallWorld = {
    ...memory,
    wallClock: memory.clock,
    directUploads: {
      grant: (_owner, key, _expected, nowMs) =>
        okAsync({ method: 'PUT', url: `https://store/${key}`, headers: {}, expiresAtMs: nowMs + 1000 }),
      arrived: (_owner, _key, expected) => okAsync(expected),
    },
  };
  await prepare?.(world);
  await work(world);
  return world;
}

/** Does all the work that is queued, an hour later, and answers for which uploads, in order. */
export async function work(world: CallWorld): Promise<readonly string[]> {
  const done: string[] = [];
  const worker = { ...world, ids: countingIds(), clock: { now: () => NOW_MS + WORKER_LATER_MS } };
  for (;;) {
    const job = valueOf(await claimJob(worker));
    if (job === null) return done;
    done.push(job.upload);
    valueOf(await runJob(worker)(job));
  }
}

/** Everything that is kept of the person. */
export const kept = (world: CallWorld) => contentOf(world, ADA, []);
