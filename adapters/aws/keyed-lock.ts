/** Lets work on the same keys happen one after the other inside this process; other processes know nothing of it. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * What `work` answers, once all earlier work on any of the keys has ended. All keys are queued for at once, so two
   * calls never wait for each other.
   */
  async hold<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const earlier = keys.map((key) => this.#tails.get(key) ?? Promise.resolve());
    const own = Promise.allSettled(earlier).then(work);
    const tail = own.catch(() => undefined);
    for (const key of keys) this.#tails.set(key, tail);
    try {
      return await own;
    } finally {
      // Keys that nobody waits for are forgotten, so that the map does not grow with the number of users.
      for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
