import { err, errAsync, ok, type ResultAsync } from 'neverthrow';
import type { InvalidCredentials, InvalidRefreshToken, UserDisabled } from '../../core/auth/errors.ts';
import type { Account, AccountStore, Session } from '../../core/auth/account-store.ts';
import type { TokenSet } from '../../core/auth/identity-ports.ts';
import { MOST_LISTED_SESSIONS, type OpenSession, type OpenSessions } from '../../core/auth/session-ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { SESSION_DAYS } from './key-succession.ts';
import type { SessionTokens } from './session-tokens.ts';

export interface LocalSessionsDeps {
  readonly accounts: AccountStore;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  /** Is told whose session was ended because one of its refresh tokens was used twice. */
  readonly reused: (user: UserId) => ResultAsync<void, PortUnavailable>;
}

/** Begins, continues, shows and ends the sessions of local accounts. */
export class LocalSessions implements OpenSessions {
  readonly #deps: LocalSessionsDeps;

  constructor(deps: LocalSessionsDeps) {
    this.#deps = deps;
  }

  /**
   * A new session under this id, which no other one has. The account is looked at again once the session is there: from then
   * on it is ended by whoever turns the account off or sets another password. A login that began with the password of before
   * ends as one with a wrong password.
   */
  begin(
    account: Account,
    sessionId: string,
  ): ResultAsync<TokenSet, InvalidCredentials | UserDisabled | PortUnavailable> {
    const { accounts, tokens, clock } = this.#deps;
    const createdAtMs = clock.now();
    const session: Session = {
      sessionId,
      userId: account.userId,
      createdAtMs,
      expiresAtMs: createdAtMs + SESSION_DAYS * MS_PER_DAY,
      lastUsedAtMs: createdAtMs,
      rotation: 0,
      revoked: false,
    };
    return accounts
      .insertSession(session)
      .andThen(() => accounts.byId(account.userId))
      .andThen((now) => {
        if (now !== null && !now.disabled) {
          if (now.passwordHash === account.passwordHash) return tokens.issue(now, session, createdAtMs);
          return accounts.revokeSession(account.userId, sessionId).andThen(() => errAsync(INVALID_CREDENTIALS));
        }
        // Of an account that is gone nothing is to be left.
        const ended = now === null ? accounts.erase(account.userId) : accounts.revokeAllSessions(account.userId);
        return ended.andThen(() => errAsync(USER_DISABLED));
      });
  }

  /**
   * Each refresh token is good once, and once more within a moment. One that is shown later is in two hands: nobody can
   * tell which is its owner's, so that the session ends for both (RFC 9700 section 4.14.2).
   */
  refresh(refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable> {
    const { accounts, tokens, clock, reused } = this.#deps;
    const nowMs = clock.now();
    return tokens
      .readRefreshToken(refreshToken)
      .mapErr((error) => (error.kind === 'invalid-token' ? INVALID_REFRESH_TOKEN : error))
      .andThen((shown) =>
        // The account as it is now, so that a changed address reaches the next access token. Before the token is used up.
        accounts.byId(shown.userId).andThen((account) => {
          if (account === null || account.disabled) return errAsync(INVALID_REFRESH_TOKEN);
          return accounts.rotateSession({ ...shown, nowMs }).andThen((rotation) => {
            if (rotation.kind === 'over') return errAsync(INVALID_REFRESH_TOKEN);
            if (rotation.kind === 'reused')
              return reused(account.userId).andThen(() => errAsync(INVALID_REFRESH_TOKEN));
            return tokens.issue(account, rotation.session, nowMs);
          });
        }),
      );
  }

  list(user: UserId): ResultAsync<readonly OpenSession[], PortUnavailable> {
    const { accounts, clock } = this.#deps;
    return accounts
      .openSessions(user, clock.now(), MOST_LISTED_SESSIONS)
      .map((sessions) =>
        sessions.map(({ sessionId, createdAtMs, lastUsedAtMs }) => ({ sessionId, createdAtMs, lastUsedAtMs })),
      );
  }

  end(user: UserId, sessionId: string): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#deps.accounts
      .revokeSession(user, sessionId)
      .andThen((ended) => (ended ? ok(undefined) : err(notFound('session', sessionId))));
  }

  /** Whether a session of this id was begun before. */
  exists(sessionId: string): ResultAsync<boolean, PortUnavailable> {
    return this.#deps.accounts.session(sessionId).map((session) => session !== null);
  }
}

const INVALID_CREDENTIALS: InvalidCredentials = { kind: 'invalid-credentials' };
const USER_DISABLED: UserDisabled = { kind: 'user-disabled' };
const INVALID_REFRESH_TOKEN: InvalidRefreshToken = { kind: 'invalid-refresh-token' };
