import { okAsync, type ResultAsync } from 'neverthrow';
import type { Pseudonym } from '../../core/audit/model.ts';
import type { AuditPseudonyms } from '../../core/audit/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

/** Who is meant by which pseudonym, in the process's memory. */
export class MemoryAuditPseudonyms implements AuditPseudonyms {
  readonly #pseudonyms = new Map<UserId, Pseudonym>();

  known(owner: UserId): ResultAsync<Pseudonym | null, PortUnavailable> {
    return okAsync(this.#pseudonyms.get(owner) ?? null);
  }

  assign(owner: UserId, fresh: Pseudonym): ResultAsync<Pseudonym, PortUnavailable> {
    const assigned = this.#pseudonyms.get(owner) ?? fresh;
    this.#pseudonyms.set(owner, assigned);
    return okAsync(assigned);
  }

  owners(pseudonyms: readonly Pseudonym[]): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable> {
    const wanted = new Set(pseudonyms);
    const found = new Map<Pseudonym, UserId>();
    for (const [owner, assigned] of this.#pseudonyms) if (wanted.has(assigned)) found.set(assigned, owner);
    return okAsync(found);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#pseudonyms.delete(owner);
    return okAsync(undefined);
  }
}
