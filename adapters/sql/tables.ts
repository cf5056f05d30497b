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
  readonly insight: InsightRow;
  readonly account: AccountRow;
  readonly login_session: LoginSessionRow;
  readonly second_factor: SecondFactorRow;
  readonly owner_event: OwnerEventRow;
  readonly owner_event_end: OwnerEventEndRow;
  readonly webhook: WebhookRow;
  readonly webhook_delivery: WebhookDeliveryRow;
  readonly emailed_code: EmailedCodeRow;
  readonly failed_login: FailedLoginRow;
  readonly room_frame: RoomFrameRow;
  readonly room_presence: RoomPresenceRow;
  readonly keyed_call: KeyedCallRow;
  readonly erased_owner: ErasedOwnerRow;
  readonly data_key: DataKeyRow;
  readonly audit_entry: AuditEntryRow;
  readonly audit_head: AuditHeadRow;
  readonly audit_end: AuditEndRow;
  readonly audit_pseudonym: AuditPseudonymRow;
  readonly rate_counter: RateCounterRow;
  readonly consent: ConsentRow;
  readonly emergency_access: EmergencyAccessRow;
  readonly failed_job: FailedJobRow;
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
  /** What the owner's metric is found by (see `metricKeysOf`). */
  readonly metric_key: string;
  readonly owner: string;
  readonly metric_id: string;
  readonly fingerprint: string;
  readonly upload_id: string;
  readonly type: string;
  readonly created_at_ms: number;
  readonly upload_source: string;
  /** The metric's other fields; those that are null are left out. */
  readonly content: string;
}

export interface UploadRow {
  readonly owner: string;
  readonly upload_id: string;
  readonly kind: string;
  readonly status: string;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
  /** Of `raw`, where there is one; 0 otherwise. */
  readonly raw_bytes: number;
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

/** A job that was given up on (see `FailedJob`). */
export interface FailedJobRow {
  readonly owner: string;
  readonly upload_id: string;
  readonly job_id: string;
  readonly attempts: number;
  readonly failed_at_ms: number;
  readonly reason: string;
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

export interface InsightRow {
  readonly owner: string;
  readonly insight_id: string;
  /** The upload whose analysis it explains; null for results that were sent along. */
  readonly upload_id: string | null;
  readonly generated_at_ms: number;
  /** The insight's other fields. */
  readonly content: string;
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
  /** JSON list. */
  readonly roles: string;
  /** 0 or 1. */
  readonly disabled: number;
}

export interface LoginSessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly last_used_at_ms: number;
  readonly rotation: number;
  /** 0 or 1. */
  readonly revoked: number;
}

/** The second factor of an account (see `SecondFactor`). */
export interface SecondFactorRow {
  readonly user_id: string;
  readonly factor_id: string;
  readonly secret: string;
  /** 0 or 1. */
  readonly enabled: number;
  readonly last_step: number | null;
  /** JSON list. */
  readonly recovery_hashes: string;
}

/** A call that was made with an idempotency key (see `KnownCall`). */
export interface KeyedCallRow {
  readonly owner: string;
  readonly operation: string;
  readonly key: string;
  readonly first_begun_at_ms: number;
  readonly forget_at_ms: number;
  readonly fingerprint: string | null;
  readonly token: string | null;
  readonly held_until_ms: number;
  /** The reply as JSON, deflated. */
  readonly reply: Uint8Array | null;
}

/** A frame for everybody in a room; `owner` caused it. */
export interface RoomFrameRow {
  /** Ascends with every frame ever posted. */
  readonly sequence: Generated<number>;
  readonly room: string;
  readonly owner: string;
  /** 0 or 1. */
  readonly to_author: number;
  readonly at_ms: number;
  readonly content: string;
}

/** One connection of a person to a room. */
export interface RoomPresenceRow {
  readonly room: string;
  readonly owner: string;
  readonly connection_id: string;
  readonly username: string;
  readonly connected_at_ms: number;
  readonly last_seen_at_ms: number;
}

/** The newest code of each account and purpose (see `EmailedCode`). */
export interface EmailedCodeRow {
  readonly user_id: string;
  readonly purpose: string;
  readonly address: string;
  readonly salt: string;
  readonly hash: string;
  readonly expires_at_ms: number;
  /** 0 or 1. */
  readonly used: number;
  readonly tries: number;
  /** JSON list of the instants of the last mails, ascending. */
  readonly sent_ms: string;
}

/** The failed logins in a row of an account by one client, or by all (see `FailedLogins`). */
export interface FailedLoginRow {
  readonly email_key: string;
  /** Empty for all. */
  readonly client: string;
  readonly failures: number;
  readonly forget_at_ms: number;
}

export interface OwnerEventRow {
  readonly owner: string;
  /** The place in the owner's log; from 1. */
  readonly number: number;
  readonly type: string;
  readonly at_ms: number;
  readonly upload_id: string | null;
  readonly subject: string;
  /** JSON. */
  readonly data: string;
}

/** The last place that was ever used in the owner's log, also where its event was forgotten. */
export interface OwnerEventEndRow {
  readonly owner: string;
  readonly number: number;
}

export interface WebhookRow {
  readonly owner: string;
  readonly webhook_id: string;
  readonly url: string;
  /** JSON list; null for every type. */
  readonly event_types: string | null;
  readonly description: string | null;
  /** 0 or 1. */
  readonly enabled: number;
  readonly secret: string;
  readonly created_at_ms: number;
}

export interface WebhookDeliveryRow {
  readonly owner: string;
  readonly webhook_id: string;
  readonly delivery_id: string;
  readonly event_id: string | null;
  readonly event_type: string;
  readonly payload: string;
  readonly status: string;
  readonly created_at_ms: number;
  /** When it may be handed out: at its time, or when its lease ends. Null unless pending. */
  readonly due_at_ms: number | null;
  /** Of the last hand-out that was not settled. */
  readonly claim: string | null;
  /** JSON list. */
  readonly attempts: string;
  readonly attempt_count: number;
}

/** Somebody who was erased of late (see `ErasedOwners`). */
export interface ErasedOwnerRow {
  readonly mark: string;
  readonly until_ms: number;
}

/** Counted calls (see `RateCounters`). */
export interface RateCounterRow {
  /** A hash. */
  readonly counter: string;
  /** The theoretical arrival time, in microseconds since 1970. */
  readonly arrival_us: number;
  /** By the last take. */
  readonly taken: number;
}

/** An entry of the audit log (see `StoredEntry`). */
export interface AuditEntryRow {
  readonly day: string;
  readonly number: number;
  readonly subject: string | null;
  readonly text: string;
  readonly hash: string;
}

/** The head over a day of the audit log that was closed (see `SignedHead`). */
export interface AuditHeadRow {
  readonly day: string;
  readonly count: number;
  readonly previous: string;
  readonly hash: string;
  readonly total: number;
  readonly state: string;
  readonly key_id: string;
  readonly signature: string;
}

/** What the audit log ends with. */
export interface AuditEndRow extends AuditHeadRow {
  /** 1: there is one row at most. */
  readonly place: number;
}

/** Who is meant by which pseudonym of the audit log. */
export interface AuditPseudonymRow {
  readonly owner: string;
  readonly pseudonym: string;
}

/** A data key under a master key (see `WrappedKey`). */
export interface DataKeyRow {
  readonly holder: string;
  readonly master_version: string;
  readonly wrapped: Uint8Array;
}

/** What a patient, the owner, lets somebody read (see `Consent`). */
export interface ConsentRow {
  readonly owner: string;
  readonly consent_id: string;
  readonly grantee: string;
  readonly purpose: string;
  /** JSON list. */
  readonly data_types: string;
  readonly created_at_ms: number;
  readonly ends_at_ms: number;
  readonly revoked_at_ms: number | null;
}

/** Somebody opened the owner's data in an emergency (see `EmergencyAccess`). */
export interface EmergencyAccessRow {
  readonly owner: string;
  readonly access_id: string;
  readonly clinician: string | null;
  readonly reason: string;
  readonly opened_at_ms: number;
  readonly ends_at_ms: number;
}
