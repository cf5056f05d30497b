import { err, ok, okAsync, type ResultAsync } from 'neverthrow';
import type { Account, AccountStore } from '../../core/auth/account-store.ts';
import type { EmailNotVerified, InvalidCredentials, TooManyAttempts, UserDisabled } from '../../core/auth/errors.ts';
import type { LoginStep } from '../../core/auth/identity-ports.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { LoginLock } from './login-lock.ts';
import type { PasswordHashes } from './password-hashes.ts';
import type { SecondStep } from './second-step.ts';

export interface LocalLoginDeps {
  readonly accounts: Pick<AccountStore, 'byEmailKey' | 'byId' | 'setPassword'>;
  readonly passwords: Pick<PasswordHashes, 'hash' | 'matches' | 'isOutdated'>;
  readonly lock: LoginLock;
  readonly secondStep: Pick<SecondStep, 'after'>;
  /** Whether the account can be used, its address confirmed where that is asked for. */
  readonly isUsable: (account: Account) => boolean;
}

/** The first step of a login to a local account: its password. */
export class LocalLogin {
  readonly #deps: LocalLoginDeps;

  constructor(deps: LocalLoginDeps) {
    this.#deps = deps;
  }

  /** See `IdentityProvider.login`. */
  login(
    email: string,
    password: string,
    client?: string,
  ): ResultAsync<LoginStep, InvalidCredentials | EmailNotVerified | UserDisabled | TooManyAttempts | PortUnavailable> {
    const { accounts, passwords, lock, secondStep, isUsable } = this.#deps;
    const key = emailKey(email);
    return (
      lock
        .admit(key, client)
        .andThen(() => accounts.byEmailKey(key))
        .andThen((account) =>
          passwords
            .matches(password, account?.passwordHash ?? null)
            .andThen((matches) => lock.judge(key, matches ? account : null, client)),
        )
        // Only after the password: whoever does not know it learns nothing about the account.
        .andThen((account) => (account.disabled ? err(USER_DISABLED) : ok(account)))
        .andThen((account) => (isUsable(account) ? ok(account) : err(EMAIL_NOT_VERIFIED)))
        .andThen((account) => this.#renewOutdatedHash(account, password))
        .andThen((account) => secondStep.after(account))
    );
  }

  /** A login is the only moment at which the password is known, so a hash made at an older cost is renewed then. */
  #renewOutdatedHash(account: Account, password: string): ResultAsync<Account, never> {
    const { accounts, passwords } = this.#deps;
    const { userId, passwordHash } = account;
    if (!passwords.isOutdated(passwordHash)) return okAsync(account);
    return (
      passwords
        .hash(password)
        .andThen((renewed) =>
          // Hashing takes long enough for its owner to have changed the password meanwhile: then that one stays.
          accounts
            .setPassword(userId, renewed, passwordHash)
            .andThen((isRenewed) =>
              isRenewed ? okAsync({ ...account, passwordHash: renewed }) : this.#asItIsNow(account, password),
            ),
        )
        // The old hash still serves; the next login renews it.
        .orElse(() => ok(account))
    );
  }

  /** Two logins at the same time renew one hash: the account with the other one's, where that is of the same password. */
  #asItIsNow(account: Account, password: string): ResultAsync<Account, PortUnavailable> {
    const { accounts, passwords } = this.#deps;
    return accounts
      .byId(account.userId)
      .andThen((now) =>
        now === null
          ? okAsync(account)
          : passwords.matches(password, now.passwordHash).map((matches) => (matches ? now : account)),
      );
  }
}

const USER_DISABLED: UserDisabled = { kind: 'user-disabled' };
const EMAIL_NOT_VERIFIED: EmailNotVerified = { kind: 'email-not-verified' };
