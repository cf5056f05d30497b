import type { ResultAsync } from 'neverthrow';
import type { ErasedOwners, ErasureMark } from '../../core/account/erased-owners.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { SqlDatabase } from './database.ts';
import { orUnavailable } from './unavailable.ts';

/** Who was erased of late, in a database. */
export class SqlErasedOwners implements ErasedOwners {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  remember(mark: ErasureMark, nowMs: EpochMs, untilMs: EpochMs): ResultAsync<void, PortUnavailable> {
    return orUnavailable(
      'ErasedOwners',
      'remember',
      this.#database.write(async (transaction) => {
        await transaction.deleteFrom('erased_owner').where('until_ms', '<=', nowMs).execute();
        await transaction
          .insertInto('erased_owner')
          .values({ mark, until_ms: untilMs })
          .onConflict((conflict) =>
            conflict.column('mark').doUpdateSet({ until_ms: untilMs }).where('erased_owner.until_ms', '<', untilMs),
          )
          .execute();
      }),
    );
  }

  isRemembered(mark: ErasureMark, nowMs: EpochMs): ResultAsync<boolean, PortUnavailable> {
    return this.#until('isRemembered', mark, nowMs).map((untilMs) => untilMs !== null);
  }

  rememberedUntil(mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    return this.#until('rememberedUntil', mark, nowMs);
  }

  #until(operation: string, mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    return orUnavailable(
      'ErasedOwners',
      operation,
      this.#database.read(async (transaction) => {
        const row = await transaction
          .selectFrom('erased_owner')
          .select('until_ms')
          .where('mark', '=', mark)
          .executeTakeFirst();
        return row !== undefined && nowMs < row.until_ms ? row.until_ms : null;
      }),
    );
  }
}
