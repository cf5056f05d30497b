import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { cellRateOf, CLOCKS_DIFFER_US, inMicroseconds, type TakenCalls } from '../../core/limits/cell-rate.ts';
import type { RateCounters, WantedCalls } from '../../core/limits/ports.ts';
import type { SqlDatabase } from './database.ts';
import type { Statement } from './script.ts';
import { orUnavailable } from './unavailable.ts';

/** So many takes of this process lie between two removals of counters that are over. */
const TAKES_A_SWEEP = 100;

/**
 * `takeUpTo` in one statement: what is there is changed where it is, so nobody can come between. The theoretical arrival
 * time that counts is the row's, or now; of an upsert, all its expressions see the row as it was.
 */
const FROM = `(case when rate_counter.arrival_us > ?2 and rate_counter.arrival_us <= ?2 + ?4 + ${String(CLOCKS_DIFFER_US)}
  then rate_counter.arrival_us else ?2 end)`;
const TAKEN = `max(0, min(?5, cast((?2 + ?4 - ${FROM}) / ?3 as integer)))`;
const TAKE = `insert into rate_counter (counter, arrival_us, taken)
  values (?1, ?2 + ?3 * min(?5, cast(?4 / ?3 as integer)), min(?5, cast(?4 / ?3 as integer)))
  on conflict (counter) do update set arrival_us = ${FROM} + ?3 * ${TAKEN}, taken = ${TAKEN}
  returning arrival_us, taken`;

/** Counted calls in a database, for all processes that have its file open. Counters that are over are removed in passing. */
export class SqlRateCounters implements RateCounters {
  readonly #database: SqlDatabase;
  #takes = 0;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  take({ counter, limit, most, nowMs }: WantedCalls): ResultAsync<TakenCalls, PortUnavailable> {
    const { spacingUs, burstUs } = cellRateOf(limit);
    const nowUs = inMicroseconds(nowMs);
    const take: Statement = { sql: TAKE, parameters: [counter, nowUs, spacingUs, burstUs, most] };
    const isSweep = ++this.#takes % TAKES_A_SWEEP === 0;
    const statements = isSweep ? [this.#forgetOver(nowUs), take] : [take];
    const work = this.#database.writeScript({ statements }).then((last) => {
      const [row] = last!.rows as readonly [{ readonly arrival_us: number; readonly taken: number }];
      return { taken: row.taken, arrivalUs: row.arrival_us };
    });
    return orUnavailable('RateCounters', 'take', work);
  }

  #forgetOver(nowUs: number): Statement {
    return this.#database.statements.deleteFrom('rate_counter').where('arrival_us', '<=', nowUs).compile();
  }
}
