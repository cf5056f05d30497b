import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import {
  answeredCall,
  begunCall,
  extendedCall,
  releasedCall,
  type KnownCall,
} from '../../core/idempotency/known-call.ts';
import type {
  BegunCall,
  CallAttempt,
  CallLost,
  IdempotencyScope,
  IdempotencyStore,
  KeptReply,
} from '../../core/idempotency/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

/** So many calls are looked at, each time that another is begun, whether their time is over. */
const LOOKED_AT_A_BEGIN = 10;

interface OwnedCall {
  readonly owner: UserId;
  readonly call: KnownCall;
}

/** Calls with a key in the process's memory. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  /** By owner, operation and key; in the order in which they were last begun, and so in that of their ends. */
  readonly #calls = new Map<string, OwnedCall>();

  /** How many calls are remembered. */
  get size(): number {
    return this.#calls.size;
  }

  begin(scope: IdempotencyScope, attempt: CallAttempt): ResultAsync<BegunCall, PortUnavailable> {
    this.#forgetOld(attempt.nowMs);
    const { told, after } = begunCall(this.#known(scope), attempt);
    if (after !== null) {
      this.#calls.delete(nameOf(scope));
      this.#keep(scope, after);
    }
    return okAsync(structuredClone(told));
  }

  extend(scope: IdempotencyScope, token: string, heldUntilMs: EpochMs): ResultAsync<void, CallLost> {
    return this.#change(scope, extendedCall(this.#known(scope), token, heldUntilMs));
  }

  answer(
    scope: IdempotencyScope,
    token: string,
    answered: { readonly fingerprint: string; readonly reply: KeptReply },
  ): ResultAsync<void, CallLost> {
    return this.#change(scope, answeredCall(this.#known(scope), token, structuredClone(answered)));
  }

  release(scope: IdempotencyScope, token: string): ResultAsync<void, PortUnavailable> {
    return this.#change(scope, releasedCall(this.#known(scope), token)).orElse(() => okAsync(undefined));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    for (const [name, call] of this.#calls) if (call.owner === owner) this.#calls.delete(name);
    return okAsync(undefined);
  }

  #known(scope: IdempotencyScope): KnownCall | null {
    return this.#calls.get(nameOf(scope))?.call ?? null;
  }

  #keep(scope: IdempotencyScope, call: KnownCall): void {
    this.#calls.set(nameOf(scope), { owner: scope.owner, call });
  }

  #change(scope: IdempotencyScope, after: KnownCall | null): ResultAsync<void, CallLost> {
    if (after === null) return errAsync({ kind: 'call-lost' });
    this.#keep(scope, after);
    return okAsync(undefined);
  }

  #forgetOld(nowMs: EpochMs): void {
    let looks = 0;
    for (const [name, { call }] of this.#calls) {
      if (looks++ === LOOKED_AT_A_BEGIN || call.forgetAtMs > nowMs) return;
      this.#calls.delete(name);
    }
  }
}

const nameOf = ({ owner, operation, key }: IdempotencyScope): string => JSON.stringify([owner, operation, key]);
