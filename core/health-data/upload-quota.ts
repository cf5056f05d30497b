import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { UploadStore, UploadUsage } from './ports.ts';

/** How much one person may keep and have worked on at once; null: however much comes. */
export interface UploadQuota {
  readonly mostStoredBytes: number | null;
  readonly mostRunning: number | null;
}

export const NO_QUOTA: UploadQuota = { mostStoredBytes: null, mostRunning: null };

/** What the person keeps and what they send now are together more than they may keep. */
export interface StorageQuotaExceeded {
  readonly kind: 'storage-quota-exceeded';
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Null for a stream, of which it is only known that it is longer than what is left. */
  readonly requestBytes: number | null;
}

/** The work on as many uploads of the person as there may be is not done yet. */
export interface TooManyRunningJobs {
  readonly kind: 'too-many-running-jobs';
  readonly running: number;
  readonly limit: number;
  /** Some of the work may be done by then. */
  readonly retryAfterSeconds: number;
}

export type QuotaExceeded = StorageQuotaExceeded | TooManyRunningJobs;

const RETRY_AFTER_SECONDS = 30;

export interface QuotaPorts {
  readonly uploads: Pick<UploadStore, 'usage' | 'get'>;
  readonly quota: UploadQuota;
}

/** What somebody wants to send. */
export interface QuotaRequest {
  readonly owner: UserId;
  /** The upload that it will be; null where it is none. */
  readonly upload: ProcessingId | null;
  readonly bytes: number;
  /** Whether a job will work on it later. */
  readonly isWorkedOn: boolean;
}

/** How many bytes more the owner may keep; infinitely many where there is no limit. */
export interface QuotaLeft {
  readonly leftBytes: number;
}

const WITHOUT_LIMIT: QuotaLeft = { leftBytes: Infinity };

/**
 * Whether the owner may send it. The look comes before anything is stored, so that calls at the same time may exceed a limit
 * together by what they bring. An upload that is there already, because its call is made again, was let in before.
 */
export function withinQuota({ uploads, quota }: QuotaPorts) {
  return (request: QuotaRequest): ResultAsync<QuotaLeft, QuotaExceeded | PortUnavailable> => {
    const { owner, upload } = request;
    const { mostStoredBytes, mostRunning } = quota;
    if (mostStoredBytes === null && (mostRunning === null || !request.isWorkedOn)) return okAsync(WITHOUT_LIMIT);
    return uploads.usage(owner).andThen((usage): ResultAsync<QuotaLeft, QuotaExceeded | PortUnavailable> => {
      const exceeded = exceededBy(request, quota, usage);
      if (exceeded === null) return okAsync({ leftBytes: (mostStoredBytes ?? Infinity) - usage.storedBytes });
      if (upload === null) return errAsync(exceeded);
      return uploads
        .get(owner, upload)
        .map(() => WITHOUT_LIMIT)
        .orElse((error) => errAsync(error.kind === 'not-found' ? exceeded : error));
    });
  };
}

/** For a stream that turned out longer than what was left. */
export const tooLongForQuota = ({ mostStoredBytes }: UploadQuota, leftBytes: number): StorageQuotaExceeded => ({
  kind: 'storage-quota-exceeded',
  usedBytes: (mostStoredBytes ?? 0) - leftBytes,
  limitBytes: mostStoredBytes ?? 0,
  requestBytes: null,
});

function exceededBy(
  { bytes, isWorkedOn }: QuotaRequest,
  { mostStoredBytes, mostRunning }: UploadQuota,
  { storedBytes, running }: UploadUsage,
): QuotaExceeded | null {
  if (isWorkedOn && mostRunning !== null && running >= mostRunning) {
    return { kind: 'too-many-running-jobs', running, limit: mostRunning, retryAfterSeconds: RETRY_AFTER_SECONDS };
  }
  if (mostStoredBytes === null || storedBytes + bytes <= mostStoredBytes) return null;
  return {
    kind: 'storage-quota-exceeded',
    usedBytes: storedBytes,
    limitBytes: mostStoredBytes,
    requestBytes: bytes,
  };
}
