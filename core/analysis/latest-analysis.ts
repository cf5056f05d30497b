import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Upload } from '../health-data/model.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { readAnalysis, type AnalysisOfUpload, type ReadAnalysisPorts } from './read-analysis.ts';

/** So many of a person's uploads are looked through for one that was analysed. */
const UPLOADS_ASKED = 100;

/** The analysis of the newest upload that has one. */
export function latestAnalysis(ports: ReadAnalysisPorts) {
  const newestOf = (
    owner: UserId,
    [upload, ...older]: readonly Upload[],
  ): ResultAsync<AnalysisOfUpload, NotFound | PortUnavailable> => {
    if (upload === undefined) return errAsync(notFound('analysis', owner));
    return readAnalysis(ports)({ owner, upload: upload.processingId, week: null })
      .map((found) => (found.analysis === null ? null : found))
      .orElse((error) => (error.kind === 'not-found' ? okAsync(null) : errAsync(error)))
      .andThen((found) => (found === null ? newestOf(owner, older) : okAsync(found)));
  };
  return (owner: UserId): ResultAsync<AnalysisOfUpload, NotFound | PortUnavailable> =>
    ports.uploads.list(owner, UPLOADS_ASKED).andThen((uploads) =>
      newestOf(
        owner,
        uploads.filter(({ status }) => status === 'completed' || status === 'requires_review'),
      ),
    );
}
