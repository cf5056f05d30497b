import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { SessionRevoker } from './session-ports.ts';
import type { Principal } from './token-ports.ts';

export interface LogoutDeps {
  readonly sessions: SessionRevoker;
}

export interface LogoutCommand {
  readonly caller: Principal;
  /** The token that `caller` was read from. */
  readonly accessToken: string;
  /** The session's refresh token, where the caller has it at hand. */
  readonly refreshToken: string | null;
  /** End all of the caller's sessions, on every device. */
  readonly everywhere: boolean;
}

/**
 * Ends the session that the caller's token belongs to, or all of theirs. Its refresh token is worth nothing at once;
 * access tokens already issued end by themselves within 15 minutes. A provider that can end a single session only by its
 * refresh token ends all of them where it is not given. Logging out twice is logging out.
 */
export const logout =
  ({ sessions }: LogoutDeps) =>
  ({ caller, accessToken, refreshToken, everywhere }: LogoutCommand): ResultAsync<void, PortUnavailable> =>
    everywhere
      ? sessions.revokeAllSessions({ userId: caller.userId, accessToken })
      : sessions.revokeSession({ userId: caller.userId, sessionId: caller.sessionId, accessToken, refreshToken });
