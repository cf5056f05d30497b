import { okAsync, type ResultAsync } from 'neverthrow';
import type { ErasedOwners, ErasureMark } from '../../core/account/erased-owners.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Who was erased of late, in the process's memory. */
export class MemoryErasedOwners implements ErasedOwners {
  readonly #untilMs = new Map<ErasureMark, EpochMs>();

  remember(mark: ErasureMark, nowMs: EpochMs, untilMs: EpochMs): ResultAsync<void, PortUnavailable> {
    for (const [other, until] of this.#untilMs) if (until <= nowMs) this.#untilMs.delete(other);
    this.#untilMs.set(mark, Math.max(untilMs, this.#untilMs.get(mark) ?? -Infinity));
    return okAsync(undefined);
  }

  isRemembered(mark: ErasureMark, nowMs: EpochMs): ResultAsync<boolean, PortUnavailable> {
    return this.rememberedUntil(mark, nowMs).map((untilMs) => untilMs !== null);
  }

  rememberedUntil(mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    const untilMs = this.#untilMs.get(mark);
    return okAsync(untilMs !== undefined && nowMs < untilMs ? untilMs : null);
  }
}
