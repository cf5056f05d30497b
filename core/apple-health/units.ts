/** How a number in one unit becomes a number in another: `(value + shift) * multiply / divide`. */
export interface UnitConversion {
  readonly shift: number;
  readonly multiply: number;
  readonly divide: number;
}

/** Units of one dimension by the text HealthKit writes for them, with the conversion into Clarity's unit. */
export type UnitTable = ReadonlyMap<string, UnitConversion>;

/** The value in the target unit. */
export function convert(value: number, conversion: UnitConversion): number {
  return ((value + conversion.shift) * conversion.multiply) / conversion.divide;
}

const times = (multiply: number): UnitConversion => ({ shift: 0, multiply, divide: 1 });
const over = (divide: number): UnitConversion => ({ shift: 0, multiply: 1, divide });

export const SAME_UNIT: UnitConversion = times(1);

const table = (units: Readonly<Record<string, UnitConversion>>): UnitTable => new Map(Object.entries(units));

/** Into counts. */
export const COUNT_UNITS = table({ count: SAME_UNIT });

/** Into metres; the international mile, yard, foot and inch. */
export const LENGTH_UNITS = table({
  m: SAME_UNIT,
  km: times(1000),
  cm: over(100),
  mm: over(1000),
  mi: times(1609.344),
  yd: times(0.9144),
  ft: times(0.3048),
  in: times(0.0254),
});

/** Into kilocalories; the thermochemical calorie, 4.184 J. `Cal` is the dietary calorie, a kilocalorie. */
export const ENERGY_UNITS = table({
  kcal: SAME_UNIT,
  Cal: SAME_UNIT,
  cal: over(1000),
  kJ: over(4.184),
  J: over(4184),
});

/** Into minutes. */
export const MINUTE_UNITS = table({ min: SAME_UNIT, s: over(60), hr: times(60), h: times(60), ms: over(60_000) });

/** Into milliseconds. */
export const MILLISECOND_UNITS = table({ ms: SAME_UNIT, s: times(1000) });

/** Into events a minute. */
export const RATE_UNITS = table({
  'count/min': SAME_UNIT,
  'count/s': times(60),
  Hz: times(60),
  bpm: SAME_UNIT,
  '/min': SAME_UNIT,
});

/** Into degrees Celsius. */
export const TEMPERATURE_UNITS = table({
  degC: SAME_UNIT,
  degF: { shift: -32, multiply: 5, divide: 9 },
  K: { shift: -273.15, multiply: 1, divide: 1 },
});

/** Into millimetres of mercury (133.322387415 Pa each). */
export const PRESSURE_UNITS = table({
  mmHg: SAME_UNIT,
  kPa: over(0.133322387415),
  Pa: over(133.322387415),
  inHg: times(25.4),
});

/** Into kilograms; the avoirdupois pound of 0.45359237 kg. */
export const MASS_UNITS = table({
  kg: SAME_UNIT,
  g: over(1000),
  lb: times(0.45359237),
  oz: times(0.028349523125),
  st: times(6.35029318),
});

/** Into A-weighted sound pressure level. */
export const SOUND_UNITS = table({ dBASPL: SAME_UNIT });

/** Into millilitres of oxygen a kilogram and minute. Exports write the middle dot; API clients use the other forms. */
export const OXYGEN_UPTAKE_UNITS = table({
  'mL/min·kg': SAME_UNIT,
  'mL/kg·min': SAME_UNIT,
  'mL/kg/min': SAME_UNIT,
  'mL/(kg*min)': SAME_UNIT,
  'mL/kg*min': SAME_UNIT,
  'mL/min/kg': SAME_UNIT,
  'ml/kg/min': SAME_UNIT,
});

/** Grams in a mole of glucose (C6H12O6), as HealthKit's `HKUnitMolarMassBloodGlucose` has it. */
const GLUCOSE_GRAMS_PER_MOLE = 180.1558800000541;

/** Into milligrams a decilitre; units with a molar mass inside, such as `mmol<180.1558800000541>/L`, are read by rule. */
export const GLUCOSE_UNITS = table({
  'mg/dL': SAME_UNIT,
  'g/L': times(100),
  'mg/L': over(10),
  'mmol/L': { shift: 0, multiply: GLUCOSE_GRAMS_PER_MOLE, divide: 10 },
});

const MOLAR_UNIT = /^mmol<(\d{1,4}(?:\.\d{1,20})?)>\/L$/;

/** The conversion of `mmol<molar mass>/L` into mg/dL, or null for any other text. */
export function molarConversion(unit: string): UnitConversion | null {
  const molar = MOLAR_UNIT.exec(unit);
  if (molar === null) return null;
  const gramsPerMole = Number(molar[1]);
  return gramsPerMole > 0 ? { shift: 0, multiply: gramsPerMole, divide: 10 } : null;
}
