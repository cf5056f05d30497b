import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import { ACTIVITY } from './day-plan.ts';
import { randomStream, type RandomStream } from './random.ts';
import { category, deviceOn, quantity, rounded, type RecordedLife, type SimulatedRecord } from './record.ts';

/** Steps that a device counted between two seconds of the life. */
interface StepInterval {
  readonly dayIndex: number;
  readonly startSecond: number;
  readonly endSecond: number;
  readonly steps: number;
  readonly runs: boolean;
}

/** Step samples: those of the phone, then those of the watch. */
export function* stepRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  yield* intervalRecords(recorded, 'StepCount', 'count', (interval) => interval.steps);
}

/** Walking and running distance over the very intervals of the steps, as devices write them. */
export function* distanceRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  const stride = recorded.life.person.strideMetres;
  yield* intervalRecords(recorded, 'DistanceWalkingRunning', 'km', ({ steps, runs }) =>
    rounded((steps * stride * (runs ? 1.45 : 1)) / 1000, 5),
  );
}

function* intervalRecords(
  recorded: RecordedLife,
  type: string,
  unit: string,
  valueOf: (interval: StepInterval) => number,
): Generator<SimulatedRecord> {
  const { life } = recorded;
  for (const kind of ['phone', 'watch'] as const) {
    for (const interval of stepIntervals(recorded, kind)) {
      const startMs = life.startMs + interval.startSecond * 1000;
      const endMs = life.startMs + interval.endSecond * 1000;
      const savedAfter = 15 + (interval.startSecond % 600);
      yield quantity(
        type,
        unit,
        deviceOn(life, kind, interval.dayIndex),
        startMs,
        endMs,
        savedAfter,
        valueOf(interval),
      );
    }
  }
}

/**
 * The intervals over which a device counted steps: one to ten minutes each while steps are made, none otherwise. Every
 * step is in exactly one interval; where two intervals meet inside a minute its steps are shared by seconds.
 */
function* stepIntervals({ life, signals }: RecordedLife, kind: 'watch' | 'phone'): Generator<StepInterval> {
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'step samples', kind, life.firstDay + d);
    const dayStart = life.dayStartMinutes[d] as number;
    const dayEnd = life.dayStartMinutes[d + 1] as number;
    const counted = new Uint16Array(dayEnd - dayStart);
    for (let m = dayStart; m < dayEnd; m++) {
      const steps = signals.steps[m] as number;
      // In a pocket, a phone counts a little less and a little more than the watch.
      if (kind === 'watch') counted[m - dayStart] = life.worn[m] === 1 ? steps : 0;
      else counted[m - dayStart] = life.phoneCarried[m] === 1 ? Math.round(steps * random.between(0.9, 1.03)) : 0;
    }
    for (let from = 0; from < counted.length; from++) {
      if (counted[from] === 0) continue;
      let to = from + 1;
      while (to < counted.length && (counted[to] as number) > 0) to++;
      const runs = life.activity[dayStart + from] === ACTIVITY.running;
      for (const part of splitWalk(random, counted, from, to)) {
        const [startSecond, endSecond] = [dayStart * 60 + part.startSecond, dayStart * 60 + part.endSecond];
        yield { dayIndex: d, startSecond, endSecond, steps: part.steps, runs };
      }
      from = to;
    }
  }
}

/** Cuts the minutes `[from, to)`, all with steps, into intervals that follow each other. */
function* splitWalk(random: RandomStream, counted: Uint16Array, from: number, to: number) {
  if (to - from === 1) {
    yield { startSecond: from * 60, endSecond: to * 60, steps: counted[from] as number };
    return;
  }
  let startSecond = from * 60 + random.wholeBetween(0, 30);
  let takenOfFirst = 0;
  for (let minute = from; minute < to;) {
    let next = Math.min(to, minute + random.wholeBetween(2, 8));
    // A last minute on its own would make an interval of less than a minute.
    if (to - next === 1) next = to;
    let steps = -takenOfFirst;
    for (let m = minute; m < next; m++) steps += counted[m] as number;
    const last = next === to;
    const second = last ? -random.wholeBetween(0, 20) : random.wholeBetween(0, 30);
    takenOfFirst = last ? 0 : Math.round(((counted[next] as number) * second) / 60);
    const endSecond = next * 60 + second;
    yield { startSecond, endSecond, steps: steps + takenOfFirst };
    startSecond = endSecond;
    minute = next;
  }
}

/** Active energy from the watch: short intervals while moving, longer ones while sitting, none asleep or off the wrist. */
export function* activeEnergyRecords({ life, signals }: RecordedLife): Generator<SimulatedRecord> {
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'energy samples', life.firstDay + d);
    const watch = deviceOn(life, 'watch', d);
    const dayEnd = life.dayStartMinutes[d + 1] as number;
    for (let minute = life.dayStartMinutes[d] as number; minute < dayEnd;) {
      const moving = (life.activity[minute] as number) >= ACTIVITY.household;
      const length = moving ? random.wholeBetween(1, 3) : random.wholeBetween(6, 14);
      let kcal = 0;
      let end = minute;
      while (end < Math.min(dayEnd, minute + length) && spendsEnergy(life.worn, life.activity, end)) {
        kcal += signals.activeKcal[end++] as number;
      }
      const value = rounded(kcal, 3);
      if (end > minute && value > 0) {
        const [startMs, endMs] = [life.startMs + minute * MS_PER_MINUTE, life.startMs + end * MS_PER_MINUTE];
        yield quantity('ActiveEnergyBurned', 'kcal', watch, startMs, endMs, random.wholeBetween(20, 600), value);
      }
      minute = Math.max(end, minute + 1);
    }
  }
}

const spendsEnergy = (worn: Uint8Array, activity: Uint8Array, minute: number): boolean =>
  worn[minute] === 1 && (activity[minute] as number) > ACTIVITY.awakeInBed;

/** A record of one minute for every minute of exercise or brisk walking that the watch saw. */
export function* exerciseTimeRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  const { life } = recorded;
  for (let d = 0; d < life.days; d++) {
    const watch = deviceOn(life, 'watch', d);
    for (let m = life.dayStartMinutes[d] as number; m < (life.dayStartMinutes[d + 1] as number); m++) {
      if (!isExerciseMinute(recorded, m)) continue;
      const startMs = life.startMs + m * MS_PER_MINUTE;
      yield quantity('AppleExerciseTime', 'min', watch, startMs, startMs + MS_PER_MINUTE, 40, 1);
    }
  }
}

/** Whether the watch counted the minute as exercise. */
export function isExerciseMinute({ life, signals }: RecordedLife, minute: number): boolean {
  if (life.worn[minute] === 0) return false;
  const activity = life.activity[minute] as number;
  return activity >= ACTIVITY.running || (activity === ACTIVITY.walking && (signals.steps[minute] as number) >= 112);
}

/** Minutes on the feet in each five minutes that have any. */
export function* standTimeRecords({ life }: RecordedLife): Generator<SimulatedRecord> {
  for (let d = 0; d < life.days; d++) {
    const watch = deviceOn(life, 'watch', d);
    const dayEnd = life.dayStartMinutes[d + 1] as number;
    for (let from = life.dayStartMinutes[d] as number; from + 5 <= dayEnd; from += 5) {
      const { worn, upright } = tally(life.worn, life.activity, from, from + 5);
      if (worn < 5 || upright === 0) continue;
      const startMs = life.startMs + from * MS_PER_MINUTE;
      yield quantity('AppleStandTime', 'min', watch, startMs, startMs + 5 * MS_PER_MINUTE, 30, upright);
    }
  }
}

/** A verdict on every hour that the watch was worn throughout. */
export function* standHourRecords(recorded: RecordedLife): Generator<SimulatedRecord> {
  const { life } = recorded;
  for (let d = 0; d < life.days; d++) {
    const watch = deviceOn(life, 'watch', d);
    for (const { from, stood } of stoodHours(recorded, d)) {
      const [startMs, endMs] = [life.startMs + from * MS_PER_MINUTE, life.startMs + (from + 60) * MS_PER_MINUTE];
      yield category(
        'AppleStandHour',
        `AppleStandHour${stood ? 'Stood' : 'Idle'}`,
        watch,
        startMs,
        endMs,
        endMs + 5000,
      );
    }
  }
}

/** An hour in which the watch was worn throughout. */
interface StandHour {
  /** Its first minute. */
  readonly from: number;
  readonly stood: boolean;
}

/** The fully worn hours of a day (from its first minute on) and whether the person stood up in them. */
export function* stoodHours({ life }: RecordedLife, dayIndex: number): Generator<StandHour> {
  const dayEnd = life.dayStartMinutes[dayIndex + 1] as number;
  for (let from = life.dayStartMinutes[dayIndex] as number; from + 60 <= dayEnd; from += 60) {
    const { worn, upright } = tally(life.worn, life.activity, from, from + 60);
    if (worn === 60) yield { from, stood: upright > 0 };
  }
}

function tally(wornMinutes: Uint8Array, activity: Uint8Array, from: number, to: number) {
  let worn = 0;
  let upright = 0;
  for (let m = from; m < to; m++) {
    if (wornMinutes[m] === 1) worn++;
    const doing = activity[m] as number;
    if (doing >= ACTIVITY.household && doing !== ACTIVITY.cycling) upright++;
  }
  return { worn, upright };
}
