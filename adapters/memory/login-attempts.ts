import { okAsync, type ResultAsync } from 'neverthrow';
import { countersOf, latestOf, lockedUntil, withFailure, type FailedLogins } from '../../core/auth/login-lock.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/password-ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Failures that are remembered, and of whom. */
interface Remembered extends FailedLogins {
  readonly emailKey: string;
}

/** Failed logins, in the process's memory. */
export class MemoryLoginAttempts implements LoginAttempts {
  /** By account and client; the one that failed longest ago first. */
  readonly #failed = new Map<string, Remembered>();

  /** How many clients of accounts have failures that are remembered; all clients of an account are one more. */
  get size(): number {
    return this.#failed.size;
  }

  lockedUntil(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    return okAsync(this.#lockedUntil(emailKey, nowMs, policy, client));
  }

  recordFailure(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    const until = this.#lockedUntil(emailKey, nowMs, policy, client);
    if (until !== null) return okAsync(until);
    for (const counter of countersOf(client, policy)) {
      const key = keyOf(emailKey, counter.client);
      const failed = withFailure(this.#failed.get(key) ?? null, nowMs, counter.policy);
      this.#failed.delete(key);
      this.#failed.set(key, { ...failed, emailKey });
    }
    this.#forgetUntil(nowMs);
    return okAsync(null);
  }

  recordSuccess(
    emailKey: string,
    nowMs: EpochMs,
    policy: LockPolicy,
    client?: string,
  ): ResultAsync<EpochMs | null, PortUnavailable> {
    const until = this.#lockedUntil(emailKey, nowMs, policy, client);
    if (until === null) this.#failed.delete(keyOf(emailKey, countersOf(client, policy)[0].client));
    return okAsync(until);
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    for (const [key, remembered] of this.#failed) if (remembered.emailKey === emailKey) this.#failed.delete(key);
    return okAsync(undefined);
  }

  #lockedUntil(emailKey: string, nowMs: EpochMs, policy: LockPolicy, client?: string): EpochMs | null {
    const locks = countersOf(client, policy).map((counter) =>
      lockedUntil(this.#failed.get(keyOf(emailKey, counter.client)) ?? null, nowMs, counter.policy),
    );
    return latestOf(locks);
  }

  #forgetUntil(nowMs: EpochMs): void {
    for (const [key, { forgetAtMs }] of this.#failed) {
      if (nowMs < forgetAtMs) return;
      this.#failed.delete(key);
    }
  }
}

const keyOf = (emailKey: string, client: string): string => JSON.stringify([emailKey, client]);
