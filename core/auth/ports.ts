import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** Who a verified access token speaks for. */
export interface Principal {
  readonly userId: UserId;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** The login session that the token belongs to. */
  readonly sessionId: string;
}

export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** An account as its owner sees it. */
export interface Profile {
  readonly userId: UserId;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  /** Such as `local` or `cognito`. */
  readonly provider: string;
}

export interface EmailTaken {
  readonly kind: 'email-taken';
}
/** `unmet` lists, in plain words, what the password lacks. */
export interface WeakPassword {
  readonly kind: 'weak-password';
  readonly unmet: readonly string[];
}
export interface InvalidCredentials {
  readonly kind: 'invalid-credentials';
}
export interface EmailNotVerified {
  readonly kind: 'email-not-verified';
}
export interface InvalidRefreshToken {
  readonly kind: 'invalid-refresh-token';
}
export interface InvalidToken {
  readonly kind: 'invalid-token';
}
export interface UnknownUser {
  readonly kind: 'unknown-user';
}

/** Accounts and sessions, wherever they live. */
export interface IdentityProvider {
  /** Creates the account. `usable` is false while the e-mail address must be confirmed first. */
  register(registration: {
    readonly email: string;
    readonly password: string;
    readonly displayName: string | null;
  }): ResultAsync<{ readonly userId: UserId; readonly usable: boolean }, EmailTaken | WeakPassword | PortUnavailable>;
  /** An unknown address and a wrong password give the same error in the same time. */
  login(
    email: string,
    password: string,
  ): ResultAsync<TokenSet, InvalidCredentials | EmailNotVerified | PortUnavailable>;
  refresh(refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable>;
  profile(user: UserId): ResultAsync<Profile, UnknownUser | PortUnavailable>;
  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | PortUnavailable>;
}

/** Ends sessions; after it, the session's refresh token is worth nothing. */
export interface SessionRevoker {
  revokeSession(user: UserId, sessionId: string): ResultAsync<void, PortUnavailable>;
}

/** Checks signature, issuer, audience, use and times of an access token, without asking over the network each time. */
export interface TokenVerifier {
  verify(accessToken: string): ResultAsync<Principal, InvalidToken | PortUnavailable>;
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
}

/** One login: its refresh tokens are good until it is revoked or expires. */
export interface Session {
  readonly sessionId: string;
  readonly userId: UserId;
  readonly createdAtMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  readonly revoked: boolean;
}

/** Where the local identity provider keeps accounts and sessions. */
export interface AccountStore {
  insert(account: Account): ResultAsync<void, EmailTaken | PortUnavailable>;
  byEmailKey(emailKey: string): ResultAsync<Account | null, PortUnavailable>;
  byId(user: UserId): ResultAsync<Account | null, PortUnavailable>;
  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable>;
  insertSession(session: Session): ResultAsync<void, PortUnavailable>;
  session(sessionId: string): ResultAsync<Session | null, PortUnavailable>;
  revokeSession(user: UserId, sessionId: string): ResultAsync<void, PortUnavailable>;
  /** Removes the account and all its sessions; absent already is fine. The e-mail address is free afterwards. */
  erase(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** Where the local identity provider keeps its signing key, as a private JWK in JSON. */
export interface SigningKeyStore {
  /** The stored key, or, the first time, the one that `create` makes; two processes starting at once get the same. */
  loadOrCreate(create: () => Promise<string>): ResultAsync<string, PortUnavailable>;
}
