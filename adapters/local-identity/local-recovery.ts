import { errAsync, type ResultAsync } from 'neverthrow';
import type { EmailTaken, ExpiredCode, InvalidCode, InvalidToken, WeakPassword } from '../../core/auth/errors.ts';
import { emailKey, unmetPasswordRules } from '../../core/auth/model.ts';
import type { Account, AccountStore } from '../../core/auth/account-store.ts';
import type { EmailConfirmation, PasswordRecovery } from '../../core/auth/identity-ports.ts';
import type { TokenVerifier } from '../../core/auth/token-ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { LocalSecondFactor } from './local-second-factor.ts';
import type { LoginLock } from './login-lock.ts';
import type { MailedCodes } from './mailed-codes.ts';
import type { PasswordHashes } from './password-hashes.ts';

export interface LocalRecoveryDeps {
  readonly accounts: AccountStore;
  readonly codes: MailedCodes;
  readonly passwords: Pick<PasswordHashes, 'hash'>;
  readonly lock: LoginLock;
  readonly secondFactor: Pick<LocalSecondFactor, 'forgetTries'>;
  readonly tokens: TokenVerifier;
  /** Ends the access tokens that the person has, whoever holds them. */
  readonly endTokens: (user: UserId) => ResultAsync<void, PortUnavailable>;
}

/** What the local identity provider does with codes: confirms addresses and sets new passwords. */
export class LocalRecovery implements EmailConfirmation, PasswordRecovery {
  readonly #deps: LocalRecoveryDeps;

  constructor(deps: LocalRecoveryDeps) {
    this.#deps = deps;
  }

  confirm(email: string, code: string): ResultAsync<void, InvalidCode | ExpiredCode | EmailTaken | PortUnavailable> {
    const { accounts, codes } = this.#deps;
    return accounts
      .byEmailKey(emailKey(email))
      .andThen((account) =>
        codes
          .checkSentTo(account, 'confirm', code)
          .andThen((good) =>
            codes.spend(good, () => this.#change(good.user, (now) => ({ ...now, emailVerified: true }))),
          ),
      );
  }

  resend(email: string): ResultAsync<void, PortUnavailable> {
    const { accounts, codes } = this.#deps;
    return accounts.byEmailKey(emailKey(email)).map((account) => {
      if (account?.emailVerified === false) codes.sendAfterAnswer(account, 'confirm', account.email);
    });
  }

  /** From now on the new address is the account's, and the old one is anybody's. */
  confirmChange(
    accessToken: string,
    code: string,
  ): ResultAsync<void, InvalidCode | ExpiredCode | EmailTaken | InvalidToken | PortUnavailable> {
    const { codes, tokens } = this.#deps;
    return tokens.verify(accessToken).andThen((caller) =>
      codes.check(caller, 'change', code).andThen((good) =>
        codes.spend(good, () =>
          this.#change(good.user, (now) => ({
            ...now,
            email: good.address,
            emailKey: emailKey(good.address),
            emailVerified: true,
          })),
        ),
      ),
    );
  }

  forgot(email: string): ResultAsync<void, PortUnavailable> {
    const { accounts, codes } = this.#deps;
    return accounts.byEmailKey(emailKey(email)).map((account) => {
      if (account !== null) codes.sendAfterAnswer(account, 'reset', account.email);
    });
  }

  /**
   * Whoever has the code has the mailbox: the address is confirmed, every session and every token ends, an address that was
   * to take the place of this one does not, and failed logins are forgotten; a second factor is still asked for. A weak
   * password leaves the code as it is.
   */
  reset(given: {
    readonly email: string;
    readonly code: string;
    readonly newPassword: string;
  }): ResultAsync<void, InvalidCode | ExpiredCode | WeakPassword | PortUnavailable> {
    const { accounts, codes, passwords, lock, secondFactor, endTokens } = this.#deps;
    const unmet = unmetPasswordRules(given.newPassword);
    if (unmet.length > 0) return errAsync({ kind: 'weak-password', unmet });
    const key = emailKey(given.email);
    return accounts.byEmailKey(key).andThen((account) =>
      codes.checkSentTo(account, 'reset', given.code).andThen((good) =>
        passwords.hash(given.newPassword).andThen((passwordHash) =>
          codes.spend(good, () =>
            codes
              .cancel(good.user, 'change')
              .andThen(() => this.#change(good.user, (now) => ({ ...now, emailVerified: true })))
              .andThen(() => accounts.setPassword(good.user, passwordHash, null))
              // No address was changed, so none can be another account's.
              .mapErr((error) => (error.kind === 'email-taken' || error.kind === 'unknown-user' ? INVALID_CODE : error))
              .andThen(() => accounts.revokeAllSessions(good.user))
              .andThen(() => endTokens(good.user))
              .andThen(() => lock.clear(key))
              .andThen(() => secondFactor.forgetTries(good.user)),
          ),
        ),
      ),
    );
  }

  /** Changes the account as it is now, which is not always as it was when the call began. */
  #change(
    user: UserId,
    change: (account: Account) => Account,
  ): ResultAsync<void, EmailTaken | InvalidCode | PortUnavailable> {
    const { accounts } = this.#deps;
    return accounts.byId(user).andThen((account) => {
      // Erased while the code was being checked: then there is nothing that it could confirm.
      if (account === null) return errAsync(INVALID_CODE);
      return accounts.update(change(account)).mapErr((error) => (error.kind === 'unknown-user' ? INVALID_CODE : error));
    });
  }
}

const INVALID_CODE: InvalidCode = { kind: 'invalid-code' };
