import type { CancelSignal } from '../../core/pat/ports.ts';

/** Work for a thread; the signal ends the thread where that is allowed, and is null where it is not. */
export type Task<T> = (signal: AbortSignal | null) => Promise<T>;

interface Entry<T> {
  readonly task: Task<T>;
  readonly interrupt: AbortController;
  readonly resolve: (value: T) => void;
  readonly reject: (cause: unknown) => void;
  /** A call stands and falls as a whole: what is left of it is not worth a processor. */
  readonly giveUpCall: () => void;
}

/**
 * First come, first served, so many at a time. When a call is given up its waiting tasks never start. One that runs is
 * interrupted where the engine survives that; where it does not, it runs on to its end with nobody listening.
 */
export class TaskQueue<T> {
  readonly #atOnce: number;
  readonly #canInterrupt: boolean;
  #waiting: Entry<T>[] = [];
  #running = 0;
  readonly #untilIdle: (() => void)[] = [];

  constructor(atOnce: number, canInterrupt: boolean) {
    this.#atOnce = atOnce;
    this.#canInterrupt = canInterrupt;
  }

  /** Tasks that wait or run. */
  get size(): number {
    return this.#waiting.length + this.#running;
  }

  /** The tasks' results in their order; rejects with the first failure, or when one of the signals says so. */
  async run(tasks: readonly Task<T>[], signals: readonly CancelSignal[]): Promise<readonly T[]> {
    const entries: Entry<T>[] = [];
    const giveUp = (): void => {
      this.#forget(entries);
    };
    const results = tasks.map(
      (task) =>
        new Promise<T>((resolve, reject) => {
          entries.push({ task, interrupt: new AbortController(), resolve, reject, giveUpCall: giveUp });
        }),
    );
    for (const signal of signals) signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(...entries);
    if (signals.some(({ aborted }) => aborted)) giveUp();
    this.#start();
    try {
      return await Promise.all(results);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    }
  }

  /** Resolves once nothing waits and nothing runs. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#untilIdle.push(resolve);
    });
  }

  #start(): void {
    while (this.#running < this.#atOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#running += 1;
      void this.#work(next);
    }
    if (this.size === 0) for (const tell of this.#untilIdle.splice(0)) tell();
  }

  async #work({ task, interrupt, resolve, reject, giveUpCall }: Entry<T>): Promise<void> {
    try {
      resolve(await task(this.#canInterrupt ? interrupt.signal : null));
    } catch (cause) {
      reject(cause);
      giveUpCall();
    } finally {
      this.#running -= 1;
      this.#start();
    }
  }

  #forget(entries: readonly Entry<T>[]): void {
    const forgotten = new Set(entries);
    this.#waiting = this.#waiting.filter((entry) => !forgotten.has(entry));
    for (const { interrupt, reject } of entries) {
      reject(new Error('the call was given up'));
      interrupt.abort();
    }
    this.#start();
  }
}
