import { ok, safeTry, type ResultAsync } from 'neverthrow';
import type { Upload } from '../health-data/model.ts';
import { portUnavailable } from '../kernel/errors.ts';
import {
  allUploads,
  movedUpload,
  orNull,
  sideUnavailable,
  type AccountMove,
  type AccountSide,
  type MoveProgress,
  type SideUnavailable,
} from './account-side.ts';
import { analysisText, canonicalText } from './canonical-text.ts';

export type ReportProgress = (progress: MoveProgress) => void;

/** Copies every upload with its state, as it is at the source now. Answers how many were written or changed. */
export function copyUploads(
  progress: ReportProgress,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  return safeTry(async function* () {
    const uploads = yield* allUploads('source', source);
    let written = 0;
    for (const [i, upload] of uploads.entries()) {
      if (yield* placeUpload(movedUpload(upload, target.owner), target)) written++;
      progress({ stage: 'copy', kind: 'uploads', done: i + 1 });
    }
    return ok(written);
  });
}

/** Leaves the upload at the target as it is here; false when it was so before. */
function placeUpload(upload: Upload, { stores, owner }: AccountSide): ResultAsync<boolean, SideUnavailable> {
  const unavailable = sideUnavailable('target');
  return safeTry(async function* () {
    const there = yield* orNull('target', stores.uploads.get(owner, upload.processingId));
    if (there !== null && canonicalText(there) === canonicalText(upload)) return ok(false);
    if (there === null) yield* stores.uploads.insert(upload).mapErr(unavailable);
    else {
      // The source went on with it since: its state moves on here too, and with it the time of its last change.
      const { status, progress, message, counts, failure, raw, updatedAtMs } = upload;
      const state = { status, progress, message, counts, failure, raw };
      yield* stores.uploads
        .change(owner, upload.processingId, state, updatedAtMs)
        .mapErr((error) =>
          unavailable(
            error.kind === 'not-found'
              ? portUnavailable('UploadStore', 'change', 'the upload was deleted while it was moved')
              : error,
          ),
        );
    }
    return ok(true);
  });
}

/** Copies the analyses of every upload, all of an upload in one step. Answers of how many uploads they were written. */
export function copyAnalyses(
  progress: ReportProgress,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  return safeTry(async function* () {
    const uploads = yield* allUploads('source', source);
    let written = 0;
    for (const [i, { processingId }] of uploads.entries()) {
      const records = yield* source.stores.analyses
        .listForUpload(source.owner, processingId)
        .mapErr(sideUnavailable('source'));
      const there = yield* target.stores.analyses
        .listForUpload(target.owner, processingId)
        .mapErr(sideUnavailable('target'));
      if (records.map(analysisText).join('\n') !== there.map(analysisText).join('\n')) {
        const moved = records.map((record) => ({ ...record, owner: target.owner }));
        yield* target.stores.analyses
          .replaceForUpload(target.owner, processingId, moved)
          .mapErr(sideUnavailable('target'));
        written++;
      }
      progress({ stage: 'copy', kind: 'analyses', done: i + 1 });
    }
    return ok(written);
  });
}
