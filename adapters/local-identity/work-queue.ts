import { errAsync, ResultAsync, type Result } from 'neverthrow';

/** So much work is waiting already that this piece was turned away, unstarted. */
export interface QueueFull {
  readonly kind: 'queue-full';
}

/**
 * Runs at most `concurrent` pieces of work at a time, the others in the order they came, and keeps at most `maxWaiting`
 * of them waiting. So a burst costs bounded memory, and whoever would have to wait too long is told at once.
 */
export class WorkQueue {
  readonly #concurrent: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly concurrent: number; readonly maxWaiting: number }) {
    if (!(limits.concurrent >= 1) || !(limits.maxWaiting >= 0)) throw new RangeError('a queue needs room for work');
    this.#concurrent = limits.concurrent;
    this.#maxWaiting = limits.maxWaiting;
  }

  run<T, E>(work: () => PromiseLike<Result<T, E>>): ResultAsync<T, E | QueueFull> {
    if (this.#running < this.#concurrent) return new ResultAsync(this.#start(work));
    if (this.#waiting.length >= this.#maxWaiting) return errAsync({ kind: 'queue-full' });
    return new ResultAsync(
      new Promise((resolve) => {
        this.#waiting.push(() => resolve(this.#start(work)));
      }),
    );
  }

  async #start<T, E>(work: () => PromiseLike<Result<T, E>>): Promise<Result<T, E>> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      // Also when the work throws: a lost place would shrink the queue for the rest of the process's life.
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
