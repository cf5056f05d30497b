import type { Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import { openDatabase, type SqlDatabase } from './database.ts';
import type { SchemaTooNew } from './migrate.ts';
import type { Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Everybody of whom the database file keeps an account or data, in text order; for commands that work on all of them. */
export function ownersIn(file: string): ResultAsync<readonly UserId[], SchemaTooNew | PortUnavailable> {
  const work = async (transaction: Transaction<Tables>): Promise<readonly UserId[]> => {
    const rows = await transaction
      .selectFrom('account')
      .select('user_id as owner')
      .union(transaction.selectFrom('upload').select('owner'))
      .union(transaction.selectFrom('metric').select('owner'))
      .union(transaction.selectFrom('sample_chunk').select('owner'))
      .union(transaction.selectFrom('analysis').select('owner'))
      .union(transaction.selectFrom('insight').select('owner'))
      .orderBy('owner')
      .execute();
    return rows.map(({ owner }) => userId(owner));
  };
  const readAndClose = async (database: SqlDatabase): Promise<readonly UserId[]> => {
    try {
      return await database.read(work);
    } finally {
      await database.close();
    }
  };
  return openDatabase(file).andThen((database) => orUnavailable('SqlDatabase', 'ownersIn', readAndClose(database)));
}
