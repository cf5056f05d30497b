import type { ResultAsync } from 'neverthrow';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { NotManagedHere } from './errors.ts';
import type { OpenSessions } from './session-ports.ts';
import type { Principal } from './token-ports.ts';

export interface EndSessionDeps {
  readonly openSessions: OpenSessions;
}

export interface EndSessionCommand {
  readonly caller: Principal;
  readonly sessionId: string;
}

/**
 * Ends one of the caller's sessions; it may be the one that they ask with. Its refresh token is worth nothing at once, and
 * its access tokens end by themselves within 15 minutes. Another person's session reads as one that never was.
 */
export const endSession =
  ({ openSessions }: EndSessionDeps) =>
  ({ caller, sessionId }: EndSessionCommand): ResultAsync<void, NotFound | NotManagedHere | PortUnavailable> =>
    openSessions.end(caller.userId, sessionId);
