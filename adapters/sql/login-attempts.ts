import type { Transaction } from 'kysely';
import { okAsync, type ResultAsync } from 'neverthrow';
import { countersOf, latestOf, lockedUntil, withFailure, type FailedLogins } from '../../core/auth/login-lock.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/password-ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { SqlDatabase } from './database.ts';
import type { Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** The failures of an account, by client. */
type Failures = ReadonlyMap<string, FailedLogins>;

/** Failed logins in a database. */
export class SqlLoginAttempts implements LoginAttempts {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  lockedUntil(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => failuresOf(transaction, emailKey, client, policy);
    return orUnavailable('LoginAttempts', 'lockedUntil', this.#database.read(work)).map((failures) =>
      lockOf(failures, nowMs, policy, client),
    );
  }

  recordFailure(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<EpochMs | null> => {
      const before = await failuresOf(transaction, emailKey, client, policy);
      const until = lockOf(before, nowMs, policy, client);
      if (until !== null) return until;
      const rows = countersOf(client, policy).map((counter) => {
        const { failures, forgetAtMs } = withFailure(before.get(counter.client) ?? null, nowMs, counter.policy);
        return { email_key: emailKey, client: counter.client, failures, forget_at_ms: forgetAtMs };
      });
      await transaction.deleteFrom('failed_login').where('forget_at_ms', '<=', nowMs).execute();
      await transaction.replaceInto('failed_login').values(rows).execute();
      return null;
    };
    return orUnavailable('LoginAttempts', 'recordFailure', this.#database.write(work));
  }

  recordSuccess(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    const read = (transaction: Transaction<Tables>) => failuresOf(transaction, emailKey, client, policy);
    const work = async (transaction: Transaction<Tables>): Promise<EpochMs | null> => {
      const until = lockOf(await read(transaction), nowMs, policy, client);
      if (until !== null) return until;
      await transaction
        .deleteFrom('failed_login')
        .where('email_key', '=', emailKey)
        .where('client', '=', countersOf(client, policy)[0].client)
        .execute();
      return null;
    };
    // Most logins come after no failure, and need not wait for the write lock to say so.
    return orUnavailable('LoginAttempts', 'recordSuccess', this.#database.read(read)).andThen((failures) =>
      failures.size === 0 ? okAsync(null) : orUnavailable('LoginAttempts', 'recordSuccess', this.#database.write(work)),
    );
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction.deleteFrom('failed_login').where('email_key', '=', emailKey).execute();
    };
    return orUnavailable('LoginAttempts', 'clear', this.#database.write(work));
  }
}

async function failuresOf(
  transaction: Transaction<Tables>,
  emailKey: string,
  client: string | undefined,
  policy: LockPolicy,
): Promise<Failures> {
  const rows = await transaction
    .selectFrom('failed_login')
    .selectAll()
    .where('email_key', '=', emailKey)
    .where(
      'client',
      'in',
      countersOf(client, policy).map((counter) => counter.client),
    )
    .execute();
  return new Map(rows.map((row) => [row.client, { failures: row.failures, forgetAtMs: row.forget_at_ms }]));
}

const lockOf = (failures: Failures, nowMs: EpochMs, policy: LockPolicy, client?: string): EpochMs | null =>
  latestOf(
    countersOf(client, policy).map((counter) =>
      lockedUntil(failures.get(counter.client) ?? null, nowMs, counter.policy),
    ),
  );
