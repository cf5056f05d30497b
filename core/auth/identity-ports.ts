import type { ResultAsync } from 'neverthrow';
import type { InputRejected, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type {
  ChallengeExpired,
  EmailNotVerified,
  EmailTaken,
  ExpiredCode,
  InvalidCode,
  InvalidCredentials,
  InvalidRefreshToken,
  InvalidToken,
  PasswordResetRequired,
  TooManyAttempts,
  UnknownUser,
  UserDisabled,
  WeakPassword,
} from './errors.ts';

/** What a login ends with, and a refresh. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** What a login still asks for after the password. */
export type ChallengeName = 'totp_code' | 'sms_code' | 'email_code' | 'new_password' | 'choose_factor' | 'totp_setup';

/** One more step of a login. */
export interface LoginChallenge {
  readonly name: ChallengeName;
  /** To be sent back with the answer, unread. Good for a few minutes. */
  readonly session: string;
  /** What can be answered to `choose_factor`; otherwise empty. */
  readonly choices: readonly ChallengeName[];
  /** Where a code was sent to, masked, where the provider says it. */
  readonly sentTo: string | null;
  /** Of `totp_setup`: the base32 secret (RFC 4648) to put into the authenticator app. */
  readonly totpSecret: string | null;
}

/** Where a login has come to: its end, or a challenge to answer. */
export type LoginStep = { readonly tokens: TokenSet } | { readonly challenge: LoginChallenge };

/** An account as its owner sees it. */
export interface Profile {
  readonly userId: UserId;
  /** Null for an account that an operator made without one. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  /** Such as `local` or `cognito`. */
  readonly provider: string;
}

/** Accounts and sessions, wherever they live. */
export interface IdentityProvider {
  /**
   * Creates the account. `usable` is false while the e-mail address must be confirmed first. A provider may refuse an
   * address or a name that this service would take: `input-rejected`, at `/email` or `/display_name`.
   */
  register(registration: {
    readonly email: string;
    readonly password: string;
    readonly displayName: string | null;
  }): ResultAsync<
    { readonly userId: UserId; readonly usable: boolean },
    EmailTaken | WeakPassword | InputRejected | PortUnavailable
  >;
  /**
   * An unknown address and a wrong password give the same error in the same time. A provider that is throttled answers
   * `port-unavailable`: that is no failed login.
   */
  login(
    email: string,
    password: string,
    client?: string,
  ): ResultAsync<
    LoginStep,
    InvalidCredentials | EmailNotVerified | UserDisabled | PasswordResetRequired | TooManyAttempts | PortUnavailable
  >;
  refresh(refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable>;
  profile(user: UserId): ResultAsync<Profile, UnknownUser | PortUnavailable>;
  /**
   * A new e-mail address is unverified. Whether it replaces the old one at once or when it is confirmed is the
   * provider's; the answer is the account as it is after the call. `too-many-attempts`: so many codes were sent to
   * confirm changes that no other one is sent yet, and nothing has changed.
   */
  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | InputRejected | TooManyAttempts | PortUnavailable>;
  /** Removes the account and its sessions; absent already is fine. The e-mail address is free afterwards. */
  eraseAccount(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** The steps of a login after the first. */
export interface LoginChallenges {
  /**
   * Answers a challenge that `login` or this gave. After `invalid-code` and `weak-password` the same session may be
   * answered again; a provider that closes it then says `challenge-expired`. An answer that is none of the choices is
   * an `invalid-code`.
   */
  answer(given: {
    /** The address that the login began with. */
    readonly email: string;
    readonly challenge: ChallengeName;
    readonly session: string;
    readonly answer: string;
  }): ResultAsync<
    LoginStep,
    | InvalidCode
    | ExpiredCode
    | ChallengeExpired
    | WeakPassword
    | UserDisabled
    | PasswordResetRequired
    | TooManyAttempts
    | PortUnavailable
  >;
}

/** Proves that an e-mail address belongs to whoever claims it. */
export interface EmailConfirmation {
  /** Makes a new account usable. An address without an account, or confirmed long ago, is `invalid-code`. */
  confirm(
    email: string,
    code: string,
  ): ResultAsync<void, InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | PortUnavailable>;
  /** Sends a new code where there is an account that waits for one; the answer does not tell whether there is. */
  resend(email: string): ResultAsync<void, PortUnavailable>;
  /** Confirms the address that the token's owner has changed to. */
  confirmChange(
    accessToken: string,
    code: string,
  ): ResultAsync<void, InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | InvalidToken | PortUnavailable>;
}

/** A way back for people who forgot their password. */
export interface PasswordRecovery {
  /** Sends a code where there is an account that can use it; the answer does not tell whether there is. */
  forgot(email: string): ResultAsync<void, PortUnavailable>;
  /** Sets the new password. An address without an account is `invalid-code`. */
  reset(given: {
    readonly email: string;
    readonly code: string;
    readonly newPassword: string;
  }): ResultAsync<void, InvalidCode | ExpiredCode | WeakPassword | TooManyAttempts | PortUnavailable>;
}
