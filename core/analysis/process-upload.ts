import type { ResultAsync } from 'neverthrow';
import { errAsync, okAsync } from 'neverthrow';
import { importExport, type Imported, type ImportExportPorts } from '../health-data/import-export.ts';
import type { ProcessingFailure, Upload } from '../health-data/model.ts';
import type { ExportUnreadable, MetricStore } from '../health-data/ports.ts';
import { faultAndPlace } from '../health-data/unreadable-file.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import { analysisId, type AnalysisId, type Ids, type ProcessingId, type UserId } from '../kernel/ids.ts';
import { localDayOf, type LocalZone } from '../kernel/local-time.ts';
import type { AnalysedRecording } from './recording.ts';
import { analyzeDays, analyzeWindow, type NothingToAnalyze } from './analyze-window.ts';
import { completeWeeks } from './complete-weeks.ts';
import type { ModelPorts } from './model-results.ts';
import { metricNights } from './metric-nights.ts';
import type { AnalysisRecord, AnalysisScope, AnalysisStore } from './ports.ts';
import { newestZone } from './newest-zone.ts';
import { chooseZone, type ZoneEvidence } from './zone-choice.ts';

export interface ProcessUploadPorts extends ImportExportPorts, ModelPorts {
  readonly metrics: MetricStore;
  readonly analyses: AnalysisStore;
  readonly ids: Ids;
}

/** The upload cannot be worked on, and trying again without a change will not help. */
export interface ProcessingImpossible {
  readonly kind: 'processing-impossible';
  readonly failure: ProcessingFailure;
}

/** What the work on an upload came to. */
export interface ProcessedUpload {
  readonly upload: Upload;
  /** The stored analysis of the window; null where there was nothing to analyse. */
  readonly windowAnalysis: AnalysisId | null;
}

/**
 * Does the work that an upload is waiting for: imports its file where it has one, analyses the person's last 28 days
 * with data and every complete week the upload touches, and stores the results together with its state.
 */
export function processUpload(ports: ProcessUploadPorts) {
  return (command: {
    readonly owner: UserId;
    readonly upload: ProcessingId;
  }): ResultAsync<ProcessedUpload, ProcessingImpossible | NotFound | PortUnavailable> =>
    ports.uploads.get(command.owner, command.upload).andThen((upload) =>
      imported(ports, upload)
        .andThen((found) => analyzed(ports, upload, found))
        .orElse((error) =>
          error.kind === 'export-unreadable'
            ? errAsync<ProcessedUpload, ProcessingImpossible>({
                kind: 'processing-impossible',
                failure: { code: error.code, reason: faultAndPlace(error) },
              })
            : errAsync(error),
        ),
    );
}

function imported(
  ports: ProcessUploadPorts,
  upload: Upload,
): ResultAsync<Imported, ExportUnreadable | PortUnavailable> {
  return upload.kind === 'healthkit-export'
    ? importExport(ports)(upload)
    : okAsync({ counts: upload.counts, offsetMinutes: null });
}

function analyzed(
  ports: ProcessUploadPorts,
  upload: Upload,
  { counts, offsetMinutes }: Imported,
): ResultAsync<ProcessedUpload, PortUnavailable | NotFound> {
  return zoneOf(ports, upload, { requested: upload.timezone, recorded: counts.timeZone, offsetMinutes }).andThen(
    (zone) => analyzedIn(ports, upload, counts, zone),
  );
}

/** The zone that the upload tells; for one that tells none, that of the newest upload that does. */
function zoneOf(
  ports: ProcessUploadPorts,
  upload: Upload,
  told: ZoneEvidence,
): ResultAsync<LocalZone, PortUnavailable> {
  if (Object.values(told).some((evidence) => evidence !== null)) return okAsync(chooseZone(told));
  return newestZone(ports.uploads)(upload.owner).map((zone) => zone ?? chooseZone(told));
}

function analyzedIn(
  ports: ProcessUploadPorts,
  upload: Upload,
  counts: Upload['counts'],
  zone: LocalZone,
): ResultAsync<ProcessedUpload, PortUnavailable | NotFound> {
  const { owner, processingId } = upload;
  const sha256 = upload.raw?.sha256 ?? '';
  const finish = (
    message: string,
    windowAnalysis: AnalysisId | null,
  ): ResultAsync<ProcessedUpload, NotFound | PortUnavailable> =>
    ports.uploads
      .change(
        owner,
        processingId,
        { status: 'completed', progress: 1, message, counts, failure: null },
        ports.clock.now(),
      )
      .map((finished) => ({ upload: finished, windowAnalysis }));
  return ports.uploads
    .change(owner, processingId, { counts, progress: 0.8, message: 'Analysing.' }, ports.clock.now())
    .andThen(() =>
      analyzeWindow(ports)({
        owner,
        zone,
        firstDay: null,
        lastDay: null,
        sha256,
        notices: counts.rejected,
        encodedDays: null,
      }),
    )
    .andThen((window) =>
      weeksOf(ports, upload, counts, zone, sha256).andThen((weeks) => {
        const main = record(ports, upload, 'window', window);
        return ports.analyses
          .replaceForUpload(owner, processingId, [main, ...weeks.map((week) => record(ports, upload, 'week', week))])
          .andThen(() =>
            finish(
              `Analysed: one window and ${weeks.length === 1 ? '1 complete week' : `${String(weeks.length)} complete weeks`}.`,
              main.analysisId,
            ),
          );
      }),
    )
    .orElse((error) =>
      isNothing(error)
        ? finish(`Stored. There is nothing to analyse yet: ${error.reason}.`, null)
        : errAsync<ProcessedUpload, NotFound | PortUnavailable>(error),
    );
}

const isNothing = (error: NothingToAnalyze | NotFound | PortUnavailable): error is NothingToAnalyze =>
  error.kind === 'nothing-to-analyze';

function weeksOf(
  ports: ProcessUploadPorts,
  upload: Upload,
  counts: Upload['counts'],
  zone: LocalZone,
  sha256: string,
): ResultAsync<readonly AnalysedRecording[], PortUnavailable> {
  const { span } = counts;
  if (span === null) return okAsync([]);
  const weeks = completeWeeks({ firstDay: localDayOf(zone, span.fromMs), lastDay: localDayOf(zone, span.toMs) });
  if (weeks.length === 0) return okAsync([]);
  const { owner } = upload;
  const common = { owner, zone, sha256, notices: counts.rejected, encodedDays: null };
  return metricNights(ports.metrics)(owner, zone).andThen((sentNights) =>
    weeks.reduce<ResultAsync<readonly AnalysedRecording[], PortUnavailable>>(
      (earlier, days) =>
        earlier.andThen((done) =>
          analyzeDays(ports)({ ...common, ...days, sentNights }).map((week) =>
            week.document.data_quality.valid_minutes > 0 || week.document.sleep.nights !== null
              ? [...done, week]
              : done,
          ),
        ),
      okAsync([]),
    ),
  );
}

function record(
  ports: ProcessUploadPorts,
  upload: Upload,
  scope: AnalysisScope,
  { document, grid }: AnalysedRecording,
): AnalysisRecord {
  return {
    owner: upload.owner,
    analysisId: analysisId(ports.ids.uuid()),
    upload: upload.processingId,
    scope,
    createdAtMs: ports.clock.now(),
    document,
    grid,
  };
}

/** A failed upload's state, for the runner that gives up on it. */
export const gaveUp = (failure: ProcessingFailure) => ({ status: 'failed', message: failure.reason, failure }) as const;
