import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { Clock, EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { Connection } from './connection.ts';
import { CLOSE, type SocketSettings } from './settings.ts';
import type { Cancel, Timers } from './timers.ts';

/** Says whom a token speaks for, by what is known now of people who are gone or whose tokens were ended. */
export type AuthenticateSocket = (
  token: string,
  purpose: 'write',
) => ResultAsync<Principal, InvalidToken | PortUnavailable>;

/** The token of an open connection. */
export interface ConnectionToken {
  readonly connection: Connection;
  readonly token: string;
  readonly expiresAtMs: EpochMs;
  readonly authenticate: AuthenticateSocket;
  readonly clock: Clock;
}

export interface WatchedToken extends ConnectionToken {
  readonly timers: Timers;
  readonly settings: Pick<SocketSettings, 'recheckMs'>;
}

/** Verifiers allow for clocks that differ a little, so a token may be good for a moment after it has expired. */
const LEAST_WAIT_MS = 1000;

/**
 * Looks at the token again, and ends the connection where it speaks for nobody any more, which is the `invalid-token`. A
 * verifier that does not answer says nothing about a token that has not expired: the connection stays.
 */
export async function recheckToken(shown: ConnectionToken): Promise<Result<void, InvalidToken | PortUnavailable>> {
  const { connection, token, expiresAtMs, authenticate, clock } = shown;
  const verified = await authenticate(token, 'write');
  if (verified.isOk()) return ok();
  const hasExpired = clock.now() >= expiresAtMs;
  if (verified.error.kind === 'port-unavailable' && !hasExpired) return err(verified.error);
  connection.end(hasExpired ? CLOSE.tokenExpired : CLOSE.authenticationFailed);
  return err({ kind: 'invalid-token' });
}

/**
 * Looks at the token again when it expires, and from time to time before, since a person may have been erased meanwhile;
 * and ends the connection when it speaks for nobody any more. Answers how to stop looking.
 */
export function watchToken(watched: WatchedToken): Cancel {
  const { connection, expiresAtMs, clock, timers, settings } = watched;
  let cancel: Cancel = () => undefined;
  const look = async (): Promise<void> => {
    await recheckToken(watched);
    if (connection.isOpen) wait();
  };
  const wait = (): void => {
    const leftMs = Math.max(LEAST_WAIT_MS, expiresAtMs - clock.now());
    cancel = timers.after(Math.min(leftMs, settings.recheckMs), () => {
      void look();
    });
  };
  wait();
  return () => {
    cancel();
  };
}
