import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { NotManagedHere } from './errors.ts';
import type { OpenSession, OpenSessions } from './session-ports.ts';
import type { Principal } from './token-ports.ts';

export interface ListSessionsDeps {
  readonly openSessions: OpenSessions;
}

/** A session of the caller, and whether it is the one that they ask with. */
export interface ListedSession extends OpenSession {
  readonly current: boolean;
}

/** Where the caller is logged in, the session that was used last first. */
export const listSessions =
  ({ openSessions }: ListSessionsDeps) =>
  (caller: Principal): ResultAsync<readonly ListedSession[], NotManagedHere | PortUnavailable> =>
    openSessions
      .list(caller.userId)
      .map((sessions) => sessions.map((session) => ({ ...session, current: session.sessionId === caller.sessionId })));
