import { createHash } from 'node:crypto';
import { err, errAsync, ok, ResultAsync } from 'neverthrow';
import type {
  ChallengeExpired,
  InvalidCode,
  InvalidCredentials,
  TooManyAttempts,
  UserDisabled,
} from '../../core/auth/errors.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { Account, AccountStore } from '../../core/auth/account-store.ts';
import type { LoginChallenges, LoginStep } from '../../core/auth/identity-ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { Ids } from '../../core/kernel/ids.ts';
import type { LocalSecondFactor } from './local-second-factor.ts';
import type { LocalSessions } from './local-sessions.ts';
import type { SessionTokens } from './session-tokens.ts';

export interface SecondStepDeps {
  readonly accounts: Pick<AccountStore, 'byId'>;
  readonly tokens: SessionTokens;
  readonly sessions: LocalSessions;
  readonly secondFactor: Pick<LocalSecondFactor, 'isEnabled' | 'spend'>;
  readonly ids: Ids;
}

/** What follows the right password of a local account. */
export class SecondStep implements LoginChallenges {
  readonly #deps: SecondStepDeps;

  constructor(deps: SecondStepDeps) {
    this.#deps = deps;
  }

  /** A session, or the question for the second factor before there is one. */
  after(account: Account): ResultAsync<LoginStep, InvalidCredentials | UserDisabled | PortUnavailable> {
    const { tokens, sessions, secondFactor, ids } = this.#deps;
    const sessionId = ids.uuid();
    return secondFactor.isEnabled(account.userId).andThen((isEnabled) => {
      if (!isEnabled) return sessions.begin(account, sessionId).map((issued): LoginStep => ({ tokens: issued }));
      return tokens
        .issueChallenge({ userId: account.userId, sessionId, passwordMark: markOf(account) })
        .map((session): LoginStep => ({
          challenge: { name: 'totp_code', session, choices: [], sentTo: null, totpSecret: null },
        }));
    });
  }

  /**
   * The one challenge here is for the second factor; a recovery code answers it too. It ends with the first session that it
   * leads to, after five minutes, and when the password is changed.
   */
  answer({
    email,
    challenge,
    session,
    answer,
  }: Parameters<LoginChallenges['answer']>[0]): ResultAsync<
    LoginStep,
    InvalidCode | ChallengeExpired | TooManyAttempts | UserDisabled | PortUnavailable
  > {
    const { accounts, tokens, sessions, secondFactor } = this.#deps;
    if (challenge !== 'totp_code') return errAsync(CHALLENGE_EXPIRED);
    return tokens
      .readChallenge(session)
      .mapErr((error) => (error.kind === 'invalid-token' ? CHALLENGE_EXPIRED : error))
      .andThen((login) =>
        ResultAsync.combine([accounts.byId(login.userId), sessions.exists(login.sessionId)]).andThen(
          ([account, isOver]) =>
            !isOver && account?.emailKey === emailKey(email) && markOf(account) === login.passwordMark
              ? ok({ account, sessionId: login.sessionId })
              : err(CHALLENGE_EXPIRED),
        ),
      )
      .andThrough(({ account }) => secondFactor.spend(account.userId, answer))
      .andThen(({ account, sessionId }) => sessions.begin(account, sessionId))
      .mapErr((error) => (error.kind === 'invalid-credentials' ? CHALLENGE_EXPIRED : error))
      .map((issued) => ({ tokens: issued }));
  }
}

const CHALLENGE_EXPIRED: ChallengeExpired = { kind: 'challenge-expired' };

/** Changes with the password, and says nothing of it. */
const markOf = ({ passwordHash }: Account): string =>
  createHash('sha256').update(`password mark ${passwordHash}`).digest('base64url').slice(0, 22);
