import { errAsync } from 'neverthrow';
import type { HealthMetric } from '../../../contracts/http/health-data.ts';
import type { TypeOf } from 'io-ts';
import { deleteUpload, type DeleteUploadPorts } from '../../../core/health-data/delete-upload.ts';
import type { MetricBlock, MetricType, Upload } from '../../../core/health-data/model.ts';
import { retryProcessing } from '../../../core/health-data/retry-processing.ts';
import { uploadMetrics, type MetricDraft, type UploadMetricsPorts } from '../../../core/health-data/upload-metrics.ts';
import { inputRejected } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import type { Health } from '../health.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc, wireNotices } from './wire-values.ts';

export interface HealthDataEndpointDeps extends UploadMetricsPorts, Omit<DeleteUploadPorts, keyof UploadMetricsPorts> {
  readonly health: Health;
  readonly version: string;
  readonly mostMetricsPerUpload: number;
}

type HealthDataEndpoints = Pick<
  Endpoints,
  'uploadHealthData' | 'readProcessing' | 'retryProcessing' | 'deleteHealthData' | 'healthDataHealth'
>;

/** What the contract's older clients expect as an estimate: two seconds a metric. */
const ESTIMATED_S_PER_METRIC = 2;

export function healthDataEndpoints(deps: HealthDataEndpointDeps): HealthDataEndpoints {
  return {
    uploadHealthData: ({ body, principal, rawBody, ids, clock }) => {
      if (body.user_id !== principal.userId) return errAsync({ kind: 'not-your-own', pointer: '/user_id' });
      const { accepted, rejected } = body.metrics;
      const count = accepted.length + rejected.length;
      if (count > deps.mostMetricsPerUpload) {
        return errAsync(
          inputRejected({
            pointer: '/metrics',
            message: `has ${String(count)} items; at most ${String(deps.mostMetricsPerUpload)} are taken at once`,
            code: 'too_many',
          }),
        );
      }
      return uploadMetrics({ ...deps, ids, clock })({
        owner: principal.userId,
        uploadSource: body.upload_source,
        syncToken: body.sync_token ?? null,
        drafts: accepted.map(({ index, value, wire }) => draftOf(index, value, wire)),
        rejectedEarlier: rejected.length,
        raw: rawBody,
      }).map((receipt) => {
        const issues = [
          ...rejected.flatMap(({ index, issues: found, value }) =>
            found.map((issue) => wireIssue(index, issue, valueAt(value, issue.pointer))),
          ),
          ...receipt.rejected.flatMap(({ index, issues: found }) =>
            found.map((issue) => wireIssue(index, issue, undefined)),
          ),
        ];
        return {
          status: 201,
          body: {
            processing_id: receipt.processingId,
            status: 'processing',
            accepted_metrics: receipt.stored,
            rejected_metrics: rejected.length + receipt.rejected.length,
            duplicate_metrics: receipt.duplicates,
            validation_errors: issues,
            estimated_processing_time: ESTIMATED_S_PER_METRIC * receipt.stored,
            sync_token: body.sync_token ?? null,
            message: 'Health data processing initiated successfully',
            timestamp: isoUtc(receipt.receivedAtMs),
          },
        };
      });
    },
    readProcessing: ({ params, principal }) =>
      deps.uploads
        .get(principal.userId, processingId(params.processing_id))
        .map((upload) => ({ status: 200, body: processingState(upload) })),
    retryProcessing: ({ params, principal, clock }) =>
      retryProcessing({ ...deps, clock })({
        owner: principal.userId,
        processingId: processingId(params.processing_id),
      }).map((upload) => ({ status: 202, body: processingState(upload) })),
    deleteHealthData: ({ params, principal, clock }) =>
      deleteUpload({ ...deps, clock })({
        owner: principal.userId,
        processingId: processingId(params.processing_id),
      }).map(({ processingId: id, deletedAtMs, deleted }) => ({
        status: 200,
        body: {
          message: 'Health data deleted successfully',
          processing_id: id,
          deleted_at: isoUtc(deletedAtMs),
          deleted: {
            samples: deleted.samples,
            metrics: deleted.metrics,
            analyses: deleted.analyses,
            insights: deleted.insights,
            raw_objects: deleted.rawObjects,
          },
        },
      })),
    healthDataHealth: () =>
      deps.health.of(['database', 'object_store']).map((status) => ({
        status: 200,
        body: { status, service: 'health-data', timestamp: isoUtc(deps.clock.now()), version: deps.version },
      })),
  };
}

function draftOf(index: number, metric: TypeOf<typeof HealthMetric>, wire: unknown): MetricDraft {
  // Blocks are kept as the client wrote them; the codec has checked that nothing unknown is among them.
  const written = wire as Readonly<Record<string, MetricBlock | null | undefined>>;
  const block = (name: string): MetricBlock | null => written[name] ?? null;
  const sleep = metric.sleep_data;
  return {
    index,
    metricId: metric.metric_id ?? null,
    metricType: metric.metric_type satisfies MetricType,
    createdAtMs: metric.created_at?.ms ?? null,
    biometric_data: block('biometric_data'),
    sleep_data: block('sleep_data'),
    activity_data: block('activity_data'),
    mental_health_data: block('mental_health_data'),
    sleepTimes:
      sleep == null
        ? null
        : { startMs: sleep.sleep_start.ms, endMs: sleep.sleep_end.ms, asleepMinutes: sleep.total_sleep_minutes },
    deviceId: metric.device_id ?? null,
    rawData: metric.raw_data ?? null,
    metadata: metric.metadata ?? null,
  };
}

function wireIssue(index: number, issue: { pointer: string; message: string; code: string }, value: unknown) {
  const pointer = `/metrics/${String(index)}${issue.pointer}`;
  return {
    field: pointer.slice(1).replaceAll('/', '.'),
    message: issue.message,
    code: issue.code,
    pointer,
    value: typeof value === 'object' ? null : (value ?? null),
  };
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      value,
    );
}

/** An upload's state as the wire shows it. */
export const processingState = (upload: Upload) => ({
  processing_id: upload.processingId,
  status: upload.status,
  created_at: isoUtc(upload.createdAtMs),
  updated_at: isoUtc(upload.updatedAtMs),
  kind: upload.kind,
  progress: upload.progress,
  message: upload.message,
  accepted: { ...upload.counts.accepted },
  duplicates: { ...upload.counts.duplicates },
  rejected: wireNotices(upload.counts.rejected),
  failure: upload.failure,
});
