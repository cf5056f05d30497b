import { errAsync, okAsync, ResultAsync, type Result } from 'neverthrow';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { AnsweringCounters } from '../../core/limits/call-leases.ts';
import type { TakenCalls } from '../../core/limits/cell-rate.ts';
import type { RateCounters, WantedCalls } from '../../core/limits/ports.ts';

/** A call waits no longer than this for being counted by others. */
const PATIENCE_MS = 500;
/** Counters that have not answered are asked again after so long, by one call. */
const PAUSE_MS = 5000;

export interface ShelteredCountersDeps {
  readonly shared: RateCounters;
  /** What counts while the shared ones do not answer. */
  readonly own: AnsweringCounters;
  readonly clock: Clock;
  /** Is told when the shared counters are lost, and when they are back. */
  readonly changed: (lost: PortUnavailable | null) => void;
}

/**
 * Counters that always answer: where the shared ones do not, each process counts for itself until they do. That lets a
 * client through once more for every process, and refuses nobody for an outage.
 */
export class ShelteredCounters implements AnsweringCounters {
  readonly #deps: ShelteredCountersDeps;
  #lost: { readonly error: PortUnavailable; readonly askAgainAtMs: EpochMs } | null = null;

  constructor(deps: ShelteredCountersDeps) {
    this.#deps = deps;
  }

  take(wanted: WantedCalls): ResultAsync<TakenCalls, never> {
    const { own } = this.#deps;
    return this.#askShared(wanted).orElse(() => own.take(wanted));
  }

  /** Uses the shared counters, and answers what keeps them from being used; null where nothing does. */
  check(): ResultAsync<PortUnavailable | null, never> {
    const wanted = { counter: 'check', limit: CHECKS, most: 1, nowMs: this.#deps.clock.now() };
    return this.#askShared(wanted)
      .map(() => null)
      .orElse((error) => okAsync<PortUnavailable | null>(error));
  }

  #askShared(wanted: WantedCalls): ResultAsync<TakenCalls, PortUnavailable> {
    const { shared, clock } = this.#deps;
    if (this.#lost !== null) {
      if (clock.now() < this.#lost.askAgainAtMs) return errAsync(this.#lost.error);
      // Whoever comes while this call asks does not wait for it.
      this.#lose(this.#lost.error);
    }
    return withPatience(shared.take(wanted))
      .map((taken) => {
        if (this.#lost !== null) this.#deps.changed(null);
        this.#lost = null;
        return taken;
      })
      .mapErr((error) => {
        if (this.#lost === null) this.#deps.changed(error);
        this.#lose(error);
        return error;
      });
  }

  #lose(error: PortUnavailable): void {
    this.#lost = { error, askAgainAtMs: this.#deps.clock.now() + PAUSE_MS };
  }
}

/** For the counter of checks, which nobody is refused by. */
const CHECKS = { calls: 1_000_000, windowMs: 60_000 };

type Taking = Result<TakenCalls, PortUnavailable>;

/** What was asked for is perhaps still taken when the patience is over: that counts too much, never too little. */
function withPatience(taking: ResultAsync<TakenCalls, PortUnavailable>): ResultAsync<TakenCalls, PortUnavailable> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(PATIENCE_MS)} ms`));
    }, PATIENCE_MS);
  });
  const settled = async (): Promise<Taking> => {
    const result = await taking;
    clearTimeout(timer);
    return result;
  };
  return ResultAsync.fromPromise(Promise.race([settled(), late]), (cause) =>
    portUnavailable('RateCounters', 'take', cause),
  ).andThen((result) => result);
}
