import { okAsync, type ResultAsync } from 'neverthrow';
import type { ProcessingStatus, Upload, UploadChange } from '../health-data/model.ts';
import type { ChangeCondition, UploadStore, UploadUsage } from '../health-data/ports.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { OwnerEventDraft, OwnerEventType } from './model.ts';
import type { TellOwner } from './tell-owner.ts';

/** Progress is told in steps of five hundredths. */
const STEPS = 20;
/** Uploads whose last told state is remembered; of one that was pushed out, one event more is told. */
const MOST_REMEMBERED = 1000;

/** What was last told of an upload, or is known without telling. */
interface Told {
  readonly status: ProcessingStatus;
  readonly step: number;
}

/**
 * An upload store that tells the owner of each change that matters: another status, or progress of 5 % or more. What it
 * remembers is this process's; where several work on an upload, a state may be told twice.
 */
export class TellingUploads implements UploadStore {
  readonly #store: UploadStore;
  readonly #tell: TellOwner;
  /** The one that was told of the longest ago first. */
  readonly #told = new Map<string, Told>();

  constructor(store: UploadStore, tell: TellOwner) {
    this.#store = store;
    this.#tell = tell;
  }

  insert(upload: Upload): ResultAsync<void, PortUnavailable> {
    return this.#store.insert(upload).map(() => {
      this.#remember(upload);
    });
  }

  get(owner: UserId, id: ProcessingId): ResultAsync<Upload, NotFound | PortUnavailable> {
    return this.#store.get(owner, id);
  }

  change(
    owner: UserId,
    id: ProcessingId,
    change: UploadChange,
    nowMs: EpochMs,
    onlyIf?: ChangeCondition,
  ): ResultAsync<Upload, NotFound | PortUnavailable> {
    return this.#store.change(owner, id, change, nowMs, onlyIf).andThen((upload) => {
      const before = this.#told.get(keyOf(upload));
      const { status, step } = stateOf(upload);
      if (before?.status === status && before.step === step) return okAsync(upload);
      this.#remember(upload);
      return this.#tell(owner, eventOf(upload)).map(() => upload);
    });
  }

  list(owner: UserId, limit: number): ResultAsync<readonly Upload[], PortUnavailable> {
    return this.#store.list(owner, limit);
  }

  usage(owner: UserId): ResultAsync<UploadUsage, PortUnavailable> {
    return this.#store.usage(owner);
  }

  delete(owner: UserId, id: ProcessingId): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#store.delete(owner, id);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  #remember(upload: Upload): void {
    const key = keyOf(upload);
    this.#told.delete(key);
    this.#told.set(key, stateOf(upload));
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
  }
}

const keyOf = ({ owner, processingId }: Upload): string => JSON.stringify([owner, processingId]);

/** An end is an end, however far the work had come. */
const stateOf = ({ status, progress }: Upload): Told => ({
  status,
  step: status === 'completed' || status === 'failed' ? 0 : Math.floor(progress * STEPS + 1e-9),
});

const TYPES: Readonly<Partial<Record<ProcessingStatus, OwnerEventType>>> = {
  completed: 'processing.completed',
  failed: 'processing.failed',
};

const eventOf = ({ processingId, status, progress, message, updatedAtMs, failure }: Upload): OwnerEventDraft => ({
  type: TYPES[status] ?? 'processing.updated',
  atMs: updatedAtMs,
  upload: processingId,
  subject: processingId,
  data: {
    status,
    progress,
    message,
    ...(status === 'failed' && failure !== null ? { code: failure.code, reason: failure.reason } : {}),
  },
});
