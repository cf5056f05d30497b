import type { SampleType } from '../health-data/sample-types.ts';
import type { CodeableConcept, Coding, Quantity } from './resources.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const CATEGORIES = 'http://terminology.hl7.org/CodeSystem/observation-category';
/** Our own names of what is measured, for everything, also where LOINC has a code. */
export const METRIC_TYPES_SYSTEM = 'https://clarity.health/fhir/metric-types';
export const SLEEP_STAGES_SYSTEM = 'https://clarity.health/fhir/sleep-stages';
export const MOODS_SYSTEM = 'https://clarity.health/fhir/moods';

type Category = 'vital-signs' | 'activity' | 'laboratory' | 'survey' | 'exam';

/** A unit by its UCUM code and the word that people read. */
type Unit = readonly [code: string, word: string];

/** Something that is measured. */
export interface Concept {
  /** Our own code. */
  readonly name: string;
  /** LOINC's codings first, where LOINC has one that says just this, then our own. */
  readonly code: CodeableConcept;
  /** Null where none of FHIR's own fits. */
  readonly category: readonly CodeableConcept[] | null;
  /** Null for what is no quantity. */
  readonly unit: Unit | null;
  /** A device or an app computed it from other measurements. */
  readonly derived: boolean;
}

const PER_MINUTE: Unit = ['/min', 'beats/minute'];
const MINUTES: Unit = ['min', 'min'];
const ONE_TO_TEN: Unit = ['1', ''];

function concept(
  name: string,
  text: string,
  loinc: readonly (readonly [code: string, display: string])[],
  category: Category | null,
  unit: Unit | null,
  derived = false,
): Concept {
  const standard = loinc.map(([code, display]): Coding => ({ system: LOINC, code, display }));
  return {
    name,
    code: { coding: [...standard, { system: METRIC_TYPES_SYSTEM, code: name, display: text }], text },
    category: category === null ? null : [{ coding: [{ system: CATEGORIES, code: category }] }],
    unit,
    derived,
  };
}

/**
 * What our measurements are called by others. LOINC's codes are used where they say what is measured and no more: none
 * for a temperature of the wrist's skin, none for a distance by bicycle.
 */
export const CONCEPTS = {
  heartRate: concept('heart_rate', 'Heart rate', [['8867-4', 'Heart rate']], 'vital-signs', PER_MINUTE),
  restingHeartRate: concept(
    'resting_heart_rate',
    'Resting heart rate',
    [['40443-4', 'Heart rate --resting']],
    'vital-signs',
    PER_MINUTE,
    true,
  ),
  walkingHeartRate: concept(
    'walking_heart_rate_average',
    'Average heart rate while walking',
    [],
    'activity',
    PER_MINUTE,
    true,
  ),
  heartRateVariability: concept(
    'heart_rate_variability_sdnn',
    'Heart rate variability (SDNN)',
    [['80404-7', 'R-R interval.standard deviation (Heart rate variability)']],
    'vital-signs',
    ['ms', 'ms'],
    true,
  ),
  // The older service never said which variability a client sends.
  unnamedHeartRateVariability: concept(
    'heart_rate_variability',
    'Heart rate variability',
    [],
    'vital-signs',
    ['ms', 'ms'],
    true,
  ),
  respiratoryRate: concept('respiratory_rate', 'Respiratory rate', [['9279-1', 'Respiratory rate']], 'vital-signs', [
    '/min',
    'breaths/minute',
  ]),
  oxygenSaturation: concept(
    'oxygen_saturation',
    'Oxygen saturation',
    [
      ['59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'],
      ['2708-6', 'Oxygen saturation in Arterial blood'],
    ],
    'vital-signs',
    ['%', '%'],
  ),
  bodyTemperature: concept('body_temperature', 'Body temperature', [['8310-5', 'Body temperature']], 'vital-signs', [
    'Cel',
    '°C',
  ]),
  wristTemperature: concept('wrist_temperature', 'Temperature of the wrist in sleep', [], 'vital-signs', ['Cel', '°C']),
  bloodPressure: concept(
    'blood_pressure',
    'Blood pressure',
    [['85354-9', 'Blood pressure panel with all children optional']],
    'vital-signs',
    null,
  ),
  systolic: concept(
    'blood_pressure_systolic',
    'Systolic blood pressure',
    [['8480-6', 'Systolic blood pressure']],
    'vital-signs',
    ['mm[Hg]', 'mmHg'],
  ),
  diastolic: concept(
    'blood_pressure_diastolic',
    'Diastolic blood pressure',
    [['8462-4', 'Diastolic blood pressure']],
    'vital-signs',
    ['mm[Hg]', 'mmHg'],
  ),
  bloodGlucose: concept(
    'blood_glucose',
    'Blood glucose',
    [['2339-0', 'Glucose [Mass/volume] in Blood']],
    'laboratory',
    ['mg/dL', 'mg/dL'],
  ),
  bodyMass: concept('body_mass', 'Body weight', [['29463-7', 'Body weight']], 'vital-signs', ['kg', 'kg']),
  vo2Max: concept('vo2_max', 'VO2 max', [], 'activity', ['mL/min/kg', 'mL/min/kg'], true),
  steps: concept('step_count', 'Steps', [['55423-8', 'Number of steps in unspecified time Pedometer']], 'activity', [
    '{steps}',
    'steps',
  ]),
  walkingDistance: concept(
    'distance_walking_running',
    'Distance walked and run',
    [['55430-3', 'Walking distance unspecified time Pedometer']],
    'activity',
    ['m', 'm'],
  ),
  // Kilometres, and of no one kind of movement.
  distance: concept('distance', 'Distance', [], 'activity', ['km', 'km']),
  cyclingDistance: concept('distance_cycling', 'Distance by bicycle', [], 'activity', ['m', 'm']),
  flightsClimbed: concept('flights_climbed', 'Flights of stairs climbed', [], 'activity', ['{flights}', 'flights']),
  activeEnergy: concept('active_energy', 'Active energy', [['41981-2', 'Calories burned']], 'activity', [
    'kcal',
    'kcal',
  ]),
  basalEnergy: concept('basal_energy', 'Energy at rest', [], 'activity', ['kcal', 'kcal'], true),
  exerciseTime: concept(
    'exercise_time',
    'Time of exercise',
    [['55411-3', 'Exercise duration']],
    'activity',
    MINUTES,
    true,
  ),
  activeTime: concept('active_minutes', 'Active time', [], 'activity', MINUTES, true),
  standTime: concept('stand_time', 'Time standing', [], 'activity', MINUTES, true),
  standHour: concept('stand_hour', 'Whether the person stood in the hour (0: yes, 1: no)', [], 'activity', null, true),
  surroundingSound: concept('environmental_audio_exposure', 'Sound around the person', [], null, ['dB[SPL]', 'dB(A)']),
  headphoneSound: concept('headphone_audio_exposure', 'Sound of headphones', [], null, ['dB[SPL]', 'dB(A)']),
  daylight: concept('time_in_daylight', 'Time in daylight', [], 'activity', MINUTES, true),
  mindfulSession: concept('mindful_session', 'Mindful session', [], 'activity', null),
  sleepStage: concept('sleep_stage', 'Sleep stage', [], 'activity', null, true),
  activityCount: concept('activity_count', 'Activity counts', [], 'activity', ['{counts}', 'counts']),
  sleepDuration: concept(
    'total_sleep_minutes',
    'Time asleep',
    [['93832-4', 'Sleep duration']],
    'activity',
    MINUTES,
    true,
  ),
  deepSleep: concept('sleep_deep', 'Deep sleep', [['93831-6', 'Deep sleep duration']], 'activity', MINUTES, true),
  lightSleep: concept('sleep_light', 'Light sleep', [['93830-8', 'Light sleep duration']], 'activity', MINUTES, true),
  remSleep: concept('sleep_rem', 'REM sleep', [['93829-0', 'REM sleep duration']], 'activity', MINUTES, true),
  awakeInBed: concept('sleep_awake', 'Awake in bed', [], 'activity', MINUTES, true),
  sleepEfficiency: concept('sleep_efficiency', 'Share of the time in bed asleep', [], 'activity', ['1', ''], true),
  sleepLatency: concept('time_to_sleep_minutes', 'Time to fall asleep', [], 'activity', MINUTES, true),
  wakeCount: concept('wake_count', 'Times awake', [], 'activity', ['{times}', 'times'], true),
  mood: concept('mood_score', 'Mood', [], 'survey', null),
  stress: concept('stress_level', 'Stress, 1 to 10', [], 'survey', ONE_TO_TEN),
  anxiety: concept('anxiety_level', 'Anxiety, 1 to 10', [], 'survey', ONE_TO_TEN),
  energy: concept('energy_level', 'Energy, 1 to 10', [], 'survey', ONE_TO_TEN),
  focus: concept('focus_rating', 'Focus, 1 to 10', [], 'survey', ONE_TO_TEN),
  socialTime: concept('social_interaction_minutes', 'Time with others', [], 'survey', MINUTES),
  meditationTime: concept('meditation_minutes', 'Time of meditation', [], 'survey', MINUTES),
  notes: concept('notes', 'Notes', [], 'survey', null),
} as const satisfies Record<string, Concept>;

/** What the samples of each type measure. */
export const SAMPLE_CONCEPTS: Readonly<Record<SampleType, Concept>> = {
  step_count: CONCEPTS.steps,
  distance_walking_running: CONCEPTS.walkingDistance,
  distance_cycling: CONCEPTS.cyclingDistance,
  flights_climbed: CONCEPTS.flightsClimbed,
  active_energy: CONCEPTS.activeEnergy,
  basal_energy: CONCEPTS.basalEnergy,
  exercise_time: CONCEPTS.exerciseTime,
  stand_time: CONCEPTS.standTime,
  stand_hour: CONCEPTS.standHour,
  heart_rate: CONCEPTS.heartRate,
  resting_heart_rate: CONCEPTS.restingHeartRate,
  walking_heart_rate_average: CONCEPTS.walkingHeartRate,
  heart_rate_variability_sdnn: CONCEPTS.heartRateVariability,
  respiratory_rate: CONCEPTS.respiratoryRate,
  oxygen_saturation: CONCEPTS.oxygenSaturation,
  body_temperature: CONCEPTS.bodyTemperature,
  wrist_temperature: CONCEPTS.wristTemperature,
  blood_pressure_systolic: CONCEPTS.systolic,
  blood_pressure_diastolic: CONCEPTS.diastolic,
  blood_glucose: CONCEPTS.bloodGlucose,
  vo2_max: CONCEPTS.vo2Max,
  body_mass: CONCEPTS.bodyMass,
  environmental_audio_exposure: CONCEPTS.surroundingSound,
  headphone_audio_exposure: CONCEPTS.headphoneSound,
  time_in_daylight: CONCEPTS.daylight,
  mindful_session: CONCEPTS.mindfulSession,
  sleep_stage: CONCEPTS.sleepStage,
  activity_count: CONCEPTS.activityCount,
};

/** @throws RangeError for a concept that is no quantity. */
export function quantityOf({ name, unit }: Concept, value: number): Quantity {
  if (unit === null) throw new RangeError(`${name} is no quantity`);
  return { value, unit: unit[1], system: UCUM, code: unit[0] };
}
