import { okAsync, type ResultAsync } from 'neverthrow';
import type { SecondFactor, SecondFactorProof, SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import { spent } from '../../core/auth/second-factor.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

/** Second factors in the process's memory. */
export class MemorySecondFactorStore implements SecondFactorStore {
  readonly #factors = new Map<UserId, SecondFactor>();

  begin(
    user: UserId,
    { factorId, secret }: Parameters<SecondFactorStore['begin']>[1],
  ): ResultAsync<boolean, PortUnavailable> {
    if (this.#factors.get(user)?.enabled === true) return okAsync(false);
    this.#factors.set(user, { user, factorId, secret, enabled: false, lastStep: null, recoveryHashes: [] });
    return okAsync(true);
  }

  find(user: UserId): ResultAsync<SecondFactor | null, PortUnavailable> {
    const factor = this.#factors.get(user);
    return okAsync(factor === undefined ? null : { ...factor, recoveryHashes: [...factor.recoveryHashes] });
  }

  enable(
    user: UserId,
    { factorId, step, recoveryHashes }: Parameters<SecondFactorStore['enable']>[1],
  ): ResultAsync<boolean, PortUnavailable> {
    const begun = this.#factors.get(user);
    if (begun?.factorId !== factorId || begun.enabled) return okAsync(false);
    this.#factors.set(user, { ...begun, enabled: true, lastStep: step, recoveryHashes: [...recoveryHashes] });
    return okAsync(true);
  }

  spend(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    const after = spent(this.#factors.get(user) ?? null, proof);
    if (after !== null) this.#factors.set(user, after);
    return okAsync(after !== null);
  }

  removeBy(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    const isProof = spent(this.#factors.get(user) ?? null, proof) !== null;
    if (isProof) this.#factors.delete(user);
    return okAsync(isProof);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    this.#factors.delete(user);
    return okAsync(undefined);
  }
}
