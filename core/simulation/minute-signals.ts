import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import { ACTIVITY, type Activity } from './day-plan.ts';
import type { SimulatedLife } from './life.ts';
import { clamp } from './person.ts';
import { randomStream, type RandomStream } from './random.ts';

/** What a body did in every minute of a life, whether or not a device was there to see it. */
export interface MinuteSignals {
  readonly steps: Uint16Array;
  /**
   * Activity counts a minute as an actigraph on the watch's wrist would give them: whole, zero in most minutes asleep,
   * up to a few thousand. The actigraph is put off together with the watch and then measures zero, as such devices do.
   */
  readonly counts: Float64Array;
  readonly heartRateBpm: Float32Array;
  /** Energy above resting, from the METs of the Compendium of Physical Activities (Ainsworth 2011). */
  readonly activeKcal: Float32Array;
}

/** How an activity shows on the wrist and in the heart. */
interface Expression {
  /** Chance that a minute has no movement at all. */
  readonly stillness: number;
  /** About the mean of the minutes with movement. */
  readonly meanCounts: number;
  /** Whether movement keeps on (walking) rather than coming in bursts. */
  readonly steady: boolean;
  /** Target above the resting heart rate. */
  readonly heartRateRise: number;
  readonly met: number;
}

const EXPRESSION: Readonly<Record<Activity, Expression>> = {
  [ACTIVITY.deepSleep]: { stillness: 0.985, meanCounts: 30, steady: false, heartRateRise: -5, met: 0.95 },
  [ACTIVITY.coreSleep]: { stillness: 0.95, meanCounts: 50, steady: false, heartRateRise: -3, met: 0.95 },
  [ACTIVITY.remSleep]: { stillness: 0.93, meanCounts: 40, steady: false, heartRateRise: 0, met: 0.95 },
  [ACTIVITY.awakeInBed]: { stillness: 0.25, meanCounts: 220, steady: false, heartRateRise: 4, met: 1 },
  [ACTIVITY.resting]: { stillness: 0.12, meanCounts: 260, steady: false, heartRateRise: 9, met: 1.1 },
  [ACTIVITY.seated]: { stillness: 0.05, meanCounts: 520, steady: false, heartRateRise: 14, met: 1.3 },
  [ACTIVITY.household]: { stillness: 0.02, meanCounts: 1500, steady: false, heartRateRise: 27, met: 2.8 },
  [ACTIVITY.walking]: { stillness: 0, meanCounts: 2700, steady: true, heartRateRise: 42, met: 3.5 },
  [ACTIVITY.running]: { stillness: 0, meanCounts: 4700, steady: true, heartRateRise: 92, met: 8.3 },
  [ACTIVITY.cycling]: { stillness: 0.01, meanCounts: 1100, steady: true, heartRateRise: 76, met: 7.5 },
  [ACTIVITY.strength]: { stillness: 0.06, meanCounts: 2100, steady: false, heartRateRise: 52, met: 5 },
};
const MOST_COUNTS = 8000;

/** The signals of a life; the same for the same life. */
export function signalsOf(life: SimulatedLife): MinuteSignals {
  const minutes = life.activity.length;
  const signals: MinuteSignals = {
    steps: new Uint16Array(minutes),
    counts: new Float64Array(minutes),
    heartRateBpm: new Float32Array(minutes),
    activeKcal: new Float32Array(minutes),
  };
  moveThrough(life, signals);
  beatThrough(life, signals);
  return signals;
}

function moveThrough(life: SimulatedLife, { steps, counts, activeKcal }: MinuteSignals): void {
  // One MET is 3.5 mL O2/kg/min and a litre of oxygen gives about 5 kcal; active energy leaves the resting MET out.
  const kcalPerMet = (3.5 * life.person.bodyMassKg) / 200;
  let vigour = 1;
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'movement', life.firstDay + d);
    const end = life.dayStartMinutes[d + 1] as number;
    for (let m = life.dayStartMinutes[d] as number; m < end; m++) {
      const activity = life.activity[m] as Activity;
      const shown = EXPRESSION[activity];
      vigour = 0.75 * vigour + 0.5 * random.uniform();
      const walked = stepsInMinute(random, activity, life.person.cadenceStepsPerMinute);
      steps[m] = walked;
      const pausing = activity === ACTIVITY.walking && walked < 60;
      const burst = shown.steady ? random.between(0.8, 1.2) : 3.4 * random.uniform() * random.uniform();
      const moved = random.chance(shown.stillness) ? 0 : shown.meanCounts * vigour * burst * (pausing ? 0.4 : 1);
      counts[m] = life.worn[m] === 1 ? Math.round(Math.min(MOST_COUNTS, moved)) : 0;
      activeKcal[m] = Math.max(0, shown.met - 1) * kcalPerMet * random.between(0.85, 1.15);
    }
  }
}

function stepsInMinute(random: RandomStream, activity: Activity, cadence: number): number {
  switch (activity) {
    case ACTIVITY.walking:
      // Waiting at a crossing takes some of the steps of a minute.
      return random.chance(0.07) ? random.wholeBetween(8, 55) : Math.round(random.normal(cadence, 5));
    case ACTIVITY.running:
      return Math.round(random.normal(cadence + 52, 4));
    case ACTIVITY.household:
      return random.chance(0.5) ? random.wholeBetween(4, 48) : 0;
    case ACTIVITY.strength:
      return random.chance(0.3) ? random.wholeBetween(4, 22) : 0;
    case ACTIVITY.seated:
      return random.chance(0.015) ? random.wholeBetween(6, 30) : 0;
    case ACTIVITY.resting:
      return random.chance(0.03) ? random.wholeBetween(6, 40) : 0;
    default:
      return 0;
  }
}

/** The heart follows the activity's target, faster up than down, with a small rhythm over the day on top. */
function beatThrough(life: SimulatedLife, { heartRateBpm }: MinuteSignals): void {
  const rest = life.person.restingHeartRateBpm;
  let rate = rest;
  for (let d = 0; d < life.days; d++) {
    const random = randomStream(life.seed, 'heart', life.firstDay + d);
    const dayShift = random.normal(0, 1.5);
    const start = life.dayStartMinutes[d] as number;
    const end = life.dayStartMinutes[d + 1] as number;
    for (let m = start; m < end; m++) {
      const rise = EXPRESSION[life.activity[m] as Activity].heartRateRise;
      const target = rest + rise + dayShift + 2.5 * cosineOfTurn((m - start) / MINUTES_PER_DAY - 17 / 24);
      rate += (target - rate) * (target > rate ? 0.4 : 0.18) + random.normal(0, 1.4);
      rate = clamp(rate, 38, 196);
      heartRateBpm[m] = rate;
    }
  }
}

/**
 * Cosine of a fraction of a full turn, within 0.002, by Bhaskara I's rational formula (7th century). `Math.cos` may
 * differ in its last bit from platform to platform; these divisions may not.
 */
function cosineOfTurn(turns: number): number {
  const x = Math.abs(turns - Math.round(turns));
  const quarter = (y: number): number => (1 - 16 * y * y) / (1 + 4 * y * y);
  return x <= 0.25 ? quarter(x) : -quarter(0.5 - x);
}
