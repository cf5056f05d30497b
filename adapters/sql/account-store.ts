import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { EmailTaken, UnknownUser } from '../../core/auth/errors.ts';
import {
  isActiveAdmin,
  type Account,
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
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { accountOf, rowOf, sessionOf, sessionRowOf } from './account-rows.ts';
import type { Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** So many expired sessions go when one begins: more than come. */
const SESSIONS_A_SWEEP = 20;

/** Accounts and sessions in a database. */
export class SqlAccountStore implements AccountStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  insert(account: Account): ResultAsync<void, EmailTaken | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, EmailTaken>> => {
      if ((await findBy(transaction, 'email_key', account.emailKey)) !== null) return err({ kind: 'email-taken' });
      await transaction.insertInto('account').values(rowOf(account)).execute();
      return ok(undefined);
    };
    return orUnavailable('AccountStore', 'insert', this.#database.write(work)).andThen((inserted) => inserted);
  }

  byEmailKey(emailKey: string): ResultAsync<Account | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => findBy(transaction, 'email_key', emailKey);
    return orUnavailable('AccountStore', 'byEmailKey', this.#database.read(work));
  }

  byId(user: UserId): ResultAsync<Account | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => findBy(transaction, 'user_id', user);
    return orUnavailable('AccountStore', 'byId', this.#database.read(work));
  }

  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, EmailTaken | UnknownUser>> => {
      if ((await findBy(transaction, 'user_id', account.userId)) === null) return err({ kind: 'unknown-user' });
      const holder = await findBy(transaction, 'email_key', account.emailKey);
      if (holder !== null && holder.userId !== account.userId) return err({ kind: 'email-taken' });
      const { roles: _roles, disabled: _disabled, password_hash: _passwordHash, ...row } = rowOf(account);
      await transaction.updateTable('account').set(row).where('user_id', '=', account.userId).execute();
      return ok(undefined);
    };
    return orUnavailable('AccountStore', 'update', this.#database.write(work)).andThen((updated) => updated);
  }

  setPassword(
    user: UserId,
    passwordHash: string,
    before: string | null,
  ): ResultAsync<boolean, UnknownUser | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<boolean, UnknownUser>> => {
      const account = await findBy(transaction, 'user_id', user);
      if (account === null) return err({ kind: 'unknown-user' });
      if (before !== null && account.passwordHash !== before) return ok(false);
      await transaction
        .updateTable('account')
        .set({ password_hash: passwordHash })
        .where('user_id', '=', user)
        .execute();
      return ok(true);
    };
    return orUnavailable('AccountStore', 'setPassword', this.#database.write(work)).andThen((set) => set);
  }

  setRoles(user: UserId, roles: readonly Role[]): ResultAsync<void, UnknownUser | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, UnknownUser>> => {
      const { numUpdatedRows: found } = await transaction
        .updateTable('account')
        .set({ roles: JSON.stringify(roles) })
        .where('user_id', '=', user)
        .executeTakeFirst();
      return found > 0n ? ok(undefined) : err({ kind: 'unknown-user' });
    };
    return orUnavailable('AccountStore', 'setRoles', this.#database.write(work)).andThen((given) => given);
  }

  list({ role, disabled, after, limit }: AccountQuery): ResultAsync<readonly Account[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Account[]> => {
      let query = transaction.selectFrom('account').selectAll();
      if (role !== null) query = query.where('roles', 'like', hasRole(role));
      if (disabled !== null) query = query.where('disabled', '=', Number(disabled));
      if (after !== null) {
        const { createdAtMs, userId: user } = after;
        query = query.where((eb) =>
          eb.or([
            eb('created_at_ms', '<', createdAtMs),
            eb.and([eb('created_at_ms', '=', createdAtMs), eb('user_id', '>', user)]),
          ]),
        );
      }
      const rows = await query.orderBy('created_at_ms', 'desc').orderBy('user_id').limit(limit).execute();
      return rows.map(accountOf);
    };
    return orUnavailable('AccountStore', 'list', this.#database.read(work));
  }

  changeStanding(
    user: UserId,
    standing: AccountStanding,
  ): ResultAsync<Account, UnknownUser | AdministratorNeeded | PortUnavailable> {
    // With the write lock held, nobody takes the role from the other administrator meanwhile.
    const work = async (
      transaction: Transaction<Tables>,
    ): Promise<Result<Account, UnknownUser | AdministratorNeeded>> => {
      const before = await findBy(transaction, 'user_id', user);
      if (before === null) return err({ kind: 'unknown-user' });
      const after: Account = { ...before, ...standing };
      if (isActiveAdmin(before) && !isActiveAdmin(after) && !(await hasOtherAdmin(transaction, user))) {
        return err(administratorNeeded('last-admin'));
      }
      const { roles, disabled } = rowOf(after);
      await transaction.updateTable('account').set({ roles, disabled }).where('user_id', '=', user).execute();
      return ok(after);
    };
    return orUnavailable('AccountStore', 'changeStanding', this.#database.write(work)).andThen((changed) => changed);
  }

  insertSession(session: Session): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      const over = transaction
        .selectFrom('login_session')
        .select('session_id')
        .where('expires_at_ms', '<=', session.createdAtMs)
        .limit(SESSIONS_A_SWEEP);
      await transaction.deleteFrom('login_session').where('session_id', 'in', over).execute();
      await transaction.insertInto('login_session').values(sessionRowOf(session)).execute();
    };
    return orUnavailable('AccountStore', 'insertSession', this.#database.write(work));
  }

  session(sessionId: string): ResultAsync<Session | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => findSession(transaction, sessionId);
    return orUnavailable('AccountStore', 'session', this.#database.read(work));
  }

  rotateSession(shown: ShownRefreshToken): ResultAsync<SessionRotation, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<SessionRotation> => {
      const rotation = rotationOf(await findSession(transaction, shown.sessionId), shown);
      if (rotation.kind === 'rotated' || rotation.kind === 'reused') {
        await transaction
          .updateTable('login_session')
          .set(sessionRowOf(rotation.session))
          .where('session_id', '=', shown.sessionId)
          .execute();
      }
      return rotation;
    };
    return orUnavailable('AccountStore', 'rotateSession', this.#database.write(work));
  }

  openSessions(user: UserId, nowMs: EpochMs, most: number): ResultAsync<readonly Session[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Session[]> => {
      const rows = await transaction
        .selectFrom('login_session')
        .selectAll()
        .where('user_id', '=', user)
        .where('revoked', '=', 0)
        .where('expires_at_ms', '>', nowMs)
        .orderBy('last_used_at_ms', 'desc')
        .orderBy('session_id')
        .limit(most)
        .execute();
      return rows.map(sessionOf);
    };
    return orUnavailable('AccountStore', 'openSessions', this.#database.read(work));
  }

  revokeSession(user: UserId, sessionId: string): ResultAsync<boolean, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<boolean> => {
      const { numUpdatedRows: revoked } = await transaction
        .updateTable('login_session')
        .set({ revoked: 1 })
        .where('session_id', '=', sessionId)
        .where('user_id', '=', user)
        .where('revoked', '=', 0)
        .executeTakeFirst();
      return revoked > 0n;
    };
    return orUnavailable('AccountStore', 'revokeSession', this.#database.write(work));
  }

  revokeAllSessions(user: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction.updateTable('login_session').set({ revoked: 1 }).where('user_id', '=', user).execute();
    };
    return orUnavailable('AccountStore', 'revokeAllSessions', this.#database.write(work));
  }

  erase(user: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction.deleteFrom('login_session').where('user_id', '=', user).execute();
      await transaction.deleteFrom('account').where('user_id', '=', user).execute();
    };
    return orUnavailable('AccountStore', 'erase', this.#database.write(work));
  }
}

async function findBy(
  database: Kysely<Tables>,
  column: 'user_id' | 'email_key',
  value: string,
): Promise<Account | null> {
  const row = await database.selectFrom('account').selectAll().where(column, '=', value).executeTakeFirst();
  return row === undefined ? null : accountOf(row);
}

/** Matches the JSON list of an account's roles. */
const hasRole = (role: Role): string => `%"${role}"%`;

async function hasOtherAdmin(database: Kysely<Tables>, user: UserId): Promise<boolean> {
  const other = await database
    .selectFrom('account')
    .select('user_id')
    .where('roles', 'like', hasRole('admin'))
    .where('disabled', '=', 0)
    .where('user_id', '<>', user)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

async function findSession(database: Kysely<Tables>, sessionId: string): Promise<Session | null> {
  const row = await database
    .selectFrom('login_session')
    .selectAll()
    .where('session_id', '=', sessionId)
    .executeTakeFirst();
  return row === undefined ? null : sessionOf(row);
}
