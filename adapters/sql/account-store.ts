import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { EmailTaken, UnknownUser } from '../../core/auth/errors.ts';
import type {
  Account,
  AccountStore,
  Role,
  Session,
  SessionRotation,
  ShownRefreshToken,
} from '../../core/auth/ports.ts';
import { rotationOf } from '../../core/auth/session-rotation.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId } from '../../core/kernel/ids.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { AccountRow, LoginSessionRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

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
      const { roles: _, ...row } = rowOf(account);
      await transaction.updateTable('account').set(row).where('user_id', '=', account.userId).execute();
      return ok(undefined);
    };
    return orUnavailable('AccountStore', 'update', this.#database.write(work)).andThen((updated) => updated);
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

  insertSession(session: Session): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
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

async function findSession(database: Kysely<Tables>, sessionId: string): Promise<Session | null> {
  const row = await database
    .selectFrom('login_session')
    .selectAll()
    .where('session_id', '=', sessionId)
    .executeTakeFirst();
  return row === undefined ? null : sessionOf(row);
}

const sessionRowOf = (session: Session): LoginSessionRow => ({
  session_id: session.sessionId,
  user_id: session.userId,
  created_at_ms: session.createdAtMs,
  expires_at_ms: session.expiresAtMs,
  last_used_at_ms: session.lastUsedAtMs,
  rotation: session.rotation,
  revoked: Number(session.revoked),
});

const rowOf = (account: Account): AccountRow => ({
  user_id: account.userId,
  email: account.email,
  email_key: account.emailKey,
  email_verified: Number(account.emailVerified),
  display_name: account.displayName,
  password_hash: account.passwordHash,
  created_at_ms: account.createdAtMs,
  roles: JSON.stringify(account.roles),
});

const accountOf = (row: AccountRow): Account => ({
  userId: userId(row.user_id),
  email: row.email,
  emailKey: row.email_key,
  emailVerified: row.email_verified === 1,
  displayName: row.display_name,
  passwordHash: row.password_hash,
  createdAtMs: row.created_at_ms,
  roles: JSON.parse(row.roles) as readonly Role[],
});

const sessionOf = (row: LoginSessionRow): Session => ({
  sessionId: row.session_id,
  userId: userId(row.user_id),
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  lastUsedAtMs: row.last_used_at_ms,
  rotation: row.rotation,
  revoked: row.revoked === 1,
});
