import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import { processingId, type Ids, type UserId } from '../kernel/ids.ts';
import type { Upload } from './model.ts';
import { rawUploadKey } from './object-keys.ts';
import type { ExportUnreadable, ObjectTooLarge } from './ports.ts';
import { enqueueProcessing, newUpload, type UploadPorts } from './receive-upload.ts';
import { sniffed } from './sniff-export.ts';
import { tooLongForQuota, withinQuota, type QuotaExceeded } from './upload-quota.ts';

export interface AcceptExportCommand {
  readonly owner: UserId;
  readonly content: AsyncIterable<Uint8Array>;
  readonly limitBytes: number;
  readonly timezone: string | null;
}

export interface AcceptExportPorts extends UploadPorts {
  readonly ids: Ids;
}

/** What is said of an export whose file is there. */
export const EXPORT_QUEUED = 'The file is kept; its import is queued.';

type Refusal = ExportUnreadable | ObjectTooLarge | QuotaExceeded | PortUnavailable;

/**
 * Streams an export file to the object store and queues its import. Only what can be told from the first bytes is
 * refused here (an empty file, something that is neither zip nor XML); the rest is found while importing, and then the
 * file is still there.
 *
 * With the same ids and instant it can be done again with the same file, wherever it was left, and ends in the state of
 * doing it once.
 */
export function acceptExport(ports: AcceptExportPorts) {
  return (command: AcceptExportCommand): ResultAsync<Upload, Refusal> => {
    const { owner, limitBytes } = command;
    const nowMs = ports.clock.now();
    const id = processingId(ports.ids.uuid());
    // How long the stream is shows only while it is stored; no more of it is taken than the owner may keep.
    const admitted = withinQuota(ports)({ owner, upload: id, bytes: 1, isWorkedOn: true });
    const opened = admitted.andThen(({ leftBytes }) =>
      sniffed(command.content).map((sniff) => ({ ...sniff, leftBytes })),
    );
    return opened.andThen(({ format, content, leftBytes }) => {
      const key = rawUploadKey(owner, id, nowMs, format);
      const upload = newUpload({
        owner,
        processingId: id,
        kind: 'healthkit-export',
        uploadSource: 'apple_health_export',
        timezone: command.timezone,
        syncToken: null,
        nowMs,
      });
      return ports.objects
        .put(owner, key, content, Math.min(limitBytes, leftBytes))
        .mapErr((error): Refusal =>
          error.kind === 'object-too-large' && leftBytes < limitBytes ? tooLongForQuota(ports.quota, leftBytes) : error,
        )
        .andThen(({ sha256, bytes }) => {
          const kept: Upload = { ...upload, raw: { key, sha256, bytes } };
          return ports.uploads.insert(kept).andThen(() => enqueueProcessing(ports)(kept, EXPORT_QUEUED));
        });
    });
  };
}
