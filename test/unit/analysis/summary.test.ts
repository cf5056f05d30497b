import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { AnalysisDocument, NightResult } from '../../../core/analysis/document.ts';
import { summarize, type AnalysisSummary } from '../../../core/analysis/summary.ts';
import { memoryWorld, MODEL_WITHOUT_WEIGHTS, READY_MODEL } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { constant, recording } from './recordings.ts';

const documentOf = async (changes: Parameters<typeof recording>[0] = {}, model = MODEL_WITHOUT_WEIGHTS) =>
  valueOf(await analyzeSeries(memoryWorld({ model }))(recording(changes))).document;
const WEEK: AnalysisDocument = await documentOf();

const night = (changes: Partial<NightResult> = {}): NightResult => ({
  date: '2025-01-06',
  in_bed_start: '2025-01-06T23:00:00+00:00',
  in_bed_end: '2025-01-07T07:00:00+00:00',
  time_in_bed_minutes: 480,
  asleep_minutes: 450,
  efficiency_percent: 93.75,
  onset_latency_minutes: 10,
  waso_minutes: 20,
  stages: null,
  source: 'Sam Watch',
  ...changes,
});
const withNights = (...nights: readonly NightResult[]): AnalysisDocument => ({
  ...WEEK,
  sleep: { ...WEEK.sleep, nights },
});

/** The contract's name of each field of the summary that can be null. */
const CONTRACT_FIELDS = {
  sleepEfficiencyPercent: 'sleep_efficiency',
  sleepOnsetLatencyMinutes: 'sleep_onset_latency',
  wakeAfterSleepOnsetMinutes: 'wake_after_sleep_onset',
  totalSleepTimeHours: 'total_sleep_time',
  circadianRhythmScore: 'circadian_rhythm_score',
  activityFragmentation: 'activity_fragmentation',
  depressionRiskScore: 'depression_risk_score',
  confidenceScore: 'confidence_score',
  embedding: 'embedding',
} as const satisfies Partial<Record<keyof AnalysisSummary, string>>;
/** Fields of the contract that are never given. */
const NEVER = ['mania_risk_score', 'mania_alert_level', 'sleep_stages'];

function assertEveryNullExplained(summary: AnalysisSummary): void {
  const nulls = (Object.keys(CONTRACT_FIELDS) as (keyof typeof CONTRACT_FIELDS)[])
    .filter((field) => summary[field] === null)
    .map((field) => CONTRACT_FIELDS[field]);
  assert.equal(summary.notComputed.map(({ field }) => field).sort(), [...nulls, ...NEVER].sort());
  for (const { reason } of summary.notComputed) assert.ok(reason.length > 10, reason);
}
const reasonOf = (summary: AnalysisSummary, field: string): string | undefined =>
  summary.notComputed.find((entry) => entry.field === field)?.reason;

test('the circadian rhythm score is interdaily stability', () => {
  assert.is(summarize(WEEK).circadianRhythmScore, WEEK.rhythm.interdaily_stability);
});

test('the circadian rhythm score stays in its range where unequal days make the published form pass 1', () => {
  const document = { ...WEEK, rhythm: { ...WEEK.rhythm, interdaily_stability: 1.0057 } };
  assert.is(summarize(document).circadianRhythmScore, 1);
});

test('fragmentation is half of intradaily variability, and at most 1', () => {
  const fragmentation = (variability: number) =>
    summarize({ ...WEEK, rhythm: { ...WEEK.rhythm, intradaily_variability: variability } }).activityFragmentation;
  assert.is(fragmentation(0.5), 0.25);
  assert.is(fragmentation(2), 1);
  assert.is(fragmentation(2.7), 1);
  assert.is(fragmentation(0), 0);
});

test('confidence is the share of valid minutes', () => {
  assert.is(summarize(WEEK).confidenceScore, 1);
  const half = { ...WEEK, data_quality: { ...WEEK.data_quality, valid_minutes: 5040 } };
  assert.is(summarize(half).confidenceScore, 0.5);
  const none = { ...WEEK, window: { ...WEEK.window, minutes: 0 } };
  assert.is(summarize(none).confidenceScore, null);
  assertEveryNullExplained(summarize(none));
});

test('the depression score is null with the reason of the document', () => {
  const summary = summarize(WEEK);
  assert.is(summary.depressionRiskScore, null);
  assert.is(
    reasonOf(summary, 'depression_risk_score'),
    'no trained head is installed, and a risk is never given without one',
  );
});

test('sleep is the mean over the nights that tell it, in the units of the contract', () => {
  const summary = summarize(
    withNights(
      night(),
      night({ asleep_minutes: 390, efficiency_percent: 81.25, onset_latency_minutes: null, waso_minutes: 40 }),
    ),
  );
  assert.is(summary.totalSleepTimeHours, 7);
  assert.is(summary.sleepEfficiencyPercent, 87.5);
  assert.is(summary.sleepOnsetLatencyMinutes, 10);
  assert.is(summary.wakeAfterSleepOnsetMinutes, 30);
  assertEveryNullExplained(summary);
});

test('what none of the nights tells is null, and the reason says of how many', () => {
  const summary = summarize(withNights(night({ onset_latency_minutes: null }), night({ onset_latency_minutes: null })));
  assert.is(summary.sleepOnsetLatencyMinutes, null);
  assert.is(reasonOf(summary, 'sleep_onset_latency'), 'none of the 2 recorded nights tells it');
  assertEveryNullExplained(summary);
});

test('without nights the four sleep fields have the reason of the document', () => {
  const summary = summarize(WEEK);
  for (const field of ['sleep_efficiency', 'sleep_onset_latency', 'wake_after_sleep_onset', 'total_sleep_time']) {
    assert.match(reasonOf(summary, field) ?? '', 'counts alone do not tell');
  }
});

test('every null of the contract has its reason, whatever the document holds', async () => {
  const documents = [
    WEEK,
    withNights(night()),
    withNights(),
    await documentOf({ values: constant(Number.NaN, 1440) }),
    await documentOf({ values: constant(3, 10_080), kind: 'steps' }),
    await documentOf({ values: WEEK_ONE_DAY }),
    await documentOf({}, READY_MODEL),
    // A document of another version may lack a reason; the summary still gives one.
    { ...(await documentOf({ values: constant(Number.NaN, 1440) })), not_computed: [] },
  ];
  for (const document of documents) assertEveryNullExplained(summarize(document));
});
const WEEK_ONE_DAY = recording().values.slice(0, 1440);

test('an embedding is passed on as it is', async () => {
  const document = await documentOf({}, READY_MODEL);
  assert.equal(summarize(document).embedding, document.model.embedding);
});

test('the sentences speak only of numbers that exist', async () => {
  const empty = summarize(await documentOf({ values: constant(Number.NaN, 1440) }));
  assert.equal(empty.insights, ['0 of 1440 minutes are known, on 0 valid days.']);
  assert.equal(summarize(withNights(night(), night({ asleep_minutes: null }))).insights, [
    '10080 of 10080 minutes are known, on 7 valid days.',
    'Interdaily stability is 0.41 (0: no 24-hour pattern, 1: every day the same).',
    'The quietest five hours begin at 00:55, the most active ten at 09:21.',
    'Mean recorded sleep is 7.5 hours over 1 night.',
  ]);
  const two = summarize(withNights(night(), night())).insights;
  assert.is(two.at(-1), 'Mean recorded sleep is 7.5 hours over 2 nights.');
});

test('a clock time that rounds up to midnight is written 00:00', () => {
  const rhythm = { ...WEEK.rhythm, l5: { mean: 1, onset_minute: 1439.7 } };
  const sentence = summarize({ ...WEEK, rhythm }).insights.find((text) => text.startsWith('The quietest'));
  assert.match(sentence ?? '', 'begin at 00:00,');
});

test.run();
