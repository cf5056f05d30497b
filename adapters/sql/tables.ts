import type { Generated } from 'kysely';

/** Every table and its columns. Instants are milliseconds since 1970; `content` and `document` are JSON. */
export interface Tables {
  readonly schema_version: { readonly version: number; readonly name: string };
  readonly sample_chunk: SampleChunkRow;
  readonly sample_chunk_upload: SampleChunkUploadRow;
  readonly sample_reach: SampleReachRow;
  readonly metric: MetricRow;
  readonly upload: UploadRow;
  readonly job: JobRow;
  readonly analysis: AnalysisRow;
  readonly account: AccountRow;
  readonly login_session: LoginSessionRow;
}

/** One chunk of samples (see `SampleChunk`), encoded. */
export interface SampleChunkRow {
  readonly owner: string;
  readonly type: string;
  readonly day: number;
  /** The latest end of a sample in the chunk. */
  readonly last_end_ms: number;
  readonly sample_count: number;
  readonly content: Uint8Array;
}

/** Which uploads have samples in which chunks; the chunk's content is the truth, this finds it. */
export interface SampleChunkUploadRow {
  readonly owner: string;
  readonly upload_id: string;
  readonly type: string;
  readonly day: number;
}

/** No sample of the owner and type reaches more days past the day on which it starts. */
export interface SampleReachRow {
  readonly owner: string;
  readonly type: string;
  readonly reach_days: number;
}

export interface MetricRow {
  readonly owner: string;
  readonly metric_id: string;
  readonly fingerprint: string;
  readonly upload_id: string;
  readonly type: string;
  readonly created_at_ms: number;
  readonly upload_source: string;
  /** The metric's other fields. */
  readonly content: string;
}

export interface UploadRow {
  readonly owner: string;
  readonly upload_id: string;
  readonly kind: string;
  readonly status: string;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
  /** The upload's other fields. */
  readonly content: string;
}

export interface JobRow {
  /** Ascends with every job ever enqueued. */
  readonly sequence: Generated<number>;
  readonly id: string;
  readonly owner: string;
  readonly upload_id: string;
  readonly enqueued_at_ms: number;
  /** When it may be handed out: at once, after a retry's delay, or when its lease ends. */
  readonly due_at_ms: number;
  readonly attempt: number;
  /** Of the last hand-out that was not settled. */
  readonly receipt: string | null;
}

export interface AnalysisRow {
  readonly owner: string;
  readonly upload_id: string;
  /** 0 for the window, then weeks in time order. */
  readonly position: number;
  readonly analysis_id: string;
  readonly scope: string;
  readonly created_at_ms: number;
  readonly document: string;
  /** JSON list of dates. */
  readonly grid_dates: string;
  /** 32-bit floats, little-endian. */
  readonly grid_values: Uint8Array;
}

export interface AccountRow {
  readonly user_id: string;
  readonly email: string;
  readonly email_key: string;
  /** 0 or 1. */
  readonly email_verified: number;
  readonly display_name: string | null;
  readonly password_hash: string;
  readonly created_at_ms: number;
}

export interface LoginSessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  /** 0 or 1. */
  readonly revoked: number;
}
