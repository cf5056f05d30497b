import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { UserId } from '../../../core/kernel/ids.ts';

const MINUTE_MS = 60_000;

/** How many connections a person may have to this process, and how much they may say over all of them. */
export class PersonLimits {
  readonly #most: { readonly connectionsAPerson: number; readonly messagesAMinute: number };
  readonly #connections = new Map<UserId, number>();
  /** When each person's messages of the last minute came, the oldest first. */
  readonly #messages = new Map<UserId, EpochMs[]>();

  constructor(most: { readonly connectionsAPerson: number; readonly messagesAMinute: number }) {
    this.#most = most;
  }

  /** False, and nothing is counted, when the person has as many connections as they may. */
  enter(user: UserId, nowMs: EpochMs): boolean {
    this.#forgetQuiet(nowMs);
    const connections = this.#connections.get(user) ?? 0;
    if (connections >= this.#most.connectionsAPerson) return false;
    this.#connections.set(user, connections + 1);
    return true;
  }

  leave(user: UserId): void {
    const left = (this.#connections.get(user) ?? 0) - 1;
    if (left > 0) this.#connections.set(user, left);
    else this.#connections.delete(user);
  }

  /** Counts a message; or, when there were too many within a minute, the milliseconds until the next one is heard. */
  message(user: UserId, nowMs: EpochMs): number | null {
    const recent = (this.#messages.get(user) ?? []).filter((atMs) => atMs > nowMs - MINUTE_MS);
    this.#messages.set(user, recent);
    const [oldest] = recent;
    if (recent.length >= this.#most.messagesAMinute && oldest !== undefined) return oldest + MINUTE_MS - nowMs;
    recent.push(nowMs);
    return null;
  }

  /** What was said counts past the end of a connection, but not for ever. */
  #forgetQuiet(nowMs: EpochMs): void {
    for (const [user, times] of this.#messages) {
      if ((times.at(-1) ?? 0) <= nowMs - MINUTE_MS) this.#messages.delete(user);
    }
  }
}
