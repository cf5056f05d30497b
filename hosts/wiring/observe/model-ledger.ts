import type { EpochMs } from '../../../core/kernel/clock.ts';

/** Something that did not work with an encoder. */
export interface ModelFailureNote {
  readonly atMs: EpochMs;
  readonly operation: 'load' | 'encode';
  /** The encoder's id; null where none had been chosen. */
  readonly model: string | null;
  readonly reason: string;
}

/** How the weights of one encoder were found the last time that they were read. */
export interface WeightsNote {
  readonly atMs: EpochMs;
  /** Whether they were the bytes that were installed; null where they could not be read. */
  readonly intact: boolean | null;
}

export interface ModelLoads {
  readonly successful: number;
  /** Reads whose bytes were not those that were installed, or not there. */
  readonly corrupt: number;
  /** Reads that the model folder did not answer. */
  readonly unanswered: number;
  /** Mean over the successful ones; null where there is none. */
  readonly averageMs: number | null;
}

/** Failures that are remembered, the newest. */
export const MOST_FAILURES_KEPT = 20;

/** What this process has seen of loading and running encoders since it started. */
export class ModelLedger {
  #successful = 0;
  #corrupt = 0;
  #unanswered = 0;
  #successfulMs = 0;
  #failures: readonly ModelFailureNote[] = [];
  readonly #weights = new Map<string, WeightsNote>();

  loaded(model: string, atMs: EpochMs, tookMs: number): void {
    this.#successful += 1;
    this.#successfulMs += tookMs;
    this.#weights.set(model, { atMs, intact: true });
  }

  /** `what` says whether the bytes were wrong, or could not be had. */
  notLoaded(model: string, atMs: EpochMs, what: 'corrupt' | 'unanswered', reason: string): void {
    if (what === 'corrupt') this.#corrupt += 1;
    else this.#unanswered += 1;
    this.#weights.set(model, { atMs, intact: what === 'corrupt' ? false : null });
    this.failed({ atMs, operation: 'load', model, reason });
  }

  failed(failure: ModelFailureNote): void {
    this.#failures = [failure, ...this.#failures].slice(0, MOST_FAILURES_KEPT);
  }

  loads(): ModelLoads {
    return {
      successful: this.#successful,
      corrupt: this.#corrupt,
      unanswered: this.#unanswered,
      averageMs: this.#successful === 0 ? null : this.#successfulMs / this.#successful,
    };
  }

  /** The newest first. */
  failures(): readonly ModelFailureNote[] {
    return this.#failures;
  }

  /** By the encoder's id. */
  weights(): ReadonlyMap<string, WeightsNote> {
    return this.#weights;
  }
}
