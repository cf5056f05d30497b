import type { AnalysisDocument, NightResult, NotComputed } from './document.ts';

/** The contract's own result fields, read off the document: nothing here is computed a second time. */
export interface AnalysisSummary {
  /** Mean over nights, percent. */
  readonly sleepEfficiencyPercent: number | null;
  /** Mean over nights, minutes. */
  readonly sleepOnsetLatencyMinutes: number | null;
  /** Mean over nights, minutes. */
  readonly wakeAfterSleepOnsetMinutes: number | null;
  /** Mean over nights, hours. */
  readonly totalSleepTimeHours: number | null;
  /** Interdaily stability; at most 1, which unequally covered days can make the published form pass. */
  readonly circadianRhythmScore: number | null;
  /** min(1, intradaily variability / 2). */
  readonly activityFragmentation: number | null;
  readonly depressionRiskScore: number | null;
  /** Valid minutes over minutes in the window. */
  readonly confidenceScore: number | null;
  readonly embedding: readonly number[] | null;
  /** Plain sentences about numbers that exist. */
  readonly insights: readonly string[];
  readonly notComputed: readonly NotComputed[];
}

const NO_MANIA = 'no validated method for this score is installed';

/** Reads the summary off a document. Field names in `notComputed` are the contract's. */
export function summarize(document: AnalysisDocument): AnalysisSummary {
  const notComputed: NotComputed[] = [];
  const reasonOf = (path: string, otherwise: string): string =>
    document.not_computed.find(({ field }) => field === path)?.reason ?? otherwise;
  const orReason = <T>(field: string, value: T | null, reason: () => string): T | null => {
    if (value === null) notComputed.push({ field, reason: reason() });
    return value;
  };
  const nights = document.sleep.nights;
  const fromNights = (field: string, read: (night: NightResult) => number | null): number | null =>
    orReason(field, nights === null ? null : meanOf(nights, read), () =>
      nights === null
        ? reasonOf('sleep.nights', 'there are no recorded nights')
        : `none of the ${String(nights.length)} recorded nights tells it`,
    );
  const { rhythm, data_quality: quality, window } = document;
  const asleepMinutes = fromNights('total_sleep_time', (night) => night.asleep_minutes);
  const stability = rhythm.interdaily_stability;
  const variability = rhythm.intradaily_variability;
  const summary = {
    sleepEfficiencyPercent: fromNights('sleep_efficiency', (night) => night.efficiency_percent),
    sleepOnsetLatencyMinutes: fromNights('sleep_onset_latency', (night) => night.onset_latency_minutes),
    wakeAfterSleepOnsetMinutes: fromNights('wake_after_sleep_onset', (night) => night.waso_minutes),
    totalSleepTimeHours: asleepMinutes === null ? null : asleepMinutes / 60,
    circadianRhythmScore: orReason('circadian_rhythm_score', stability === null ? null : Math.min(1, stability), () =>
      reasonOf('rhythm.interdaily_stability', 'interdaily stability is not computable'),
    ),
    activityFragmentation: orReason(
      'activity_fragmentation',
      variability === null ? null : Math.min(1, variability / 2),
      () => reasonOf('rhythm.intradaily_variability', 'intradaily variability is not computable'),
    ),
    depressionRiskScore: orReason('depression_risk_score', document.risk.depression, () =>
      reasonOf('risk.depression', 'no trained head is installed'),
    ),
    confidenceScore: orReason(
      'confidence_score',
      window.minutes === 0 ? null : quality.valid_minutes / window.minutes,
      () => 'the window has no minutes',
    ),
    embedding: orReason('embedding', document.model.embedding, () =>
      reasonOf('model.embedding', 'the encoder did not run'),
    ),
  };
  for (const field of ['mania_risk_score', 'mania_alert_level']) notComputed.push({ field, reason: NO_MANIA });
  notComputed.push({ field: 'sleep_stages', reason: 'stages are given a night in details.sleep.nights' });
  return { ...summary, insights: sentences(document, summary.totalSleepTimeHours), notComputed };
}

function meanOf(nights: readonly NightResult[], read: (night: NightResult) => number | null): number | null {
  const known = nights.map(read).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The local clock at a minute of the day, `HH:MM`. */
export function clockTime(minute: number): string {
  const whole = Math.round(minute) % 1440;
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${pad(Math.floor(whole / 60))}:${pad(whole % 60)}`;
}

function sentences(document: AnalysisDocument, sleepHours: number | null): readonly string[] {
  const { rhythm, data_quality: quality, sleep } = document;
  const out: string[] = [
    `${String(quality.valid_minutes)} of ${String(document.window.minutes)} minutes are known, on ${String(quality.valid_days)} valid days.`,
  ];
  if (rhythm.interdaily_stability !== null) {
    out.push(
      `Interdaily stability is ${rhythm.interdaily_stability.toFixed(2)} (0: no 24-hour pattern, 1: every day the same).`,
    );
  }
  if (rhythm.l5.onset_minute !== null && rhythm.m10.onset_minute !== null) {
    out.push(
      `The quietest five hours begin at ${clockTime(rhythm.l5.onset_minute)}, the most active ten at ${clockTime(rhythm.m10.onset_minute)}.`,
    );
  }
  if (sleepHours !== null && sleep.nights !== null) {
    const known = sleep.nights.filter((night) => night.asleep_minutes !== null).length;
    out.push(
      `Mean recorded sleep is ${sleepHours.toFixed(1)} hours over ${known === 1 ? '1 night' : `${String(known)} nights`}.`,
    );
  }
  return out;
}
