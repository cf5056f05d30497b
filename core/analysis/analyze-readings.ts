import { errAsync, type ResultAsync } from 'neverthrow';
import { rawUploadKey } from '../health-data/object-keys.ts';
import { keepRaw, newUpload, type UploadPorts } from '../health-data/receive-upload.ts';
import { withinQuota, type QuotaExceeded } from '../health-data/upload-quota.ts';
import type { ImportNotice } from '../health-data/model.ts';
import type { Digest } from '../kernel/digest.ts';
import { inputRejected, portUnavailable, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { analysisId, processingId, type Ids, type UserId } from '../kernel/ids.ts';
import { MS_PER_DAY, type LocalZone } from '../kernel/local-time.ts';
import { analyzeSeries } from './analyze-series.ts';
import type { ModelPorts } from './model-results.ts';
import type { NonWearRule } from './recording.ts';
import { binToMinutes } from './count-minutes.ts';
import { COUNT_WEAR_RULES, STEP_READINGS_WEAR_RULE } from './wear-rules.ts';
import type { AnalysisRecord, AnalysisStore } from './ports.ts';

/** One valid day (10 hours, Troiano 2008) is the least that is analysed. */
export const MINIMUM_VALID_MINUTES = 600;

/** The readings of one request may lie at most this far apart. */
export const MOST_READING_DAYS = 92;

export interface InsufficientData {
  readonly kind: 'insufficient-data';
  readonly validMinutes: number;
  readonly minimumValidMinutes: number;
}

export interface AnalyzeReadingsCommand {
  readonly owner: UserId;
  readonly signal: 'steps' | 'counts';
  readonly timestampsMs: Float64Array;
  /** Counts or steps at each timestamp; a negative one means "not computable" and is missing. */
  readonly readings: Float64Array;
  readonly zone: LocalZone;
  readonly nonWear: NonWearRule;
  /** How many days the encoder is to be given; null for seven, or all where there are fewer. */
  readonly encodedDays: number | null;
  /** The body as it came. */
  readonly raw: Uint8Array;
}

export interface AnalyzeReadingsPorts extends UploadPorts, ModelPorts {
  readonly analyses: AnalysisStore;
  readonly ids: Ids;
  readonly digest: Digest;
}

/**
 * Analyses readings that a client sends with their timestamps, and keeps both the body and the result. With the same ids
 * and instant it can be done again, wherever it was left, and ends in the state of doing it once.
 */
export function analyzeReadings(ports: AnalyzeReadingsPorts) {
  return (
    command: AnalyzeReadingsCommand,
  ): ResultAsync<AnalysisRecord, InputRejected | InsufficientData | QuotaExceeded | PortUnavailable> => {
    const outlier = spanIssue(command);
    if (outlier !== null) return errAsync(outlier);
    const readings = command.readings.map((reading) => (reading < 0 ? Number.NaN : reading));
    const binned = binToMinutes(command.timestampsMs, readings);
    const { owner, signal } = command;
    const id = processingId(ports.ids.uuid());
    const nowMs = ports.clock.now();
    let used = 0;
    for (const value of binned.values) if (!Number.isNaN(value)) used += value;
    const admitted = withinQuota(ports)({ owner, upload: id, bytes: command.raw.byteLength, isWorkedOn: false });
    const analysed = admitted.andThen(() =>
      analyzeSeries(ports)({
        kind: signal,
        startMs: binned.startMs,
        values: binned.values,
        zone: command.zone,
        sha256: ports.digest.sha256Hex(command.raw),
        notices: readingNotices(command, binned.repeated),
        sources: [
          {
            name: 'request',
            device: 'other',
            signal: signal === 'steps' ? 'step_count' : 'activity_count',
            samples: command.readings.length,
            used,
            set_aside: binned.repeatedSum,
            reason: binned.repeated > 0 ? 'readings that repeat a timestamp' : null,
          },
        ],
        wearRule: signal === 'steps' ? STEP_READINGS_WEAR_RULE : COUNT_WEAR_RULES[command.nonWear],
        nonWear: command.nonWear,
        encodedDays: command.encodedDays,
        recordedSleep: { absent: 'the request carries no sleep intervals' },
      }),
    );
    return analysed.andThen(({ document, grid }): ResultAsync<AnalysisRecord, InsufficientData | PortUnavailable> => {
      // What a non-wear rule took away is not valid either, so this is asked of the result and not of the input.
      const validMinutes = document.data_quality.valid_minutes;
      if (validMinutes < MINIMUM_VALID_MINUTES) {
        return errAsync({ kind: 'insufficient-data', validMinutes, minimumValidMinutes: MINIMUM_VALID_MINUTES });
      }
      const record: AnalysisRecord = {
        owner,
        analysisId: analysisId(ports.ids.uuid()),
        upload: id,
        scope: 'window',
        createdAtMs: nowMs,
        document,
        grid,
      };
      const upload = newUpload({
        owner,
        processingId: id,
        kind: signal === 'steps' ? 'pat-steps' : 'pat-counts',
        uploadSource: 'request',
        timezone: command.zone.name,
        syncToken: null,
        nowMs,
      });
      return keepRaw(ports)(upload, rawUploadKey(owner, id, nowMs, 'json'), command.raw)
        .andThen(() => ports.analyses.replaceForUpload(owner, id, [record]))
        .andThen(() =>
          ports.uploads.change(owner, id, { status: 'completed', progress: 1, message: 'Analysed.' }, nowMs),
        )
        .mapErr((error) =>
          error.kind === 'not-found' ? portUnavailable('UploadStore', 'change', 'the new upload is not there') : error,
        )
        .map(() => record);
    });
  };
}

/** Readings that are not computable, and those that repeat a timestamp. */
function readingNotices(command: AnalyzeReadingsCommand, repeated: number): readonly ImportNotice[] {
  const [list, leaf] = command.signal === 'steps' ? ['step_counts', ''] : ['data_points', '/value'];
  const firstNegative = command.readings.findIndex((reading) => reading < 0);
  const negative = command.readings.reduce((count, reading) => count + (reading < 0 ? 1 : 0), 0);
  const notices: ImportNotice[] = [];
  if (negative > 0) {
    notices.push({
      code: 'negative-count',
      message: 'negative readings stand for values that could not be computed and are missing',
      count: negative,
      firstAt: `/${list}/${String(firstNegative)}${leaf}`,
    });
  }
  if (repeated > 0) {
    notices.push({
      code: 'repeated-timestamp',
      message: 'readings that repeat a timestamp were set aside; the first of each counts',
      count: repeated,
      firstAt: null,
    });
  }
  return notices;
}

function spanIssue(command: AnalyzeReadingsCommand): InputRejected | null {
  const { timestampsMs } = command;
  let first = 0;
  let last = 0;
  timestampsMs.forEach((at, i) => {
    if (at < (timestampsMs[first] as number)) first = i;
    if (at > (timestampsMs[last] as number)) last = i;
  });
  const days = ((timestampsMs[last] as number) - (timestampsMs[first] as number)) / MS_PER_DAY;
  if (days <= MOST_READING_DAYS) return null;
  const pointer = command.signal === 'steps' ? `/timestamps/${String(last)}` : `/data_points/${String(last)}/timestamp`;
  return inputRejected({
    pointer,
    message: `lies ${days.toFixed(1)} days after the first reading; at most ${String(MOST_READING_DAYS)} days are analysed at once`,
    code: 'span_too_long',
  });
}
