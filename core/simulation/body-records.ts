import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import { ACTIVITY } from './day-plan.ts';
import { clamp } from './person.ts';
import { randomStream } from './random.ts';
import {
  category,
  deviceOn,
  quantity,
  rounded,
  type RecordedLife,
  type SimulatedBeat,
  type SimulatedDevice,
  type SimulatedRecord,
} from './record.ts';
import type { SleepEpisode, StageInterval } from './sleep-episodes.ts';

/** Heart rate about every five minutes, and every minute of exercise, while the watch is worn. */
export function* heartRateRecords({ life, signals }: RecordedLife): Generator<SimulatedRecord> {
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'heart rate samples', life.firstDay + d);
    const watch = deviceOn(life, 'watch', d);
    const endSecond = (life.dayStartMinutes[d + 1] as number) * 60;
    let second = (life.dayStartMinutes[d] as number) * 60 + random.wholeBetween(0, 299);
    while (second < endSecond) {
      const minute = Math.floor(second / 60);
      const activity = life.activity[minute] as number;
      if (life.worn[minute] === 1) {
        const atMs = life.startMs + second * 1000;
        const bpm = Math.round((signals.heartRateBpm[minute] as number) + random.normal(0, 1));
        const sample = quantity('HeartRate', 'count/min', watch, atMs, atMs, random.wholeBetween(1, 400), bpm);
        const context = activity >= ACTIVITY.household ? '2' : '1';
        yield { ...sample, metadata: [['HKMetadataKeyHeartRateMotionContext', context]] };
      }
      second += activity >= ACTIVITY.running ? random.wholeBetween(50, 70) : random.wholeBetween(240, 360);
    }
  }
}

/** Heart rate variability (SDNN over about a minute) every two to four hours at rest, with a few of its beats. */
export function* heartRateVariabilityRecords({ life, signals }: RecordedLife): Generator<SimulatedRecord> {
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'variability samples', life.firstDay + d);
    const watch = deviceOn(life, 'watch', d);
    const dayShift = random.normal(0, 4);
    const dayEnd = life.dayStartMinutes[d + 1] as number;
    let minute = (life.dayStartMinutes[d] as number) + random.wholeBetween(10, 150);
    for (; minute + 2 <= dayEnd; minute += random.wholeBetween(120, 240)) {
      const activity = life.activity[minute] as number;
      const ms =
        life.person.heartRateVariabilityMs + dayShift + random.normal(activity <= ACTIVITY.remSleep ? 12 : 0, 7);
      const startMs = life.startMs + (minute * 60 + random.wholeBetween(0, 50)) * 1000;
      const endMs = startMs + random.wholeBetween(58, 66) * 1000;
      const wornThroughout = life.worn[minute] === 1 && life.worn[minute + 1] === 1;
      if (!wornThroughout || activity > ACTIVITY.seated || endMs > life.startMs + dayEnd * MS_PER_MINUTE) continue;
      const value = rounded(clamp(ms, 12, 160), 4);
      const sample = quantity(
        'HeartRateVariabilitySDNN',
        'ms',
        watch,
        startMs,
        endMs,
        random.wholeBetween(0, 30),
        value,
      );
      const beats: SimulatedBeat[] = [];
      for (let atMs = startMs + 1000; beats.length < 4;) {
        const bpm = Math.round((signals.heartRateBpm[minute] as number) + random.normal(0, 2));
        beats.push({ atMs, bpm });
        atMs += Math.round(60_000 / bpm / 10) * 10;
      }
      yield { ...sample, beats };
    }
  }
}

/** One resting heart rate a day, over the stretch from the first to the last worn minute of the day. */
export function* restingHeartRateRecords({ life }: RecordedLife): Generator<SimulatedRecord> {
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'resting heart rate', life.firstDay + d);
    const first = life.worn.indexOf(1, life.dayStartMinutes[d]);
    const last = life.worn.lastIndexOf(1, (life.dayStartMinutes[d + 1] as number) - 1);
    if (first < 0 || last <= first) continue;
    const bpm = Math.round(life.person.restingHeartRateBpm + random.normal(0, 1.5));
    const [startMs, endMs] = [life.startMs + first * MS_PER_MINUTE, life.startMs + last * MS_PER_MINUTE];
    yield quantity('RestingHeartRate', 'count/min', deviceOn(life, 'watch', d), startMs, endMs, 30, bpm);
  }
}

/** Breaths a minute, every quarter of an hour or so of sleep. */
export function* respiratoryRateRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  for (const { watch, stages, random } of watchedSleep(recorded, 'respiration')) {
    const level = recorded.life.person.respirationPerMinute + random.normal(0, 0.4);
    for (const atMs of momentsAsleep(stages, () => random.wholeBetween(12, 24))) {
      const value = rounded(clamp(level + random.normal(0, 0.7), 8, 26) * 2, 0) / 2;
      yield quantity('RespiratoryRate', 'count/min', watch, atMs, atMs, random.wholeBetween(600, 3000), value);
    }
  }
}

/** Oxygen saturation a few times a night. Like HealthKit, the value is a fraction although the unit says per cent. */
export function* oxygenSaturationRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  for (const { watch, stages, random } of watchedSleep(recorded, 'oxygen')) {
    for (const atMs of momentsAsleep(stages, () => random.wholeBetween(55, 150))) {
      const percent = Math.round(clamp(recorded.life.person.oxygenSaturationPercent + random.normal(0, 1), 88, 100));
      const endMs = atMs + 15_000;
      yield quantity('OxygenSaturation', '%', watch, atMs, endMs, random.wholeBetween(20, 200), percent / 100);
    }
  }
}

/** Wrist temperature, one value a night over the time asleep. */
export function* wristTemperatureRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  for (const { watch, episode, random } of watchedSleep(recorded, 'wrist temperature')) {
    if (episode.wakeMs - episode.onsetMs < 240 * MS_PER_MINUTE) continue;
    const value = rounded(recorded.life.person.wristTemperatureCelsius + random.normal(0, 0.25), 4);
    const { onsetMs, wakeMs } = episode;
    yield quantity('AppleSleepingWristTemperature', 'degC', watch, onsetMs, wakeMs, 900, value);
  }
}

const STAGE_NAME: Readonly<Record<StageInterval['stage'], string>> = {
  [SLEEP_STAGE.awake]: 'Awake',
  [SLEEP_STAGE.asleepCore]: 'AsleepCore',
  [SLEEP_STAGE.asleepDeep]: 'AsleepDeep',
  [SLEEP_STAGE.asleepRem]: 'AsleepREM',
};

/** Sleep: the phone's times in bed on most nights, then the watch's stages. */
export function* sleepRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  const { life } = recorded;
  // A fixed offset has no IANA name to put here.
  const metadata: SimulatedRecord['metadata'] = /^UTC[+-]/.test(life.zone.name) ? [] : [['HKTimeZone', life.zone.name]];
  for (const episode of life.sleep) {
    const random = randomStream(life.seed, 'in bed', Math.floor(episode.onsetMs / MS_PER_MINUTE));
    if (episode.kind === 'nap' || random.chance(0.08)) continue;
    const { inBedStartMs, inBedEndMs } = episode;
    const phone = deviceOn(life, 'phone', dayIndexOf(recorded, inBedEndMs));
    const createdMs = inBedEndMs + 60_000;
    yield category('SleepAnalysis', 'SleepAnalysisInBed', phone, inBedStartMs, inBedEndMs, createdMs, metadata);
  }
  for (const { watch, stages, episode } of watchedSleep(recorded, 'stages')) {
    const createdMs = episode.inBedEndMs + 240_000;
    for (const { startMs, endMs, stage } of stages) {
      yield category('SleepAnalysis', `SleepAnalysis${STAGE_NAME[stage]}`, watch, startMs, endMs, createdMs, metadata);
    }
  }
}

/** The sleep episodes through which the watch was worn. */
function* watchedSleep(recorded: RecordedLife, purpose: string) {
  const { life } = recorded;
  for (const episode of life.sleep) {
    const first = Math.floor((episode.onsetMs - life.startMs) / MS_PER_MINUTE);
    const last = Math.ceil((episode.wakeMs - life.startMs) / MS_PER_MINUTE);
    const off = life.worn.indexOf(0, first);
    if (off >= 0 && off < last) continue;
    const watch: SimulatedDevice = deviceOn(life, 'watch', dayIndexOf(recorded, episode.wakeMs));
    const random = randomStream(life.seed, purpose, Math.floor(episode.onsetMs / MS_PER_MINUTE));
    yield { episode, stages: episode.stages, watch, random };
  }
}

/** Instants inside sleep stages, `gapMinutes()` apart. */
function* momentsAsleep(stages: readonly StageInterval[], gapMinutes: () => number): Generator<number> {
  const first = stages[0];
  if (first === undefined) return;
  let atMs = first.startMs + gapMinutes() * MS_PER_MINUTE;
  for (const { startMs, endMs, stage } of stages) {
    while (atMs + 20_000 < endMs) {
      if (stage === SLEEP_STAGE.awake) {
        atMs = endMs + 60_000;
        break;
      }
      yield Math.max(atMs, startMs);
      atMs = Math.max(atMs, startMs) + gapMinutes() * MS_PER_MINUTE;
    }
  }
}

function dayIndexOf({ life }: RecordedLife, instantMs: SleepEpisode['wakeMs']): number {
  const minute = (instantMs - life.startMs) / MS_PER_MINUTE;
  let index = 0;
  while (index + 1 < life.days && (life.dayStartMinutes[index + 1] as number) <= minute) index++;
  return index;
}
