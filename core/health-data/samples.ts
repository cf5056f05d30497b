import type { EpochMs } from '../kernel/clock.ts';
import type { SampleType } from './sample-types.ts';

/** What recorded a sample. Two samples come from the same source when their `key` is equal. */
export interface SampleSource {
  /** Normalised identity: no memory addresses, no software versions. Stable from export to export. */
  readonly key: string;
  /** What the person sees, such as `Apple Watch`. */
  readonly name: string;
  readonly device: 'watch' | 'phone' | 'other';
  /** Hardware model such as `Watch6,1`, where known. */
  readonly model: string | null;
}

/** `offsetMinutes` of a sample whose original UTC offset is not known. */
export const UNKNOWN_OFFSET = -32768;

/**
 * Samples of one type as columns of equal length. Values are in the type's unit (see `SAMPLE_TYPES`).
 * `endMs >= startMs`; an instantaneous measurement has both equal. Treated as immutable once handed over.
 */
export interface SampleColumns {
  readonly type: SampleType;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly value: Float64Array;
  /** Minutes east of UTC where the sample was recorded, or `UNKNOWN_OFFSET`. */
  readonly offsetMinutes: Int16Array;
  /** Index into `sources`. */
  readonly source: Uint16Array;
  readonly sources: readonly SampleSource[];
}

/** How many samples of a type were new and how many were there already. */
export interface AppendCount {
  readonly type: SampleType;
  readonly stored: number;
  readonly duplicates: number;
  /**
   * Of the duplicates, how many different ones belonged to this upload alone before the call: an earlier call for the
   * same upload stored them.
   */
  readonly repeated: number;
}

/** Half-open interval of instants, `[fromMs, toMs)`. */
export interface Span {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}
