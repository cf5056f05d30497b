import { parseTimestamp } from '../apple-health/timestamps.ts';
import type { Metric, MetricBlock } from '../health-data/model.ts';
import { UNKNOWN_OFFSET } from '../health-data/samples.ts';
import { CONCEPTS, MOODS_SYSTEM, quantityOf, type Concept } from './concepts.ts';
import { effectiveOf, fhirId, observationOf, type Finding, type ObservationContext } from './observation.ts';
import type { Effective, Observation, ObservedValue } from './resources.ts';

type Fields = Readonly<Record<string, Concept>>;

const BIOMETRIC: Fields = {
  heart_rate: CONCEPTS.heartRate,
  oxygen_saturation: CONCEPTS.oxygenSaturation,
  heart_rate_variability: CONCEPTS.unnamedHeartRateVariability,
  respiratory_rate: CONCEPTS.respiratoryRate,
  body_temperature: CONCEPTS.bodyTemperature,
  blood_glucose: CONCEPTS.bloodGlucose,
};

const SLEEP: Fields = {
  sleep_efficiency: CONCEPTS.sleepEfficiency,
  time_to_sleep_minutes: CONCEPTS.sleepLatency,
  wake_count: CONCEPTS.wakeCount,
};

const STAGES: Fields = {
  deep: CONCEPTS.deepSleep,
  light: CONCEPTS.lightSleep,
  rem: CONCEPTS.remSleep,
  awake: CONCEPTS.awakeInBed,
};

const ACTIVITY: Fields = {
  steps: CONCEPTS.steps,
  distance: CONCEPTS.distance,
  active_energy: CONCEPTS.activeEnergy,
  exercise_minutes: CONCEPTS.exerciseTime,
  flights_climbed: CONCEPTS.flightsClimbed,
  vo2_max: CONCEPTS.vo2Max,
  active_minutes: CONCEPTS.activeTime,
  resting_heart_rate: CONCEPTS.restingHeartRate,
};

const MENTAL_HEALTH: Fields = {
  stress_level: CONCEPTS.stress,
  anxiety_level: CONCEPTS.anxiety,
  energy_level: CONCEPTS.energy,
  focus_rating: CONCEPTS.focus,
  social_interaction_minutes: CONCEPTS.socialTime,
  meditation_minutes: CONCEPTS.meditationTime,
};

const NOT_KNOWN: ObservedValue = {
  dataAbsentReason: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
  },
};

/**
 * The measurements of a metric as FHIR R4 Observations, one each; blood pressures are a panel, and so is a night with
 * its stages. Fields that are no measurement, or not of the kind that their name says, are left out. Metrics say no
 * offset, so instants are in UTC, but for a night, which is in the offset of its start.
 */
export function observationsOfMetric(metric: Metric, context: ObservationContext): readonly Observation[] {
  const effective = effectiveOf(metric.createdAtMs, metric.createdAtMs, null);
  if (effective === null) return [];
  const { biometric_data, sleep_data, activity_data, mental_health_data, deviceId } = metric;
  const given: Pick<Finding, 'effective' | 'device'> = { effective, device: deviceId };
  const findings: Finding[] = [
    ...quantities(biometric_data, BIOMETRIC, given),
    ...bloodPressure(biometric_data, given),
    ...night(sleep_data, { ...given, effective: nightTimes(sleep_data) ?? effective }),
    ...quantities(activity_data, ACTIVITY, given),
    ...quantities(mental_health_data, MENTAL_HEALTH, given),
    ...words(mental_health_data, given),
  ];
  return findings.map((finding) =>
    observationOf(fhirId(`${metric.metricId}.${shortName(finding.concept)}`, context.digest), context, finding),
  );
}

/** FHIR's ids have no underscores. */
const shortName = ({ name }: Concept): string => name.replaceAll('_', '-');

const numberIn = (block: MetricBlock | null, name: string): number | null => {
  const value = block !== null && Object.hasOwn(block, name) ? block[name] : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

const textIn = (block: MetricBlock | null, name: string): string | null => {
  const value = block !== null && Object.hasOwn(block, name) ? block[name] : null;
  return typeof value === 'string' && value.trim() !== '' ? value : null;
};

/** A word as a code: FHIR has no white space around it, and single blanks inside. */
const fhirCode = (word: string): string => word.trim().replaceAll(/\s+/g, ' ');

function quantities(
  block: MetricBlock | null,
  fields: Fields,
  given: Pick<Finding, 'effective' | 'device'>,
): readonly Finding[] {
  return Object.entries(fields).flatMap(([name, concept]) => {
    const value = numberIn(block, name);
    return value === null ? [] : [{ ...given, concept, value: { valueQuantity: quantityOf(concept, value) } }];
  });
}

function bloodPressure(block: MetricBlock | null, given: Pick<Finding, 'effective' | 'device'>): readonly Finding[] {
  const parts = [CONCEPTS.systolic, CONCEPTS.diastolic].map((concept) => {
    const value = numberIn(block, concept.name);
    return { concept, value: value === null ? NOT_KNOWN : { valueQuantity: quantityOf(concept, value) } };
  });
  if (parts.every(({ value }) => value === NOT_KNOWN)) return [];
  return [{ ...given, concept: CONCEPTS.bloodPressure, value: null, components: parts }];
}

function night(block: MetricBlock | null, given: Pick<Finding, 'effective' | 'device'>): readonly Finding[] {
  const asleep = numberIn(block, 'total_sleep_minutes');
  const concept = CONCEPTS.sleepDuration;
  const staged = block?.['sleep_stages'];
  const components = quantities(isBlock(staged) ? staged : null, STAGES, given).map((finding) => ({
    concept: finding.concept,
    value: finding.value ?? NOT_KNOWN,
  }));
  const whole: readonly Finding[] =
    asleep === null ? [] : [{ ...given, concept, value: { valueQuantity: quantityOf(concept, asleep) }, components }];
  return [...whole, ...quantities(block, SLEEP, given)];
}

const isBlock = (value: unknown): value is MetricBlock =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function nightTimes(block: MetricBlock | null): Effective | null {
  const start = parseTimestamp(textIn(block, 'sleep_start') ?? '');
  const end = parseTimestamp(textIn(block, 'sleep_end') ?? '');
  if (start === null || end === null) return null;
  return effectiveOf(start.ms, end.ms, start.offsetMinutes === UNKNOWN_OFFSET ? null : start.offsetMinutes);
}

function words(block: MetricBlock | null, given: Pick<Finding, 'effective' | 'device'>): readonly Finding[] {
  const mood = textIn(block, 'mood_score');
  const notes = textIn(block, 'notes');
  return [
    ...(mood === null
      ? []
      : [
          {
            ...given,
            concept: CONCEPTS.mood,
            value: { valueCodeableConcept: { coding: [{ system: MOODS_SYSTEM, code: fhirCode(mood) }], text: mood } },
          },
        ]),
    ...(notes === null ? [] : [{ ...given, concept: CONCEPTS.notes, value: { valueString: notes } }]),
  ];
}
