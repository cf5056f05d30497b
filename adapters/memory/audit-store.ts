import { okAsync, type ResultAsync } from 'neverthrow';
import type { AuditDay, AuditPlace, Pseudonym, SignedHead, StoredEntry } from '../../core/audit/model.ts';
import type { AuditStore, KnownDay, LogExtension } from '../../core/audit/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** The audit log in the process's memory: it ends with the process. */
export class MemoryAuditStore implements AuditStore {
  readonly #entries: StoredEntry[] = [];
  readonly #closed = new Map<AuditDay, SignedHead>();
  #end: SignedHead | null = null;

  end(): ResultAsync<SignedHead | null, PortUnavailable> {
    return okAsync(structuredClone(this.#end));
  }

  extend({ after, entries, closed, end }: LogExtension): ResultAsync<boolean, PortUnavailable> {
    if ((this.#end?.hash ?? null) !== after) return okAsync(false);
    this.#entries.push(...structuredClone(entries));
    if (closed !== null) this.#closed.set(closed.day, structuredClone(closed));
    this.#end = structuredClone(end);
    return okAsync(true);
  }

  days(): ResultAsync<readonly KnownDay[], PortUnavailable> {
    const days = new Set([...this.#closed.keys(), ...this.#entries.map(({ day }) => day)]);
    return okAsync([...days].sort().map((day) => ({ day, head: structuredClone(this.#closed.get(day) ?? null) })));
  }

  entries(day: AuditDay, after: number, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const found = this.#entries.filter((entry) => entry.day === day && entry.number > after);
    return okAsync(structuredClone(found.slice(0, limit)));
  }

  about(
    subject: Pseudonym,
    before: AuditPlace | null,
    limit: number,
  ): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const found = this.#entries.filter(
      (entry) => entry.subject === subject && (before === null || isBefore(entry, before)),
    );
    return okAsync(structuredClone(found.reverse().slice(0, limit)));
  }

  newest(before: AuditPlace | null, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const found = this.#entries.filter((entry) => before === null || isBefore(entry, before));
    return okAsync(structuredClone(found.reverse().slice(0, limit)));
  }
}

const isBefore = (a: AuditPlace, b: AuditPlace): boolean => a.day < b.day || (a.day === b.day && a.number < b.number);
