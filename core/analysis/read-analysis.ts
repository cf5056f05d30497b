import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Upload } from '../health-data/model.ts';
import type { UploadStore } from '../health-data/ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { AnalysisRecord, AnalysisStore } from './ports.ts';

export interface ReadAnalysisPorts {
  readonly uploads: UploadStore;
  readonly analyses: AnalysisStore;
}

/** An upload with the analysis that was asked for. */
export interface AnalysisOfUpload {
  readonly upload: Upload;
  /** Null while there is none: not finished, failed, or nothing to analyse. */
  readonly analysis: AnalysisRecord | null;
  /** Mondays of the complete weeks that have a result of their own, in time order. */
  readonly weeks: readonly string[];
}

/** The Monday of a week's result. */
const mondayOf = (record: AnalysisRecord): string => record.document.window.start.slice(0, 10);

/**
 * The analysis of an upload, or of one of its complete weeks, named by its Monday. A week that has no result is
 * `not-found`; an upload without a result yet is not.
 */
export function readAnalysis(ports: ReadAnalysisPorts) {
  return (command: {
    readonly owner: UserId;
    readonly upload: ProcessingId;
    readonly week: string | null;
  }): ResultAsync<AnalysisOfUpload, NotFound | PortUnavailable> =>
    ports.uploads.get(command.owner, command.upload).andThen((upload) =>
      ports.analyses.listForUpload(command.owner, command.upload).andThen((records) => {
        const weekly = records.filter(({ scope }) => scope === 'week');
        const weeks = weekly.map(mondayOf);
        if (command.week === null) {
          const analysis = records.find(({ scope }) => scope === 'window') ?? null;
          return okAsync<AnalysisOfUpload, NotFound>({ upload, analysis, weeks });
        }
        const analysis = weekly.find((record) => mondayOf(record) === command.week);
        return analysis === undefined
          ? errAsync<AnalysisOfUpload, NotFound>(notFound('analysis', `${command.upload} ${command.week}`))
          : okAsync<AnalysisOfUpload, NotFound>({ upload, analysis, weeks });
      }),
    );
}
