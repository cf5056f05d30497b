import type { EpochDay } from '../kernel/local-time.ts';
import { isFreeDay, weekdayOf, type SimulatedPerson } from './person.ts';
import { randomStream, type RandomStream } from './random.ts';

/** What a person is doing in a minute. Everything from `awakeInBed` on is awake. */
export const ACTIVITY = {
  deepSleep: 0,
  coreSleep: 1,
  remSleep: 2,
  awakeInBed: 3,
  resting: 4,
  seated: 5,
  household: 6,
  walking: 7,
  running: 8,
  cycling: 9,
  strength: 10,
} as const;
export type Activity = (typeof ACTIVITY)[keyof typeof ACTIVITY];

/** A stretch of one activity; minutes count from the local midnight that begins the day and may pass 1440. */
export interface Block {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly activity: Activity;
  /** Whether the phone is carried on the body. */
  readonly phone: boolean;
}

/** A stretch of minutes of the day. */
export interface MinuteRange {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A day from getting up to going to bed. */
export interface DayPlan {
  readonly blocks: readonly Block[];
  readonly workout: Block | null;
  readonly nap: MinuteRange | null;
  /** When the watch lies on its charger, or null on an evening without charging. */
  readonly charging: MinuteRange | null;
}

/** Plans the day between getting up and bed, both in minutes from the day's local midnight. */
export function planDay(person: SimulatedPerson, seed: number, day: EpochDay, up: number, bed: number): DayPlan {
  const random = randomStream(seed, 'day', day);
  const diary = openDiary(random, up);
  const exerciseToday = person.exerciseWeekdays.includes(weekdayOf(day)) && random.chance(0.85);
  let workout: Block | null = null;
  let nap: MinuteRange | null = null;
  const exercise = (): void => {
    diary.add(ACTIVITY.walking, random.wholeBetween(3, 6), 0.9);
    const phone = person.exercise === 'strength' ? 0.1 : 0.5;
    workout = diary.add(ACTIVITY[person.exercise], random.wholeBetween(32, 60), phone);
  };

  if (isFreeDay(seed, day)) {
    diary.homeUntil(up + random.wholeBetween(50, 110));
    if (exerciseToday) exercise();
    diary.homeUntil(random.wholeBetween(630, 700));
    diary.add(ACTIVITY.walking, random.wholeBetween(14, 45), 0.95);
    diary.add(ACTIVITY.seated, random.wholeBetween(35, 90), 0.6);
    diary.add(ACTIVITY.walking, random.wholeBetween(14, 45), 0.95);
    const napStart = Math.max(diary.now() + 20, random.wholeBetween(825, 930));
    diary.homeUntil(napStart);
    if (random.chance(0.35)) {
      const length = random.wholeBetween(24, 60);
      nap = { fromMinute: napStart, toMinute: napStart + length };
      diary.add(ACTIVITY.resting, length + 10, 0);
    }
    if (random.chance(0.5)) {
      diary.homeUntil(random.wholeBetween(1020, 1080));
      diary.add(ACTIVITY.walking, random.wholeBetween(20, 50), 0.9);
    }
  } else {
    const [walkOut, ride, walkIn] = person.commuteMinutes;
    const atHome = person.homeWeekday === weekdayOf(day);
    const jitter = random.wholeBetween(-5, 6);
    if (atHome) {
      diary.homeUntil(Math.max(up + 15, person.workStartMinute + jitter));
    } else {
      diary.homeUntil(Math.max(up + 12, person.workStartMinute - walkOut - ride - walkIn + jitter));
      diary.commute(walkOut, ride, walkIn);
    }
    const workEnd = diary.now() + person.workMinutes + random.wholeBetween(-10, 35);
    diary.workUntil(random.wholeBetween(715, 765));
    diary.add(ACTIVITY.walking, random.wholeBetween(5, 11), 0.8);
    diary.add(ACTIVITY.seated, random.wholeBetween(18, 30), 0.5);
    diary.add(ACTIVITY.walking, random.wholeBetween(5, 11), 0.8);
    diary.workUntil(workEnd);
    if (atHome) diary.add(ACTIVITY.walking, random.wholeBetween(18, 35), 0.95);
    else diary.commute(walkIn, ride, walkOut);
    if (exerciseToday && diary.now() + 110 < bed - 130) {
      diary.homeUntil(diary.now() + random.wholeBetween(18, 45));
      exercise();
    }
  }

  const homeFrom = diary.now();
  diary.homeUntil(bed);
  return { blocks: diary.blocks, workout, nap, charging: planCharging(random, homeFrom, bed) };
}

/** About an hour on the charger on most evenings, at home and before bed. */
function planCharging(random: RandomStream, homeFrom: number, bed: number): MinuteRange | null {
  const fromMinute = Math.max(homeFrom + 2, Math.floor(bed) - random.wholeBetween(85, 165));
  const toMinute = fromMinute + random.wholeBetween(48, 72);
  return random.chance(0.88) && toMinute <= bed - 4 ? { fromMinute, toMinute } : null;
}

/** Writes a day down block by block. Times that lie behind the present minute are passed over. */
function openDiary(random: RandomStream, up: number) {
  const blocks: Block[] = [];
  let minute = Math.ceil(up);
  const add = (activity: Activity, minutes: number, phoneChance: number): Block => {
    const block = { fromMinute: minute, toMinute: minute + minutes, activity, phone: random.chance(phoneChance) };
    blocks.push(block);
    minute += minutes;
    return block;
  };
  const addUntil = (end: number, activity: Activity, minutes: number, phoneChance: number): void => {
    add(activity, Math.min(minutes, Math.ceil(end) - minute), phoneChance);
  };
  return {
    blocks,
    add,
    now: () => minute,
    commute(first: number, ride: number, last: number): void {
      add(ACTIVITY.walking, first, 1);
      add(ACTIVITY.seated, ride, 1);
      add(ACTIVITY.walking, last, 1);
    },
    workUntil(end: number): void {
      while (minute < end) {
        addUntil(end, ACTIVITY.seated, random.wholeBetween(30, 80), 0.2);
        if (minute < end) addUntil(end, ACTIVITY.walking, random.wholeBetween(1, 4), 0.3);
      }
    },
    homeUntil(end: number): void {
      while (minute < end) {
        const kind = random.uniform();
        if (kind < 0.4) addUntil(end, ACTIVITY.household, random.wholeBetween(6, 24), 0.15);
        else if (kind < 0.6) addUntil(end, ACTIVITY.seated, random.wholeBetween(15, 30), 0.1);
        else addUntil(end, ACTIVITY.resting, random.wholeBetween(18, 60), 0.1);
      }
    },
  };
}
