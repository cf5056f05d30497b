import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { AdministratorNeeded } from '../../core/admin/errors.ts';
import type { InvalidCursor, ManagedUser, UserDirectory, UserFilter, UserPage } from '../../core/admin/ports.ts';
import type { Account, AccountPlace, AccountStanding, AccountStore } from '../../core/auth/account-store.ts';
import type { UnknownUser } from '../../core/auth/errors.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';

type Changed = ResultAsync<ManagedUser, NotFound | AdministratorNeeded | PortUnavailable>;

/** The local accounts, as administrators see and change them. */
export class LocalUserDirectory implements UserDirectory {
  readonly #accounts: AccountStore;

  constructor(accounts: AccountStore) {
    this.#accounts = accounts;
  }

  list(
    filter: UserFilter,
    after: string | null,
    limit: number,
  ): ResultAsync<UserPage, InvalidCursor | PortUnavailable> {
    const { email, role, disabled } = filter;
    if (email !== null) return this.#withAddress(filter, email);
    const place = after === null ? null : readPlace(after);
    if (after !== null && place === null) return errAsync({ kind: 'invalid-cursor' });
    return this.#accounts.list({ role, disabled, after: place, limit: limit + 1 }).map((found) => {
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const hasMore = found.length > limit && last !== undefined;
      return { users: page.map(managedOf), next: hasMore ? writePlace(last) : null };
    });
  }

  find(user: UserId): ResultAsync<ManagedUser, NotFound | PortUnavailable> {
    return this.#accounts
      .byId(user)
      .andThen((account) => (account === null ? errAsync(notFound('user', user)) : okAsync(managedOf(account))));
  }

  setRoles(user: UserId, roles: readonly Role[]): Changed {
    return this.#change(user, { roles });
  }

  /** Whoever is logging in just now finds the account turned off after their session was made, or it is ended here. */
  setDisabled(user: UserId, disabled: boolean): Changed {
    const changed = this.#change(user, { disabled });
    return disabled ? changed.andThen((account) => this.#accounts.revokeAllSessions(user).map(() => account)) : changed;
  }

  #change(user: UserId, standing: AccountStanding): Changed {
    return this.#accounts
      .changeStanding(user, standing)
      .map(managedOf)
      .mapErr((error: UnknownUser | AdministratorNeeded | PortUnavailable) =>
        error.kind === 'unknown-user' ? notFound('user', user) : error,
      );
  }

  /** There is one at most. */
  #withAddress({ role, disabled }: UserFilter, email: string): ResultAsync<UserPage, PortUnavailable> {
    return this.#accounts.byEmailKey(emailKey(email)).map((account) => {
      const isWanted =
        account !== null &&
        (role === null || account.roles.includes(role)) &&
        (disabled === null || account.disabled === disabled);
      return { users: isWanted ? [managedOf(account)] : [], next: null };
    });
  }
}

const managedOf = (account: Account): ManagedUser => {
  const { userId: user, email, emailVerified, displayName, roles, disabled, createdAtMs } = account;
  return { userId: user, email, emailVerified, displayName, roles, disabled, createdAtMs };
};

const writePlace = ({ createdAtMs, userId: user }: AccountPlace): string =>
  Buffer.from(JSON.stringify([createdAtMs, user])).toString('base64url');

/** Null for what `writePlace` did not write; decoding base64 forgives what does not belong to it. */
function readPlace(text: string): AccountPlace | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [createdAtMs, user] = parts as readonly unknown[];
  if (typeof createdAtMs !== 'number' || typeof user !== 'string') return null;
  const place: AccountPlace = { createdAtMs, userId: userId(user) };
  return writePlace(place) === text ? place : null;
}
