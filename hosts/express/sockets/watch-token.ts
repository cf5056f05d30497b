import type { ResultAsync } from 'neverthrow';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { Clock, EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { Connection } from './connection.ts';
import { CLOSE, type SocketSettings } from './settings.ts';
import type { Cancel, Timers } from './timers.ts';

export interface WatchedToken {
  readonly connection: Connection;
  readonly token: string;
  readonly expiresAtMs: EpochMs;
  readonly authenticate: (token: string) => ResultAsync<Principal, InvalidToken | PortUnavailable>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly settings: Pick<SocketSettings, 'recheckMs'>;
}

/** Verifiers allow for clocks that differ a little, so a token may be good for a moment after it has expired. */
const LEAST_WAIT_MS = 1000;

/**
 * Looks at the token again when it expires, and from time to time before, since a person may have been erased meanwhile;
 * and ends the connection when it speaks for nobody any more. Answers how to stop looking.
 */
export function watchToken(watched: WatchedToken): Cancel {
  const { connection, token, expiresAtMs, authenticate, clock, timers, settings } = watched;
  let cancel: Cancel = () => undefined;
  const look = async (): Promise<void> => {
    const verified = await authenticate(token);
    if (!connection.isOpen) return;
    const hasExpired = clock.now() >= expiresAtMs;
    // A verifier that does not answer says nothing about a token that has not expired.
    if (verified.isOk() || (verified.error.kind === 'port-unavailable' && !hasExpired)) wait();
    else connection.end(hasExpired ? CLOSE.tokenExpired : CLOSE.authenticationFailed);
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
