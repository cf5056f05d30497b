import type { Kysely, Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import type { SecondFactor, SecondFactorProof, SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import { spent } from '../../core/auth/second-factor.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { SecondFactorRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Second factors in a database. */
export class SqlSecondFactorStore implements SecondFactorStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  begin(
    user: UserId,
    { factorId, secret }: Parameters<SecondFactorStore['begin']>[1],
  ): ResultAsync<boolean, PortUnavailable> {
    return this.#write('begin', async (transaction) => {
      if ((await findFactor(transaction, user))?.enabled === true) return false;
      await keep(transaction, { user, factorId, secret, enabled: false, lastStep: null, recoveryHashes: [] });
      return true;
    });
  }

  find(user: UserId): ResultAsync<SecondFactor | null, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => findFactor(transaction, user);
    return orUnavailable('SecondFactorStore', 'find', this.#database.read(work));
  }

  enable(
    user: UserId,
    { factorId, step, recoveryHashes }: Parameters<SecondFactorStore['enable']>[1],
  ): ResultAsync<boolean, PortUnavailable> {
    return this.#write('enable', async (transaction) => {
      const begun = await findFactor(transaction, user);
      if (begun?.factorId !== factorId || begun.enabled) return false;
      await keep(transaction, { ...begun, enabled: true, lastStep: step, recoveryHashes });
      return true;
    });
  }

  spend(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    return this.#write('spend', async (transaction) => {
      const after = spent(await findFactor(transaction, user), proof);
      if (after !== null) await keep(transaction, after);
      return after !== null;
    });
  }

  removeBy(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    return this.#write('removeBy', async (transaction) => {
      const isProof = spent(await findFactor(transaction, user), proof) !== null;
      if (isProof) await remove(transaction, user);
      return isProof;
    });
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#write('eraseOwner', (transaction) => remove(transaction, user));
  }

  #write<T>(
    operation: string,
    work: (transaction: Transaction<Tables>) => Promise<T>,
  ): ResultAsync<T, PortUnavailable> {
    return orUnavailable('SecondFactorStore', operation, this.#database.write(work));
  }
}

async function findFactor(database: Kysely<Tables>, user: UserId): Promise<SecondFactor | null> {
  const row = await database.selectFrom('second_factor').selectAll().where('user_id', '=', user).executeTakeFirst();
  return row === undefined ? null : factorOf(row);
}

async function keep(transaction: Transaction<Tables>, factor: SecondFactor): Promise<void> {
  await transaction.replaceInto('second_factor').values(rowOf(factor)).execute();
}

async function remove(transaction: Transaction<Tables>, user: UserId): Promise<void> {
  await transaction.deleteFrom('second_factor').where('user_id', '=', user).execute();
}

const rowOf = (factor: SecondFactor): SecondFactorRow => ({
  user_id: factor.user,
  factor_id: factor.factorId,
  secret: factor.secret,
  enabled: Number(factor.enabled),
  last_step: factor.lastStep,
  recovery_hashes: JSON.stringify(factor.recoveryHashes),
});

const factorOf = (row: SecondFactorRow): SecondFactor => ({
  user: userId(row.user_id),
  factorId: row.factor_id,
  secret: row.secret,
  enabled: row.enabled === 1,
  lastStep: row.last_step,
  recoveryHashes: JSON.parse(row.recovery_hashes) as string[],
});
