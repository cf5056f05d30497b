import { err, errAsync, ok, okAsync, type ResultAsync } from 'neverthrow';
import { emailKey, unmetPasswordRules } from '../../core/auth/model.ts';
import type {
  ChallengeExpired,
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
  Session,
  SessionRevoker,
  SessionToRevoke,
  SigningKeyStore,
  TokenSet,
  TokenVerifier,
} from '../../core/auth/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type Ids, type UserId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { AfterAnswer } from './after-answer.ts';
import type { CodeSecrets } from './code-secrets.ts';
import { LocalRecovery } from './local-recovery.ts';
import { DEFAULT_LOCK, LoginLock } from './login-lock.ts';
import { MailedCodes } from './mailed-codes.ts';
import type { PasswordHashes } from './password-hashes.ts';
import { SessionTokens, type SessionTokensOptions } from './session-tokens.ts';
import { SigningKeys } from './signing-keys.ts';

/** How long a login lasts without logging in again. Refreshing does not prolong it. */
export const SESSION_DAYS = 30;

export interface LocalIdentityDeps {
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
  readonly codes: EmailedCodes;
  readonly attempts: LoginAttempts;
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
  implements IdentityProvider, LoginChallenges, EmailConfirmation, PasswordRecovery, SessionRevoker, TokenVerifier
{
  readonly #accounts: AccountStore;
  readonly #passwords: LocalIdentityDeps['passwords'];
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #keys: SigningKeys;
  readonly #tokens: SessionTokens;
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
    this.#keys = new SigningKeys(deps.signingKeys);
    this.#tokens = new SessionTokens(this.#keys, deps.clock, deps.ids, options);
    this.#lock = new LoginLock(deps.attempts, deps.clock, options.lock ?? DEFAULT_LOCK);
    this.#afterAnswer = new AfterAnswer(deps.unsent);
    this.#codes = new MailedCodes({ ...deps, afterAnswer: this.#afterAnswer });
    const { accounts, passwords } = deps;
    this.#recovery = new LocalRecovery({ accounts, passwords, codes: this.#codes, lock: this.#lock, tokens: this });
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
  ): ResultAsync<LoginStep, InvalidCredentials | EmailNotVerified | TooManyAttempts | PortUnavailable> {
    const key = emailKey(email);
    return (
      this.#lock
        .admit(key)
        .andThen(() => this.#accounts.byEmailKey(key))
        .andThen((account) =>
          this.#passwords
            .matches(password, account?.passwordHash ?? null)
            .andThen((matches) => this.#lock.judge(key, matches ? account : null)),
        )
        // Only after the password: whoever does not know it learns nothing about the account.
        .andThen((account) => (this.#isUsable(account) ? ok(account) : err(EMAIL_NOT_VERIFIED)))
        .andThrough((account) => this.#renewOutdatedHash(account, password))
        .andThen((account) => this.#startSession(account))
        .map((tokens) => ({ tokens }))
    );
  }

  /** A login here is its password and nothing more, so that no session of a challenge can be one of this provider's. */
  answer(): ResultAsync<LoginStep, ChallengeExpired> {
    return errAsync({ kind: 'challenge-expired' });
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
    return this.#tokens
      .readRefreshToken(refreshToken)
      .mapErr((error) => (error.kind === 'invalid-token' ? INVALID_REFRESH_TOKEN : error))
      .andThen((bearer) => this.#liveSession(bearer.userId, bearer.sessionId))
      .andThen((session) =>
        // The account as it is now, so that a changed address reaches the next access token.
        this.#account(session.userId)
          .mapErr((error) => (error.kind === 'unknown-user' ? INVALID_REFRESH_TOKEN : error))
          .andThen((account) => this.#tokens.issue(account, session)),
      );
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
      .andThen(() => this.#accounts.erase(user))
      .andThen(() => this.#codes.eraseOwner(user));
  }

  /** The session alone, whether its refresh token is given or not. */
  revokeSession({ userId: user, sessionId }: SessionToRevoke): ResultAsync<void, PortUnavailable> {
    return this.#accounts.revokeSession(user, sessionId);
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

  #liveSession(user: UserId, sessionId: string): ResultAsync<Session, InvalidRefreshToken | PortUnavailable> {
    return this.#accounts.session(sessionId).andThen((session) => {
      const isAlive = session?.userId === user && !session.revoked && this.#clock.now() < session.expiresAtMs;
      return isAlive ? ok(session) : err(INVALID_REFRESH_TOKEN);
    });
  }

  #startSession(account: Account): ResultAsync<TokenSet, PortUnavailable> {
    const createdAtMs = this.#clock.now();
    const session: Session = {
      sessionId: this.#ids.uuid(),
      userId: account.userId,
      createdAtMs,
      expiresAtMs: createdAtMs + SESSION_DAYS * MS_PER_DAY,
      revoked: false,
    };
    return this.#accounts.insertSession(session).andThen(() => this.#tokens.issue(account, session));
  }

  /** A login is the only moment at which the password is known, so a hash made at an older cost is renewed then. */
  #renewOutdatedHash({ userId, passwordHash }: Account, password: string): ResultAsync<void, never> {
    if (!this.#passwords.isOutdated(passwordHash)) return okAsync(undefined);
    return (
      this.#passwords
        .hash(password)
        .andThen((renewed) =>
          // Read again: hashing takes long enough for its owner to have changed the account meanwhile.
          this.#account(userId).andThen((account) =>
            account.passwordHash === passwordHash
              ? this.#accounts.update({ ...account, passwordHash: renewed })
              : okAsync(undefined),
          ),
        )
        // The old hash still serves; the next login renews it.
        .orElse(() => ok(undefined))
    );
  }
}

const EMAIL_TAKEN: EmailTaken = { kind: 'email-taken' };
const EMAIL_NOT_VERIFIED: EmailNotVerified = { kind: 'email-not-verified' };
const INVALID_REFRESH_TOKEN: InvalidRefreshToken = { kind: 'invalid-refresh-token' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };

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
