import { errAsync, okAsync } from 'neverthrow';
import { analyzeReadings, type AnalyzeReadingsPorts } from '../../../core/analysis/analyze-readings.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import type { AnalysisRecord, ReportRenderer } from '../../../core/analysis/ports.ts';
import { readAnalysis, type AnalysisOfUpload } from '../../../core/analysis/read-analysis.ts';
import { summarize } from '../../../core/analysis/summary.ts';
import { cancellable } from '../../../core/pat/encoder/cancellable.ts';
import { inputRejected, notFound } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { zoneOfReadings } from './zone-of.ts';
import { isoUtc } from './wire-values.ts';

export interface PatEndpointDeps extends AnalyzeReadingsPorts {
  readonly reports: ReportRenderer;
  /** A monotonic clock in milliseconds, for the processing time that is reported. */
  readonly elapsedMs: () => number;
}

type PatEndpoints = Pick<Endpoints, 'analyzeSteps' | 'analyzeCounts' | 'readAnalysis' | 'readReport'>;

export function patEndpoints(deps: PatEndpointDeps): PatEndpoints {
  const analysisReply = (record: AnalysisRecord, startedMs: number) => ({
    status: 200 as const,
    body: {
      analysis_id: record.upload,
      status: 'completed' as const,
      analysis: wireAnalysis(record),
      processing_time_ms: Math.round(deps.elapsedMs() - startedMs),
      message: 'Analysed. A null was not computable from these data; see not_computed.',
      cached: false as const,
      details: record.document as never,
    },
  });
  return {
    analyzeSteps: ({ body, principal, rawBody, cancelled, ids, clock }) => {
      const startedMs = deps.elapsedMs();
      const { step_counts: steps, timestamps } = body;
      if (steps.length !== timestamps.length) {
        return errAsync(
          inputRejected({
            pointer: '/timestamps',
            message: `has ${String(timestamps.length)} items for ${String(steps.length)} step_counts; expected as many`,
            code: 'length_mismatch',
          }),
        );
      }
      return zoneOfReadings(body.timezone, timestamps)
        .asyncAndThen((zone) =>
          analyzeReadings({ ...deps, ids, clock, model: cancellable(deps.model, cancelled) })({
            owner: principal.userId,
            signal: 'steps',
            timestampsMs: Float64Array.from(timestamps, ({ ms }) => ms),
            readings: Float64Array.from(steps),
            zone,
            nonWear: 'none',
            encodedDays: body.encode_days ?? null,
            raw: rawBody,
          }),
        )
        .map((record) => analysisReply(record, startedMs));
    },
    analyzeCounts: ({ body, principal, rawBody, cancelled, ids, clock }) => {
      const startedMs = deps.elapsedMs();
      const instants = body.data_points.map(({ timestamp }) => timestamp);
      return zoneOfReadings(body.timezone, instants)
        .asyncAndThen((zone) =>
          analyzeReadings({ ...deps, ids, clock, model: cancellable(deps.model, cancelled) })({
            owner: principal.userId,
            signal: 'counts',
            timestampsMs: Float64Array.from(instants, ({ ms }) => ms),
            readings: Float64Array.from(body.data_points, ({ value }) => value),
            zone,
            nonWear: body.non_wear ?? 'none',
            encodedDays: body.encode_days ?? null,
            raw: rawBody,
          }),
        )
        .map((record) => analysisReply(record, startedMs));
    },
    readAnalysis: ({ params, query, principal }) =>
      readAnalysis(deps)(wanted(principal.userId, params.processing_id, query.week)).map((found) => ({
        status: 200,
        body: patAnalysis(found),
      })),
    readReport: ({ params, query, principal }) =>
      readAnalysis(deps)(wanted(principal.userId, params.processing_id, query.week)).andThen(({ analysis }) =>
        analysis === null
          ? errAsync(notFound('analysis', params.processing_id))
          : okAsync({
              status: 200 as const,
              text: deps.reports.render(analysis.document, analysis.grid, deps.clock.now()),
            }),
      ),
  };
}

const wanted = (owner: UserId, id: string, week: string | null | undefined) => ({
  owner,
  upload: processingId(id),
  week: week ?? null,
});

function wireAnalysis(record: AnalysisRecord) {
  const summary = summarize(record.document);
  return {
    user_id: record.owner,
    analysis_timestamp: isoUtc(record.createdAtMs),
    sleep_efficiency: summary.sleepEfficiencyPercent,
    sleep_onset_latency: summary.sleepOnsetLatencyMinutes,
    wake_after_sleep_onset: summary.wakeAfterSleepOnsetMinutes,
    total_sleep_time: summary.totalSleepTimeHours,
    circadian_rhythm_score: summary.circadianRhythmScore,
    activity_fragmentation: summary.activityFragmentation,
    depression_risk_score: summary.depressionRiskScore,
    sleep_stages: null,
    confidence_score: summary.confidenceScore,
    clinical_insights: [...summary.insights],
    embedding: summary.embedding,
    mania_risk_score: null,
    mania_alert_level: null,
    not_computed: [...summary.notComputed],
  };
}

const STATUS = {
  received: 'processing',
  processing: 'processing',
  completed: 'completed',
  requires_review: 'completed',
  failed: 'failed',
} as const;

/** The analysis of an upload, and how far the work on it is. */
export function patAnalysis({ upload, analysis, weeks }: AnalysisOfUpload) {
  const record = analysis;
  const wire = record === null ? null : wireAnalysis(record);
  return {
    processing_id: upload.processingId,
    status: STATUS[upload.status],
    message: upload.message,
    analysis_date: record === null ? null : isoUtc(record.createdAtMs),
    pat_features: record === null ? null : featuresOf(record.document),
    activity_embedding: record?.document.model.embedding ?? null,
    metadata: {
      kind: upload.kind,
      progress: upload.progress,
      created_at: isoUtc(upload.createdAtMs),
      updated_at: isoUtc(upload.updatedAtMs),
      failure: upload.failure,
    },
    analysis: wire,
    details: (record?.document ?? null) as never,
    weeks: [...weeks],
    not_computed: wire?.not_computed ?? [],
  };
}

/** The measures that exist, by name; one that is not computable is absent here and null in `details`. */
function featuresOf({ rhythm, sleep, data_quality: quality }: AnalysisDocument): Record<string, number> {
  const all: Readonly<Record<string, number | null>> = {
    interdaily_stability: rhythm.interdaily_stability,
    intradaily_variability: rhythm.intradaily_variability,
    relative_amplitude: rhythm.relative_amplitude,
    l5_mean: rhythm.l5.mean,
    l5_onset_minute: rhythm.l5.onset_minute,
    m10_mean: rhythm.m10.mean,
    m10_onset_minute: rhythm.m10.onset_minute,
    cosinor_mesor: rhythm.cosinor.mesor,
    cosinor_amplitude: rhythm.cosinor.amplitude,
    cosinor_acrophase_minute: rhythm.cosinor.acrophase_minute,
    cosinor_r_squared: rhythm.cosinor.r_squared,
    sleep_regularity_index: sleep.regularity_index,
    valid_minutes: quality.valid_minutes,
    valid_days: quality.valid_days,
    wear_fraction: quality.wear_fraction,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== null));
}
