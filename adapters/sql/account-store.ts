import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { EmailTaken, UnknownUser } from '../../core/auth/errors.ts';
import type { Account, AccountStore, Session } from '../../core/auth/ports.ts';
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
      await transaction.updateTable('account').set(rowOf(account)).where('user_id', '=', account.userId).execute();
      return ok(undefined);
    };
    return orUnavailable('AccountStore', 'update', this.#database.write(work)).andThen((updated) => updated);
  }

  insertSession(session: Session): ResultAsync<void, PortUnavailable> {
    const row: LoginSessionRow = {
      session_id: session.sessionId,
      user_id: session.userId,
      created_at_ms: session.createdAtMs,
      expires_at_ms: session.expiresAtMs,
      revoked: Number(session.revoked),
    };
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction.insertInto('login_session').values(row).execute();
    };
    return orUnavailable('AccountStore', 'insertSession', this.#database.write(work));
  }

  session(sessionId: string): ResultAsync<Session | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Session | null> => {
      const row = await transaction
        .selectFrom('login_session')
        .selectAll()
        .where('session_id', '=', sessionId)
        .executeTakeFirst();
      return row === undefined ? null : sessionOf(row);
    };
    return orUnavailable('AccountStore', 'session', this.#database.read(work));
  }

  revokeSession(user: UserId, sessionId: string): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .updateTable('login_session')
        .set({ revoked: 1 })
        .where('session_id', '=', sessionId)
        .where('user_id', '=', user)
        .execute();
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

const rowOf = (account: Account): AccountRow => ({
  user_id: account.userId,
  email: account.email,
  email_key: account.emailKey,
  email_verified: Number(account.emailVerified),
  display_name: account.displayName,
  password_hash: account.passwordHash,
  created_at_ms: account.createdAtMs,
});

const accountOf = (row: AccountRow): Account => ({
  userId: userId(row.user_id),
  email: row.email,
  emailKey: row.email_key,
  emailVerified: row.email_verified === 1,
  displayName: row.display_name,
  passwordHash: row.password_hash,
  createdAtMs: row.created_at_ms,
});

const sessionOf = (row: LoginSessionRow): Session => ({
  sessionId: row.session_id,
  userId: userId(row.user_id),
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  revoked: row.revoked === 1,
});
