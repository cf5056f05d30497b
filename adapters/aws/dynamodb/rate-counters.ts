import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { takeUpTo, type TakenCalls } from '../../../core/limits/cell-rate.ts';
import type { RateCounters, WantedCalls } from '../../../core/limits/ports.ts';
import { orUnavailable } from '../aws-caller.ts';
import { untilUncontended } from './contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';

/**
 * Counted calls: one item a counter at `RATE#<counter>`, outside of all people's partitions, with its theoretical arrival
 * time in `arrival_us`. It is read, and written on the condition that nobody was faster. The table removes it when it is
 * over, where its TTL attribute is `ttl`.
 */
export class DynamoRateCounters implements RateCounters {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  take(wanted: WantedCalls): ResultAsync<TakenCalls, PortUnavailable> {
    const work = untilUncontended(this.#table, 'a counter of calls', () => this.#tryToTake(wanted));
    return orUnavailable('RateCounters', 'take', work);
  }

  async #tryToTake({ counter, limit, most, nowMs }: WantedCalls): Promise<TakenCalls | null> {
    const key = keyOf(counter);
    const before = await this.#table.get(key);
    const arrivalUs = before === null ? null : Number(before['arrival_us']);
    const answer = takeUpTo(arrivalUs, limit, most, nowMs);
    if (answer.taken === 0) return answer;
    const after = { ...key, kind: 'rate', arrival_us: answer.arrivalUs, ttl: Math.ceil(answer.arrivalUs / 1e6) };
    return (await this.#table.put(after, isStill(before))) ? answer : null;
  }
}

const keyOf = (counter: string): ItemKey => ({ pk: `RATE#${counter}`, sk: 'RATE' });

const isStill = (before: Item | null): Expression =>
  before === null ? ABSENT : { text: 'arrival_us = :before', values: { ':before': before['arrival_us'] } };
