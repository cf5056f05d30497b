import { EVERYTHING_ON, type Feature, type FeatureShares } from '../../core/flags/model.ts';
import type { FeatureFlags, FlagState } from '../../core/flags/ports.ts';
import { hasFeature } from '../../core/flags/share-of-people.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { UserId } from '../../core/kernel/ids.ts';

/** Flags in memory, which whoever holds them can set. */
export class MemoryFeatureFlags implements FeatureFlags {
  readonly #digest: Digest;
  readonly #clock: Clock;
  #shares: FeatureShares;
  #readAtMs: EpochMs;

  constructor(digest: Digest, clock: Clock, shares: FeatureShares = EVERYTHING_ON) {
    this.#digest = digest;
    this.#clock = clock;
    this.#shares = shares;
    this.#readAtMs = clock.now();
  }

  /** Changes the shares that are named; the others stay. */
  set(shares: Partial<FeatureShares>): void {
    this.#shares = { ...this.#shares, ...shares };
    this.#readAtMs = this.#clock.now();
  }

  isOn(feature: Feature, user: UserId | null): boolean {
    return hasFeature(this.#digest, this.#shares, feature, user);
  }

  state(): FlagState {
    return { shares: this.#shares, readAtMs: this.#readAtMs, freshness: 'current' };
  }
}
