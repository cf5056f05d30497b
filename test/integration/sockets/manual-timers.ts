import type { Timers } from '../../../hosts/express/sockets/timers.ts';
import type { SettableClock } from '../../unit/memory-world.ts';

interface Waiting {
  dueMs: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** Time that passes when a test says so: what is due then is run in order, with the clock at the time it was due. */
export class ManualTimers implements Timers {
  readonly #clock: SettableClock;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: SettableClock) {
    this.#clock = clock;
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#clock.nowMs + ms, everyMs: null, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#clock.nowMs + ms, everyMs: ms, run });
  }

  /** How many timers are set. */
  get size(): number {
    return this.#waiting.size;
  }

  advance(ms: number): void {
    const endMs = this.#clock.nowMs + ms;
    for (;;) {
      const due = [...this.#waiting].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      const [next] = due;
      if (next === undefined) break;
      this.#clock.nowMs = Math.max(this.#clock.nowMs, next.dueMs);
      if (next.everyMs === null) this.#waiting.delete(next);
      else next.dueMs += next.everyMs;
      next.run();
    }
    this.#clock.nowMs = endMs;
  }

  #add(waiting: Waiting): () => void {
    this.#waiting.add(waiting);
    return () => {
      this.#waiting.delete(waiting);
    };
  }
}
