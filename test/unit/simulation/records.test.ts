import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIVITY } from '../../../core/simulation/day-plan.ts';
import { simulatePerson, type SimulatedRecording } from '../../../core/simulation/simulate-person.ts';
import { anyRequest, BERLIN, minuteOf, recordsOfType, sumOf, zoneNamed } from './recordings.ts';

const MONTH = simulatePerson({ seed: 3, days: 28, zone: BERLIN });

const stepsBy = (recording: SimulatedRecording, kind: 'watch' | 'phone') =>
  recordsOfType(recording, 'StepCount').filter(({ device }) => device.kind === kind);

test('records come grouped by type, in whole seconds, inside the recording and saved after they end', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const recording = simulatePerson(request);
      const types: string[] = [];
      for (const record of recording.records()) {
        if (types[types.length - 1] !== record.type) types.push(record.type);
        assert.ok(
          record.startMs >= recording.startMs && record.endMs <= recording.endMs && record.endMs >= record.startMs,
        );
        assert.ok(record.createdMs >= record.endMs);
        assert.is((record.startMs % 1000) + (record.endMs % 1000) + (record.createdMs % 1000), 0);
        assert.is(record.unit === null, record.type.startsWith('HKCategory'));
        if (record.unit !== null) assert.match(record.value, /^\d+(\.\d{1,5})?$/);
      }
      assert.is(new Set(types).size, types.length);
    }),
    { numRuns: 40 },
  );
});

test('a month has every type of record', () => {
  const types = [...new Set([...MONTH.records()].map(({ type }) => type.replace(/^HK.*TypeIdentifier/, '')))];
  assert.equal(types, [
    'HeartRate',
    'OxygenSaturation',
    'RespiratoryRate',
    'StepCount',
    'DistanceWalkingRunning',
    'ActiveEnergyBurned',
    'AppleExerciseTime',
    'RestingHeartRate',
    'AppleStandTime',
    'SleepAnalysis',
    'AppleStandHour',
    'HeartRateVariabilitySDNN',
    'AppleSleepingWristTemperature',
  ]);
});

test('while the watch is off it writes nothing', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const recording = simulatePerson(request);
      for (const record of recording.records()) {
        // The resting heart rate sums up a day and spans its gaps.
        if (record.device.kind !== 'watch' || record.type.endsWith('RestingHeartRate')) continue;
        const last = record.endMs === record.startMs ? record.endMs : record.endMs - 1;
        const worn = recording.worn.subarray(minuteOf(recording, record.startMs), minuteOf(recording, last) + 1);
        assert.is(worn.includes(0), false, record.type);
      }
    }),
    { numRuns: 40 },
  );
});

test('the watch counts every step made while it is worn exactly once', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const recording = simulatePerson(request);
      const truth = sumOf(recording.steps.filter((_, m) => recording.worn[m] === 1));
      assert.is(sumOf(stepsBy(recording, 'watch').map(({ value }) => Number(value))), truth);
    }),
    { numRuns: 40 },
  );
});

test('step samples last one to ten minutes, do not overlap and exist only where steps were made', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const recording = simulatePerson(request);
      for (const kind of ['watch', 'phone'] as const) {
        let lastEndMs = 0;
        for (const { startMs, endMs, value } of stepsBy(recording, kind)) {
          assert.ok(startMs >= lastEndMs);
          lastEndMs = endMs;
          assert.ok(endMs - startMs >= 60_000 && endMs - startMs <= 600_000);
          assert.ok(Number(value) > 0);
          for (let m = minuteOf(recording, startMs); m <= minuteOf(recording, endMs - 1); m++) {
            assert.ok((recording.steps[m] as number) > 0);
          }
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('watch and phone both count a good part of the steps, so that adding them counts twice', () => {
  const covered = (kind: 'watch' | 'phone'): Uint8Array => {
    const minutes = new Uint8Array(MONTH.steps.length);
    for (const { startMs, endMs } of stepsBy(MONTH, kind)) {
      minutes.fill(1, minuteOf(MONTH, startMs), minuteOf(MONTH, endMs - 1) + 1);
    }
    return minutes;
  };
  const [watch, phone] = [covered('watch'), covered('phone')];
  const both = sumOf(MONTH.steps.filter((_, m) => watch[m] === 1 && phone[m] === 1));
  const total = sumOf(MONTH.steps);
  assert.ok(both > 0.3 * total && both < 0.9 * total);
  const added = sumOf(recordsOfType(MONTH, 'StepCount').map(({ value }) => Number(value)));
  assert.ok(added > 1.25 * total);
});

test('heart rate comes about every five minutes while the watch is worn', () => {
  const at = recordsOfType(MONTH, 'HeartRate').map(({ startMs }) => startMs);
  const worn = sumOf(MONTH.worn);
  assert.ok(at.length > worn / 6 && at.length < worn / 3.5);
  for (const [i, instantMs] of at.slice(1).entries()) {
    const gapMs = instantMs - (at[i] as number);
    assert.ok(gapMs > 0);
    if (gapMs > 800_000)
      assert.is(MONTH.worn.subarray(minuteOf(MONTH, at[i] as number), minuteOf(MONTH, instantMs)).includes(0), true);
  }
});

test('heart rate says whether the person moved', () => {
  for (const { startMs, metadata } of recordsOfType(MONTH, 'HeartRate')) {
    const moving = (MONTH.activity[minuteOf(MONTH, startMs)] as number) >= ACTIVITY.household;
    assert.equal(metadata, [['HKMetadataKeyHeartRateMotionContext', moving ? '2' : '1']]);
  }
});

test('sleep samples of the watch are the true stages, and the phone’s time in bed begins before sleep', () => {
  const records = recordsOfType(MONTH, 'SleepAnalysis');
  const stages = records.filter(({ device }) => device.kind === 'watch');
  const truth = MONTH.sleep.flatMap((episode) => episode.stages);
  const seen = truth.filter(({ startMs, endMs }) =>
    stages.some((record) => record.startMs === startMs && record.endMs === endMs),
  );
  assert.is(seen.length, stages.length);
  assert.ok(stages.length > 0.95 * truth.length);
  const inBed = records.filter(({ device }) => device.kind === 'phone');
  assert.ok(inBed.length >= 22 && inBed.length <= 29);
  for (const { startMs, endMs, value } of inBed) {
    assert.is(value, 'HKCategoryValueSleepAnalysisInBed');
    const night = MONTH.sleep.find((episode) => episode.inBedStartMs === startMs);
    assert.ok(night !== undefined && night.onsetMs >= startMs && night.wakeMs <= endMs);
  }
});

test('sleep carries the zone by its IANA name, and nothing where the zone has none', () => {
  const metadata = (zoneName: string): readonly unknown[] => {
    const recording = simulatePerson({ seed: 1, days: 2, zone: zoneNamed(zoneName) });
    return [...new Set(recordsOfType(recording, 'SleepAnalysis').map((record) => JSON.stringify(record.metadata)))];
  };
  assert.equal(metadata('Europe/Berlin'), ['[["HKTimeZone","Europe/Berlin"]]']);
  assert.equal(metadata('UTC'), ['[["HKTimeZone","UTC"]]']);
  assert.equal(metadata('UTC+05:45'), ['[]']);
});

test('body measurements stay in the ranges of a healthy adult', () => {
  const within = (type: string, low: number, high: number, leastRecords: number): void => {
    const values = recordsOfType(MONTH, type).map(({ value }) => Number(value));
    assert.ok(values.length >= leastRecords, type);
    assert.ok(
      values.every((value) => value >= low && value <= high),
      type,
    );
  };
  within('RestingHeartRate', 42, 72, 28);
  within('HeartRateVariabilitySDNN', 12, 160, 100);
  within('RespiratoryRate', 8, 26, 400);
  within('OxygenSaturation', 0.88, 1, 60);
  within('AppleSleepingWristTemperature', 33, 38, 20);
  within('AppleStandTime', 1, 5, 500);
});

test('active energy and exercise of a day add up to its summary', () => {
  for (const [index, summary] of MONTH.daySummaries.entries()) {
    const [fromMs, toMs] = [MONTH.startMs + index * 86_400_000, MONTH.startMs + (index + 1) * 86_400_000];
    const total = (type: string): number =>
      sumOf(
        recordsOfType(MONTH, type)
          .filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
          .map(({ value }) => Number(value)),
      );
    assert.ok(Math.abs(total('ActiveEnergyBurned') - summary.activeKcal) < 0.5);
    assert.is(total('AppleExerciseTime'), summary.exerciseMinutes);
  }
});

test('both devices get new software on the way', () => {
  const versions = [...new Set([...MONTH.records()].map(({ device }) => `${device.name} ${device.software}`))].sort();
  assert.equal(versions, ['Apple Watch 11.2', 'Apple Watch 11.3', 'iPhone 18.2', 'iPhone 18.3']);
});

test.run();
