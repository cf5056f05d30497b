import type { ResultAsync } from 'neverthrow';

/** One week: 10,080 local minutes, ready for the encoder. */
export const MINUTES_PER_WEEK = 10_080;

export type ModelStatus = 'ready' | 'weights_not_installed' | 'weights_corrupt' | 'weights_unknown';

/** Which encoder would answer, and whether it can. */
export interface ModelDescription {
  readonly status: ModelStatus;
  /** Such as `PAT-S`; null while nothing is installed. */
  readonly name: string | null;
  /** Such as `onnxruntime 1.27 cpu`; null while nothing is installed. */
  readonly engine: string | null;
  /** One plain sentence: what is missing and how to get it. */
  readonly message: string;
}

export interface ModelUnavailable {
  readonly kind: 'model-unavailable';
  readonly status: Exclude<ModelStatus, 'ready'>;
  readonly message: string;
}

/** One encoded week. */
export interface EncodedWeek {
  /** Mean over the tokens: 96 numbers. */
  readonly pooled: Float32Array;
  /** Attention received by each patch in the last block, mean over heads, summing to 1. */
  readonly attentionReceived: Float32Array;
}

/** The Pretrained Actigraphy Transformer's encoder (Ruan et al. 2024, arXiv:2411.15240). */
export interface ActigraphyModel {
  describe(): ModelDescription;
  /** Encodes standardised weeks of `MINUTES_PER_WEEK` values each, without missing values, in one call. */
  encode(weeks: readonly Float32Array[]): ResultAsync<readonly EncodedWeek[], ModelUnavailable>;
}
