import type { ResultAsync } from 'neverthrow';
import { choiNonWear, maskRuns, troianoNonWear } from '../actigraphy/non-wear.ts';
import { dailyTotals, hourlyProfile } from '../actigraphy/profiles.ts';
import { clockOf, type MinuteClock } from '../actigraphy/series.ts';
import { missingRuns, VALID_DAY_MINUTES, validMinutesByDay } from '../actigraphy/wear.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { formatLocal, isoDate, localDayOf, MS_PER_MINUTE } from '../kernel/local-time.ts';
import type { ActivityResults, AnalysisDocument, DataQuality, SignalKind } from './document.ts';
import { Findings } from './findings.ts';
import { localDayGrid } from './local-day-grid.ts';
import { modelResults, type ModelPorts } from './model-results.ts';
import type { AnalysedRecording, MinuteRecording } from './recording.ts';
import { rhythmResults } from './rhythm-results.ts';
import { riskResults } from './risk-results.ts';
import { sleepResults } from './sleep-results.ts';

const UNIT: Readonly<Record<SignalKind, string>> = {
  counts: 'counts/min',
  steps: 'steps/min',
  healthkit: 'steps/min',
};

/**
 * Computes the whole `clarity.analysis/1` document of a minute series: what the data support by named published methods,
 * null with the reason for the rest.
 */
export function analyzeSeries(ports: ModelPorts) {
  return (recording: MinuteRecording): ResultAsync<AnalysedRecording, PortUnavailable> => {
    const findings = new Findings();
    const { zone, startMs } = recording;
    const values = withoutNonWear(recording, findings);
    const clock = clockOf(zone, startMs, values.length);
    const grid = localDayGrid(values, clock, zone, startMs);
    const quality = dataQuality(recording, values, clock, findings);
    const rhythm = rhythmResults(values, clock, findings);
    const sleep = sleepResults(recording, values, clock, findings);
    const activity = activityResults(recording, values, clock, findings);
    const request = { kind: recording.kind, grid, days: recording.encodedDays };
    return modelResults(ports)(request, findings)
      .andThen((encoded) =>
        riskResults(ports)(request, encoded, findings).map((risk) => ({ model: encoded.results, risk })),
      )
      .map(({ model, risk }) => {
        const document: AnalysisDocument = {
          schema: 'clarity.analysis/1',
          window: {
            start: formatLocal(zone, startMs),
            end: formatLocal(zone, startMs + values.length * MS_PER_MINUTE),
            timezone: zone.name,
            minutes: values.length,
          },
          input: {
            kind: recording.kind,
            sha256: recording.sha256,
            sources: recording.sources,
            notices: recording.notices.map(({ code, message, count, firstAt }) => ({
              code,
              message,
              count,
              first_at: firstAt,
            })),
          },
          data_quality: quality,
          rhythm,
          sleep,
          activity,
          model,
          risk,
          algorithms: findings.algorithms,
          not_computed: findings.notComputed,
        };
        return { document, grid };
      });
  };
}

function withoutNonWear(recording: MinuteRecording, findings: Findings): Float64Array {
  if (recording.kind !== 'counts' || recording.nonWear === 'none') return recording.values;
  const rule = recording.nonWear;
  findings.used(rule === 'choi' ? 'non_wear_choi' : 'non_wear_troiano');
  const runs = rule === 'choi' ? choiNonWear(recording.values) : troianoNonWear(recording.values);
  return maskRuns(recording.values, runs);
}

function dataQuality(
  recording: MinuteRecording,
  values: Float64Array,
  clock: MinuteClock,
  findings: Findings,
): DataQuality {
  const { startMs, zone } = recording;
  findings.used('valid_days');
  if (recording.kind === 'healthkit') findings.used('step_minutes');
  let valid = 0;
  for (const value of values) if (!Number.isNaN(value)) valid++;
  let validDays = 0;
  for (const minutes of validMinutesByDay(values, clock)) if (minutes >= VALID_DAY_MINUTES) validDays++;
  return {
    valid_minutes: valid,
    valid_days: validDays,
    wear_fraction: values.length === 0 ? 0 : valid / values.length,
    gaps: missingRuns(values).map((run) => ({
      start: formatLocal(zone, startMs + run.start * MS_PER_MINUTE),
      end: formatLocal(zone, startMs + (run.start + run.length) * MS_PER_MINUTE),
      minutes: run.length,
    })),
    wear_rule: recording.wearRule,
  };
}

function activityResults(
  recording: MinuteRecording,
  values: Float64Array,
  clock: MinuteClock,
  findings: Findings,
): ActivityResults {
  const firstDay = localDayOf(recording.zone, recording.startMs);
  const profile = hourlyProfile(values, clock);
  const unseen = profile.filter((value) => value === null).length;
  if (unseen > 0) {
    findings.without(`${String(unseen)} of the 24 clock hours hold no valid minute`, 'activity.hourly_profile');
  }
  const totals = dailyTotals(values, clock);
  const emptyDays = totals.filter((total) => total === null).length;
  if (emptyDays > 0) {
    findings.without(`${String(emptyDays)} days hold no valid minute`, 'activity.daily[].total');
  }
  const valid = validMinutesByDay(values, clock);
  return {
    unit: UNIT[recording.kind],
    daily: Array.from(valid, (minutes, d) => ({
      date: isoDate(firstDay + d),
      total: totals[d] ?? null,
      valid_minutes: minutes,
    })),
    hourly_profile: profile,
  };
}
