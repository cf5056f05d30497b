import { VALID_DAY_MINUTES } from '../actigraphy/wear.ts';
import type { AnalysisDocument } from '../analysis/document.ts';
import { FACT_KINDS, type FactName } from './fact-catalogue.ts';
import type { FactOrigin, InsightFact, KnownFacts, NotComputedFact } from './model.ts';

type Nullable<T> = { readonly [K in keyof T]: number | null };

type NightNumber = 'asleep_minutes' | 'efficiency_percent' | 'onset_latency_minutes' | 'waso_minutes';

/** What of an analysis facts are read from; every `AnalysisDocument` is one. */
export interface FactSource {
  readonly input: Pick<AnalysisDocument['input'], 'kind'>;
  readonly window: Nullable<Pick<AnalysisDocument['window'], 'minutes'>>;
  readonly data_quality: Nullable<Pick<AnalysisDocument['data_quality'], 'valid_minutes' | 'valid_days'>>;
  readonly rhythm: Pick<
    AnalysisDocument['rhythm'],
    'interdaily_stability' | 'intradaily_variability' | 'relative_amplitude'
  > & {
    readonly l5: { readonly onset_minute: number | null };
    readonly m10: { readonly onset_minute: number | null };
    readonly cosinor: { readonly acrophase_minute: number | null };
  };
  readonly sleep: Pick<AnalysisDocument['sleep'], 'rescored_sleep_minutes' | 'regularity_index'> & {
    readonly nights: readonly Readonly<Record<NightNumber, number | null>>[] | null;
  };
  readonly activity: {
    readonly daily: readonly { readonly total: number | null; readonly valid_minutes: number | null }[];
  };
  readonly not_computed: AnalysisDocument['not_computed'];
}

/** A value of the document, and the document's own name for it, under which it says why there is none. */
interface Reading {
  readonly name: FactName;
  readonly value: number | null;
  /** The path in `not_computed` that tells why the value is null. */
  readonly path: string;
  /** What is said where the document does not tell why. */
  readonly otherwise: string;
}

const MISSING = 'it is not computable from these data';
const NO_VALID_DAY = `no day has ${String(VALID_DAY_MINUTES)} known minutes`;

/**
 * The numbers of an analysis that can be told to a person, and the ones that are wanted and missing, with the document's
 * reason. Means over nights are over the nights that tell the number, means over days over the valid days. Risk scores
 * and embeddings are no facts: they are not for being told.
 */
export function factsOfDocument(document: FactSource): KnownFacts {
  const isSteps = document.input.kind !== 'counts';
  const facts: InsightFact[] = [];
  const notComputed: NotComputedFact[] = [];
  const take = (origin: FactOrigin, isProxy: boolean, readings: readonly Reading[]): void => {
    for (const { name, value, path, otherwise } of readings) {
      if (value !== null && Number.isFinite(value)) {
        facts.push({ name, value, unit: FACT_KINDS[name].unit, origin, isProxy });
      } else {
        const told = document.not_computed.find(({ field }) => field === path);
        notComputed.push({ field: name, reason: told?.reason ?? otherwise });
      }
    }
  };
  take('analysis', false, recordingReadings(document));
  take('analysis', isSteps, rhythmReadings(document));
  // Recorded nights are the device's; without them sleep was scored from counts.
  take(document.sleep.nights === null ? 'analysis' : 'device', false, [
    at('sleep.regularity_index', document.sleep.regularity_index),
    ...(isSteps ? [] : [rescoredSleep(document)]),
    ...nightReadings(document.sleep.nights),
  ]);
  take('analysis', false, activityReadings(document));
  return { facts, notComputed };
}

const at = (name: FactName, value: number | null, path: string = name, otherwise = MISSING): Reading => ({
  name,
  value,
  path,
  otherwise,
});

const recordingReadings = ({ window, data_quality: quality }: FactSource): readonly Reading[] => [
  at('window.minutes', window.minutes),
  at('data_quality.valid_minutes', quality.valid_minutes),
  at('data_quality.valid_days', quality.valid_days),
];

const rhythmReadings = ({ rhythm }: FactSource): readonly Reading[] => [
  at('rhythm.interdaily_stability', rhythm.interdaily_stability),
  at('rhythm.intradaily_variability', rhythm.intradaily_variability),
  at('rhythm.relative_amplitude', rhythm.relative_amplitude),
  at('rhythm.l5.onset_minute', rhythm.l5.onset_minute),
  at('rhythm.m10.onset_minute', rhythm.m10.onset_minute),
  at('rhythm.cosinor.acrophase_minute', rhythm.cosinor.acrophase_minute),
];

const rescoredSleep = ({ sleep }: FactSource): Reading =>
  at(
    'sleep.rescored_sleep_hours',
    sleep.rescored_sleep_minutes === null ? null : sleep.rescored_sleep_minutes / 60,
    'sleep.rescored_sleep_minutes',
  );

/** Counts, means and extremes over nights; each over the nights that tell the number. */
function nightReadings(nights: FactSource['sleep']['nights']): readonly Reading[] {
  if (nights === null || nights.length === 0) {
    return [at('sleep.nights.count', null, 'sleep.nights', 'there are no recorded nights')];
  }
  const known = (field: NightNumber): readonly number[] =>
    nights.map((night) => night[field]).filter((value) => value !== null);
  const over = (name: FactName, field: NightNumber, value: number | null): Reading =>
    at(name, value, `sleep.nights[].${field}`, 'no recorded night tells it');
  const asleepHours = known('asleep_minutes').map((minutes) => minutes / 60);
  const efficiencies = known('efficiency_percent');
  return [
    at('sleep.nights.count', nights.length),
    over('sleep.nights.asleep.count', 'asleep_minutes', countOf(asleepHours)),
    over('sleep.nights.asleep.mean_hours', 'asleep_minutes', meanOf(asleepHours)),
    ...spread(asleepHours),
    over('sleep.nights.efficiency.count', 'efficiency_percent', countOf(efficiencies)),
    over('sleep.nights.efficiency.mean_percent', 'efficiency_percent', meanOf(efficiencies)),
    over('sleep.nights.onset_latency.mean_minutes', 'onset_latency_minutes', meanOf(known('onset_latency_minutes'))),
    over('sleep.nights.waso.mean_minutes', 'waso_minutes', meanOf(known('waso_minutes'))),
  ];
}

/** The extremes, where there is more than one night to differ. */
const spread = (hours: readonly number[]): readonly Reading[] => {
  const extreme = (of: (a: number, b: number) => number): number | null =>
    hours.length < 2 ? null : hours.reduce((sofar, next) => of(sofar, next));
  const path = 'sleep.nights[].asleep_minutes';
  const otherwise = 'fewer than two recorded nights tell it';
  return [
    at('sleep.nights.asleep.shortest_hours', extreme(Math.min), path, otherwise),
    at('sleep.nights.asleep.longest_hours', extreme(Math.max), path, otherwise),
  ];
};

function activityReadings({ activity, input }: FactSource): readonly Reading[] {
  const totals = activity.daily
    .filter((day) => (day.valid_minutes ?? 0) >= VALID_DAY_MINUTES)
    .map(({ total }) => total)
    .filter((total) => total !== null);
  const name = input.kind === 'counts' ? 'activity.daily.mean_counts' : 'activity.daily.mean_steps';
  return [
    at('activity.daily.count', countOf(totals), 'activity.daily', NO_VALID_DAY),
    at(name, meanOf(totals), 'activity.daily', NO_VALID_DAY),
  ];
}

const countOf = (values: readonly number[]): number | null => (values.length === 0 ? null : values.length);
const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
