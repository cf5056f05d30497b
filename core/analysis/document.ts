/**
 * `clarity.analysis/1`: the analysis of one window, the product's published result. It is stored, sent and printed in
 * exactly this form, so its names are the published ones. `null` always means "not computable from these data", and
 * `not_computed` then says why.
 */
export interface AnalysisDocument {
  readonly schema: 'clarity.analysis/1';
  readonly window: AnalysisWindow;
  readonly input: AnalysisInputFacts;
  readonly data_quality: DataQuality;
  readonly rhythm: RhythmResults;
  readonly sleep: SleepResults;
  readonly activity: ActivityResults;
  readonly model: ModelResults;
  readonly risk: RiskResults;
  readonly algorithms: Readonly<Record<string, AlgorithmUsed>>;
  readonly not_computed: readonly NotComputed[];
}

export interface AnalysisWindow {
  /** ISO 8601 with the zone's offset; inclusive. */
  readonly start: string;
  /** ISO 8601 with the zone's offset; exclusive. */
  readonly end: string;
  readonly timezone: string;
  /** Elapsed minutes from start to end. */
  readonly minutes: number;
}

export type SignalKind = 'counts' | 'steps' | 'healthkit';

export interface AnalysisInputFacts {
  readonly kind: SignalKind;
  readonly sha256: string;
  readonly sources: readonly SourceUse[];
  /** What of the input was not used as it came: set aside, missing or decided, each kind counted with its first place. */
  readonly notices: readonly InputNotice[];
}

/** One kind of thing that was noticed while the input was read. */
export interface InputNotice {
  /** Stable, such as `unknown-type`. */
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Such as `line 1042`, or null where there is no one place. */
  readonly first_at: string | null;
}

/** One source of activity samples: what was used of it and what was set aside. Amounts are in the signal's unit. */
export interface SourceUse {
  readonly name: string;
  readonly device: 'watch' | 'phone' | 'other' | 'file';
  readonly signal: string;
  readonly samples: number;
  readonly used: number;
  readonly set_aside: number;
  /** Why something was set aside, or null. */
  readonly reason: string | null;
}

export interface DataQuality {
  /** Minutes of the window with a known value. */
  readonly valid_minutes: number;
  /** Local days with at least 600 valid minutes (Troiano 2008). */
  readonly valid_days: number;
  /** Valid minutes over minutes in the window, 0 to 1. */
  readonly wear_fraction: number;
  /** Runs of missing minutes in time order. */
  readonly gaps: readonly Gap[];
  /** How wear was decided. */
  readonly wear_rule: string;
}

export interface Gap {
  readonly start: string;
  readonly end: string;
  readonly minutes: number;
}

export interface RhythmResults {
  readonly interdaily_stability: number | null;
  readonly intradaily_variability: number | null;
  readonly relative_amplitude: number | null;
  /** `mean` in the signal's unit a minute; `onset_minute` from local midnight. */
  readonly l5: { readonly mean: number | null; readonly onset_minute: number | null };
  readonly m10: { readonly mean: number | null; readonly onset_minute: number | null };
  readonly cosinor: {
    readonly mesor: number | null;
    readonly amplitude: number | null;
    /** Minute of the fitted peak, from local midnight. */
    readonly acrophase_minute: number | null;
    readonly r_squared: number | null;
  };
}

export interface SleepResults {
  readonly method: string | null;
  readonly scored_sleep_minutes: number | null;
  readonly rescored_sleep_minutes: number | null;
  readonly regularity_index: number | null;
  readonly nights: readonly NightResult[] | null;
}

export interface NightResult {
  /** The evening's local date. */
  readonly date: string;
  readonly in_bed_start: string | null;
  readonly in_bed_end: string | null;
  readonly time_in_bed_minutes: number | null;
  readonly asleep_minutes: number | null;
  readonly efficiency_percent: number | null;
  readonly onset_latency_minutes: number | null;
  readonly waso_minutes: number | null;
  /** Minutes a stage, where the source tells stages. */
  readonly stages: SleepStageMinutes | null;
  readonly source: string;
}

export interface SleepStageMinutes {
  readonly awake: number;
  readonly core: number;
  readonly deep: number;
  readonly rem: number;
  readonly unspecified: number;
}

export interface ActivityResults {
  readonly unit: string;
  readonly daily: readonly DailyActivity[];
  /** Mean of the signal a minute for each local clock hour, or null for an hour never seen. */
  readonly hourly_profile: readonly (number | null)[];
}

export interface DailyActivity {
  readonly date: string;
  /** Sum over valid minutes; null on a day without any. */
  readonly total: number | null;
  readonly valid_minutes: number;
}

export interface ModelResults {
  readonly status: string;
  readonly name: string | null;
  readonly engine: string | null;
  /** `population` or `per-person`. */
  readonly scaling: string | null;
  readonly embedding: readonly number[] | null;
  /** What was encoded and how; absent from documents made before there was an encoder. */
  readonly encoding?: ModelEncoding | null;
}

/** Everything that has to be said about an embedding. */
export interface ModelEncoding {
  /** Such as `PAT-S-14de20b7d86f`. */
  readonly model_id: string;
  /** SHA-256 of the file that the weights were installed from. */
  readonly weights_sha256: string;
  /** `steps` is a proxy of the counts that PAT was pretrained on. */
  readonly signal: 'counts' | 'steps';
  /** The population that each minute was standardised against; null with the scaling `per-person`. */
  readonly reference_population: string | null;
  /** The local days that were encoded: the latest ones with few enough missing minutes. */
  readonly first_day: string;
  readonly days: number;
  /** Says so where these are not the seven days that PAT was pretrained on. */
  readonly length_note: string | null;
  readonly missing_minutes: {
    readonly imputed: number;
    /** More than this and nothing is encoded. */
    readonly most: number;
    readonly policy: string;
  };
  readonly importance: ModelImportance;
}

/** Where the model looked, which is not why it answered as it did. */
export interface ModelImportance {
  readonly method: string;
  /** Each number holds for so many minutes, from `first_day`, 00:00 local time, on. */
  readonly patch_minutes: number;
  /** Attention received in the last block, mean over heads, summing to 1. */
  readonly per_patch: readonly number[];
}

export interface RiskResults {
  readonly depression: number | null;
  /** One a task that a head is installed for; absent where there is none. */
  readonly scores?: readonly RiskScore[];
}

/** What an installed head says. */
export interface RiskScore {
  readonly task: string;
  /** 0 to 1, calibrated on the data that the card describes; null where the head does not fit these days. */
  readonly score: number | null;
  /** The head's model card: whom it was trained on, how well it does, what it is for. */
  readonly card_id: string;
}

export interface AlgorithmUsed {
  readonly name: string;
  readonly version: string;
  readonly reference: string;
}

/** `field` is the dotted path of a null in the document, such as `rhythm.interdaily_stability`. */
export interface NotComputed {
  readonly field: string;
  readonly reason: string;
}

/**
 * The minute values behind a document, laid out by local clock: row d, column m is minute m of the window's d-th local
 * day. NaN is a missing minute (or one outside the window, or one that the clocks skipped); where the clocks went back
 * and a minute happened twice, the mean of the two.
 */
export interface LocalDayGrid {
  /** ISO dates, one a row. */
  readonly dates: readonly string[];
  /** `dates.length * 1440` values in the signal's unit a minute. */
  readonly values: Float32Array;
}
