import { err, errAsync, ok, okAsync, type ResultAsync } from 'neverthrow';
import { emailKey, unmetPasswordRules } from '../../core/auth/model.ts';
import type {
  EmailNotVerified,
  EmailTaken,
  InvalidCredentials,
  InvalidRefreshToken,
  InvalidToken,
  TooManyAttempts,
  UnknownUser,
  WeakPassword,
} from '../../core/auth/errors.ts';
import type {
  Account,
  AccountStore,
  EmailConfirmation,
  EmailedCodes,
  IdentityProvider,
  LockPolicy,
  LoginAttempts,
  LoginChallenges,
  LoginStep,
  Mailer,
  PasswordRecovery,
  Principal,
  Profile,
  AccountSecurity,
  OpenSessions,
  SessionRevoker,
  SessionToRevoke,
  SigningKeyStore,
  TokenSet,
  TokenVerifier,
} from '../../core/auth/ports.ts';
import type { SecondFactorSetup, SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type Ids, type UserId } from '../../core/kernel/ids.ts';
import { AfterAnswer } from './after-answer.ts';
import type { CodeSecrets } from './code-secrets.ts';
import { LocalRecovery } from './local-recovery.ts';
import { LocalSecondFactor } from './local-second-factor.ts';
import { LocalSessions } from './local-sessions.ts';
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
  readonly #afterAnswer: AfterAnswer;
  readonly #requireEmailVerification: boolean;

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
    this.#sessions = new LocalSessions({ accounts, tokens: this.#tokens, clock });
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
    this.#recovery = new LocalRecovery({
      accounts,
      passwords,
      codes: this.#codes,
      lock: this.#lock,
      secondFactor: this.#secondFactor,
      tokens: this,
    });
    this.#requireEmailVerification = options.requireEmailVerification ?? false;
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

  login(
    email: string,
    password: string,
    client?: string,
  ): ResultAsync<LoginStep, InvalidCredentials | EmailNotVerified | TooManyAttempts | PortUnavailable> {
    const key = emailKey(email);
    return (
      this.#lock
        .admit(key, client)
        .andThen(() => this.#accounts.byEmailKey(key))
        .andThen((account) =>
          this.#passwords
            .matches(password, account?.passwordHash ?? null)
            .andThen((matches) => this.#lock.judge(key, matches ? account : null, client)),
        )
        // Only after the password: whoever does not know it learns nothing about the account.
        .andThen((account) => (this.#isUsable(account) ? ok(account) : err(EMAIL_NOT_VERIFIED)))
        .andThen((account) => this.#renewOutdatedHash(account, password))
        .andThen((account) => this.#secondStep.after(account))
    );
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
    return this.#account(user).map(profileOf);
  }

  /**
   * A new address is sent a code, and takes effect when that is confirmed: until then the old one stays. One that differs
   * only in case or spacing is the same address, takes effect at once and stays as verified as it was. The empty display
   * name removes the name. A change that is asked for again while its code is fresh is not mailed again.
   */
  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | TooManyAttempts | PortUnavailable> {
    return this.#account(user).andThen((account) => {
      const changed = withChange(account, change);
      return this.#sendCodeToNewAddress(account, change.email).andThen(() =>
        changed === account ? ok(profileOf(account)) : this.#accounts.update(changed).map(() => profileOf(changed)),
      );
    });
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

  #account(user: UserId): ResultAsync<Account, UnknownUser | PortUnavailable> {
    return this.#accounts.byId(user).andThen((account) => (account === null ? err(UNKNOWN_USER) : ok(account)));
  }

  #sendCodeToNewAddress(
    account: Account,
    email: string | undefined,
  ): ResultAsync<void, EmailTaken | TooManyAttempts | PortUnavailable> {
    if (email === undefined || emailKey(email) === account.emailKey) return okAsync(undefined);
    return this.#accounts
      .byEmailKey(emailKey(email))
      .andThen((holder) => (holder === null ? ok(undefined) : err(EMAIL_TAKEN)))
      .andThen(() => this.#codes.send(account, 'change', email))
      .andThen((issued) => {
        if (issued.kind === 'issued') return ok(undefined);
        const { standing, untilMs } = issued;
        const nowMs = this.#clock.now();
        const isSentThere = standing.address === email && !standing.used && nowMs < standing.expiresAtMs;
        const retryAfterSeconds = Math.ceil((untilMs - nowMs) / 1000);
        return isSentThere ? ok(undefined) : err({ kind: 'too-many-attempts' as const, retryAfterSeconds });
      });
  }

  /** Failed logins from before there was an account are nobody's, and must not keep its owner out. */
  #forgetFailuresBefore({ emailKey: key }: Account): ResultAsync<void, never> {
    // Where it fails, the lock ends by itself, and the account exists all the same.
    return this.#lock.clear(key).orElse(() => ok(undefined));
  }

  #isUsable(account: Account): boolean {
    return account.emailVerified || !this.#requireEmailVerification;
  }

  /** A login is the only moment at which the password is known, so a hash made at an older cost is renewed then. */
  #renewOutdatedHash(account: Account, password: string): ResultAsync<Account, never> {
    const { userId, passwordHash } = account;
    if (!this.#passwords.isOutdated(passwordHash)) return okAsync(account);
    return (
      this.#passwords
        .hash(password)
        .andThen((renewed) =>
          // Read again: hashing takes long enough for its owner to have changed the account meanwhile.
          this.#account(userId).andThen((now) => {
            if (now.passwordHash !== passwordHash) return okAsync(now);
            const changed = { ...now, passwordHash: renewed };
            return this.#accounts.update(changed).map(() => changed);
          }),
        )
        // The old hash still serves; the next login renews it.
        .orElse(() => ok(account))
    );
  }
}

const EMAIL_TAKEN: EmailTaken = { kind: 'email-taken' };
const EMAIL_NOT_VERIFIED: EmailNotVerified = { kind: 'email-not-verified' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };

/** Of both, what people see and change themselves. */
const securityOf = (sessions: LocalSessions, factor: LocalSecondFactor): AccountSecurity => ({
  openSessions: { list: (user) => sessions.list(user), end: (user, sessionId) => sessions.end(user, sessionId) },
  secondFactor: {
    begin: (user) => factor.begin(user),
    confirm: (user, code) => factor.confirm(user, code),
    remove: (user, code) => factor.remove(user, code),
  },
});

/** The account with what of the change takes effect at once. */
function withChange(
  account: Account,
  { displayName, email }: { readonly displayName?: string; readonly email?: string },
): Account {
  const named = displayName === undefined ? account : { ...account, displayName: displayName || null };
  return email === undefined || emailKey(email) !== account.emailKey ? named : { ...named, email };
}

function profileOf({ userId, email, emailVerified, displayName }: Account): Profile {
  return { userId, email, emailVerified, displayName, provider: 'local' };
}
