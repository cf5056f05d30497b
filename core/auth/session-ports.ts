import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { NotManagedHere } from './errors.ts';
import type { SecondFactorSetup } from './second-factor-ports.ts';

/** The session that a caller wants to end, with the tokens of it that they have at hand. */
export interface SessionToRevoke {
  readonly userId: UserId;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Ends sessions; after it, the session's refresh token is worth nothing. */
export interface SessionRevoker {
  /**
   * Ends the session, never less. A provider that cannot end this one alone without its refresh token ends all of the
   * person's where that is null.
   */
  revokeSession(session: SessionToRevoke): ResultAsync<void, PortUnavailable>;
  /** Ends every session of the person. */
  revokeAllSessions(caller: {
    readonly userId: UserId;
    readonly accessToken: string;
  }): ResultAsync<void, PortUnavailable>;
}

/** Whoever has more of them ends them all at once. */
export const MOST_LISTED_SESSIONS = 100;

/** A login of a person that has not ended. */
export interface OpenSession {
  readonly sessionId: string;
  readonly createdAtMs: EpochMs;
  /** When its tokens were last made: at the login, or by a refresh. */
  readonly lastUsedAtMs: EpochMs;
}

/** Shows a person where they are logged in, and ends what they do not know. */
export interface OpenSessions {
  /** At most `MOST_LISTED_SESSIONS` that have not ended, the one that was used last first. */
  list(user: UserId): ResultAsync<readonly OpenSession[], NotManagedHere | PortUnavailable>;
  /** Ends one of them. Another person's is `not-found`, as is one that has ended. */
  end(user: UserId, sessionId: string): ResultAsync<void, NotFound | NotManagedHere | PortUnavailable>;
}

/** What people see and change themselves of how they log in. */
export interface AccountSecurity {
  readonly openSessions: OpenSessions;
  readonly secondFactor: SecondFactorSetup;
}
