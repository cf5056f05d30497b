import { errAsync, type ResultAsync } from 'neverthrow';
import type { Clock } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { processingId, type Ids, type UserId } from '../kernel/ids.ts';
import type { Upload } from './model.ts';
import { rawUploadKey } from './object-keys.ts';
import type { DirectUpload, DirectUploads, DirectUploadUnavailable, ExpectedObject, ObjectTooLarge } from './ports.ts';
import { newUpload, type UploadPorts } from './receive-upload.ts';
import { withinQuota, type QuotaExceeded } from './upload-quota.ts';

export interface PresignExportCommand {
  readonly owner: UserId;
  /** What the client is going to send. */
  readonly expected: ExpectedObject;
  readonly format: 'zip' | 'xml';
  readonly limitBytes: number;
  readonly timezone: string | null;
}

export interface PresignExportPorts extends UploadPorts {
  readonly ids: Ids;
  readonly directUploads: DirectUploads;
  /**
   * What time it is. The other clock may stand still at the first attempt of a call that is repeated, and a request
   * granted as of then could have expired.
   */
  readonly wallClock: Clock;
}

/** An upload that waits for its file, and how the client sends it. */
export interface PresignedExport {
  readonly upload: Upload;
  readonly request: DirectUpload;
}

/** One request carries no more than 5 GiB, whoever takes it. */
const MOST_BYTES_A_REQUEST = 5 * 1024 ** 3;

/**
 * Lets a client send an export to the store itself. The upload is there from now on and waits; its `raw` says what was
 * announced. Nothing is queued before the client says that the file is there. With the same ids and instant it can be
 * done again, and is one upload; the request is granted anew.
 */
export function presignExport(ports: PresignExportPorts) {
  return (
    command: PresignExportCommand,
  ): ResultAsync<PresignedExport, DirectUploadUnavailable | ObjectTooLarge | QuotaExceeded | PortUnavailable> => {
    const { owner, expected, format } = command;
    const limitBytes = Math.min(command.limitBytes, MOST_BYTES_A_REQUEST);
    if (expected.bytes > limitBytes) return errAsync({ kind: 'object-too-large', limitBytes });
    const nowMs = ports.clock.now();
    const id = processingId(ports.ids.uuid());
    const key = rawUploadKey(owner, id, nowMs, format);
    const admitted = withinQuota(ports)({ owner, upload: id, bytes: expected.bytes, isWorkedOn: true });
    const granted = admitted.andThen(() => ports.directUploads.grant(owner, key, expected, ports.wallClock.now()));
    return granted.andThen((request) => {
      const upload: Upload = {
        ...newUpload({
          owner,
          processingId: id,
          kind: 'healthkit-export',
          uploadSource: 'apple_health_export',
          timezone: command.timezone,
          syncToken: null,
          nowMs,
        }),
        raw: { key, ...expected },
        message: 'Waiting for the file.',
      };
      return ports.uploads.insert(upload).map(() => ({ upload, request }));
    });
  };
}
