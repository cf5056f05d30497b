import type { Digest } from '../kernel/digest.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Feature, FeatureShares } from './model.ts';

/** So many bits of the hash are used: a number that a double holds exactly. */
const BITS = 48;

/**
 * Where the person stands in the order in which people get the feature, from 0 (inclusive) to 100: the first 48 bits of
 * SHA-256 of `<feature>:<user id>`, as a fraction. Nothing but these two decides, so that every process, and every release,
 * finds the same; and the order of one feature tells nothing about that of another.
 */
export function placeInOrder(digest: Digest, feature: Feature, user: UserId): number {
  const first = digest.sha256Hex(`${feature}:${user}`).slice(0, BITS / 4);
  return (Number.parseInt(first, 16) / 2 ** BITS) * 100;
}

/** Whether the person has the feature; without a person, whether anybody has. */
export function hasFeature(digest: Digest, shares: FeatureShares, feature: Feature, user: UserId | null): boolean {
  const share = shares[feature];
  if (share <= 0) return false;
  return share >= 100 || user === null || placeInOrder(digest, feature, user) < share;
}
