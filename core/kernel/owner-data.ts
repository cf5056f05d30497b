import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from './errors.ts';
import type { UserId } from './ids.ts';

/** A store that can forget a person. */
export interface ErasesOwner {
  /**
   * Removes everything that is kept of the owner, whatever state it is in, and leaves nothing that names them. Nothing
   * being there is fine; after an error, calling again goes on.
   */
  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable>;
}
