import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { CONCEPTS, quantityOf, SAMPLE_CONCEPTS } from '../../../core/fhir/concepts.ts';
import { observationsOfMetric } from '../../../core/fhir/metric-observations.ts';
import { fhirId } from '../../../core/fhir/observation.ts';
import { patientOf } from '../../../core/fhir/patient.ts';
import type { Observation } from '../../../core/fhir/resources.ts';
import { observationOfSample } from '../../../core/fhir/sample-observations.ts';
import type { Metric, MetricBlocks } from '../../../core/health-data/model.ts';
import { SAMPLE_TYPES, SLEEP_STAGE, type SampleType } from '../../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET } from '../../../core/health-data/samples.ts';
import type { SingleSample } from '../../../core/health-data/single-samples.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { linesOf, exported } from '../archive/archive-world.ts';
import { fillAccount } from '../account/full-account.ts';
import { ADA, memoryWorld } from '../memory-world.ts';
import { WATCH } from '../sample-columns.ts';
import { assertObservation, assertPatient } from './r4-schema.ts';

const fhir = suite('measurements as FHIR R4 Observations');

const context = { patient: ADA, digest: nodeDigest };

const sampleOf = (changes: Partial<SingleSample>): SingleSample => ({
  type: 'heart_rate',
  startMs: Date.UTC(2025, 0, 6, 7),
  endMs: Date.UTC(2025, 0, 6, 7),
  value: 61.5,
  offsetMinutes: 60,
  source: WATCH,
  uploads: [processingId('p')],
  ...changes,
});

const metricWith = (blocks: Partial<MetricBlocks>, changes: Partial<Metric> = {}): Metric => ({
  metricId: '6f0c6b0e-6f0c-4b0e-8f0c-6f0c6b0e6f0c',
  metricType: 'heart_rate',
  processingId: processingId('p'),
  uploadSource: 'app',
  createdAtMs: Date.UTC(2025, 0, 6, 7),
  deviceId: 'a watch',
  biometric_data: null,
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  rawData: null,
  metadata: null,
  fingerprint: 'ab'.repeat(32),
  ...blocks,
  ...changes,
});

const codesOf = ({ code }: Pick<Observation, 'code'>): readonly string[] =>
  code.coding.map(({ system, code: name }) => `${system}|${name}`);

fhir('a heart rate is a vital sign with LOINC’s code, a UCUM unit, its instant and its device', () => {
  const observation = observationOfSample(sampleOf({}), context);
  assertObservation(observation);
  const { id, ...facts } = observation!;
  assert.match(id, /^sample-[0-9a-f]{40}$/);
  assert.equal(facts, {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: {
      coding: [
        { system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' },
        { system: 'https://clarity.health/fhir/metric-types', code: 'heart_rate', display: 'Heart rate' },
      ],
      text: 'Heart rate',
    },
    subject: { reference: `Patient/${ADA}` },
    effectiveDateTime: '2025-01-06T08:00:00+01:00',
    device: { display: 'Sam Watch' },
    valueQuantity: { value: 61.5, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
  });
});

fhir('what takes time has a period, in UTC where no offset is known', () => {
  const observation = observationOfSample(
    sampleOf({ type: 'step_count', endMs: Date.UTC(2025, 0, 6, 7, 1), offsetMinutes: UNKNOWN_OFFSET }),
    context,
  );
  assertObservation(observation);
  assert.equal((observation as { effectivePeriod?: object }).effectivePeriod, {
    start: '2025-01-06T07:00:00Z',
    end: '2025-01-06T07:01:00Z',
  });
});

fhir('every type of sample has an observation that R4 allows, whatever its value, and our own code', () => {
  for (const type of Object.keys(SAMPLE_TYPES) as SampleType[]) {
    for (const value of [0, 1, 3, 0.1, -7, 1e12]) {
      const observation = observationOfSample(sampleOf({ type, value, endMs: Date.UTC(2025, 0, 6, 8) }), context);
      assertObservation(observation);
      assert.match(codesOf(observation!).at(-1)!, /^https:\/\/clarity\.health\/fhir\/metric-types\|[a-z0-9_]+$/);
    }
  }
});

fhir('LOINC’s codes are those of the published vocabulary', () => {
  const loinc = Object.fromEntries(
    Object.entries(SAMPLE_CONCEPTS).map(([type, { code }]) => [
      type,
      code.coding.filter(({ system }) => system === 'http://loinc.org').map(({ code: name }) => name),
    ]),
  );
  const coded = Object.fromEntries(Object.entries(loinc).filter(([, codes]) => codes.length > 0));
  assert.equal(coded, {
    step_count: ['55423-8'],
    distance_walking_running: ['55430-3'],
    active_energy: ['41981-2'],
    exercise_time: ['55411-3'],
    heart_rate: ['8867-4'],
    resting_heart_rate: ['40443-4'],
    heart_rate_variability_sdnn: ['80404-7'],
    respiratory_rate: ['9279-1'],
    oxygen_saturation: ['59408-5', '2708-6'],
    body_temperature: ['8310-5'],
    blood_pressure_systolic: ['8480-6'],
    blood_pressure_diastolic: ['8462-4'],
    blood_glucose: ['2339-0'],
    body_mass: ['29463-7'],
  });
  // The last digit of a code is its check digit (LOINC Users' Guide, appendix C; Luhn's algorithm).
  for (const { code } of Object.values(CONCEPTS)) {
    for (const { system, code: name } of code.coding) {
      if (system !== 'http://loinc.org') continue;
      const [digits, check] = name.split('-') as [string, string];
      const sum = Array.from(digits)
        .reverse()
        .reduce((total, digit, i) => {
          const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
          return total + (doubled > 9 ? doubled - 9 : doubled);
        }, 0);
      assert.is((10 - (sum % 10)) % 10, Number(check), name);
    }
  }
});

fhir('a stage of sleep is a code, and one that is not known a number', () => {
  const stage = (value: number) => observationOfSample(sampleOf({ type: 'sleep_stage', value }), context) as object;
  assert.equal((stage(SLEEP_STAGE.asleepDeep) as { valueCodeableConcept?: object }).valueCodeableConcept, {
    coding: [{ system: 'https://clarity.health/fhir/sleep-stages', code: 'asleep-deep', display: 'Deep sleep' }],
    text: 'Deep sleep',
  });
  assert.is((stage(77) as { valueInteger?: number }).valueInteger, 77);
  assert.is((stage(0.5) as { valueString?: string }).valueString, '0.5');
});

fhir('what a device computed is tagged, what it measured is not', () => {
  const tagOf = (type: SampleType) => observationOfSample(sampleOf({ type }), context)?.meta?.tag[0]?.code;
  assert.is(tagOf('resting_heart_rate'), 'derived');
  assert.is(tagOf('heart_rate'), undefined);
});

fhir('the id is the same each time, and another for another sample', () => {
  const idOf = (changes: Partial<SingleSample>) => observationOfSample(sampleOf(changes), context)?.id;
  assert.is(idOf({}), idOf({ uploads: [processingId('other')], offsetMinutes: 0 }));
  assert.is(new Set([{}, { value: 62 }, { type: 'body_mass' as const }, { endMs: 8e15 }].map(idOf)).size, 4);
});

fhir('what FHIR has no date for has no observation', () => {
  assert.is(observationOfSample(sampleOf({ startMs: 8e15, endMs: 8e15 }), context), null);
  assert.is(observationOfSample(sampleOf({ startMs: -8e15 }), context), null);
  assert.is(observationOfSample(sampleOf({ offsetMinutes: 23 * 60 }), context), null);
  assert.equal(
    observationsOfMetric(metricWith({ biometric_data: { heart_rate: 60 } }, { createdAtMs: 9e15 }), context),
    [],
  );
});

fhir('a blood pressure is a panel of two; one that is missing says so', () => {
  const [both] = observationsOfMetric(
    metricWith({ biometric_data: { blood_pressure_systolic: 120, blood_pressure_diastolic: 80 } }),
    context,
  );
  assertObservation(both);
  assert.is(codesOf(both!)[0], 'http://loinc.org|85354-9');
  assert.equal(
    both!.component!.map((part) => [codesOf(part)[0], 'valueQuantity' in part && part.valueQuantity.value]),
    [
      ['http://loinc.org|8480-6', 120],
      ['http://loinc.org|8462-4', 80],
    ],
  );
  assert.not('valueQuantity' in both!);
  const [half] = observationsOfMetric(metricWith({ biometric_data: { blood_pressure_systolic: 120 } }), context);
  assertObservation(half);
  assert.ok('dataAbsentReason' in half!.component![1]!);
});

fhir('a night has its duration over its period, in the offset of its start, with its stages', () => {
  const night = metricWith({
    sleep_data: {
      total_sleep_minutes: 420,
      sleep_efficiency: 0.9,
      sleep_start: '2025-01-05T23:10:00+01:00',
      sleep_end: '2025-01-06T07:00:00+01:00',
      sleep_stages: { deep: 60, rem: 90, light: 270, awake: 20 },
    },
  });
  const [sleep, efficiency] = observationsOfMetric(night, context);
  assertObservation(sleep);
  assertObservation(efficiency);
  assert.is(codesOf(sleep!)[0], 'http://loinc.org|93832-4');
  assert.equal((sleep as { effectivePeriod?: object }).effectivePeriod, {
    start: '2025-01-05T23:10:00+01:00',
    end: '2025-01-06T07:00:00+01:00',
  });
  assert.equal(
    sleep!.component!.map((part) => codesOf(part)[0]),
    [
      'http://loinc.org|93831-6',
      'http://loinc.org|93830-8',
      'http://loinc.org|93829-0',
      'https://clarity.health/fhir/metric-types|sleep_awake',
    ],
  );
  assert.is(sleep!.meta?.tag[0]?.code, 'derived');
  const utc = { total_sleep_minutes: 1, sleep_start: '2025-01-05T23:10:00Z', sleep_end: '2025-01-06T07:00:00Z' };
  const [other] = observationsOfMetric(metricWith({ sleep_data: utc }), context);
  assert.is((other as { effectivePeriod?: { start: string } }).effectivePeriod?.start, '2025-01-05T23:10:00Z');
  const backwards = { ...utc, sleep_start: utc.sleep_end, sleep_end: utc.sleep_start };
  const [instant] = observationsOfMetric(metricWith({ sleep_data: backwards }), context);
  assert.is((instant as { effectiveDateTime?: string }).effectiveDateTime, '2025-01-06T07:00:00Z');
});

fhir('each measurement of each block is one observation with an id of its own', () => {
  const observations = observationsOfMetric(
    metricWith({
      biometric_data: {
        heart_rate: 60,
        oxygen_saturation: 97,
        heart_rate_variability: 40,
        respiratory_rate: 14,
        body_temperature: 36.6,
        blood_glucose: 90,
      },
      activity_data: { steps: 9000, distance: 6.5, active_energy: 400, exercise_minutes: 30, flights_climbed: 3 },
      mental_health_data: { mood_score: 'good', stress_level: 3, notes: 'slept well', timestamp: '2025-01-06' },
    }),
    context,
  );
  for (const observation of observations) assertObservation(observation);
  assert.is(observations.length, 14);
  assert.is(new Set(observations.map(({ id }) => id)).size, 14);
  assert.ok(observations.every(({ id }) => id.startsWith('6f0c6b0e-6f0c-4b0e-8f0c-6f0c6b0e6f0c.')));
});

fhir('a mood in whatever white space is a code, and is said as it was', () => {
  const [mood] = observationsOfMetric(metricWith({ mental_health_data: { mood_score: ' quite\n  good' } }), context);
  assertObservation(mood);
  assert.equal((mood as { valueCodeableConcept?: unknown }).valueCodeableConcept, {
    coding: [{ system: 'https://clarity.health/fhir/moods', code: 'quite good' }],
    text: ' quite\n  good',
  });
});

fhir('whatever a client or an older service left in a block, what comes out is allowed by R4', () => {
  const names = ['heart_rate', 'blood_pressure_systolic', 'sleep_stages', 'total_sleep_minutes', 'sleep_start'];
  names.push('sleep_end', 'steps', 'mood_score', 'notes', 'stress_level', 'deep');
  const block = fc.option(fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 })), { nil: null });
  const blocks = fc.record({
    biometric_data: block,
    sleep_data: block,
    activity_data: block,
    mental_health_data: block,
  });
  fc.assert(
    fc.property(
      blocks,
      fc.option(fc.string(), { nil: null }),
      fc.string({ minLength: 1 }),
      (given, deviceId, metricId) => {
        const metric = metricWith(given, { deviceId, metricId });
        for (const observation of observationsOfMetric(metric, context)) assertObservation(observation);
      },
    ),
    { numRuns: 500 },
  );
});

fhir('a person is a Patient by their id, with a name and an address where they have them', () => {
  const patient = patientOf(
    ADA,
    { userId: ADA, email: 'ada@example.org', emailVerified: true, displayName: 'Ada', provider: 'local' },
    nodeDigest,
  );
  assertPatient(patient);
  assert.equal([patient.id, patient.name, patient.telecom?.[0]?.value], [ADA, [{ text: 'Ada' }], 'ada@example.org']);
  const nameless = patientOf(userId('not a FHIR id'), null, nodeDigest);
  assertPatient(nameless);
  assert.is(nameless.id, nodeDigest.sha256Hex('not a FHIR id'));
  assert.is(fhirId('a.b-C', nodeDigest), 'a.b-C');
});

fhir('what is no quantity has none', () => {
  assert.throws(() => quantityOf(CONCEPTS.bloodPressure, 1), /no quantity/);
});

fhir('all of an account’s observations are allowed by R4 and name their patient', async () => {
  const world = memoryWorld();
  await fillAccount(world, ADA, 'ada');
  const archive = await exported(world, ADA);
  const [patient] = await linesOf(archive, 'fhir/patient.ndjson');
  assertPatient(patient);
  const observations = await linesOf(archive, 'fhir/observations.ndjson');
  assert.is(observations.length, 492);
  assert.is(new Set(observations.map(({ id }) => id)).size, 492);
  for (const observation of observations) {
    assertObservation(observation);
    assert.equal(observation['subject'], { reference: `Patient/${String(patient!['id'])}` });
  }
});

fhir.run();
