import type { SampleType } from '../health-data/sample-types.ts';
import {
  COUNT_UNITS,
  ENERGY_UNITS,
  GLUCOSE_UNITS,
  LENGTH_UNITS,
  MASS_UNITS,
  MILLISECOND_UNITS,
  MINUTE_UNITS,
  OXYGEN_UPTAKE_UNITS,
  PRESSURE_UNITS,
  RATE_UNITS,
  SAME_UNIT,
  SOUND_UNITS,
  TEMPERATURE_UNITS,
  molarConversion,
  type UnitConversion,
  type UnitTable,
} from './units.ts';

const MS_PER_HOUR = 3_600_000;

/**
 * The longest that a sample may last. One that claims to describe more than a week says nothing about any of its
 * minutes, and would be found again by every question about the days it lies over.
 */
export const MAX_SAMPLE_DURATION_MS = 7 * 24 * MS_PER_HOUR;

/** A stretch of sleep analysis describes a part of one night; a longer one is a tracker that was never stopped. */
const MAX_SLEEP_DURATION_MS = 24 * MS_PER_HOUR;

interface TypeRuleBase {
  readonly type: SampleType;
  readonly maxDurationMs: number;
}

/** A measured number. `min` and `max` (inclusive, in Clarity's unit) are what the body or the sensor can produce. */
export interface QuantityRule extends TypeRuleBase {
  readonly kind: 'quantity';
  readonly units: UnitTable;
  /** What a sample without a unit is taken to be in, or null where that would be a guess. */
  readonly withoutUnit: UnitConversion | null;
  /** HealthKit's `%` is a fraction (0.97); other writers send 97. Values of at most 1 are taken as fractions. */
  readonly percent: boolean;
  readonly molar: boolean;
  readonly min: number;
  readonly max: number;
}

/** A code from a closed list. */
export interface CategoryRule extends TypeRuleBase {
  readonly kind: 'category';
  /** Codes by Apple's text, by the number as text, and by the bare name in lower case. */
  readonly codes: ReadonlyMap<string, number>;
  /** What a sample without a value means, or null where it means nothing. */
  readonly withoutValue: number | null;
}

export type TypeRule = QuantityRule | CategoryRule;

function quantity(
  type: SampleType,
  units: UnitTable,
  min: number,
  max: number,
  more: Partial<Pick<QuantityRule, 'withoutUnit' | 'percent' | 'molar'>> = {},
): QuantityRule {
  const maxDurationMs = MAX_SAMPLE_DURATION_MS;
  const plain = { withoutUnit: null, percent: false, molar: false };
  return { kind: 'quantity', type, units, min, max, maxDurationMs, ...plain, ...more };
}

function category(
  type: SampleType,
  prefix: string,
  names: Readonly<Record<string, number>>,
  more: Partial<Pick<CategoryRule, 'maxDurationMs' | 'withoutValue'>> = {},
): CategoryRule {
  const codes = new Map<string, number>();
  for (const [name, code] of Object.entries(names)) {
    codes.set(`${prefix}${name}`, code);
    codes.set(name.toLowerCase(), code);
    codes.set(String(code), code);
  }
  return { kind: 'category', type, codes, maxDurationMs: MAX_SAMPLE_DURATION_MS, withoutValue: null, ...more };
}

/** A count is a count and a rate is a minute's; lengths, energies and temperatures without a unit would be guesses. */
const bare = { withoutUnit: SAME_UNIT };

const PERCENT_UNITS: UnitTable = new Map([['%', SAME_UNIT]]);

/** HealthKit's quantity types without their `HKQuantityTypeIdentifier` prefix. */
const QUANTITIES: Readonly<Record<string, QuantityRule>> = {
  StepCount: quantity('step_count', COUNT_UNITS, 0, 1_000_000, bare),
  DistanceWalkingRunning: quantity('distance_walking_running', LENGTH_UNITS, 0, 2_000_000),
  DistanceCycling: quantity('distance_cycling', LENGTH_UNITS, 0, 5_000_000),
  FlightsClimbed: quantity('flights_climbed', COUNT_UNITS, 0, 100_000, bare),
  ActiveEnergyBurned: quantity('active_energy', ENERGY_UNITS, 0, 100_000),
  BasalEnergyBurned: quantity('basal_energy', ENERGY_UNITS, 0, 100_000),
  AppleExerciseTime: quantity('exercise_time', MINUTE_UNITS, 0, 10_080),
  AppleStandTime: quantity('stand_time', MINUTE_UNITS, 0, 10_080),
  HeartRate: quantity('heart_rate', RATE_UNITS, 20, 300, bare),
  RestingHeartRate: quantity('resting_heart_rate', RATE_UNITS, 20, 200, bare),
  WalkingHeartRateAverage: quantity('walking_heart_rate_average', RATE_UNITS, 20, 250, bare),
  HeartRateVariabilitySDNN: quantity('heart_rate_variability_sdnn', MILLISECOND_UNITS, 0, 1000),
  RespiratoryRate: quantity('respiratory_rate', RATE_UNITS, 2, 100, bare),
  OxygenSaturation: quantity('oxygen_saturation', PERCENT_UNITS, 50, 100, { ...bare, percent: true }),
  BodyTemperature: quantity('body_temperature', TEMPERATURE_UNITS, 25, 45),
  AppleSleepingWristTemperature: quantity('wrist_temperature', TEMPERATURE_UNITS, 15, 45),
  BloodPressureSystolic: quantity('blood_pressure_systolic', PRESSURE_UNITS, 40, 300),
  BloodPressureDiastolic: quantity('blood_pressure_diastolic', PRESSURE_UNITS, 20, 200),
  BloodGlucose: quantity('blood_glucose', GLUCOSE_UNITS, 5, 2000, { molar: true }),
  VO2Max: quantity('vo2_max', OXYGEN_UPTAKE_UNITS, 5, 100),
  BodyMass: quantity('body_mass', MASS_UNITS, 0.2, 700),
  EnvironmentalAudioExposure: quantity('environmental_audio_exposure', SOUND_UNITS, 0, 200),
  HeadphoneAudioExposure: quantity('headphone_audio_exposure', SOUND_UNITS, 0, 200),
  TimeInDaylight: quantity('time_in_daylight', MINUTE_UNITS, 0, 10_080),
};

/** HealthKit's category types without their `HKCategoryTypeIdentifier` prefix; codes are HealthKit's own numbers. */
const CATEGORIES: Readonly<Record<string, CategoryRule>> = {
  SleepAnalysis: category(
    'sleep_stage',
    'HKCategoryValueSleepAnalysis',
    // `Asleep` is what exports before iOS 16 wrote for what is now called `AsleepUnspecified`.
    { InBed: 0, Asleep: 1, AsleepUnspecified: 1, Awake: 2, AsleepCore: 3, AsleepDeep: 4, AsleepREM: 5 },
    { maxDurationMs: MAX_SLEEP_DURATION_MS },
  ),
  AppleStandHour: category('stand_hour', 'HKCategoryValueAppleStandHour', { Stood: 0, Idle: 1 }),
  MindfulSession: category('mindful_session', 'HKCategoryValue', { NotApplicable: 0 }, { withoutValue: 0 }),
};

const BY_IDENTIFIER: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>([
  ...Object.entries(QUANTITIES).map(([name, rule]) => [`HKQuantityTypeIdentifier${name}`, rule] as const),
  ...Object.entries(CATEGORIES).map(([name, rule]) => [`HKCategoryTypeIdentifier${name}`, rule] as const),
]);

const BY_PLAIN_NAME: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>(
  [...Object.entries(QUANTITIES), ...Object.entries(CATEGORIES)].flatMap(([name, rule]) => [
    [name.toLowerCase(), rule] as const,
    [rule.type.replaceAll('_', ''), rule] as const,
  ]),
);

/** No identifier of Apple's or ours is longer; longer text is not looked at. */
const MAX_NAME_LENGTH = 100;

/**
 * The rule for a type: Apple's identifier (`HKQuantityTypeIdentifierHeartRate`), its bare name in any case
 * (`heartrate`, `heart_rate`), or Clarity's own name (`active_energy`). Null for every other.
 */
export function typeRule(identifier: string): TypeRule | null {
  const rule = BY_IDENTIFIER.get(identifier);
  if (rule !== undefined) return rule;
  if (identifier.startsWith('HK') || identifier.length > MAX_NAME_LENGTH) return null;
  return BY_PLAIN_NAME.get(identifier.toLowerCase().replaceAll('_', '')) ?? null;
}

/** How a value in `unit` becomes Clarity's unit, or null where the unit is unknown or missing and cannot be assumed. */
export function conversionOf(rule: QuantityRule, unit: string | null): UnitConversion | null {
  if (unit === null || unit === '') return rule.withoutUnit;
  const conversion = rule.units.get(unit);
  if (conversion !== undefined) return conversion;
  return rule.molar ? molarConversion(unit) : null;
}

/** The code a category sample's value stands for: Apple's text, the number, or the bare name in any case. */
export function categoryCode(rule: CategoryRule, value: string | number | null): number | null {
  if (value === null || value === '') return rule.withoutValue;
  if (typeof value === 'number') return rule.codes.get(String(value)) ?? null;
  const code = rule.codes.get(value);
  if (code !== undefined) return code;
  if (value.length > MAX_NAME_LENGTH) return null;
  return rule.codes.get(value.toLowerCase().replaceAll('_', '')) ?? null;
}
