import type { ResultAsync } from 'neverthrow';
import type { AdministratorNeeded } from '../admin/errors.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { EmailTaken, UnknownUser } from './errors.ts';
import type { Role } from './token-ports.ts';

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
  /** Turned off by an administrator. */
  readonly disabled: boolean;
}

/** A place in the list of accounts, stable whatever is added or removed. */
export type AccountPlace = Pick<Account, 'createdAtMs' | 'userId'>;

/** Which accounts; null: whatever they are. */
export interface AccountQuery {
  readonly role: Role | null;
  readonly disabled: boolean | null;
  readonly after: AccountPlace | null;
  readonly limit: number;
}

/** What an administrator says of an account; what is left out stays. */
export type AccountStanding = Partial<Pick<Account, 'roles' | 'disabled'>>;

/** Somebody who can look after the installation. */
export const isActiveAdmin = ({ roles, disabled }: Pick<Account, 'roles' | 'disabled'>): boolean =>
  roles.includes('admin') && !disabled;

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
  /** Newest first, ties by user id ascending. */
  list(query: AccountQuery): ResultAsync<readonly Account[], PortUnavailable>;
  /**
   * Replaces all of the account but its standing and its password: what a person changes of theirs gives and takes no role,
   * and brings no password back that was changed meanwhile.
   */
  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable>;
  /**
   * Sets the hash of the password. Where the one that it takes the place of is named and is not that of the account any more,
   * nothing changes, and the answer is false.
   */
  setPassword(
    user: UserId,
    passwordHash: string,
    before: string | null,
  ): ResultAsync<boolean, UnknownUser | PortUnavailable>;
  /** Tokens tell the new roles from the next refresh on. */
  setRoles(user: UserId, roles: readonly Role[]): ResultAsync<void, UnknownUser | PortUnavailable>;
  /**
   * Changes the standing of the account, and answers the account as it is then. Where that would leave no account with the
   * role admin that is not disabled although there was one, nothing changes: `administrator-needed`. One step, also where
   * several processes share the store.
   */
  changeStanding(
    user: UserId,
    standing: AccountStanding,
  ): ResultAsync<Account, UnknownUser | AdministratorNeeded | PortUnavailable>;
  /** May remove some sessions that have expired when this one begins: nothing asks for them. */
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
