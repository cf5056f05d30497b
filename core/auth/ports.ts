import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { InputRejected, NotFound, PortUnavailable } from '../kernel/errors.ts';
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
  NotManagedHere,
  PasswordResetRequired,
  TooManyAttempts,
  UnknownUser,
  UserDisabled,
  WeakPassword,
} from './errors.ts';
import type { SecondFactorSetup } from './second-factor-ports.ts';

/** What a person is in this installation. Everybody is at least a patient: the owner of their own data. */
export type Role = 'patient' | 'clinician' | 'researcher' | 'admin';

/** Who a verified access token speaks for. */
export interface Principal {
  readonly userId: UserId;
  /** Null where the provider's access tokens do not carry it. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** The login session that the token belongs to. */
  readonly sessionId: string;
  /** At least one; those that the provider names, in no particular order. */
  readonly roles: readonly Role[];
  /** When the token ends. What goes on longer than a request, such as a stream of events, ends then too. */
  readonly expiresAtMs: EpochMs;
}

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

/** The session that a caller wants to end, with the tokens of it that they have at hand. */
export interface SessionToRevoke {
  readonly userId: UserId;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Ends sessions; after it, the session's refresh token is worth nothing. */
export interface SessionRevoker {
  /**
   * Ends the session, never less. A provider that cannot end this one alone without its refresh token ends all of the
   * person's where that is null.
   */
  revokeSession(session: SessionToRevoke): ResultAsync<void, PortUnavailable>;
  /** Ends every session of the person. */
  revokeAllSessions(caller: {
    readonly userId: UserId;
    readonly accessToken: string;
  }): ResultAsync<void, PortUnavailable>;
}

/** Whoever has more of them ends them all at once. */
export const MOST_LISTED_SESSIONS = 100;

/** A login of a person that has not ended. */
export interface OpenSession {
  readonly sessionId: string;
  readonly createdAtMs: EpochMs;
  /** When its tokens were last made: at the login, or by a refresh. */
  readonly lastUsedAtMs: EpochMs;
}

/** Shows a person where they are logged in, and ends what they do not know. */
export interface OpenSessions {
  /** At most `MOST_LISTED_SESSIONS` that have not ended, the one that was used last first. */
  list(user: UserId): ResultAsync<readonly OpenSession[], NotManagedHere | PortUnavailable>;
  /** Ends one of them. Another person's is `not-found`, as is one that has ended. */
  end(user: UserId, sessionId: string): ResultAsync<void, NotFound | NotManagedHere | PortUnavailable>;
}

/** What people see and change themselves of how they log in. */
export interface AccountSecurity {
  readonly openSessions: OpenSessions;
  readonly secondFactor: SecondFactorSetup;
}

/** What somebody is about to do on the strength of a token: only look, or change something. */
export type TokenPurpose = 'read' | 'write';

/** Checks signature, issuer, audience, use and times of an access token, without asking over the network each time. */
export interface TokenVerifier {
  /** `purpose` is what the token is shown for, `write` unless it is said; see `ofLivingOwners`. */
  verify(accessToken: string, purpose?: TokenPurpose): ResultAsync<Principal, InvalidToken | PortUnavailable>;
}

/** An account of the local identity provider. */
export interface Account {
  readonly userId: UserId;
  /** As typed at registration. */
  readonly email: string;
  /** Lower case, NFC; unique. */
  readonly emailKey: string;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  /** PHC string. */
  readonly passwordHash: string;
  readonly createdAtMs: EpochMs;
  /** At least one. Whoever signs up is a patient; an operator gives the others. */
  readonly roles: readonly Role[];
}

/** One login: its refresh tokens are good until it is revoked or expires. */
export interface Session {
  readonly sessionId: string;
  readonly userId: UserId;
  readonly createdAtMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  /** When its tokens were last made. */
  readonly lastUsedAtMs: EpochMs;
  /** How many refresh tokens came before the newest one. */
  readonly rotation: number;
  readonly revoked: boolean;
}

/** A refresh token as it is shown: of which session, and how many came before it. */
export interface ShownRefreshToken {
  readonly userId: UserId;
  readonly sessionId: string;
  /** 0 of the one that the login gave. */
  readonly rotation: number;
  readonly nowMs: EpochMs;
}

/** What became of a session when one of its refresh tokens was shown. */
export type SessionRotation =
  /** The token was the newest; its successor is now. */
  | { readonly kind: 'rotated'; readonly session: Session }
  /** The token was the one before, within the grace: the newest one is answered again, and nothing changes. */
  | { readonly kind: 'repeated'; readonly session: Session }
  /** The token was used up long ago, so that two have it: the session is revoked by this. */
  | { readonly kind: 'reused'; readonly session: Session }
  /** There is no such session of this person, or it has ended. */
  | { readonly kind: 'over' };

/** Where the local identity provider keeps accounts and sessions. */
export interface AccountStore {
  insert(account: Account): ResultAsync<void, EmailTaken | PortUnavailable>;
  byEmailKey(emailKey: string): ResultAsync<Account | null, PortUnavailable>;
  byId(user: UserId): ResultAsync<Account | null, PortUnavailable>;
  /** Replaces all of the account but its roles: what a person changes of theirs gives and takes none. */
  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable>;
  /** Tokens tell the new roles from the next refresh on. */
  setRoles(user: UserId, roles: readonly Role[]): ResultAsync<void, UnknownUser | PortUnavailable>;
  insertSession(session: Session): ResultAsync<void, PortUnavailable>;
  session(sessionId: string): ResultAsync<Session | null, PortUnavailable>;
  /** What `rotationOf` says, decided and kept in one step, also where several processes share the store. */
  rotateSession(shown: ShownRefreshToken): ResultAsync<SessionRotation, PortUnavailable>;
  /** At most so many of the person's sessions that are neither revoked nor expired, the one that was used last first. */
  openSessions(user: UserId, nowMs: EpochMs, most: number): ResultAsync<readonly Session[], PortUnavailable>;
  /** True where this ended the session of the person; false where there is none, or it had been revoked before. */
  revokeSession(user: UserId, sessionId: string): ResultAsync<boolean, PortUnavailable>;
  revokeAllSessions(user: UserId): ResultAsync<void, PortUnavailable>;
  /** Removes the account and all its sessions; absent already is fine. The e-mail address is free afterwards. */
  erase(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** What a code that is sent by mail is good for: confirming a new account's address, or a changed one, or a new password. */
export type CodePurpose = 'confirm' | 'change' | 'reset';

/** A code that was sent by mail. Its digits are kept nowhere. */
export interface EmailedCode {
  readonly user: UserId;
  readonly purpose: CodePurpose;
  /** Where it was sent, as it was typed; of `change`, the address to change to. */
  readonly address: string;
  /** Hexadecimal, random, and so the name of this code too: no other one has it. */
  readonly salt: string;
  /** Hexadecimal, made of the salt and the digits. */
  readonly hash: string;
  readonly expiresAtMs: EpochMs;
  readonly used: boolean;
}

/** How many mails of one purpose one account is sent. */
export interface MailPace {
  /** The least time from one to the next. */
  readonly pauseMs: number;
  /** In any stretch of time as long as this ... */
  readonly windowMs: number;
  /** ... there are at most so many. */
  readonly mostInWindow: number;
}

/** Whether a code took the place of the one before; if not, when one may again, and the one that still stands. */
export type IssuedCode =
  | { readonly kind: 'issued' }
  | { readonly kind: 'withheld'; readonly untilMs: EpochMs; readonly standing: EmailedCode };

/**
 * The codes that were sent, one for each account and purpose: the newest. Every method is one step, also where several
 * processes share the store.
 */
export interface EmailedCodes {
  /** Keeps the code in the place of the one before, unless that would be a mail too many. */
  issue(code: EmailedCode, nowMs: EpochMs, pace: MailPace): ResultAsync<IssuedCode, PortUnavailable>;
  /** Counts a try of the newest code and answers with it; null where there is none, or it was tried `mostTries` times. */
  countTry(user: UserId, purpose: CodePurpose, mostTries: number): ResultAsync<EmailedCode | null, PortUnavailable>;
  /** Uses the code up. True once; false where it was used, or is no longer the newest. */
  use(code: EmailedCode): ResultAsync<boolean, PortUnavailable>;
  /** Makes a used code good again, if it is still the newest, because what it was used for was not done. */
  release(code: EmailedCode): ResultAsync<void, PortUnavailable>;
  /** Removes all codes of the person, and how many mails they were sent; none being there is fine. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** A mail in plain text. Lines end in `\n`. */
export interface MailMessage {
  /** Whose account it is about, so that a mailer which keeps mails can forget a person. */
  readonly owner: UserId;
  /** An address that `parseEmail` accepts. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mail. */
export interface Mailer {
  /** Done once the mail was handed on or kept; whether it arrives is not known. */
  send(message: MailMessage): ResultAsync<void, PortUnavailable>;
  /** Removes what this mailer itself keeps of mails about the person; what it has sent, it cannot call back. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** When logging in is refused for a while. */
export interface LockPolicy {
  /** As many failures in a row ... */
  readonly mostFailures: number;
  /** ... refuse every login for this long after the last. After the same time without another one they are forgotten. */
  readonly lockMs: number;
}

/**
 * Failed logins of an account (its `emailKey`), whether there is one or not, by the client's address: those from one address
 * refuse logins from that address alone, and only very many from anywhere refuse all (see `countersOf`). Where no client is
 * named, all of the account's count together. Every method is one step, also where several processes share the store. What
 * is over is removed in passing.
 */
export interface LoginAttempts {
  /** Until when logins are refused; null where they are not. */
  lockedUntil(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /** Counts a failure and answers null; where logins are refused by now, nothing changes, and it says until when. */
  recordFailure(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /**
   * Forgets the failures from there and answers null; where logins are refused by now, nothing changes, and it says until
   * when. What came from elsewhere is not forgotten: others may be guessing meanwhile.
   */
  recordSuccess(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable>;
  /** Forgets the failures from anywhere, also where logins are refused for them. */
  clear(emailKey: string): ResultAsync<void, PortUnavailable>;
}

/** The passwords that most people choose, and that whoever guesses tries first. */
export interface KnownPasswords {
  /** Whether the password, in whatever case it is written, is one of them. */
  includes(password: string): ResultAsync<boolean, PortUnavailable>;
}

/** A key that signs the local identity provider's tokens. */
export interface StoredSigningKey {
  /** What the store knows it by: letters, digits, `_` and `-`, at most 100. */
  readonly name: string;
  /** A private JWK in JSON. */
  readonly jwk: string;
}

/** Where the local identity provider keeps its signing keys. A key is added and removed whole, and never changed. */
export interface SigningKeyStore {
  /**
   * All keys, in no particular order; where there is none, the one that `create` makes: two processes starting at once get
   * the same.
   */
  loadOrCreate(create: () => Promise<string>): ResultAsync<readonly StoredSigningKey[], PortUnavailable>;
  /** Adds a key beside the others, durably. A name that is taken is `port-unavailable`, and nothing changes. */
  add(key: StoredSigningKey): ResultAsync<void, PortUnavailable>;
  /** Removes a key for good; absent already is fine. */
  remove(name: string): ResultAsync<void, PortUnavailable>;
}
