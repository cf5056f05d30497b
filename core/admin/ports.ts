import type { ResultAsync } from 'neverthrow';
import type { Role } from '../auth/token-ports.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { AdministratorNeeded } from './errors.ts';

/** An account as administrators see it. */
export interface ManagedUser {
  readonly userId: UserId;
  /** Null for an account that an operator made without one. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
  /** Turned off: nobody can log in with it. */
  readonly disabled: boolean;
  readonly createdAtMs: EpochMs;
}

/** Which accounts; null: whatever they are. */
export interface UserFilter {
  /** The account with exactly this address, whatever its case. */
  readonly email: string | null;
  readonly role: Role | null;
  readonly disabled: boolean | null;
}

export interface UserPage {
  readonly users: readonly ManagedUser[];
  /** Where the next page begins, in the provider's own words; null where this one is the last. */
  readonly next: string | null;
}

/** The place was not given out by this provider for this question, or it has forgotten it. */
export interface InvalidCursor {
  readonly kind: 'invalid-cursor';
}

/** All accounts of an installation, wherever they live, and what administrators change of them. */
export interface UserDirectory {
  /** At most `limit` (up to 60) from `after` on; a page may be shorter although others follow. */
  list(filter: UserFilter, after: string | null, limit: number): ResultAsync<UserPage, InvalidCursor | PortUnavailable>;
  find(user: UserId): ResultAsync<ManagedUser, NotFound | PortUnavailable>;
  /**
   * Where that would leave no account with the role admin that is not turned off, it stays as it is. Tokens that are out
   * tell the roles from before.
   */
  setRoles(
    user: UserId,
    roles: readonly Role[],
  ): ResultAsync<ManagedUser, NotFound | AdministratorNeeded | PortUnavailable>;
  /** Turned off, its sessions are ended too; the last administrator's is not turned off. Access tokens go on being good. */
  setDisabled(
    user: UserId,
    disabled: boolean,
  ): ResultAsync<ManagedUser, NotFound | AdministratorNeeded | PortUnavailable>;
}
