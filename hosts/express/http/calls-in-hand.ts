import { setTimeout as pause } from 'node:timers/promises';

/**
 * The calls that are being worked on. Their work goes on when their clients have gone or their time was over, and uses the
 * stores until it ends: a process that stops has to wait for it after its last connection has closed.
 */
export class CallsInHand {
  readonly #works = new Set<Promise<unknown>>();

  /** Answers the work itself, which may fail. */
  add<T>(work: PromiseLike<T>): Promise<T> {
    const promise = Promise.resolve(work);
    const remove = (): void => {
      this.#works.delete(settled);
    };
    const settled: Promise<void> = promise.then(remove, remove);
    this.#works.add(settled);
    return promise;
  }

  /** Resolves with true when none is worked on any more; with false when `graceMs` were over. */
  async ended(graceMs: number): Promise<boolean> {
    const giveUp = new AbortController();
    const late = pause(graceMs, false, { signal: giveUp.signal }).catch(() => false);
    const all = (async (): Promise<boolean> => {
      while (this.#works.size > 0) await Promise.all(this.#works);
      return true;
    })();
    const haveEnded = await Promise.race([all, late]);
    giveUp.abort();
    return haveEnded;
  }
}
