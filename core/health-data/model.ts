import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';

/** The thirteen kinds of single metric that the contract accepts. */
export const METRIC_TYPES = [
  'heart_rate',
  'heart_rate_variability',
  'blood_pressure',
  'blood_oxygen',
  'respiratory_rate',
  'sleep_analysis',
  'activity_level',
  'stress_indicators',
  'mood_assessment',
  'cognitive_metrics',
  'environmental',
  'body_temperature',
  'blood_glucose',
] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** A measurement block as the client sent it: field name to value, already checked against the block's ranges. */
export type MetricBlock = Readonly<Record<string, unknown>>;

/** The blocks a metric may carry. Absent blocks are null. */
export interface MetricBlocks {
  readonly biometric_data: MetricBlock | null;
  readonly sleep_data: MetricBlock | null;
  readonly activity_data: MetricBlock | null;
  readonly mental_health_data: MetricBlock | null;
}

/** One stored metric. `createdAtMs` is the instant of the measurement. */
export interface Metric extends MetricBlocks {
  readonly metricId: string;
  readonly metricType: MetricType;
  readonly processingId: ProcessingId;
  readonly uploadSource: string;
  readonly createdAtMs: EpochMs;
  readonly deviceId: string | null;
  readonly rawData: MetricBlock | null;
  readonly metadata: MetricBlock | null;
  /**
   * SHA-256 over type, instant and blocks. Two metrics of one person with the same id or the same fingerprint are one.
   */
  readonly fingerprint: string;
}

/** What is asked of the metric list. Filters apply before the page is cut. */
export interface MetricQuery {
  readonly types: readonly MetricType[] | null;
  readonly fromMs: EpochMs | null;
  /** Exclusive. */
  readonly toMs: EpochMs | null;
  readonly uploadSource: string | null;
  readonly limit: number;
  readonly offset: number;
  /** Continue after this metric in list order (newest first, ties by id descending). */
  readonly after: MetricPosition | null;
  /**
   * The page that ends right before this place: of the metrics before it, those nearest to it, newest first as ever. `offset`
   * then counts from that place backwards, and `hasMore` tells whether there is more before the page.
   */
  readonly before?: MetricPosition | null;
}

/** A place in the list order, stable under inserts. */
export interface MetricPosition {
  readonly createdAtMs: EpochMs;
  readonly metricId: string;
}

export interface MetricPage {
  readonly metrics: readonly Metric[];
  readonly hasMore: boolean;
}

export const UPLOAD_KINDS = ['health-data', 'healthkit', 'healthkit-export', 'pat-steps', 'pat-counts'] as const;
export type UploadKind = (typeof UPLOAD_KINDS)[number];

export const PROCESSING_STATUSES = ['received', 'processing', 'completed', 'failed', 'requires_review'] as const;
export type ProcessingStatus = (typeof PROCESSING_STATUSES)[number];

/** Why work on an upload ended without a result. */
export interface ProcessingFailure {
  readonly code: string;
  readonly reason: string;
}

/** Something set aside or noticed while an upload was read, with where it was first seen. */
export interface ImportNotice {
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Such as `line 1042` or `/quantity_samples/3`; the first place only. */
  readonly firstAt: string | null;
}

/** What became of an upload's parts, by type. */
export interface UploadCounts {
  readonly accepted: Readonly<Record<string, number>>;
  readonly duplicates: Readonly<Record<string, number>>;
  readonly rejected: readonly ImportNotice[];
  /** From the first sample's start to the last sample's start, or null where there is no usable sample. */
  readonly span: { readonly fromMs: EpochMs; readonly toMs: EpochMs } | null;
  /** The IANA zone most samples named, else the UTC offset most carry (`UTC+01:00`), else null. */
  readonly timeZone: string | null;
}

export const NO_COUNTS: UploadCounts = { accepted: {}, duplicates: {}, rejected: [], span: null, timeZone: null };

/** One upload and how far the work on it is. */
export interface Upload {
  readonly owner: UserId;
  readonly processingId: ProcessingId;
  readonly kind: UploadKind;
  readonly status: ProcessingStatus;
  readonly createdAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
  readonly uploadSource: string;
  /** Where the raw bytes lie in the object store, with their hash. */
  readonly raw: { readonly key: string; readonly sha256: string; readonly bytes: number } | null;
  /** IANA name that the client asked for, or null to take it from the data. */
  readonly timezone: string | null;
  readonly syncToken: string | null;
  /** From 0 to 1. */
  readonly progress: number;
  /** One plain sentence about the present stage. */
  readonly message: string;
  readonly counts: UploadCounts;
  readonly failure: ProcessingFailure | null;
}

/** The fields of an upload that change while it is worked on. */
export type UploadChange = Partial<Pick<Upload, 'status' | 'progress' | 'message' | 'counts' | 'failure' | 'raw'>>;
