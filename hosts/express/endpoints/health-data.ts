import { errAsync } from 'neverthrow';
import type { HealthMetric } from '../../../contracts/http/health-data.ts';
import type { TypeOf } from 'io-ts';
import type { Metric, MetricBlock, MetricPosition, MetricType, Upload } from '../../../core/health-data/model.ts';
import type { MetricStore } from '../../../core/health-data/ports.ts';
import { retryProcessing } from '../../../core/health-data/retry-processing.ts';
import { uploadMetrics, type MetricDraft, type UploadMetricsPorts } from '../../../core/health-data/upload-metrics.ts';
import { inputRejected } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import type { Health } from '../health.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { isoUtc, wireNotices } from './wire-values.ts';

export interface HealthDataEndpointDeps extends UploadMetricsPorts {
  readonly metrics: MetricStore;
  readonly health: Health;
  readonly version: string;
  readonly mostMetricsPerUpload: number;
}

type HealthDataEndpoints = Pick<
  Endpoints,
  'uploadHealthData' | 'listHealthData' | 'readProcessing' | 'retryProcessing' | 'healthDataHealth'
>;

const DEFAULT_PAGE_SIZE = 50;
/** What the contract's older clients expect as an estimate: two seconds a metric. */
const ESTIMATED_S_PER_METRIC = 2;

export function healthDataEndpoints(deps: HealthDataEndpointDeps): HealthDataEndpoints {
  return {
    uploadHealthData: ({ body, principal, rawBody }) => {
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
      return uploadMetrics(deps)({
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
    listHealthData: ({ query, principal, origin, url }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const offset = query.offset ?? 0;
      const after = query.cursor == null ? null : readCursor(query.cursor);
      if (query.cursor != null && after === null) return errAsync({ kind: 'invalid-cursor' });
      return deps.metrics
        .list(principal.userId, {
          types: query.data_type == null ? null : [query.data_type],
          fromMs: query.start_date?.ms ?? null,
          toMs: query.end_date?.ms ?? null,
          uploadSource: query.source ?? null,
          limit,
          offset: after === null ? offset : 0,
          after,
        })
        .map(({ metrics, hasMore }) => {
          const last = metrics.at(-1);
          const position: MetricPosition | null = hasMore && last !== undefined ? last : null;
          const next = position === null ? null : writeCursor(position);
          const link = (change: Readonly<Record<string, string | null>>): string =>
            pageLink(origin, url, limit, change);
          return {
            status: 200,
            body: {
              data: metrics.map(wireMetric),
              pagination: {
                total_count: null,
                page_size: limit,
                has_next: hasMore,
                has_previous: offset > 0 || after !== null,
                next_cursor: next,
                previous_cursor: null,
              },
              links: {
                self: link({ cursor: query.cursor ?? null, offset: offset > 0 ? String(offset) : null }),
                first: link({ cursor: null, offset: null }),
                previous:
                  offset > 0 ? link({ cursor: null, offset: offset > limit ? String(offset - limit) : null }) : null,
                next: next === null ? null : link({ cursor: next, offset: null }),
                last: null,
              },
            },
          };
        });
    },
    readProcessing: ({ params, principal }) =>
      deps.uploads
        .get(principal.userId, processingId(params.processing_id))
        .map((upload) => ({ status: 200, body: processingState(upload) })),
    retryProcessing: ({ params, principal }) =>
      retryProcessing(deps)({ owner: principal.userId, processingId: processingId(params.processing_id) }).map(
        (upload) => ({ status: 202, body: processingState(upload) }),
      ),
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

const wireMetric = (metric: Metric) => ({
  metric_id: metric.metricId,
  metric_type: metric.metricType,
  processing_id: metric.processingId,
  upload_source: metric.uploadSource,
  created_at: isoUtc(metric.createdAtMs),
  biometric_data: metric.biometric_data,
  sleep_data: metric.sleep_data,
  activity_data: metric.activity_data,
  mental_health_data: metric.mental_health_data,
  device_id: metric.deviceId,
  raw_data: metric.rawData,
  metadata: metric.metadata,
});

/** Filters first, then limit, then the place: the order that the contract's clients know. */
function pageLink(origin: string, url: URL, limit: number, place: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams();
  for (const name of ['data_type', 'start_date', 'end_date', 'source']) {
    const value = url.searchParams.get(name);
    if (value !== null) search.set(name, value);
  }
  search.set('limit', String(limit));
  for (const [name, value] of Object.entries(place)) if (value !== null) search.set(name, value);
  return `${origin}/api/v1/health-data?${search.toString()}`;
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
