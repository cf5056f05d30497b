import type { MetricBlocks } from '../health-data/model.ts';
import { SAMPLE_TYPES, type SampleType } from '../health-data/sample-types.ts';

/**
 * How the readings of a bin become its value: `sum` counts what happened, `mean` averages a level, `sleep` counts the
 * minutes asleep.
 */
export type SeriesAggregation = 'sum' | 'mean' | 'sleep';

/** How the value of a sample is read: as it is, as the minutes it lasts, or as 1 for an hour with standing and 0 without. */
export type SampleReading = 'value' | 'duration' | 'stood';

/** Where the readings of a series come from. */
export type SeriesOrigin =
  | { readonly kind: 'samples'; readonly type: SampleType; readonly reading: SampleReading }
  | { readonly kind: 'metrics'; readonly block: keyof MetricBlocks; readonly path: readonly string[] };

/** Something that can be asked for as a series. */
export interface SeriesType {
  /** The stable public name. */
  readonly name: SeriesTypeName;
  readonly unit: string;
  readonly aggregation: SeriesAggregation;
  readonly origin: SeriesOrigin;
}

/**
 * Numeric fields of metric blocks, by the path at which clients send them. A total such as steps is summed over the
 * metrics of a bin; whether it is one of a minute or of a day only its sender knows.
 */
const METRIC_FIELDS = {
  'biometric_data.heart_rate': { unit: 'bpm', aggregation: 'mean' },
  'biometric_data.blood_pressure_systolic': { unit: 'mmHg', aggregation: 'mean' },
  'biometric_data.blood_pressure_diastolic': { unit: 'mmHg', aggregation: 'mean' },
  'biometric_data.oxygen_saturation': { unit: '%', aggregation: 'mean' },
  'biometric_data.heart_rate_variability': { unit: 'ms', aggregation: 'mean' },
  'biometric_data.respiratory_rate': { unit: '/min', aggregation: 'mean' },
  'biometric_data.body_temperature': { unit: 'degC', aggregation: 'mean' },
  'biometric_data.blood_glucose': { unit: 'mg/dL', aggregation: 'mean' },
  'sleep_data.total_sleep_minutes': { unit: 'min', aggregation: 'sum' },
  'sleep_data.sleep_efficiency': { unit: 'ratio', aggregation: 'mean' },
  'sleep_data.time_to_sleep_minutes': { unit: 'min', aggregation: 'mean' },
  'sleep_data.wake_count': { unit: 'count', aggregation: 'sum' },
  'sleep_data.sleep_stages.awake': { unit: 'min', aggregation: 'sum' },
  'sleep_data.sleep_stages.light': { unit: 'min', aggregation: 'sum' },
  'sleep_data.sleep_stages.deep': { unit: 'min', aggregation: 'sum' },
  'sleep_data.sleep_stages.rem': { unit: 'min', aggregation: 'sum' },
  'activity_data.steps': { unit: 'count', aggregation: 'sum' },
  'activity_data.distance': { unit: 'km', aggregation: 'sum' },
  'activity_data.active_energy': { unit: 'kcal', aggregation: 'sum' },
  'activity_data.exercise_minutes': { unit: 'min', aggregation: 'sum' },
  'activity_data.flights_climbed': { unit: 'count', aggregation: 'sum' },
  'activity_data.vo2_max': { unit: 'mL/kg/min', aggregation: 'mean' },
  'activity_data.active_minutes': { unit: 'min', aggregation: 'sum' },
  'activity_data.resting_heart_rate': { unit: 'bpm', aggregation: 'mean' },
  'mental_health_data.stress_level': { unit: 'score', aggregation: 'mean' },
  'mental_health_data.anxiety_level': { unit: 'score', aggregation: 'mean' },
  'mental_health_data.energy_level': { unit: 'score', aggregation: 'mean' },
  'mental_health_data.focus_rating': { unit: 'score', aggregation: 'mean' },
  'mental_health_data.social_interaction_minutes': { unit: 'min', aggregation: 'sum' },
  'mental_health_data.meditation_minutes': { unit: 'min', aggregation: 'sum' },
} as const satisfies Record<string, { readonly unit: string; readonly aggregation: 'sum' | 'mean' }>;

export type MetricFieldName = keyof typeof METRIC_FIELDS;
/** A sample type, or the path of a metric's field. */
export type SeriesTypeName = SampleType | MetricFieldName;

/** Sample types that carry a code, by what can be counted of them. */
const OF_CODES = {
  sleep_stage: { unit: 'min', aggregation: 'sleep', reading: 'value' },
  stand_hour: { unit: 'h', aggregation: 'sum', reading: 'stood' },
  mindful_session: { unit: 'min', aggregation: 'sum', reading: 'duration' },
} as const;

const isOfCodes = (type: SampleType): type is keyof typeof OF_CODES => Object.hasOwn(OF_CODES, type);

function ofSamples(type: SampleType): SeriesType {
  if (isOfCodes(type)) {
    const { unit, aggregation, reading } = OF_CODES[type];
    return { name: type, unit, aggregation, origin: { kind: 'samples', type, reading } };
  }
  const { unit, aggregate } = SAMPLE_TYPES[type];
  const aggregation = aggregate === 'sum' ? 'sum' : 'mean';
  return { name: type, unit, aggregation, origin: { kind: 'samples', type, reading: 'value' } };
}

function ofMetrics(name: MetricFieldName): SeriesType {
  const [block, ...path] = name.split('.') as [keyof MetricBlocks, ...string[]];
  return { name, ...METRIC_FIELDS[name], origin: { kind: 'metrics', block, path } };
}

/** Everything that can be asked for: the sample types first, then the fields of metrics. */
export const SERIES_TYPES: readonly SeriesType[] = [
  ...(Object.keys(SAMPLE_TYPES) as SampleType[]).map(ofSamples),
  ...(Object.keys(METRIC_FIELDS) as MetricFieldName[]).map(ofMetrics),
];

const BY_NAME: ReadonlyMap<string, SeriesType> = new Map(SERIES_TYPES.map((type) => [type.name, type]));

/** The type of that name. */
export function seriesType(name: SeriesTypeName): SeriesType {
  const type = BY_NAME.get(name);
  if (type === undefined) throw new RangeError(`${name} is no type of series`);
  return type;
}
