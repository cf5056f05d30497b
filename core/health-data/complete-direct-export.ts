import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { notFound, portUnavailable, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { EXPORT_QUEUED } from './accept-export.ts';
import type { Upload } from './model.ts';
import type { DirectUploads, DirectUploadUnavailable, ExportUnreadable } from './ports.ts';
import { enqueueProcessing, NOT_QUEUED, queueJob, type UploadPorts } from './receive-upload.ts';
import { SNIFF_BYTES, sniffed, unreadable } from './sniff-export.ts';
import { withinQuota, type QuotaExceeded } from './upload-quota.ts';

/** The client has not sent what it announced. */
export interface NotUploaded {
  readonly kind: 'not-uploaded';
}

export interface CompleteDirectExportPorts extends UploadPorts {
  readonly directUploads: DirectUploads;
}

type Refusal = ExportUnreadable | NotUploaded | NotFound | DirectUploadUnavailable | QuotaExceeded | PortUnavailable;

/**
 * Queues the import of an export that the client has sent to the store itself. Asked again it queues nothing more, and
 * answers the upload as it is by then. A file that cannot be an export fails the upload, and is not kept.
 */
export function completeDirectExport(ports: CompleteDirectExportPorts) {
  return (command: { readonly owner: UserId; readonly processingId: ProcessingId }): ResultAsync<Upload, Refusal> =>
    ports.uploads.get(command.owner, command.processingId).andThen((upload): ResultAsync<Upload, Refusal> => {
      const { owner, raw } = upload;
      if (upload.kind !== 'healthkit-export') return errAsync(notFound('processing', command.processingId));
      const refused = refusedBefore(upload);
      if (refused !== null) return errAsync(refused);
      if (raw === null) return okAsync(upload);
      switch (upload.status) {
        case 'received':
          return queued(ports, upload, raw);
        case 'failed':
          // The call before may have been told that the work could not be queued: this one is its second try.
          if (upload.failure?.code === NOT_QUEUED.code) return queued(ports, upload, raw);
          // Either the import failed, or somebody had it tried before there was a file.
          return ports.objects
            .open(owner, raw.key)
            .map(() => upload)
            .orElse((error) => (error.kind === 'not-found' ? queued(ports, upload, raw) : errAsync(error)));
        default:
          // The call before may have ended between the two writes; the same job is not queued twice.
          return upload.status === 'processing' && upload.message === EXPORT_QUEUED
            ? queueJob(ports, upload, upload.updatedAtMs)
            : okAsync(upload);
      }
    });
}

function queued(
  ports: CompleteDirectExportPorts,
  upload: Upload,
  raw: NonNullable<Upload['raw']>,
): ResultAsync<Upload, Refusal> {
  const { owner } = upload;
  // The bytes were counted when they were announced.
  const admitted = withinQuota(ports)({ owner, upload: null, bytes: 0, isWorkedOn: true });
  return admitted
    .andThen(() => ports.directUploads.arrived(owner, raw.key, { bytes: raw.bytes, sha256: raw.sha256 }))
    .mapErr((error): Refusal => (error.kind === 'not-found' ? { kind: 'not-uploaded' } : error))
    .andThen(() => sniffedObject(ports, owner, raw.key))
    .andThen(() => enqueueProcessing(ports)(upload, EXPORT_QUEUED))
    .orElse((error) => (error.kind === 'export-unreadable' ? refuse(ports, upload, raw.key, error) : errAsync(error)));
}

function sniffedObject(ports: CompleteDirectExportPorts, owner: UserId, key: string): ResultAsync<unknown, Refusal> {
  return ports.objects
    .open(owner, key)
    .mapErr((error) =>
      error.kind === 'not-found'
        ? portUnavailable('ObjectStore', 'open', `the file ${key} that has arrived is gone`)
        : error,
    )
    .andThen((file) =>
      ResultAsync.fromPromise(
        collected(file.stream({ start: 0, end: Math.min(SNIFF_BYTES, file.sizeBytes) })),
        (cause) => portUnavailable('ObjectStore', 'read', cause),
      ),
    )
    .andThen((parts) => sniffed(each(parts)));
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield await Promise.resolve(part);
}

function refuse(
  ports: CompleteDirectExportPorts,
  { owner, processingId }: Upload,
  key: string,
  error: ExportUnreadable,
): ResultAsync<Upload, Refusal> {
  const { code, message } = error;
  const change = { status: 'failed', message, failure: { code, reason: message }, raw: null } as const;
  return ports.uploads
    .change(owner, processingId, change, ports.clock.now())
    .andThen(() => ports.objects.delete(owner, key))
    .andThen(() => errAsync(error));
}

/** What was said the first time about a file that cannot be an export. */
function refusedBefore({ raw, failure }: Upload): ExportUnreadable | null {
  if (raw !== null || failure === null) return null;
  const { code, reason } = failure;
  return code === 'empty-file' || code === 'not-an-export' ? unreadable(code, reason) : null;
}
