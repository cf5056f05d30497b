import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import type { InputIssue, PortUnavailable } from '../kernel/errors.ts';
import { processingId, type Ids, type ProcessingId, type UserId } from '../kernel/ids.ts';
import { metricIssues, type SleepTimes } from './check-metric.ts';
import type { Metric, MetricBlock, MetricBlocks, MetricType, Upload } from './model.ts';
import { rawMetricsKey } from './object-keys.ts';
import type { MetricOutcome, MetricStore } from './ports.ts';
import { enqueueProcessing, keepRaw, newUpload, type UploadPorts } from './receive-upload.ts';
import { withinQuota, type QuotaExceeded } from './upload-quota.ts';

/** A metric as the client sent it, its fields already within their ranges. */
export interface MetricDraft extends MetricBlocks {
  /** Place in the client's list. */
  readonly index: number;
  readonly metricId: string | null;
  readonly metricType: MetricType;
  readonly createdAtMs: EpochMs | null;
  readonly sleepTimes: SleepTimes | null;
  readonly deviceId: string | null;
  readonly rawData: MetricBlock | null;
  readonly metadata: MetricBlock | null;
}

export interface UploadMetricsCommand {
  readonly owner: UserId;
  readonly uploadSource: string;
  readonly syncToken: string | null;
  readonly drafts: readonly MetricDraft[];
  /** How many metrics the request's codec had set aside already. */
  readonly rejectedEarlier: number;
  /** The body as it came. */
  readonly raw: Uint8Array;
}

export interface MetricsReceipt {
  readonly processingId: ProcessingId;
  readonly stored: number;
  readonly duplicates: number;
  /** Rejected by the rules between fields; pointers are relative to the metric. */
  readonly rejected: readonly { readonly index: number; readonly issues: readonly InputIssue[] }[];
  readonly receivedAtMs: EpochMs;
}

export interface UploadMetricsPorts extends UploadPorts {
  readonly metrics: MetricStore;
  readonly ids: Ids;
  readonly digest: Digest;
}

/**
 * Keeps the raw body, stores every metric that is right and new, and queues the analysis. A metric that breaks a rule is
 * set aside by itself; one that the person has already is counted as a duplicate.
 *
 * With the same ids and instant it can be done again, wherever it was left, and ends in the state and with the receipt
 * of doing it once.
 */
export function uploadMetrics(ports: UploadMetricsPorts) {
  return (command: UploadMetricsCommand): ResultAsync<MetricsReceipt, QuotaExceeded | PortUnavailable> => {
    const { owner, raw } = command;
    const nowMs = ports.clock.now();
    const id = processingId(ports.ids.uuid());
    const rejected: { index: number; issues: readonly InputIssue[] }[] = [];
    const metrics: Metric[] = [];
    for (const draft of command.drafts) {
      const issues = metricIssues(draft.metricType, draft, draft.sleepTimes);
      if (issues.length > 0) rejected.push({ index: draft.index, issues });
      else metrics.push(metricOf(draft, id, command.uploadSource, nowMs, ports));
    }
    const upload = newUpload({
      owner,
      processingId: id,
      kind: 'health-data',
      uploadSource: command.uploadSource,
      timezone: null,
      syncToken: command.syncToken,
      nowMs,
    });
    const admitted = withinQuota(ports)({ owner, upload: id, bytes: raw.byteLength, isWorkedOn: true });
    return admitted
      .andThen(() => keepRaw(ports)(upload, rawMetricsKey(owner, id, nowMs), raw))
      .andThen((kept) =>
        ports.metrics.append(owner, metrics).andThen((outcomes) => {
          const counted: Upload = {
            ...kept,
            counts: countsOf(metrics, outcomes, rejected.length + command.rejectedEarlier),
          };
          const duplicates = outcomes.filter((outcome) => outcome === 'duplicate').length;
          return enqueueProcessing(ports)(counted, 'Stored; the analysis is queued.').map((): MetricsReceipt => ({
            processingId: id,
            stored: outcomes.length - duplicates,
            duplicates,
            rejected,
            receivedAtMs: nowMs,
          }));
        }),
      );
  };
}

function metricOf(
  draft: MetricDraft,
  upload: ProcessingId,
  uploadSource: string,
  nowMs: EpochMs,
  ports: Pick<UploadMetricsPorts, 'ids' | 'digest'>,
): Metric {
  const { biometric_data, sleep_data, activity_data, mental_health_data } = draft;
  const blocks: MetricBlocks = { biometric_data, sleep_data, activity_data, mental_health_data };
  // Each member by name: there may be very many metrics, and spreading the blocks takes as long as all else here.
  return {
    biometric_data,
    sleep_data,
    activity_data,
    mental_health_data,
    metricId: draft.metricId ?? ports.ids.uuid(),
    metricType: draft.metricType,
    processingId: upload,
    uploadSource,
    createdAtMs: draft.createdAtMs ?? nowMs,
    deviceId: draft.deviceId,
    rawData: draft.rawData,
    metadata: draft.metadata,
    fingerprint: metricFingerprint(
      ports.digest,
      draft.metricType,
      draft.createdAtMs,
      blocks,
      // Without an instant of its own a metric is only known by its id, so its content must not make it a duplicate.
      draft.createdAtMs === null ? (draft.metricId ?? ports.ids.uuid()) : null,
    ),
  };
}

/**
 * The `fingerprint` of a metric: equal for equal type, instant and blocks, where absent members and null are the same.
 * A `name` keeps metrics of different names apart.
 */
export function metricFingerprint(
  digest: Digest,
  type: MetricType,
  createdAtMs: EpochMs | null,
  blocks: MetricBlocks,
  name: string | null = null,
): string {
  const content = canonicalJson([type, createdAtMs, blocks]);
  return digest.sha256Hex(name === null ? content : `${name} ${content}`);
}

/** JSON with sorted keys, so that equal content is equal text. Null members are left out: absent and null are the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const object = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(object).filter((key) => object[key] !== null && object[key] !== undefined);
    // Most objects in here have one member or two.
    if (keys.length > 1) keys.sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function countsOf(metrics: readonly Metric[], outcomes: readonly MetricOutcome[], rejected: number): Upload['counts'] {
  const accepted: Record<string, number> = {};
  const duplicates: Record<string, number> = {};
  metrics.forEach((metric, i) => {
    const counts = outcomes[i] === 'duplicate' ? duplicates : accepted;
    counts[metric.metricType] = (counts[metric.metricType] ?? 0) + 1;
  });
  return {
    accepted,
    duplicates,
    rejected:
      rejected === 0
        ? []
        : [
            {
              code: 'invalid-metric',
              message: 'metrics that broke a rule were set aside',
              count: rejected,
              firstAt: null,
            },
          ],
    span: null,
    timeZone: null,
  };
}
