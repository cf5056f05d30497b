import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import type { EpochMs } from '../kernel/clock.ts';
import {
  localToInstant,
  MS_PER_DAY,
  MS_PER_MINUTE,
  startOfLocalDay,
  type EpochDay,
  type LocalZone,
} from '../kernel/local-time.ts';
import { ACTIVITY, planDay, type Activity, type MinuteRange } from './day-plan.ts';
import { personOf, type ExerciseKind, type SimulatedPerson } from './person.ts';
import { randomStream } from './random.ts';
import { clipEpisode, napOf, nightOf, type SleepEpisode } from './sleep-episodes.ts';

/** An exercise session, `[startMs, endMs)`. */
export interface ExerciseSession {
  readonly kind: ExerciseKind;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** What a person did, minute by minute; minute m is the one that begins at `startMs + 60000 m`. */
export interface SimulatedLife {
  readonly seed: number;
  readonly person: SimulatedPerson;
  readonly zone: LocalZone;
  readonly firstDay: EpochDay;
  readonly days: number;
  /** Local midnight that begins the first day. */
  readonly startMs: EpochMs;
  /** Local midnight that ends the last day. */
  readonly endMs: EpochMs;
  /** Minute in which each local day begins, and at the end the number of minutes: `days + 1` values. */
  readonly dayStartMinutes: Int32Array;
  /** `ACTIVITY` codes. */
  readonly activity: Uint8Array;
  /** 1 where the watch is on the wrist. */
  readonly worn: Uint8Array;
  /** 1 where the phone is on the body. */
  readonly phoneCarried: Uint8Array;
  /** In time order, cut at the recording's start and end. */
  readonly sleep: readonly SleepEpisode[];
  readonly exercise: readonly ExerciseSession[];
}

/** The recording's length in days is a whole number up to this (ten years). */
export const MOST_SIMULATED_DAYS = 3660;

/** Lives `days` local days from the midnight that begins `firstDay`. */
export function liveDays(seed: number, zone: LocalZone, firstDay: EpochDay, days: number): SimulatedLife {
  const person = personOf(seed);
  const startMs = startOfLocalDay(zone, firstDay);
  const endMs = startOfLocalDay(zone, firstDay + days);
  const minutes = (endMs - startMs) / MS_PER_MINUTE;
  const activity = new Uint8Array(minutes).fill(ACTIVITY.resting);
  const worn = new Uint8Array(minutes).fill(1);
  const phoneCarried = new Uint8Array(minutes);
  const episodes: SleepEpisode[] = [];
  const exercise: ExerciseSession[] = [];
  const toMinute = (instantMs: EpochMs): number => Math.round((instantMs - startMs) / MS_PER_MINUTE);

  for (let index = 0; index < days; index++) {
    const day = firstDay + index;
    const before = nightOf(person, seed, zone, day - 1);
    const after = nightOf(person, seed, zone, day);
    const clock = (instantMs: EpochMs): number => clockMinute(zone, day, instantMs);
    const plan = planDay(person, seed, day, clock(before.inBedEndMs), clock(after.inBedStartMs));
    const range = ({ fromMinute, toMinute: endMinute }: MinuteRange): [number, number] => [
      toMinute(localToInstant(zone, day, fromMinute)),
      toMinute(localToInstant(zone, day, endMinute)),
    ];
    for (const block of plan.blocks) {
      const [from, to] = range(block);
      activity.fill(block.activity, Math.max(0, from), to);
      if (block.phone) phoneCarried.fill(1, Math.max(0, from), to);
    }
    if (plan.charging !== null) worn.fill(0, ...range(plan.charging));
    if (forgetsWatch(seed, index, days)) {
      const random = randomStream(seed, 'forgotten', day);
      const from = toMinute(before.inBedEndMs) + random.wholeBetween(20, 45);
      worn.fill(0, from, from + random.wholeBetween(600, 690));
    }
    if (plan.workout !== null) {
      const [from, to] = range(plan.workout);
      const session = { startMs: startMs + from * MS_PER_MINUTE, endMs: startMs + to * MS_PER_MINUTE };
      if (session.endMs <= endMs) exercise.push({ kind: person.exercise, ...session });
    }
    if (index === 0) episodes.push(before);
    if (plan.nap !== null) {
      const napStartMs = localToInstant(zone, day, plan.nap.fromMinute);
      episodes.push(napOf(randomStream(seed, 'nap', day), napStartMs, plan.nap.toMinute - plan.nap.fromMinute));
    }
    episodes.push(after);
  }
  for (const episode of episodes) paintSleep(activity, phoneCarried, startMs, episode);
  return {
    seed,
    person,
    zone,
    firstDay,
    days,
    startMs,
    endMs,
    dayStartMinutes: Int32Array.from({ length: days + 1 }, (_, i) => toMinute(startOfLocalDay(zone, firstDay + i))),
    activity,
    worn,
    phoneCarried,
    sleep: episodes.map((episode) => clipEpisode(episode, startMs, endMs)).filter((episode) => episode !== null),
    exercise,
  };
}

/** Minutes that the local clock shows past the midnight that begins `day`; more than 1440 on the next day. */
function clockMinute(zone: LocalZone, day: EpochDay, instantMs: EpochMs): number {
  const wallMs = instantMs + zone.offsetMinutesAt(instantMs) * MS_PER_MINUTE;
  return (wallMs - day * MS_PER_DAY) / MS_PER_MINUTE;
}

/** Every four weeks the watch stays on the bedside table until the evening once; never in less than three days. */
function forgetsWatch(seed: number, index: number, days: number): boolean {
  const period = Math.floor(index / 28);
  const daysInPeriod = Math.min(28, days - period * 28);
  if (daysInPeriod < 3) return false;
  return index - period * 28 === randomStream(seed, 'forgetful day', period).wholeBetween(1, daysInPeriod - 1);
}

const ACTIVITY_OF_STAGE: Readonly<Record<SleepEpisode['stages'][number]['stage'], Activity>> = {
  [SLEEP_STAGE.awake]: ACTIVITY.awakeInBed,
  [SLEEP_STAGE.asleepCore]: ACTIVITY.coreSleep,
  [SLEEP_STAGE.asleepDeep]: ACTIVITY.deepSleep,
  [SLEEP_STAGE.asleepRem]: ACTIVITY.remSleep,
};

/** A minute has the stage that holds at its middle. */
function paintSleep(activity: Uint8Array, phoneCarried: Uint8Array, startMs: EpochMs, episode: SleepEpisode): void {
  const paint = (what: Activity, fromMs: EpochMs, toMs: EpochMs): void => {
    // Negative bounds would count from the end of the array.
    const from = Math.max(0, Math.round((fromMs - startMs) / MS_PER_MINUTE));
    const to = Math.max(0, Math.round((toMs - startMs) / MS_PER_MINUTE));
    activity.fill(what, from, to);
    phoneCarried.fill(0, from, to);
  };
  paint(ACTIVITY.awakeInBed, episode.inBedStartMs, episode.inBedEndMs);
  for (const { stage, startMs: fromMs, endMs: toMs } of episode.stages) {
    paint(ACTIVITY_OF_STAGE[stage], fromMs, toMs);
    // A long time awake goes with a short walk through the flat.
    if (stage !== SLEEP_STAGE.awake || toMs - fromMs < 10 * MS_PER_MINUTE) continue;
    paint(ACTIVITY.household, fromMs + 3 * MS_PER_MINUTE, fromMs + 6 * MS_PER_MINUTE);
  }
}
