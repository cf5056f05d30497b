import { errAsync, ok, type ResultAsync } from 'neverthrow';
import { emailKey, unmetPasswordRules } from '../../core/auth/model.ts';
import type {
  EmailTaken,
  InvalidRefreshToken,
  InvalidToken,
  TooManyAttempts,
  UnknownUser,
  WeakPassword,
} from '../../core/auth/errors.ts';
import type { UserDirectory } from '../../core/admin/ports.ts';
import type { Account, AccountStore } from '../../core/auth/account-store.ts';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
  Profile,
  TokenSet,
} from '../../core/auth/identity-ports.ts';
import type { EmailedCodes, Mailer } from '../../core/auth/mail-ports.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/password-ports.ts';
import type { AccountSecurity, OpenSessions, SessionRevoker, SessionToRevoke } from '../../core/auth/session-ports.ts';
import type { SigningKeyStore } from '../../core/auth/signing-key-store.ts';
import type { Principal, TokenVerifier } from '../../core/auth/token-ports.ts';
import type { SecondFactorSetup, SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type Ids, type UserId } from '../../core/kernel/ids.ts';
import { AfterAnswer } from './after-answer.ts';
import type { CodeSecrets } from './code-secrets.ts';
import { LocalLogin } from './local-login.ts';
import { LocalProfile } from './local-profile.ts';
import { LocalRecovery } from './local-recovery.ts';
import { LocalSecondFactor } from './local-second-factor.ts';
import { LocalSessions } from './local-sessions.ts';
import { LocalUserDirectory } from './local-user-directory.ts';
import { DEFAULT_LOCK, LoginLock } from './login-lock.ts';
import { MailedCodes } from './mailed-codes.ts';
import type { PasswordHashes } from './password-hashes.ts';
import { SecondStep } from './second-step.ts';
import { SessionTokens, type SessionTokensOptions } from './session-tokens.ts';
import { SigningKeys } from './signing-keys.ts';

export interface LocalIdentityDeps {
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
  readonly codes: EmailedCodes;
  readonly attempts: LoginAttempts;
  readonly secondFactors: SecondFactorStore;
  readonly mail: Mailer;
  readonly secrets: CodeSecrets;
  readonly passwords: Pick<PasswordHashes, 'hash' | 'matches' | 'isOutdated'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Is told of codes and mails that did not leave: they do after the answer, so that no client learns of it. */
  readonly unsent: (error: PortUnavailable) => void;
  /** Ends the access tokens that a person has, whoever holds them: after a new password. */
  readonly endTokens: (user: UserId) => ResultAsync<void, PortUnavailable>;
  /** Is told whose session was ended because one of its refresh tokens was used twice; the refusal waits for it. */
  readonly reused: (user: UserId) => ResultAsync<void, PortUnavailable>;
}

export interface LocalIdentityOptions extends SessionTokensOptions {
  /** Whether an account can be used only after its e-mail address was confirmed; false unless told. */
  readonly requireEmailVerification?: boolean;
  /** Three failures and a quarter of an hour unless told. */
  readonly lock?: LockPolicy;
}

/**
 * Accounts, sessions and tokens of an installation without a foreign identity provider. All that is kept lives in its
 * stores; nothing is remembered between calls but the signing key, so any number of processes may share them.
 */
export class LocalIdentityProvider
  implements
    IdentityProvider,
    LoginChallenges,
    EmailConfirmation,
    PasswordRecovery,
    SessionRevoker,
    AccountSecurity,
    TokenVerifier
{
  readonly openSessions: OpenSessions;
  readonly secondFactor: SecondFactorSetup;
  readonly directory: UserDirectory;
  readonly #accounts: AccountStore;
  readonly #passwords: LocalIdentityDeps['passwords'];
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #keys: SigningKeys;
  readonly #tokens: SessionTokens;
  readonly #sessions: LocalSessions;
  readonly #secondFactor: LocalSecondFactor;
  readonly #secondStep: SecondStep;
  readonly #lock: LoginLock;
  readonly #codes: MailedCodes;
  readonly #recovery: LocalRecovery;
  readonly #login: LocalLogin;
  readonly #profile: LocalProfile;
  readonly #afterAnswer: AfterAnswer;
  readonly #isUsable: (account: Account) => boolean;

  constructor(deps: LocalIdentityDeps, options: LocalIdentityOptions) {
    this.#accounts = deps.accounts;
    this.#passwords = deps.passwords;
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.#keys = new SigningKeys(deps.signingKeys, deps.clock);
    this.#tokens = new SessionTokens(this.#keys, deps.clock, deps.ids, options);
    this.#lock = new LoginLock(deps.attempts, deps.clock, options.lock ?? DEFAULT_LOCK);
    this.#afterAnswer = new AfterAnswer(deps.unsent);
    this.#codes = new MailedCodes({ ...deps, afterAnswer: this.#afterAnswer });
    const { accounts, passwords, clock, secrets, ids } = deps;
    this.#sessions = new LocalSessions({ accounts, tokens: this.#tokens, clock, reused: deps.reused });
    const factors = deps.secondFactors;
    this.#secondFactor = new LocalSecondFactor({ accounts, factors, lock: this.#lock, secrets, clock, ids });
    this.#secondStep = new SecondStep({
      accounts,
      tokens: this.#tokens,
      sessions: this.#sessions,
      secondFactor: this.#secondFactor,
      ids,
    });
    const { openSessions, secondFactor } = securityOf(this.#sessions, this.#secondFactor);
    this.openSessions = openSessions;
    this.secondFactor = secondFactor;
    this.directory = new LocalUserDirectory(accounts);
    this.#recovery = new LocalRecovery({
      accounts,
      passwords,
      codes: this.#codes,
      lock: this.#lock,
      secondFactor: this.#secondFactor,
      tokens: this,
      endTokens: deps.endTokens,
    });
    const asksForConfirmation = options.requireEmailVerification ?? false;
    this.#isUsable = ({ emailVerified }) => emailVerified || !asksForConfirmation;
    this.#login = new LocalLogin({
      accounts,
      passwords,
      lock: this.#lock,
      secondStep: this.#secondStep,
      isUsable: this.#isUsable,
    });
    this.#profile = new LocalProfile({ accounts, codes: this.#codes, clock });
  }

  /** Loads the signing key, or makes it at the first start; a host calls it to learn early that it cannot. */
  prepare(): ResultAsync<void, PortUnavailable> {
    return this.#keys.current().map(() => undefined);
  }

  /** Resolves once the codes that were asked for so far are mailed; a host waits for it before it ends. */
  settled(): Promise<void> {
    return this.#afterAnswer.settled();
  }

  register(registration: {
    readonly email: string;
    readonly password: string;
    readonly displayName: string | null;
  }): ResultAsync<{ readonly userId: UserId; readonly usable: boolean }, EmailTaken | WeakPassword | PortUnavailable> {
    // A provider has a password policy of its own, as a Cognito pool has; this one's is the product's.
    const unmet = unmetPasswordRules(registration.password);
    if (unmet.length > 0) return errAsync({ kind: 'weak-password', unmet });
    return this.#passwords.hash(registration.password).andThen((passwordHash) => {
      const account: Account = {
        userId: userId(this.#ids.uuid()),
        email: registration.email,
        emailKey: emailKey(registration.email),
        emailVerified: false,
        displayName: registration.displayName,
        passwordHash,
        createdAtMs: this.#clock.now(),
        roles: ['patient'],
        disabled: false,
      };
      // The store decides whether the address is free: looking first would let two registrations through at once.
      return this.#accounts
        .insert(account)
        .andThen(() => this.#forgetFailuresBefore(account))
        .map(() => {
          const usable = this.#isUsable(account);
          if (!usable) this.#codes.sendAfterAnswer(account, 'confirm', account.email);
          return { userId: account.userId, usable };
        });
    });
  }

  login(email: string, password: string, client?: string): ReturnType<LocalLogin['login']> {
    return this.#login.login(email, password, client);
  }

  answer(given: Parameters<LoginChallenges['answer']>[0]): ReturnType<SecondStep['answer']> {
    return this.#secondStep.answer(given);
  }

  confirm(email: string, code: string): ReturnType<EmailConfirmation['confirm']> {
    return this.#recovery.confirm(email, code);
  }

  resend(email: string): ReturnType<EmailConfirmation['resend']> {
    return this.#recovery.resend(email);
  }

  confirmChange(accessToken: string, code: string): ReturnType<EmailConfirmation['confirmChange']> {
    return this.#recovery.confirmChange(accessToken, code);
  }

  forgot(email: string): ReturnType<PasswordRecovery['forgot']> {
    return this.#recovery.forgot(email);
  }

  reset(given: Parameters<PasswordRecovery['reset']>[0]): ReturnType<PasswordRecovery['reset']> {
    return this.#recovery.reset(given);
  }

  refresh(refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable> {
    return this.#sessions.refresh(refreshToken);
  }

  profile(user: UserId): ResultAsync<Profile, UnknownUser | PortUnavailable> {
    return this.#profile.profile(user);
  }

  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | TooManyAttempts | PortUnavailable> {
    return this.#profile.changeProfile(user, change);
  }

  /**
   * The account goes after its codes, so that after an error it is still there to be erased; and once more its codes,
   * for one that was being sent meanwhile.
   */
  eraseAccount(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#accounts
      .byId(user)
      .andThen((account) => (account === null ? ok(undefined) : this.#lock.clear(account.emailKey)))
      .andThen(() => this.#codes.eraseOwner(user))
      .andThen(() => this.#secondFactor.eraseOwner(user))
      .andThen(() => this.#accounts.erase(user))
      .andThen(() => this.#codes.eraseOwner(user));
  }

  /** The session alone, whether its refresh token is given or not. */
  revokeSession({ userId: user, sessionId }: SessionToRevoke): ResultAsync<void, PortUnavailable> {
    return this.#accounts.revokeSession(user, sessionId).map(() => undefined);
  }

  revokeAllSessions({ userId: user }: { readonly userId: UserId }): ResultAsync<void, PortUnavailable> {
    return this.#accounts.revokeAllSessions(user);
  }

  verify(accessToken: string): ResultAsync<Principal, InvalidToken | PortUnavailable> {
    return this.#tokens.readAccessToken(accessToken);
  }

  /** Failed logins from before there was an account are nobody's, and must not keep its owner out. */
  #forgetFailuresBefore({ emailKey: key }: Account): ResultAsync<void, never> {
    // Where it fails, the lock ends by itself, and the account exists all the same.
    return this.#lock.clear(key).orElse(() => ok(undefined));
  }
}

/** Of both, what people see and change themselves. */
const securityOf = (sessions: LocalSessions, factor: LocalSecondFactor): AccountSecurity => ({
  openSessions: { list: (user) => sessions.list(user), end: (user, sessionId) => sessions.end(user, sessionId) },
  secondFactor: {
    begin: (user) => factor.begin(user),
    confirm: (user, code) => factor.confirm(user, code),
    remove: (user, code) => factor.remove(user, code),
  },
});
