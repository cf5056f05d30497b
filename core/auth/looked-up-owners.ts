import type { EpochMs } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';

/** Somebody who was looked up, and by when their tokens had been ended; null where they had not. */
export interface LookedUpOwner {
  readonly endedAtMs: EpochMs | null;
}

/** More people than this at a time, and all are looked up anew. */
const MOST_LOOKED_UP = 10_000;

/** Who was found to be there of late, by this process. */
export class LookedUpOwners {
  readonly #found = new Map<UserId, LookedUpOwner & { readonly untilMs: EpochMs }>();

  /** Null where they are to be looked up. */
  find(user: UserId, nowMs: EpochMs): LookedUpOwner | null {
    const found = this.#found.get(user);
    return found !== undefined && nowMs < found.untilMs ? found : null;
  }

  keep(user: UserId, { endedAtMs }: LookedUpOwner, untilMs: EpochMs): void {
    if (this.#found.size >= MOST_LOOKED_UP) this.#found.clear();
    this.#found.set(user, { endedAtMs, untilMs });
  }

  /** Whatever they ask for next, they are looked up. */
  forget(user: UserId): void {
    this.#found.delete(user);
  }
}
