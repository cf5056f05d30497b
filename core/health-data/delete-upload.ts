import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { AnalysisStore } from '../analysis/ports.ts';
import type { OwnerEventDraft } from '../events/model.ts';
import type { OwnerEventLog } from '../events/ports.ts';
import type { InsightStore } from '../insights/ports.ts';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { Upload } from './model.ts';
import { isRawKeyOf } from './object-keys.ts';
import type { MetricStore, ObjectStore, SampleStore, UploadStore } from './ports.ts';

export interface DeleteUploadPorts {
  readonly uploads: Pick<UploadStore, 'get' | 'delete'>;
  readonly samples: Pick<SampleStore, 'deleteUpload'>;
  readonly metrics: Pick<MetricStore, 'deleteUpload'>;
  readonly analyses: Pick<AnalysisStore, 'deleteUpload'>;
  readonly insights: Pick<InsightStore, 'deleteUpload'>;
  readonly ownerEvents: Pick<OwnerEventLog, 'deleteUpload'>;
  readonly objects: Pick<ObjectStore, 'open' | 'list' | 'delete'>;
  /** Tells the owner's listeners; whatever becomes of it, what was deleted is deleted. */
  readonly tell: (owner: UserId, event: OwnerEventDraft) => ResultAsync<void, never>;
  readonly clock: Clock;
}

/** How much of an upload was there, and is gone. */
export interface DeletedCounts {
  /** Samples that no other upload brought too. */
  readonly samples: number;
  readonly metrics: number;
  readonly analyses: number;
  readonly insights: number;
  readonly rawObjects: number;
}

export interface DeletedUpload {
  readonly processingId: ProcessingId;
  readonly deletedAtMs: EpochMs;
  readonly deleted: DeletedCounts;
}

/**
 * Removes an upload with all that was made of it: samples and metrics that no other upload brought, analyses, insights,
 * events, and the raw bytes. Analyses of other uploads stay as they are, also where they used its samples.
 *
 * The upload goes first: whoever works on it sees, after the last write, that it has gone, and takes back what was
 * written (`takeBackUpload`); a job that waits for it has nothing to do. The raw bytes go last. After an error the same
 * call goes on where the one before stopped, although the upload is not there any more: what is left of it is found by
 * its id in every store. Only where nothing at all is left, as for an id that never was or somebody else's, the answer is
 * `not-found`.
 */
export function deleteUpload(ports: DeleteUploadPorts) {
  return (command: {
    readonly owner: UserId;
    readonly processingId: ProcessingId;
  }): ResultAsync<DeletedUpload, NotFound | PortUnavailable> => {
    const { owner, processingId: id } = command;
    return found(ports, owner, id).andThen((upload) =>
      rawObjectsOf(ports, owner, id, upload).andThen((raw) =>
        uploadRemoved(ports, upload)
          .andThen(() => contentRemoved(ports, owner, id))
          .map((content): DeletedCounts => ({ ...content, rawObjects: raw.present }))
          .andThen((deleted) =>
            upload === null && Object.values(deleted).every((count) => count === 0)
              ? errAsync<DeletedCounts, NotFound | PortUnavailable>(notFound('processing', id))
              : okAsync<DeletedCounts, NotFound | PortUnavailable>(deleted),
          )
          .andThrough(() => ports.ownerEvents.deleteUpload(owner, id))
          .andThrough(() => ResultAsync.combine(raw.keys.map((key) => ports.objects.delete(owner, key))))
          .map((deleted): DeletedUpload => ({ processingId: id, deletedAtMs: ports.clock.now(), deleted }))
          .andThrough((result) => ports.tell(owner, deletionEvent(result))),
      ),
    );
  };
}

/** The upload, or null where it has gone already. */
const found = (
  { uploads }: DeleteUploadPorts,
  owner: UserId,
  id: ProcessingId,
): ResultAsync<Upload | null, PortUnavailable> =>
  uploads
    .get(owner, id)
    .map((upload): Upload | null => upload)
    .orElse((error) => (error.kind === 'not-found' ? okAsync(null) : errAsync(error)));

/** Where raw bytes may lie, and at how many of these places some are. */
interface RawObjects {
  readonly keys: readonly string[];
  readonly present: number;
}

function rawObjectsOf(
  { objects }: DeleteUploadPorts,
  owner: UserId,
  id: ProcessingId,
  upload: Upload | null,
): ResultAsync<RawObjects, PortUnavailable> {
  if (upload?.raw == null) {
    return objects.list(owner).map((all) => {
      const keys = all.filter((key) => isRawKeyOf(key, id));
      return { keys, present: keys.length };
    });
  }
  const keys = [upload.raw.key];
  return (
    objects
      .open(owner, upload.raw.key)
      .map((): RawObjects => ({ keys, present: 1 }))
      // A file that a client was to send and did not, or has sent a part of.
      .orElse((error) => (error.kind === 'not-found' ? okAsync({ keys, present: 0 }) : errAsync(error)))
  );
}

/** Somebody else's call may have been faster. */
const uploadRemoved = ({ uploads }: DeleteUploadPorts, upload: Upload | null): ResultAsync<void, PortUnavailable> =>
  upload === null
    ? okAsync(undefined)
    : uploads
        .delete(upload.owner, upload.processingId)
        .orElse((error) => (error.kind === 'not-found' ? okAsync(undefined) : errAsync(error)));

const contentRemoved = (
  { samples, metrics, analyses, insights }: DeleteUploadPorts,
  owner: UserId,
  id: ProcessingId,
): ResultAsync<Omit<DeletedCounts, 'rawObjects'>, PortUnavailable> =>
  ResultAsync.combine([
    samples.deleteUpload(owner, id),
    metrics.deleteUpload(owner, id),
    analyses.deleteUpload(owner, id),
    insights.deleteUpload(owner, id),
  ]).map(([ofSamples, ofMetrics, ofAnalyses, ofInsights]) => ({
    samples: ofSamples,
    metrics: ofMetrics,
    analyses: ofAnalyses,
    insights: ofInsights,
  }));

const deletionEvent = ({ processingId, deletedAtMs, deleted }: DeletedUpload): OwnerEventDraft => ({
  type: 'data.deleted',
  atMs: deletedAtMs,
  upload: processingId,
  subject: processingId,
  data: {
    samples: deleted.samples,
    metrics: deleted.metrics,
    analyses: deleted.analyses,
    insights: deleted.insights,
    raw_objects: deleted.rawObjects,
  },
});
