import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { Upload, UploadChange } from '../../core/health-data/model.ts';
import type { ChangeCondition, UploadStore, UploadUsage } from '../../core/health-data/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Uploads in the process's memory. */
export class MemoryUploadStore implements UploadStore {
  readonly #owners = new Map<UserId, Map<ProcessingId, Upload>>();

  insert(upload: Upload): ResultAsync<void, PortUnavailable> {
    const uploads = this.#owners.get(upload.owner) ?? new Map<ProcessingId, Upload>();
    if (uploads.has(upload.processingId)) return okAsync(undefined);
    this.#owners.set(upload.owner, uploads.set(upload.processingId, structuredClone(upload)));
    return okAsync(undefined);
  }

  get(owner: UserId, id: ProcessingId): ResultAsync<Upload, NotFound | PortUnavailable> {
    const upload = this.#owners.get(owner)?.get(id);
    return upload === undefined ? errAsync(notFound('processing', id)) : okAsync(structuredClone(upload));
  }

  change(
    owner: UserId,
    id: ProcessingId,
    change: UploadChange,
    nowMs: EpochMs,
    onlyIf?: ChangeCondition,
  ): ResultAsync<Upload, NotFound | PortUnavailable> {
    const uploads = this.#owners.get(owner);
    const upload = uploads?.get(id);
    if (uploads === undefined || upload === undefined) return errAsync(notFound('processing', id));
    if (onlyIf !== undefined && !onlyIf.status.includes(upload.status)) return this.get(owner, id);
    uploads.set(id, { ...upload, ...structuredClone(change), updatedAtMs: nowMs });
    return this.get(owner, id);
  }

  list(owner: UserId, limit: number): ResultAsync<readonly Upload[], PortUnavailable> {
    const uploads = [...(this.#owners.get(owner)?.values() ?? [])];
    uploads.sort((a, b) => b.createdAtMs - a.createdAtMs || compareCodePoints(b.processingId, a.processingId));
    return okAsync(structuredClone(uploads.slice(0, limit)));
  }

  usage(owner: UserId): ResultAsync<UploadUsage, PortUnavailable> {
    const uploads = [...(this.#owners.get(owner)?.values() ?? [])];
    return okAsync({
      storedBytes: uploads.reduce((sum, { raw }) => sum + (raw?.bytes ?? 0), 0),
      running: uploads.filter(({ status }) => status === 'processing').length,
    });
  }

  delete(owner: UserId, id: ProcessingId): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#owners.get(owner)?.delete(id) === true ? okAsync(undefined) : errAsync(notFound('processing', id));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}
