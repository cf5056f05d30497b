import type { UserId } from '../../core/kernel/ids.ts';

interface Waiting {
  /** Null: whoever it is. */
  readonly owner: UserId | null;
  readonly wake: () => void;
}

/** Wakes those of this process who wait for something to be told, so that they need not wait for their next look. */
export class EventBell {
  readonly #waiting = new Set<Waiting>();
  #rings = 0;

  /** How often it rang. Read before a look, it tells whether something was told since. */
  get rings(): number {
    return this.#rings;
  }

  ring(owner: UserId): void {
    this.#rings += 1;
    for (const waiting of this.#waiting) {
      if (waiting.owner === null || waiting.owner === owner) waiting.wake();
    }
  }

  /** Until it rings for the owner (null: for anybody), `ms` have passed, or the signal aborts. */
  wait(owner: UserId | null, sinceRings: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rings !== sinceRings || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting: Waiting = { owner, wake };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(waiting);
    });
  }
}
