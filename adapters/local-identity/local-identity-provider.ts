import { err, errAsync, ok, okAsync, type ResultAsync } from 'neverthrow';
import { emailKey, unmetPasswordRules } from '../../core/auth/model.ts';
import type {
  ChallengeExpired,
  EmailNotVerified,
  EmailTaken,
  InvalidCredentials,
  InvalidRefreshToken,
  InvalidToken,
  RecoveryUnavailable,
  UnknownUser,
  WeakPassword,
} from '../../core/auth/errors.ts';
import type {
  Account,
  AccountStore,
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  LoginStep,
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
import type { ScryptPasswords } from './scrypt-passwords.ts';
import { SessionTokens, type SessionTokensOptions } from './session-tokens.ts';
import { SigningKeys } from './signing-keys.ts';

/** How long a login lasts without logging in again. Refreshing does not prolong it. */
export const SESSION_DAYS = 30;

export interface LocalIdentityDeps {
  readonly accounts: AccountStore;
  readonly signingKeys: SigningKeyStore;
  readonly passwords: Pick<ScryptPasswords, 'hash' | 'matches' | 'isOutdated'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface LocalIdentityOptions extends SessionTokensOptions {
  /** Whether an account can be used only after its e-mail address was confirmed; false unless told. */
  readonly requireEmailVerification?: boolean;
}

/**
 * Accounts, sessions and tokens of an installation without a foreign identity provider. Accounts and sessions live in
 * the account store; nothing is remembered between calls but the signing key, so any number of processes may share one
 * store.
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
  readonly #requireEmailVerification: boolean;

  constructor(deps: LocalIdentityDeps, options: LocalIdentityOptions) {
    this.#accounts = deps.accounts;
    this.#passwords = deps.passwords;
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.#keys = new SigningKeys(deps.signingKeys);
    this.#tokens = new SessionTokens(this.#keys, deps.clock, deps.ids, options);
    this.#requireEmailVerification = options.requireEmailVerification ?? false;
  }

  /** Loads the signing key, or makes it at the first start; a host calls it to learn early that it cannot. */
  prepare(): ResultAsync<void, PortUnavailable> {
    return this.#keys.current().map(() => undefined);
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
      return this.#accounts.insert(account).map(() => ({ userId: account.userId, usable: this.#isUsable(account) }));
    });
  }

  login(
    email: string,
    password: string,
  ): ResultAsync<LoginStep, InvalidCredentials | EmailNotVerified | PortUnavailable> {
    return (
      this.#accounts
        .byEmailKey(emailKey(email))
        .andThen((account) =>
          this.#passwords
            .matches(password, account?.passwordHash ?? null)
            .andThen((matches) => (account !== null && matches ? ok(account) : err(INVALID_CREDENTIALS))),
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

  confirm(): ResultAsync<void, RecoveryUnavailable> {
    return errAsync(NO_MAIL);
  }

  resend(): ResultAsync<void, RecoveryUnavailable> {
    return errAsync(NO_MAIL);
  }

  confirmChange(): ResultAsync<void, RecoveryUnavailable> {
    return errAsync(NO_MAIL);
  }

  forgot(): ResultAsync<void, RecoveryUnavailable> {
    return errAsync(NO_MAIL);
  }

  reset(): ResultAsync<void, RecoveryUnavailable> {
    return errAsync(NO_MAIL);
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
   * A new address takes effect at once and is unverified; one that differs only in case or spacing is the same address
   * and stays as verified as it was. The empty display name removes the name.
   */
  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | PortUnavailable> {
    return this.#account(user).andThen((account) => {
      const changed = withChange(account, change);
      if (changed === account) return okAsync(profileOf(account));
      return this.#accounts.update(changed).map(() => profileOf(changed));
    });
  }

  eraseAccount(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#accounts.erase(user);
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

const INVALID_CREDENTIALS: InvalidCredentials = { kind: 'invalid-credentials' };
const EMAIL_NOT_VERIFIED: EmailNotVerified = { kind: 'email-not-verified' };
const INVALID_REFRESH_TOKEN: InvalidRefreshToken = { kind: 'invalid-refresh-token' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };
/** A code is worth something only because it went to the address; this provider cannot send anything. */
const NO_MAIL: RecoveryUnavailable = { kind: 'recovery-unavailable' };

function withChange(
  account: Account,
  { displayName, email }: { readonly displayName?: string; readonly email?: string },
): Account {
  const named = displayName === undefined ? account : { ...account, displayName: displayName || null };
  if (email === undefined) return named;
  const key = emailKey(email);
  return { ...named, email, emailKey: key, emailVerified: account.emailVerified && key === account.emailKey };
}

function profileOf({ userId, email, emailVerified, displayName }: Account): Profile {
  return { userId, email, emailVerified, displayName, provider: 'local' };
}
