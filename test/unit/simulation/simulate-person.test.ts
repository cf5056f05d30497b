import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SLEEP_STAGE } from '../../../core/health-data/sample-types.ts';
import { formatLocal, parseIsoDate } from '../../../core/kernel/local-time.ts';
import { ACTIVITY } from '../../../core/simulation/day-plan.ts';
import { DEFAULT_FIRST_DAY, simulatePerson } from '../../../core/simulation/simulate-person.ts';
import { anyRequest, BERLIN, minuteOf, runsOf, sumOf } from './recordings.ts';

const FOUR_WEEKS = simulatePerson({ seed: 11, days: 28, zone: BERLIN });

test('a recording begins on Monday 2025-01-06 at local midnight unless told otherwise', () => {
  assert.is(DEFAULT_FIRST_DAY, parseIsoDate('2025-01-06'));
  assert.is(formatLocal(BERLIN, FOUR_WEEKS.startMs), '2025-01-06T00:00:00+01:00');
  assert.is(formatLocal(BERLIN, FOUR_WEEKS.endMs), '2025-02-03T00:00:00+01:00');
});

test('the same request gives the same life, another seed another one', () => {
  const again = simulatePerson({ seed: 11, days: 28, zone: BERLIN });
  assert.equal(again.counts, FOUR_WEEKS.counts);
  assert.equal(again.heartRateBpm, FOUR_WEEKS.heartRateBpm);
  assert.equal(again.sleep, FOUR_WEEKS.sleep);
  assert.equal([...again.records()], [...FOUR_WEEKS.records()]);
  const other = simulatePerson({ seed: 12, days: 28, zone: BERLIN });
  assert.not.equal(other.person, FOUR_WEEKS.person);
  assert.not.equal(other.counts, FOUR_WEEKS.counts);
});

test('records are made anew, and the same, each time they are read', () => {
  assert.equal([...FOUR_WEEKS.records()], [...FOUR_WEEKS.records()]);
});

test('a seed or a number of days out of range is the caller’s mistake', () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => simulatePerson({ seed, days: 1, zone: BERLIN }), /not a seed/);
  }
  for (const days of [0, -1, 1.5, 3661, Number.NaN]) {
    assert.throws(() => simulatePerson({ seed: 1, days, zone: BERLIN }), /not a number of days/);
  }
});

test('minutes are elapsed time: a day has 1380 or 1500 where the clocks change', () => {
  const minutes = (date: string): number =>
    simulatePerson({ seed: 1, days: 1, zone: BERLIN, firstDay: parseIsoDate(date) ?? 0 }).counts.length;
  assert.is(minutes('2025-03-29'), 1440);
  assert.is(minutes('2025-03-30'), 1380);
  assert.is(minutes('2025-10-26'), 1500);
});

test('every minute array covers the recording and agrees with the others', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const recording = simulatePerson(request);
      const minutes = (recording.endMs - recording.startMs) / 60_000;
      const { worn, phoneCarried, activity, asleep, steps, counts, heartRateBpm } = recording;
      for (const values of [worn, phoneCarried, activity, asleep, steps, counts, heartRateBpm]) {
        assert.is(values.length, minutes);
      }
      for (let m = 0; m < minutes; m++) {
        const sleeping = (activity[m] as number) <= ACTIVITY.remSleep;
        assert.is(asleep[m], sleeping ? 1 : 0);
        if (sleeping) assert.is(steps[m], 0);
        if (worn[m] === 0) assert.is(counts[m], 0);
        assert.ok((steps[m] as number) <= 200);
        assert.ok(Number.isInteger(counts[m]) && (counts[m] as number) >= 0 && (counts[m] as number) <= 8000);
        assert.ok((heartRateBpm[m] as number) >= 38 && (heartRateBpm[m] as number) <= 196);
      }
    }),
    { numRuns: 25 },
  );
});

test('stages follow each other without gaps from onset to wake, in steps of 30 s, and begin and end asleep', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const { sleep, startMs, endMs } = simulatePerson(request);
      let lastEndMs = startMs;
      for (const { inBedStartMs, onsetMs, wakeMs, inBedEndMs, stages } of sleep) {
        assert.ok(lastEndMs <= inBedStartMs && inBedStartMs <= onsetMs && onsetMs < wakeMs && wakeMs <= inBedEndMs);
        assert.ok(inBedEndMs <= endMs);
        lastEndMs = inBedEndMs;
        assert.is(stages[0]?.startMs, onsetMs);
        assert.is(stages[stages.length - 1]?.endMs, wakeMs);
        assert.is.not(stages[0]?.stage, SLEEP_STAGE.awake);
        assert.is.not(stages[stages.length - 1]?.stage, SLEEP_STAGE.awake);
        for (const [i, stage] of stages.entries()) {
          assert.ok(stage.endMs > stage.startMs);
          if (i > 0) assert.is(stage.startMs, stages[i - 1]?.endMs);
          const cut = stage.startMs === startMs || stage.endMs === endMs;
          if (!cut) assert.is((stage.endMs - stage.startMs) % 30_000, 0);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('the asleep minutes are those whose middle lies in a sleep stage', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const { sleep, asleep, startMs } = simulatePerson(request);
      const expected = new Uint8Array(asleep.length);
      for (const { stage, startMs: fromMs, endMs } of sleep.flatMap(({ stages }) => stages)) {
        if (stage === SLEEP_STAGE.awake) continue;
        for (let m = Math.max(0, Math.floor((fromMs - startMs) / 60_000) - 1); m < expected.length; m++) {
          const middleMs = startMs + m * 60_000 + 30_000;
          if (middleMs >= endMs) break;
          // A middle exactly on a boundary belongs to either side.
          if (middleMs > fromMs) expected[m] = 1;
        }
      }
      const differing = expected.filter((value, m) => value !== asleep[m]).length;
      assert.ok(differing <= 2 * sleep.flatMap(({ stages }) => stages).length);
      assert.ok(Math.abs(sumOf(expected) - sumOf(asleep)) <= sleep.length * 15);
    }),
    { numRuns: 20 },
  );
});

test('nights are about as long, as deep and as cyclic as those of adults', () => {
  const nights = FOUR_WEEKS.sleep.filter(({ kind }) => kind === 'night').slice(1, -1);
  assert.ok(nights.length >= 26);
  const minutesOf = (stage: number, list = nights): number =>
    sumOf(
      list.flatMap(({ stages }) => stages.filter((s) => s.stage === stage).map((s) => (s.endMs - s.startMs) / 60_000)),
    );
  const asleep = minutesOf(3) + minutesOf(4) + minutesOf(5);
  assert.ok(asleep / nights.length > 360 && asleep / nights.length < 540);
  const shares = [SLEEP_STAGE.asleepDeep, SLEEP_STAGE.asleepRem].map((stage) => minutesOf(stage) / asleep);
  for (const share of shares) assert.ok(share > 0.1 && share < 0.28);
  for (const night of nights) {
    const cycles = night.stages.filter(({ stage }) => stage === SLEEP_STAGE.asleepRem).length;
    assert.ok(cycles >= 3 && cycles <= 7);
    // Deep sleep belongs to the first half.
    const middleMs = (night.onsetMs + night.wakeMs) / 2;
    const deep = night.stages.filter(({ stage }) => stage === SLEEP_STAGE.asleepDeep);
    const early = deep.filter(({ startMs }) => startMs < middleMs).map(({ startMs, endMs }) => endMs - startMs);
    assert.ok(sumOf(early) > 0.6 * sumOf(deep.map(({ startMs, endMs }) => endMs - startMs)));
  }
});

test('free nights end later than work nights', () => {
  const wakeHour = (offsetDays: readonly number[]): number => {
    const hours = FOUR_WEEKS.sleep
      .filter(({ kind }) => kind === 'night')
      .map(({ wakeMs }) => minuteOf(FOUR_WEEKS, wakeMs))
      .filter((minute) => offsetDays.includes(Math.floor(minute / 1440) % 7))
      .map((minute) => (minute % 1440) / 60);
    return sumOf(hours) / hours.length;
  };
  assert.ok(wakeHour([5, 6]) > wakeHour([0, 1, 2, 3, 4]) + 0.75);
});

test('the watch is off for about an hour on most evenings and for half of one day', () => {
  const off = runsOf(FOUR_WEEKS.worn, 0);
  const long = off.filter(([from, to]) => to - from > 400);
  assert.is(long.length, 1);
  for (const [from, to] of long) assert.ok(to - from >= 600 && to - from <= 765);
  const evenings = off.filter(([from, to]) => to - from <= 72);
  assert.ok(evenings.length >= 18 && evenings.length <= 28);
  for (const [from, to] of evenings) {
    assert.ok(to - from >= 48);
    assert.is(FOUR_WEEKS.asleep.subarray(from, to).includes(1), false);
    // Between five in the afternoon and three at night.
    assert.ok((from - 17 * 60) % 1440 < 10 * 60);
  }
});

test('a recording of one or two days has the watch on except for charging', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { worn } = simulatePerson({ seed, days: 2, zone: BERLIN });
    assert.ok(runsOf(worn, 0).every(([from, to]) => to - from <= 72));
  }
});

test('counts are mostly zero asleep, skewed awake and highest on foot', () => {
  const { counts, asleep, worn, activity } = FOUR_WEEKS;
  const where = (keep: (minute: number) => boolean): Float64Array => counts.filter((_, m) => worn[m] === 1 && keep(m));
  const mean = (values: Float64Array): number => sumOf(values) / values.length;
  const sleeping = where((m) => asleep[m] === 1);
  assert.ok(sleeping.filter((count) => count === 0).length > 0.9 * sleeping.length);
  const awake = where((m) => asleep[m] === 0).sort();
  assert.ok(awake.filter((count) => count === 0).length < 0.15 * awake.length);
  assert.ok(mean(awake) > 1.4 * (awake[Math.floor(awake.length / 2)] as number));
  const doing = (what: number): number => mean(where((m) => activity[m] === what));
  const rising = [ACTIVITY.coreSleep, ACTIVITY.awakeInBed, ACTIVITY.seated, ACTIVITY.household, ACTIVITY.walking];
  for (const [i, what] of rising.slice(1).entries()) assert.ok(doing(what) > 1.5 * doing(rising[i] as number));
  assert.ok((awake[awake.length - 1] as number) > 4000);
});

test('the heart beats slower asleep than awake and faster in motion', () => {
  const { heartRateBpm, asleep, activity, person } = FOUR_WEEKS;
  const mean = (keep: (minute: number) => boolean): number => {
    const kept = heartRateBpm.filter((_, m) => keep(m));
    return sumOf(kept) / kept.length;
  };
  const sleeping = mean((m) => asleep[m] === 1);
  const seated = mean((m) => activity[m] === ACTIVITY.seated);
  assert.ok(sleeping < person.restingHeartRateBpm + 4);
  assert.ok(seated > sleeping + 10);
  assert.ok(mean((m) => activity[m] === ACTIVITY.walking) > seated + 5);
});

test('steps make a plausible day', () => {
  const perDay = sumOf(FOUR_WEEKS.steps) / 28;
  assert.ok(perDay > 5000 && perDay < 16_000);
});

test('workouts lie where the person exercised with the watch on, and summaries cover each day', () => {
  assert.ok(FOUR_WEEKS.workouts.length >= 4);
  for (const { kind, startMs, endMs, activeKcal } of FOUR_WEEKS.workouts) {
    const [from, to] = [minuteOf(FOUR_WEEKS, startMs), minuteOf(FOUR_WEEKS, endMs)];
    assert.ok(to - from >= 32 && to - from <= 60 && activeKcal > 50);
    assert.ok(FOUR_WEEKS.activity.subarray(from, to).every((doing) => doing === ACTIVITY[kind]));
    assert.is(FOUR_WEEKS.worn.subarray(from, to).includes(0), false);
  }
  assert.equal(
    FOUR_WEEKS.daySummaries.map(({ day }) => day),
    Array.from({ length: 28 }, (_, i) => DEFAULT_FIRST_DAY + i),
  );
});

test.run();
