import type { FeatureFlags, FlagState } from '../../core/flags/ports.ts';
import type { Feature, FeatureShares } from '../../core/flags/model.ts';
import { hasFeature } from '../../core/flags/share-of-people.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { UserId } from '../../core/kernel/ids.ts';

/** Flags that the settings tell: they stay what they are for as long as the process runs. */
export class ConfiguredFeatureFlags implements FeatureFlags {
  readonly #shares: FeatureShares;
  readonly #digest: Digest;

  constructor(shares: FeatureShares, digest: Digest) {
    this.#shares = shares;
    this.#digest = digest;
  }

  isOn(feature: Feature, user: UserId | null): boolean {
    return hasFeature(this.#digest, this.#shares, feature, user);
  }

  state(): FlagState {
    return { shares: this.#shares, readAtMs: null, freshness: 'current' };
  }
}
