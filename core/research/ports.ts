import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';

/** This installation has no key of which pseudonyms could be made. */
export interface ResearchUnavailable {
  readonly kind: 'research-unavailable';
}

/**
 * The key of an installation from which everything is made that stands for a person in research. Whoever does not hold it
 * can neither find out who is meant nor see that two studies speak of the same person.
 */
export interface StudyKey {
  /** The HMAC-SHA-256 of each text under the key, 32 bytes each, in order. Equal texts have equal ones, for ever. */
  macs(texts: readonly string[]): ResultAsync<readonly Uint8Array[], ResearchUnavailable | PortUnavailable>;
}
