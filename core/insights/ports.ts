import type { ResultAsync } from 'neverthrow';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { Insight, InsightId, InsightPage, KnownFacts, Narrative } from './model.ts';

/** What a narrator is given to put into words: facts, and those that are wanted but could not be had. */
export interface NarrationRequest extends KnownFacts {
  /** `comprehensive`, `sleep`, `activity` or `circadian`; anything else is taken as comprehensive. */
  readonly insightType: string;
  readonly includeRecommendations: boolean;
  /** A BCP 47 tag; English where it is left out. */
  readonly language?: string;
  /** The person's own words, if any. */
  readonly context?: string | null;
}

/**
 * Writes what facts mean in plain words, naming no number that is not among them, and no diagnosis. What of the request
 * has no effect is told in `notComputed`.
 */
export interface Narrator {
  narrate(request: NarrationRequest): ResultAsync<Narrative, PortUnavailable>;
}

/** A part of a list: at most `limit` after the first `offset`. */
export interface InsightRange {
  readonly limit: number;
  readonly offset: number;
}

/** Keeps insights. */
export interface InsightStore extends ErasesOwner {
  /** Adds an insight, durably; one with this id that the owner already has is left as it is. */
  insert(insight: Insight): ResultAsync<void, PortUnavailable>;
  get(owner: UserId, id: InsightId): ResultAsync<Insight, NotFound | PortUnavailable>;
  /** Newest first, ties by id descending in the order of code points. */
  list(owner: UserId, range: InsightRange): ResultAsync<InsightPage, PortUnavailable>;
  /** Removes the insights about this upload's analysis. Returns how many went. */
  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable>;
}
