import { okAsync, type ResultAsync } from 'neverthrow';
import { inMicroseconds, takeUpTo, type TakenCalls } from '../../core/limits/cell-rate.ts';
import type { RateCounters, WantedCalls } from '../../core/limits/ports.ts';

/** So many takes lie between two looks for counters that are over. */
const TAKES_A_SWEEP = 1000;

/** Counted calls, in the process's memory. */
export class MemoryRateCounters implements RateCounters {
  readonly #arrivalsUs = new Map<string, number>();
  #takes = 0;

  /** How many counters are remembered. */
  get size(): number {
    return this.#arrivalsUs.size;
  }

  take({ counter, limit, most, nowMs }: WantedCalls): ResultAsync<TakenCalls, never> {
    const taken = takeUpTo(this.#arrivalsUs.get(counter) ?? null, limit, most, nowMs);
    this.#arrivalsUs.set(counter, taken.arrivalUs);
    if (++this.#takes % TAKES_A_SWEEP === 0) this.#forgetOver(inMicroseconds(nowMs));
    return okAsync(taken);
  }

  #forgetOver(nowUs: number): void {
    for (const [counter, arrivalUs] of this.#arrivalsUs) {
      if (arrivalUs <= nowUs) this.#arrivalsUs.delete(counter);
    }
  }
}
