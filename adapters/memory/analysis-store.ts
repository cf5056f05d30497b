import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { AnalysisRecord, AnalysisStore } from '../../core/analysis/ports.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';

/** Analyses in the process's memory. */
export class MemoryAnalysisStore implements AnalysisStore {
  readonly #owners = new Map<UserId, Map<ProcessingId, readonly AnalysisRecord[]>>();

  replaceForUpload(
    owner: UserId,
    upload: ProcessingId,
    records: readonly AnalysisRecord[],
  ): ResultAsync<void, PortUnavailable> {
    const filed = structuredClone(records).map((record) => ({ ...record, owner, upload }));
    const uploads = this.#owners.get(owner) ?? new Map<ProcessingId, readonly AnalysisRecord[]>();
    this.#owners.set(owner, uploads.set(upload, filed.sort(windowFirst)));
    return okAsync(undefined);
  }

  getForUpload(owner: UserId, upload: ProcessingId): ResultAsync<AnalysisRecord, NotFound | PortUnavailable> {
    const record = this.#owners
      .get(owner)
      ?.get(upload)
      ?.find(({ scope }) => scope === 'window');
    return record === undefined ? errAsync(notFound('analysis', upload)) : okAsync(structuredClone(record));
  }

  listForUpload(owner: UserId, upload: ProcessingId): ResultAsync<readonly AnalysisRecord[], PortUnavailable> {
    return okAsync(structuredClone(this.#owners.get(owner)?.get(upload) ?? []));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const uploads = this.#owners.get(owner);
    const gone = uploads?.get(upload)?.length ?? 0;
    uploads?.delete(upload);
    return okAsync(gone);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}

/** The window, then weeks by their start; equal ones keep the order in which they were given. */
const windowFirst = (a: AnalysisRecord, b: AnalysisRecord): number =>
  Number(b.scope === 'window') - Number(a.scope === 'window') || startMs(a) - startMs(b);

const startMs = ({ document }: AnalysisRecord): number => Date.parse(document.window.start);
