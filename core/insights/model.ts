import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';

declare const brand: unique symbol;

/** The id of one insight: `insight_<32 hex>`. */
export type InsightId = string & { readonly [brand]: 'InsightId' };
export const insightId = (text: string): InsightId => text as InsightId;

/** Which program wrote a narrative; `rules` is deterministic and says only what follows from its facts. */
export type NarrativeGenerator = 'rules';

/**
 * Who a number is from: `analysis` was computed by this service from movement, `device` comes from the sleep intervals
 * that a device recorded, `client` was sent along by the caller and not looked into.
 */
export type FactOrigin = 'analysis' | 'device' | 'client';

/** A fact that a narrative may use: a number of the person's own, with its name, unit and where it came from. */
export interface InsightFact {
  /** Such as `rhythm.interdaily_stability`; where one number was read, its path there. */
  readonly name: string;
  readonly value: number;
  /** Such as `h` or `minute of day`; `1` for a number without a unit. */
  readonly unit: string;
  readonly origin: FactOrigin;
  /** Computed from steps, which stand in for the activity counts that the method was published for. */
  readonly isProxy: boolean;
}

/** Something that was wanted and could not be had, and why. */
export interface NotComputedFact {
  /** The fact's name, or the field of the input that was set aside. */
  readonly field: string;
  readonly reason: string;
}

/** What can be told about a person, and what can not. */
export interface KnownFacts {
  readonly facts: readonly InsightFact[];
  readonly notComputed: readonly NotComputedFact[];
}

/** A narrative and what it was made of. */
export interface Narrative {
  readonly generator: NarrativeGenerator;
  readonly narrative: string;
  readonly keyInsights: readonly string[];
  readonly recommendations: readonly string[];
  /** Share of what the narrative wanted to tell that it could tell from the facts, 0 to 1; null where that was nothing. */
  readonly confidenceScore: number | null;
  /** Every number in the texts is one of these. */
  readonly factsUsed: readonly InsightFact[];
  /** What could not be said, and why. */
  readonly notComputed: readonly NotComputedFact[];
}

/** A stored insight. */
export interface Insight extends Narrative {
  readonly owner: UserId;
  readonly insightId: InsightId;
  /** The upload whose analysis it explains; null for results that the client sent along. */
  readonly upload: ProcessingId | null;
  /** Such as `comprehensive` or `sleep`. */
  readonly insightType: string;
  readonly generatedAtMs: EpochMs;
}

/** A part of the owner's insights. */
export interface InsightPage {
  readonly insights: readonly Insight[];
  /** Of all of the owner's insights. */
  readonly totalCount: number;
  readonly hasMore: boolean;
}
