/**
 * The time-series kinds that Clarity stores sample by sample, with the unit every value is converted to on the way in.
 * `sum` kinds count something over the sample's interval; `mean` kinds measure a level; `category` kinds carry a code.
 */
export const SAMPLE_TYPES = {
  step_count: { unit: 'count', aggregate: 'sum' },
  distance_walking_running: { unit: 'm', aggregate: 'sum' },
  distance_cycling: { unit: 'm', aggregate: 'sum' },
  flights_climbed: { unit: 'count', aggregate: 'sum' },
  active_energy: { unit: 'kcal', aggregate: 'sum' },
  basal_energy: { unit: 'kcal', aggregate: 'sum' },
  exercise_time: { unit: 'min', aggregate: 'sum' },
  stand_time: { unit: 'min', aggregate: 'sum' },
  stand_hour: { unit: 'code', aggregate: 'category' },
  heart_rate: { unit: 'bpm', aggregate: 'mean' },
  resting_heart_rate: { unit: 'bpm', aggregate: 'mean' },
  walking_heart_rate_average: { unit: 'bpm', aggregate: 'mean' },
  heart_rate_variability_sdnn: { unit: 'ms', aggregate: 'mean' },
  respiratory_rate: { unit: '/min', aggregate: 'mean' },
  oxygen_saturation: { unit: '%', aggregate: 'mean' },
  body_temperature: { unit: 'degC', aggregate: 'mean' },
  wrist_temperature: { unit: 'degC', aggregate: 'mean' },
  blood_pressure_systolic: { unit: 'mmHg', aggregate: 'mean' },
  blood_pressure_diastolic: { unit: 'mmHg', aggregate: 'mean' },
  blood_glucose: { unit: 'mg/dL', aggregate: 'mean' },
  vo2_max: { unit: 'mL/kg/min', aggregate: 'mean' },
  body_mass: { unit: 'kg', aggregate: 'mean' },
  environmental_audio_exposure: { unit: 'dBASPL', aggregate: 'mean' },
  headphone_audio_exposure: { unit: 'dBASPL', aggregate: 'mean' },
  time_in_daylight: { unit: 'min', aggregate: 'sum' },
  mindful_session: { unit: 'code', aggregate: 'category' },
  sleep_stage: { unit: 'code', aggregate: 'category' },
  activity_count: { unit: 'count', aggregate: 'sum' },
} as const satisfies Record<string, { readonly unit: string; readonly aggregate: 'sum' | 'mean' | 'category' }>;

export type SampleType = keyof typeof SAMPLE_TYPES;

/** Values of `sleep_stage` samples; the numbers are HealthKit's `HKCategoryValueSleepAnalysis`. */
export const SLEEP_STAGE = {
  inBed: 0,
  asleepUnspecified: 1,
  awake: 2,
  asleepCore: 3,
  asleepDeep: 4,
  asleepRem: 5,
} as const;
