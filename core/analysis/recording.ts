import type { SleepStates } from '../actigraphy/sleep-scoring.ts';
import type { ImportNotice } from '../health-data/model.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { LocalZone } from '../kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid, NightResult, SignalKind, SourceUse } from './document.ts';

export const NON_WEAR_RULES = ['none', 'choi', 'troiano'] as const;
export type NonWearRule = (typeof NON_WEAR_RULES)[number];

/** What a device recorded of a person's sleep in the window. */
export interface RecordedSleep {
  readonly nights: readonly NightResult[];
  /** 1 asleep, 0 awake, 255 unknown, for every elapsed minute of the series. */
  readonly states: SleepStates;
}

/** A minute series and all that has to be said about it. */
export interface MinuteRecording {
  readonly kind: SignalKind;
  readonly startMs: EpochMs;
  /** One value an elapsed minute, in the signal's unit a minute; NaN is missing. */
  readonly values: Float64Array;
  readonly zone: LocalZone;
  readonly sha256: string;
  readonly sources: readonly SourceUse[];
  /** What was noticed while the input was read. */
  readonly notices: readonly ImportNotice[];
  /** In one or two sentences: how missing and still minutes were told apart. */
  readonly wearRule: string;
  /** Applied to counts only. */
  readonly nonWear: NonWearRule;
  /** How many days the encoder is to be given; null for seven, or all where there are fewer. */
  readonly encodedDays: number | null;
  /** Sleep as a device recorded it, or why there is none. */
  readonly recordedSleep: RecordedSleep | { readonly absent: string };
}

export interface AnalysedRecording {
  readonly document: AnalysisDocument;
  readonly grid: LocalDayGrid;
}
