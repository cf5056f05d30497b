import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { Principal, SessionRevoker } from './ports.ts';

export interface LogoutDeps {
  readonly sessions: SessionRevoker;
}

/**
 * Ends the session that the caller's token belongs to, and no other of theirs. Its refresh token is worth nothing at
 * once; access tokens already issued end by themselves within 15 minutes. Logging out twice is logging out.
 */
export const logout =
  ({ sessions }: LogoutDeps) =>
  (caller: Principal): ResultAsync<void, PortUnavailable> =>
    sessions.revokeSession(caller.userId, caller.sessionId);
