import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import type { EpochMs } from '../kernel/clock.ts';
import { localToInstant, MINUTES_PER_DAY, type EpochDay, type LocalZone } from '../kernel/local-time.ts';
import { clamp, isFreeDay, type SimulatedPerson } from './person.ts';
import { randomStream, type RandomStream } from './random.ts';

export type SleepStageCode = (typeof SLEEP_STAGE)['awake' | 'asleepCore' | 'asleepDeep' | 'asleepRem'];

/** A stretch of one stage, `[startMs, endMs)`. */
export interface StageInterval {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly stage: SleepStageCode;
}

/**
 * One sleep as it truly was: in bed from `inBedStartMs` to `inBedEndMs`, asleep first at `onsetMs` and awake for good at
 * `wakeMs`. The stages follow each other without gaps from onset to wake and include the times awake in between.
 */
export interface SleepEpisode {
  readonly kind: 'night' | 'nap';
  readonly inBedStartMs: EpochMs;
  readonly onsetMs: EpochMs;
  readonly wakeMs: EpochMs;
  readonly inBedEndMs: EpochMs;
  readonly stages: readonly StageInterval[];
}

/** Sleep is staged in epochs of 30 s, as polysomnography is and as watches do. */
const STAGE_EPOCH_MS = 30_000;

/** The night that begins in the evening of `day` (or shortly after its midnight). */
export function nightOf(person: SimulatedPerson, seed: number, zone: LocalZone, day: EpochDay): SleepEpisode {
  const random = randomStream(seed, 'night', day);
  const freeBed = MINUTES_PER_DAY + person.midSleepFreeMinute - person.sleepNeedMinutes / 2;
  const freeTomorrow = isFreeDay(seed, day + 1);
  const commute = person.commuteMinutes[0] + person.commuteMinutes[1] + person.commuteMinutes[2];
  const alarm = MINUTES_PER_DAY + person.workStartMinute - commute - person.morningMinutes;
  // On work nights people go to bed between the time they would choose and the time their sleep need asks for.
  const workBed = 0.6 * (alarm - person.sleepNeedMinutes) + 0.4 * freeBed;
  const inBed = freeTomorrow ? freeBed + random.normal(20, 25) : workBed + random.normal(0, 18);
  const latency = clamp(4 + 26 * random.uniform() * random.uniform(), 4, 30);
  const naturalWake = inBed + latency + person.sleepNeedMinutes + random.normal(15, 25);
  const wake = freeTomorrow ? naturalWake : Math.min(alarm + random.normal(3, 5), naturalWake + 20);
  const linger = freeTomorrow ? random.between(4, 25) : random.between(1, 8);

  const instant = (minute: number): EpochMs => {
    const seconds = Math.round(minute * 60);
    return localToInstant(zone, day, Math.floor(seconds / 60), seconds % 60);
  };
  const onsetMs = instant(inBed + latency);
  const stages = nightStages(random, onsetMs, Math.floor((instant(wake) - onsetMs) / STAGE_EPOCH_MS));
  return episode('night', instant(inBed), stages, Math.round(linger) * 60_000);
}

/** A nap in bed from `inBedStartMs` for about `minutes`: light sleep, with some deep sleep when it is long. */
export function napOf(random: RandomStream, inBedStartMs: EpochMs, minutes: number): SleepEpisode {
  const stages = stageWriter(inBedStartMs + random.wholeBetween(4, 16) * STAGE_EPOCH_MS);
  const asleepEpochs = Math.max(20, (minutes - 8) * 2);
  const deepEpochs = minutes > 40 ? random.wholeBetween(10, 24) : 0;
  const lightEpochs = asleepEpochs - deepEpochs;
  const before = Math.ceil(lightEpochs * 0.7);
  stages.add(SLEEP_STAGE.asleepCore, before);
  stages.add(SLEEP_STAGE.asleepDeep, deepEpochs);
  stages.add(SLEEP_STAGE.asleepCore, lightEpochs - before);
  return episode('nap', inBedStartMs, stages.intervals, random.wholeBetween(1, 4) * 60_000);
}

/** The part of the episode inside `[fromMs, toMs)`, or null when no sleep is inside. */
export function clipEpisode(whole: SleepEpisode, fromMs: EpochMs, toMs: EpochMs): SleepEpisode | null {
  if (whole.inBedStartMs >= fromMs && whole.inBedEndMs <= toMs) return whole;
  const within = (instantMs: EpochMs): EpochMs => clamp(instantMs, fromMs, toMs);
  const stages = whole.stages
    .map(({ startMs, endMs, stage }) => ({ startMs: within(startMs), endMs: within(endMs), stage }))
    .filter(({ startMs, endMs }) => endMs > startMs);
  const asleep = stages.filter(({ stage }) => stage !== SLEEP_STAGE.awake);
  const [first, last] = [asleep[0], asleep[asleep.length - 1]];
  if (first === undefined || last === undefined) return null;
  return {
    kind: whole.kind,
    inBedStartMs: within(whole.inBedStartMs),
    onsetMs: first.startMs,
    wakeMs: last.endMs,
    inBedEndMs: within(whole.inBedEndMs),
    stages: stages.filter(({ startMs, endMs }) => startMs >= first.startMs && endMs <= last.endMs),
  };
}

function episode(
  kind: SleepEpisode['kind'],
  inBedStartMs: EpochMs,
  stages: readonly StageInterval[],
  lingerMs: number,
): SleepEpisode {
  const onsetMs = stages[0]?.startMs ?? inBedStartMs;
  const wakeMs = stages[stages.length - 1]?.endMs ?? onsetMs;
  return { kind, inBedStartMs, onsetMs, wakeMs, inBedEndMs: wakeMs + lingerMs, stages };
}

/**
 * Shares of a cycle in deep and REM sleep, first cycle to last: deep sleep belongs to the first third of the night, REM
 * sleep grows towards the morning (Carskadon & Dement, "Normal human sleep: an overview").
 */
const DEEP_SHARE = [0.36, 0.25, 0.12, 0.05, 0.01, 0];
const REM_SHARE = [0.09, 0.17, 0.24, 0.29, 0.31, 0.31];

/** Cycles of about 90 minutes until `epochs` are filled; ends asleep. */
function nightStages(random: RandomStream, onsetMs: EpochMs, epochs: number): readonly StageInterval[] {
  const stages = stageWriter(onsetMs);
  // One night in eight has a long time awake in its middle.
  const longAwakeCycle = random.chance(0.12) ? random.wholeBetween(1, 3) : -1;
  for (let cycle = 0; stages.epochs() < epochs; cycle++) {
    const length = Math.round(clamp(random.normal(91, 9), 70, 118) * 2);
    const share = (shares: readonly number[]): number =>
      Math.round(length * (shares[Math.min(cycle, shares.length - 1)] ?? 0) * random.between(0.75, 1.25));
    const deep = share(DEEP_SHARE);
    const rem = share(REM_SHARE);
    const light = length - deep - rem;
    const descent = Math.round(light * random.between(0.3, 0.45));
    const arousal = random.chance(0.35) ? random.wholeBetween(1, 4) : 0;
    const middle = Math.round((light - descent) * random.between(0.4, 0.6));
    stages.add(SLEEP_STAGE.asleepCore, descent);
    stages.add(SLEEP_STAGE.asleepDeep, deep);
    stages.add(SLEEP_STAGE.asleepCore, middle);
    stages.add(SLEEP_STAGE.awake, arousal);
    stages.add(SLEEP_STAGE.asleepCore, light - descent - middle);
    stages.add(SLEEP_STAGE.asleepRem, rem);
    if (cycle === longAwakeCycle) stages.add(SLEEP_STAGE.awake, random.wholeBetween(30, 80));
    else if (random.chance(0.5)) stages.add(SLEEP_STAGE.awake, random.wholeBetween(2, 12));
  }
  return stages.cutTo(epochs);
}

/** Collects stages one after the other, joining neighbours of the same stage. */
function stageWriter(startMs: EpochMs) {
  const intervals: StageInterval[] = [];
  let endMs = startMs;
  const add = (stage: SleepStageCode, epochs: number): void => {
    if (epochs <= 0) return;
    const last = intervals[intervals.length - 1];
    const from = last?.stage === stage ? (intervals.pop() ?? last).startMs : endMs;
    endMs += epochs * STAGE_EPOCH_MS;
    intervals.push({ startMs: from, endMs, stage });
  };
  const cutTo = (epochs: number): readonly StageInterval[] => {
    const cutMs = startMs + epochs * STAGE_EPOCH_MS;
    const kept = intervals
      .filter((interval) => interval.startMs < cutMs)
      .map((interval) => ({ ...interval, endMs: Math.min(interval.endMs, cutMs) }));
    if (kept[kept.length - 1]?.stage === SLEEP_STAGE.awake) kept.pop();
    return kept;
  };
  return { add, cutTo, intervals, epochs: () => (endMs - startMs) / STAGE_EPOCH_MS };
}
