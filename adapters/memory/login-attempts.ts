import { okAsync, type ResultAsync } from 'neverthrow';
import { lockedUntil, withFailure, type FailedLogins } from '../../core/auth/login-lock.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Failed logins, in the process's memory. */
export class MemoryLoginAttempts implements LoginAttempts {
  /** The one that failed longest ago first. */
  readonly #failed = new Map<string, FailedLogins>();

  /** How many addresses have failures that are remembered. */
  get size(): number {
    return this.#failed.size;
  }

  lockedUntil(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    return okAsync(lockedUntil(this.#failed.get(emailKey) ?? null, nowMs, policy));
  }

  recordFailure(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    const failed = this.#failed.get(emailKey) ?? null;
    const until = lockedUntil(failed, nowMs, policy);
    if (until !== null) return okAsync(until);
    this.#failed.delete(emailKey);
    this.#failed.set(emailKey, withFailure(failed, nowMs, policy));
    this.#forgetUntil(nowMs);
    return okAsync(null);
  }

  recordSuccess(emailKey: string, nowMs: EpochMs, policy: LockPolicy): ResultAsync<EpochMs | null, PortUnavailable> {
    const until = lockedUntil(this.#failed.get(emailKey) ?? null, nowMs, policy);
    if (until === null) this.#failed.delete(emailKey);
    return okAsync(until);
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    this.#failed.delete(emailKey);
    return okAsync(undefined);
  }

  #forgetUntil(nowMs: EpochMs): void {
    for (const [emailKey, { forgetAtMs }] of this.#failed) {
      if (nowMs < forgetAtMs) return;
      this.#failed.delete(emailKey);
    }
  }
}
