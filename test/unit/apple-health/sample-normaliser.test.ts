import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SampleNormaliser, normaliseSample } from '../../../core/apple-health/sample-normaliser.ts';
import type { RawHealthKitSample, SampleLimits } from '../../../core/apple-health/sample-normaliser.ts';
import { SAMPLE_TYPES, SLEEP_STAGE, type SampleType } from '../../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET } from '../../../core/health-data/samples.ts';
import { localZone } from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';

const LIMITS: SampleLimits = { writtenAtMs: Date.UTC(2024, 0, 2), zone: null };
const RAW: RawHealthKitSample = {
  identifier: 'HKQuantityTypeIdentifierHeartRate',
  value: '61',
  unit: 'count/min',
  startDate: '2024-01-01 08:00:00 +0100',
  endDate: '2024-01-01 08:00:05 +0100',
  sourceName: 'Jo’s Apple Watch',
  device: '<<HKDevice: 0x1>, name:Apple Watch, hardware:Watch6,1, software:10.1>',
};

const sample = (change: Partial<RawHealthKitSample>, limits = LIMITS) => normaliseSample({ ...RAW, ...change }, limits);
const reason = (change: Partial<RawHealthKitSample>, limits = LIMITS) => errorOf(sample(change, limits)).reason;
const value = (identifier: string, written: string | number | null, unit: string | null = null) =>
  valueOf(sample({ identifier, value: written, unit })).value;
const quantity = (name: string, written: string | number, unit: string | null) =>
  Math.round(value(`HKQuantityTypeIdentifier${name}`, written, unit) * 1e6) / 1e6;

test('keeps type, instants, value, offset and source', () => {
  assert.equal(valueOf(sample({})), {
    type: 'heart_rate',
    startMs: Date.UTC(2024, 0, 1, 7),
    endMs: Date.UTC(2024, 0, 1, 7, 0, 5),
    value: 61,
    offsetMinutes: 60,
    source: { key: "jo's apple watch|watch6,1", name: 'Jo’s Apple Watch', device: 'watch', model: 'Watch6,1' },
  });
});

test('converts every unit that HealthKit writes', () => {
  assert.is(quantity('DistanceWalkingRunning', '1.5', 'km'), 1500);
  assert.is(quantity('DistanceWalkingRunning', '1', 'mi'), 1609.344);
  assert.is(quantity('DistanceCycling', '200', 'm'), 200);
  assert.is(quantity('DistanceCycling', '10', 'ft'), 3.048);
  assert.is(quantity('ActiveEnergyBurned', '12.5', 'kcal'), 12.5);
  assert.is(quantity('ActiveEnergyBurned', '12.5', 'Cal'), 12.5);
  assert.is(quantity('BasalEnergyBurned', '4.184', 'kJ'), 1);
  assert.is(quantity('AppleExerciseTime', '90', 's'), 1.5);
  assert.is(quantity('AppleStandTime', '2', 'hr'), 120);
  assert.is(quantity('TimeInDaylight', '7', 'min'), 7);
  assert.is(quantity('HeartRate', '1.2', 'count/s'), 72);
  assert.is(quantity('HeartRateVariabilitySDNN', '0.045', 's'), 45);
  assert.is(quantity('BodyTemperature', '98.6', 'degF'), 37);
  assert.is(quantity('BodyTemperature', '310.15', 'K'), 37);
  assert.is(quantity('AppleSleepingWristTemperature', '35.4', 'degC'), 35.4);
  assert.is(quantity('BloodPressureSystolic', '16', 'kPa'), 120.009852);
  assert.is(quantity('BloodPressureDiastolic', '80', 'mmHg'), 80);
  assert.is(quantity('BloodGlucose', '90', 'mg/dL'), 90);
  assert.is(quantity('BloodGlucose', '5', 'mmol/L'), 90.07794);
  assert.is(quantity('BloodGlucose', '5', 'mmol<180.1558800000541>/L'), 90.07794);
  assert.is(quantity('VO2Max', '42.1', 'mL/min·kg'), 42.1);
  assert.is(quantity('BodyMass', '150', 'lb'), 68.038856);
  assert.is(quantity('BodyMass', '11', 'st'), 69.853225);
  assert.is(quantity('EnvironmentalAudioExposure', '62.3', 'dBASPL'), 62.3);
  assert.is(quantity('StepCount', '31', 'count'), 31);
  assert.is(quantity('FlightsClimbed', 2, null), 2);
});

test('reads oxygen saturation as a fraction or in percent', () => {
  assert.is(quantity('OxygenSaturation', '0.97', '%'), 97);
  assert.is(quantity('OxygenSaturation', '1', '%'), 100);
  assert.is(quantity('OxygenSaturation', 97, '%'), 97);
  assert.is(
    reason({ identifier: 'HKQuantityTypeIdentifierOxygenSaturation', value: '101', unit: '%' }),
    'value-out-of-range',
  );
});

test('reads sleep stages by today’s text, the old text, the number and the bare name', () => {
  const stage = (written: string | number) => value('HKCategoryTypeIdentifierSleepAnalysis', written);
  const prefix = 'HKCategoryValueSleepAnalysis';
  assert.is(stage(`${prefix}InBed`), SLEEP_STAGE.inBed);
  assert.is(stage(`${prefix}Asleep`), SLEEP_STAGE.asleepUnspecified);
  assert.is(stage(`${prefix}AsleepUnspecified`), SLEEP_STAGE.asleepUnspecified);
  assert.is(stage(`${prefix}Awake`), SLEEP_STAGE.awake);
  assert.is(stage(`${prefix}AsleepCore`), SLEEP_STAGE.asleepCore);
  assert.is(stage(`${prefix}AsleepDeep`), SLEEP_STAGE.asleepDeep);
  assert.is(stage(`${prefix}AsleepREM`), SLEEP_STAGE.asleepRem);
  for (let code = 0; code <= 5; code += 1) {
    assert.is(stage(code), code);
    assert.is(stage(String(code)), code);
  }
  assert.is(stage('asleep_rem'), SLEEP_STAGE.asleepRem);
  assert.is(stage('asleepDeep'), SLEEP_STAGE.asleepDeep);
});

test('reads the other categories', () => {
  const stand = 'HKCategoryTypeIdentifierAppleStandHour';
  assert.is(value(stand, 'HKCategoryValueAppleStandHourStood'), 0);
  assert.is(value(stand, 'HKCategoryValueAppleStandHourIdle'), 1);
  assert.is(value('HKCategoryTypeIdentifierMindfulSession', 'HKCategoryValueNotApplicable'), 0);
  assert.is(value('HKCategoryTypeIdentifierMindfulSession', null), 0);
  assert.is(reason({ identifier: stand, value: null }), 'bad-value');
  assert.is(reason({ identifier: stand, value: 'HKCategoryValueAppleStandHourAsleep' }), 'bad-value');
  assert.is(reason({ identifier: stand, value: 0.5 }), 'bad-value');
});

test('knows types by bare name and by its own name', () => {
  const type = (identifier: string, unit: string | null) => valueOf(sample({ identifier, unit, value: 30 })).type;
  assert.is(type('heartrate', null), 'heart_rate');
  assert.is(type('heart_rate', null), 'heart_rate');
  assert.is(type('HeartRateVariabilitySDNN', 'ms'), 'heart_rate_variability_sdnn');
  assert.is(type('active_energy', 'kcal'), 'active_energy');
  assert.is(type('step_count', null), 'step_count');
});

test('every stored type but the activity counts of research devices can come from HealthKit', () => {
  const types = (Object.keys(SAMPLE_TYPES) as SampleType[]).filter((type) => type !== 'activity_count');
  const normaliser = new SampleNormaliser(LIMITS);
  assert.equal(
    types.filter((type) => normaliser.typeOf(type) !== type),
    [],
  );
});

test('refuses each kind of bad sample with its own reason', () => {
  assert.is(reason({ identifier: 'HKQuantityTypeIdentifierWalkingSpeed' }), 'unknown-type');
  assert.is(reason({ identifier: '' }), 'unknown-type');
  assert.is(reason({ identifier: '__proto__' }), 'unknown-type');
  assert.is(reason({ identifier: 'constructor' }), 'unknown-type');
  assert.is(reason({ startDate: '2024-02-30 08:00:00 +0100' }), 'bad-date');
  assert.is(reason({ endDate: '' }), 'bad-date');
  assert.is(reason({ startDate: '2024-01-01T08:00:00' }), 'no-utc-offset');
  assert.is(reason({ endDate: '2024-01-01 07:59:59 +0100' }), 'ends-before-start');
  assert.is(reason({ startDate: '1970-01-01 00:00:00 +0000' }), 'date-out-of-range');
  assert.is(
    reason({ startDate: '2024-01-03 00:00:01 +0000', endDate: '2024-01-03 00:00:01 +0000' }),
    'date-out-of-range',
  );
  assert.is(reason({ endDate: '2024-01-04 00:00:00 +0000' }), 'date-out-of-range');
  assert.is(reason({ startDate: '2023-12-01 00:00:00 +0000' }), 'too-long');
  assert.is(reason({ value: 'sixty' }), 'bad-value');
  assert.is(reason({ value: null }), 'bad-value');
  assert.is(reason({ value: '' }), 'bad-value');
  assert.is(reason({ value: Infinity }), 'bad-value');
  assert.is(reason({ value: NaN }), 'bad-value');
  assert.is(reason({ unit: 'furlong' }), 'unknown-unit');
  assert.is(reason({ identifier: 'HKQuantityTypeIdentifierActiveEnergyBurned', unit: null }), 'unknown-unit');
  assert.is(reason({ identifier: 'HKQuantityTypeIdentifierBloodGlucose', unit: 'mmol<0>/L' }), 'unknown-unit');
  assert.is(reason({ value: '0' }), 'value-out-of-range');
  assert.is(
    reason({ identifier: 'HKQuantityTypeIdentifierStepCount', unit: 'count', value: '-1' }),
    'value-out-of-range',
  );
});

test('a sleep sample of more than a day is a tracker that was never stopped', () => {
  const sleep = {
    identifier: 'HKCategoryTypeIdentifierSleepAnalysis',
    value: 1,
    startDate: '2023-12-30 22:00:00 +0100',
  };
  assert.is(reason({ ...sleep, endDate: '2023-12-31 22:00:01 +0100' }), 'too-long');
  assert.is(sample({ ...sleep, endDate: '2023-12-31 22:00:00 +0100' }).isOk(), true);
});

test('says why in a sentence that repeats no value, date or device', () => {
  const rejection = errorOf(sample({ value: '666', device: 'secret device', sourceName: 'secret name' }));
  assert.is(rejection.type, 'heart_rate');
  assert.is(rejection.message, 'A heart_rate has a value that a body or a sensor cannot produce.');
  const strange = errorOf(sample({ identifier: 'Jo was born on 1980-01-01' }));
  assert.is(strange.message, 'The type is not an identifier.');
});

test('reads dates without an offset in the zone that is given, across a clock change', () => {
  const zone = valueOf(localZone('Europe/Berlin'));
  const read = (startDate: string) =>
    valueOf(sample({ startDate, endDate: startDate }, { writtenAtMs: Date.UTC(2025, 0, 1), zone }));
  assert.is(read('2024-01-01T08:00:00').startMs, Date.UTC(2024, 0, 1, 7));
  assert.is(read('2024-07-01T08:00:00.250').startMs, Date.UTC(2024, 6, 1, 6, 0, 0, 250));
  assert.is(read('2024-07-01T08:00:00').offsetMinutes, UNKNOWN_OFFSET);
});

test('without a moment of writing only dates of this century pass', () => {
  const limits: SampleLimits = { writtenAtMs: null, zone: null };
  const on = (date: string) => ({ startDate: date, endDate: date });
  assert.is(sample(on('2099-12-31 00:00:00 +0000'), limits).isOk(), true);
  assert.is(reason(on('2100-01-02 00:00:00 +0000'), limits), 'date-out-of-range');
  assert.is(reason(on('1999-12-31 00:00:00 +0000'), limits), 'date-out-of-range');
  const absurd: SampleLimits = { writtenAtMs: Date.UTC(1970, 0, 1), zone: null };
  assert.is(sample({}, absurd).isOk(), true);
});

test('one normaliser used for many samples gives what a new one gives', () => {
  const normaliser = new SampleNormaliser(LIMITS);
  const changes: Partial<RawHealthKitSample>[] = [
    {},
    { startDate: '2024-01-01T07:00:00Z', endDate: '2024-01-01T07:00:05Z' },
    { identifier: 'HKQuantityTypeIdentifierStepCount', unit: 'count', value: '12' },
    { identifier: 'nothing' },
    { value: 'x' },
    {},
    { endDate: RAW.startDate },
  ];
  for (const change of changes) {
    const raw = { ...RAW, ...change };
    const again = normaliser.read(raw.identifier, raw.value, raw.unit, raw.startDate, raw.endDate);
    const once = normaliseSample(raw, LIMITS);
    assert.is(again, once.isOk() ? null : once.error.reason);
    if (once.isErr()) continue;
    const { type, startMs, endMs, value: read, offsetMinutes } = normaliser;
    assert.equal({ type, startMs, endMs, value: read, offsetMinutes, source: once.value.source }, once.value);
  }
});

test('minus zero is stored as zero', () => {
  const steps = { identifier: 'HKQuantityTypeIdentifierStepCount', unit: 'count', value: '-0' };
  assert.ok(Object.is(valueOf(sample(steps)).value, 0));
});

test.run();
