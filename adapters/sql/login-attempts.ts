import type { Transaction } from 'kysely';
import { okAsync, type ResultAsync } from 'neverthrow';
import { lockedUntil, withFailure, type FailedLogins } from '../../core/auth/login-lock.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { SqlDatabase } from './database.ts';
import type { Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Failed logins in a database. */
export class SqlLoginAttempts implements LoginAttempts {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  lockedUntil(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    return this.#failed('lockedUntil', emailKey).map((failed) => lockedUntil(failed, nowMs, policy));
  }

  recordFailure(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<EpochMs | null> => {
      const failed = await failedOf(transaction, emailKey);
      const until = lockedUntil(failed, nowMs, policy);
      if (until !== null) return until;
      const { failures, forgetAtMs } = withFailure(failed, nowMs, policy);
      await transaction.deleteFrom('failed_login').where('forget_at_ms', '<=', nowMs).execute();
      await transaction
        .replaceInto('failed_login')
        .values({ email_key: emailKey, failures, forget_at_ms: forgetAtMs })
        .execute();
      return null;
    };
    return orUnavailable('LoginAttempts', 'recordFailure', this.#database.write(work));
  }

  recordSuccess(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<EpochMs | null> => {
      const until = lockedUntil(await failedOf(transaction, emailKey), nowMs, policy);
      if (until === null) await forget(transaction, emailKey);
      return until;
    };
    // Most logins come after no failure, and need not wait for the write lock to say so.
    return this.#failed('recordSuccess', emailKey).andThen((failed) =>
      failed === null ? okAsync(null) : orUnavailable('LoginAttempts', 'recordSuccess', this.#database.write(work)),
    );
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => forget(transaction, emailKey);
    return orUnavailable('LoginAttempts', 'clear', this.#database.write(work));
  }

  #failed(operation: string, emailKey: string): ResultAsync<FailedLogins | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => failedOf(transaction, emailKey);
    return orUnavailable('LoginAttempts', operation, this.#database.read(work));
  }
}

async function failedOf(transaction: Transaction<Tables>, emailKey: string): Promise<FailedLogins | null> {
  const row = await transaction
    .selectFrom('failed_login')
    .selectAll()
    .where('email_key', '=', emailKey)
    .executeTakeFirst();
  return row === undefined ? null : { failures: row.failures, forgetAtMs: row.forget_at_ms };
}

async function forget(transaction: Transaction<Tables>, emailKey: string): Promise<void> {
  await transaction.deleteFrom('failed_login').where('email_key', '=', emailKey).execute();
}
