import type { EpochMs } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Feature, FeatureShares } from './model.ts';

/** Which features there are, and for whom. It answers at once and always: what was known last holds until more is known. */
export interface FeatureFlags {
  /**
   * Whether the person has the feature. Without a person: whether anybody has it. Of a share of people it is always the
   * same ones, and whoever is among 10 % is among 25 % too.
   */
  isOn(feature: Feature, user: UserId | null): boolean;
  /** What is known, and how well. */
  state(): FlagState;
}

/** What an operator needs to know of the flags. */
export interface FlagState {
  readonly shares: FeatureShares;
  /** When they were last read where they are kept; null where they never were, or are kept nowhere but in the settings. */
  readonly readAtMs: EpochMs | null;
  /** `stale`: read too long ago to be sure of. `unread`: never read, so that everything is off. */
  readonly freshness: 'current' | 'stale' | 'unread';
}
