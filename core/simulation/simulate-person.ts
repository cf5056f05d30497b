import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE, type EpochDay, type LocalZone } from '../kernel/local-time.ts';
import {
  heartRateRecords,
  heartRateVariabilityRecords,
  oxygenSaturationRecords,
  respiratoryRateRecords,
  restingHeartRateRecords,
  sleepRecords,
  wristTemperatureRecords,
} from './body-records.ts';
import { ACTIVITY, type Activity } from './day-plan.ts';
import { liveDays, MOST_SIMULATED_DAYS, type ExerciseSession } from './life.ts';
import { signalsOf } from './minute-signals.ts';
import {
  activeEnergyRecords,
  distanceRecords,
  exerciseTimeRecords,
  isExerciseMinute,
  standHourRecords,
  standTimeRecords,
  stepRecords,
  stoodHours,
} from './movement-records.ts';
import type { SimulatedPerson } from './person.ts';
import { deviceOn, rounded, type RecordedLife, type SimulatedDevice, type SimulatedRecord } from './record.ts';
import type { SleepEpisode } from './sleep-episodes.ts';

/** Monday 2025-01-06: where a recording begins unless told otherwise. Never today, so that bytes do not change. */
export const DEFAULT_FIRST_DAY: EpochDay = 20_094;
/** The zone a simulated person lives in unless told otherwise. */
export const DEFAULT_ZONE_NAME = 'Europe/Berlin';

/** What to simulate. */
export interface SimulationRequest {
  /** A whole number, at least 0; another seed is another person. */
  readonly seed: number;
  /** Whole local days, 1 to `MOST_SIMULATED_DAYS`. */
  readonly days: number;
  readonly zone: LocalZone;
  /** The first local day; `DEFAULT_FIRST_DAY` unless given. */
  readonly firstDay?: EpochDay;
}

/** A workout that the watch recorded. */
export interface SimulatedWorkout extends ExerciseSession {
  readonly device: SimulatedDevice;
  readonly activeKcal: number;
  /** Null for strength training. */
  readonly distanceKm: number | null;
}

/** What the watch made of a local day. */
export interface SimulatedDaySummary {
  readonly day: EpochDay;
  readonly activeKcal: number;
  readonly exerciseMinutes: number;
  readonly standHours: number;
}

/**
 * A simulated person's recording: what devices wrote, and the truth behind it. Minute arrays have one value for each
 * elapsed minute of `[startMs, endMs)`, so 1440 a day except where the clocks change.
 */
export interface SimulatedRecording {
  readonly seed: number;
  readonly person: SimulatedPerson;
  readonly zone: LocalZone;
  readonly firstDay: EpochDay;
  readonly days: number;
  /** The local midnights that begin the first and end the last day. */
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  /** True sleep, in time order, cut at the recording's ends. */
  readonly sleep: readonly SleepEpisode[];
  /** 1 for minutes with the watch on the wrist. */
  readonly worn: Uint8Array;
  /** 1 for minutes with the phone on the body. */
  readonly phoneCarried: Uint8Array;
  /** `ACTIVITY` codes of what the person truly did. */
  readonly activity: Uint8Array;
  /** 1 for minutes truly asleep. */
  readonly asleep: Uint8Array;
  /** True steps a minute. */
  readonly steps: Uint16Array;
  /** Wrist activity counts a minute, whole numbers; 0 while the actigraph, like the watch, is off the wrist. */
  readonly counts: Float64Array;
  /** True heart rate of each minute. */
  readonly heartRateBpm: Float32Array;
  /** The workouts that the watch recorded, in time order. */
  readonly workouts: readonly SimulatedWorkout[];
  /** One entry a day. */
  readonly daySummaries: readonly SimulatedDaySummary[];
  /** What the devices wrote, grouped by type as Apple's export is; the same records at every call. */
  records(): Generator<SimulatedRecord>;
}

/**
 * Simulates a person's round-the-clock life with a watch and a phone. The same request gives the same recording on every
 * machine: the only source of chance is the seed. Memory is about 20 bytes a minute; records are made as they are read.
 * Throws a RangeError for a seed or a number of days outside their ranges.
 */
export function simulatePerson(request: SimulationRequest): SimulatedRecording {
  const { seed, days, zone, firstDay = DEFAULT_FIRST_DAY } = request;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`not a seed: ${String(seed)}`);
  if (!Number.isSafeInteger(days) || days < 1 || days > MOST_SIMULATED_DAYS) {
    throw new RangeError(`not a number of days from 1 to ${String(MOST_SIMULATED_DAYS)}: ${String(days)}`);
  }
  const life = liveDays(seed, zone, firstDay, days);
  const signals = signalsOf(life);
  const recorded: RecordedLife = { life, signals };
  return {
    seed,
    person: life.person,
    zone,
    firstDay,
    days,
    startMs: life.startMs,
    endMs: life.endMs,
    sleep: life.sleep,
    worn: life.worn,
    phoneCarried: life.phoneCarried,
    activity: life.activity,
    asleep: life.activity.map((activity) => (activity <= ACTIVITY.remSleep ? 1 : 0)),
    steps: signals.steps,
    counts: signals.counts,
    heartRateBpm: signals.heartRateBpm,
    workouts: workoutsOf(recorded),
    daySummaries: Array.from({ length: days }, (_, index) => summaryOf(recorded, index)),
    records: () => recordsOf(recorded),
  };
}

function* recordsOf(recorded: RecordedLife): Generator<SimulatedRecord> {
  yield* heartRateRecords(recorded);
  yield* oxygenSaturationRecords(recorded);
  yield* respiratoryRateRecords(recorded);
  yield* stepRecords(recorded);
  yield* distanceRecords(recorded);
  yield* activeEnergyRecords(recorded);
  yield* exerciseTimeRecords(recorded);
  yield* restingHeartRateRecords(recorded);
  yield* standTimeRecords(recorded);
  yield* sleepRecords(recorded);
  yield* standHourRecords(recorded);
  yield* heartRateVariabilityRecords(recorded);
  yield* wristTemperatureRecords(recorded);
}

const CYCLING_KM_PER_MINUTE = 0.36;

/** The sessions through which the watch was worn. */
function workoutsOf({ life, signals }: RecordedLife): readonly SimulatedWorkout[] {
  const workouts: SimulatedWorkout[] = [];
  for (const session of life.exercise) {
    const from = (session.startMs - life.startMs) / MS_PER_MINUTE;
    const to = (session.endMs - life.startMs) / MS_PER_MINUTE;
    if (life.worn.subarray(from, to).includes(0)) continue;
    const sum = (values: Uint16Array | Float32Array): number => {
      let total = 0;
      for (let m = from; m < to; m++) total += values[m] as number;
      return total;
    };
    const distanceKm = {
      running: (sum(signals.steps) * life.person.strideMetres * 1.45) / 1000,
      cycling: (to - from) * CYCLING_KM_PER_MINUTE,
      strength: null,
    }[session.kind];
    const dayIndex = life.dayStartMinutes.findLastIndex((start) => start <= from);
    workouts.push({
      ...session,
      device: deviceOn(life, 'watch', dayIndex),
      activeKcal: rounded(sum(signals.activeKcal), 3),
      distanceKm: distanceKm === null ? null : rounded(distanceKm, 5),
    });
  }
  return workouts;
}

function summaryOf(recorded: RecordedLife, index: number): SimulatedDaySummary {
  const { life, signals } = recorded;
  let activeKcal = 0;
  let exerciseMinutes = 0;
  let standHours = 0;
  for (let m = life.dayStartMinutes[index] as number; m < (life.dayStartMinutes[index + 1] as number); m++) {
    const activity = life.activity[m] as Activity;
    if (life.worn[m] === 1 && activity > ACTIVITY.awakeInBed) activeKcal += signals.activeKcal[m] as number;
    if (isExerciseMinute(recorded, m)) exerciseMinutes++;
  }
  for (const { stood } of stoodHours(recorded, index)) if (stood) standHours++;
  return { day: life.firstDay + index, activeKcal: rounded(activeKcal, 3), exerciseMinutes, standHours };
}
