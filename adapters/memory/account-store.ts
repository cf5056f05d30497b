import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { EmailTaken, UnknownUser } from '../../core/auth/errors.ts';
import {
  isActiveAdmin,
  type Account,
  type AccountPlace,
  type AccountQuery,
  type AccountStanding,
  type AccountStore,
  type Session,
  type SessionRotation,
  type ShownRefreshToken,
} from '../../core/auth/account-store.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { rotationOf } from '../../core/auth/session-rotation.ts';
import { administratorNeeded, type AdministratorNeeded } from '../../core/admin/errors.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Accounts and sessions in the process's memory. */
export class MemoryAccountStore implements AccountStore {
  readonly #accounts = new Map<UserId, Account>();
  readonly #idByEmailKey = new Map<string, UserId>();
  readonly #sessions = new Map<string, Session>();

  insert(account: Account): ResultAsync<void, EmailTaken | PortUnavailable> {
    if (this.#idByEmailKey.has(account.emailKey)) return errAsync({ kind: 'email-taken' });
    if (this.#accounts.has(account.userId)) {
      return errAsync(portUnavailable('AccountStore', 'insert', 'an account with this id exists', false));
    }
    this.#keep(account);
    return okAsync(undefined);
  }

  byEmailKey(emailKey: string): ResultAsync<Account | null, PortUnavailable> {
    const id = this.#idByEmailKey.get(emailKey);
    return id === undefined ? okAsync(null) : this.byId(id);
  }

  byId(user: UserId): ResultAsync<Account | null, PortUnavailable> {
    const account = this.#accounts.get(user);
    return okAsync(account === undefined ? null : { ...account, roles: [...account.roles] });
  }

  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable> {
    const before = this.#accounts.get(account.userId);
    if (before === undefined) return errAsync({ kind: 'unknown-user' });
    const holder = this.#idByEmailKey.get(account.emailKey);
    if (holder !== undefined && holder !== account.userId) return errAsync({ kind: 'email-taken' });
    this.#idByEmailKey.delete(before.emailKey);
    const { roles, disabled, passwordHash } = before;
    this.#keep({ ...account, roles, disabled, passwordHash });
    return okAsync(undefined);
  }

  setPassword(
    user: UserId,
    passwordHash: string,
    before: string | null,
  ): ResultAsync<boolean, UnknownUser | PortUnavailable> {
    const account = this.#accounts.get(user);
    if (account === undefined) return errAsync({ kind: 'unknown-user' });
    if (before !== null && account.passwordHash !== before) return okAsync(false);
    this.#keep({ ...account, passwordHash });
    return okAsync(true);
  }

  setRoles(user: UserId, roles: readonly Role[]): ResultAsync<void, UnknownUser | PortUnavailable> {
    const account = this.#accounts.get(user);
    if (account === undefined) return errAsync({ kind: 'unknown-user' });
    this.#keep({ ...account, roles });
    return okAsync(undefined);
  }

  list({ role, disabled, after, limit }: AccountQuery): ResultAsync<readonly Account[], PortUnavailable> {
    const wanted = [...this.#accounts.values()].filter(
      (account) =>
        (role === null || account.roles.includes(role)) &&
        (disabled === null || account.disabled === disabled) &&
        (after === null || newestFirst(after, account) < 0),
    );
    const page = wanted.sort(newestFirst).slice(0, limit);
    return okAsync(page.map((account) => ({ ...account, roles: [...account.roles] })));
  }

  changeStanding(
    user: UserId,
    standing: AccountStanding,
  ): ResultAsync<Account, UnknownUser | AdministratorNeeded | PortUnavailable> {
    const before = this.#accounts.get(user);
    if (before === undefined) return errAsync({ kind: 'unknown-user' });
    const after: Account = { ...before, ...standing };
    const others = [...this.#accounts.values()].filter((account) => account.userId !== user);
    if (isActiveAdmin(before) && !isActiveAdmin(after) && !others.some(isActiveAdmin)) {
      return errAsync(administratorNeeded('last-admin'));
    }
    this.#keep(after);
    return okAsync({ ...after, roles: [...after.roles] });
  }

  insertSession(session: Session): ResultAsync<void, PortUnavailable> {
    if (this.#sessions.has(session.sessionId)) {
      return errAsync(portUnavailable('AccountStore', 'insertSession', 'a session with this id exists', false));
    }
    for (const [id, { expiresAtMs }] of this.#sessions) {
      if (expiresAtMs <= session.createdAtMs) this.#sessions.delete(id);
    }
    this.#sessions.set(session.sessionId, { ...session });
    return okAsync(undefined);
  }

  session(sessionId: string): ResultAsync<Session | null, PortUnavailable> {
    const session = this.#sessions.get(sessionId);
    return okAsync(session === undefined ? null : { ...session });
  }

  rotateSession(shown: ShownRefreshToken): ResultAsync<SessionRotation, PortUnavailable> {
    const rotation = rotationOf(this.#sessions.get(shown.sessionId) ?? null, shown);
    if (rotation.kind === 'over') return okAsync(rotation);
    this.#sessions.set(shown.sessionId, rotation.session);
    return okAsync({ ...rotation, session: { ...rotation.session } });
  }

  openSessions(user: UserId, nowMs: EpochMs, most: number): ResultAsync<readonly Session[], PortUnavailable> {
    const open = [...this.#sessions.values()].filter(
      ({ userId, revoked, expiresAtMs }) => userId === user && !revoked && nowMs < expiresAtMs,
    );
    return okAsync(
      open
        .sort(lastUsedFirst)
        .slice(0, most)
        .map((session) => ({ ...session })),
    );
  }

  revokeSession(user: UserId, sessionId: string): ResultAsync<boolean, PortUnavailable> {
    const session = this.#sessions.get(sessionId);
    if (session?.userId !== user || session.revoked) return okAsync(false);
    this.#sessions.set(sessionId, { ...session, revoked: true });
    return okAsync(true);
  }

  revokeAllSessions(user: UserId): ResultAsync<void, PortUnavailable> {
    for (const [id, session] of this.#sessions) {
      if (session.userId === user) this.#sessions.set(id, { ...session, revoked: true });
    }
    return okAsync(undefined);
  }

  #keep(account: Account): void {
    this.#accounts.set(account.userId, { ...account, roles: [...account.roles] });
    this.#idByEmailKey.set(account.emailKey, account.userId);
  }

  erase(user: UserId): ResultAsync<void, PortUnavailable> {
    const account = this.#accounts.get(user);
    if (account !== undefined) this.#idByEmailKey.delete(account.emailKey);
    this.#accounts.delete(user);
    for (const [id, session] of this.#sessions) if (session.userId === user) this.#sessions.delete(id);
    return okAsync(undefined);
  }
}

const lastUsedFirst = (a: Session, b: Session): number =>
  b.lastUsedAtMs - a.lastUsedAtMs || (a.sessionId < b.sessionId ? -1 : 1);

const newestFirst = (a: AccountPlace, b: AccountPlace): number =>
  b.createdAtMs - a.createdAtMs || compareCodePoints(a.userId, b.userId);
