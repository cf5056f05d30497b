import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosinor } from '../../../core/actigraphy/cosinor.ts';
import type { MinuteRun } from '../../../core/actigraphy/minute-runs.ts';
import { choiNonWear, maskRuns, troianoNonWear } from '../../../core/actigraphy/non-wear.ts';
import { dailyTotals, hourlyProfile } from '../../../core/actigraphy/profiles.ts';
import {
  interdailyStability,
  interdailyStabilityEtaSquared,
  intradailyVariability,
  restAndActivePeriods,
} from '../../../core/actigraphy/rhythm.ts';
import { clockOf, plainClock, type MinuteClock } from '../../../core/actigraphy/series.ts';
import { sleepRegularityIndex } from '../../../core/actigraphy/sleep-regularity.ts';
import {
  countSleep,
  rescoreWebster,
  scoreColeKripke,
  scoreOakley,
  scoreSadeh,
} from '../../../core/actigraphy/sleep-scoring.ts';
import { missingRuns, validMinutesByDay, wearByDay } from '../../../core/actigraphy/wear.ts';
import { localDayOf, localMinuteOfDay, localZone } from '../../../core/kernel/local-time.ts';
import { activity, anyActivity, anyStates, isClose, reorderDays, uniform, wholeDays } from './random-series.ts';
import { valueOf } from '../../unit/result-values.ts';

const RUNS = { numRuns: 60 };

/** What a report shows of a series, errors by their reasons. */
function measures(values: Float64Array, clock: MinuteClock): unknown {
  const coleKripke = scoreColeKripke(values);
  return {
    stability: interdailyStability(values, clock),
    variability: intradailyVariability(values, clock),
    periods: restAndActivePeriods(values, clock),
    cosinor: cosinor(values, clock),
    sleep: countSleep(rescoreWebster(coleKripke)),
    regularity: sleepRegularityIndex(coleKripke, clock),
    totals: dailyTotals(values, clock),
    profile: hourlyProfile(values, clock),
  };
}

/** The fit, the windows and the measures without a unit, of a series that supports them all. */
function essentials(values: Float64Array, clock: MinuteClock) {
  const periods = valueOf(restAndActivePeriods(values, clock));
  return {
    fit: valueOf(cosinor(values, clock)),
    periods,
    ratios: [
      valueOf(interdailyStability(values, clock)),
      valueOf(intradailyVariability(values, clock)),
      valueOf(periods.relativeAmplitude),
    ],
  };
}

test('stability by eta squared lies between 0 and 1, the published form within hours / 48, variability is not negative', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const eta = interdailyStabilityEtaSquared(values, clock).unwrapOr(0);
      const published = interdailyStability(values, clock).unwrapOr(0);
      assert.ok(eta >= 0 && eta <= 1 + 1e-12, String(eta));
      // Every hour is seen at least twice, so N / 24 is at most N / 48 times the hour's own count.
      assert.ok(published >= 0 && published <= (values.length / 60 + 2) / 48, String(published));
      assert.ok(intradailyVariability(values, clock).unwrapOr(0) >= 0);
    }),
    RUNS,
  );
});

test('on whole days both forms of stability are the same number in [0, 1]', () => {
  fc.assert(
    fc.property(wholeDays, ({ values, clock }) => {
      const published = valueOf(interdailyStability(values, clock));
      assert.ok(published >= 0 && published <= 1 + 1e-12);
      assert.ok(isClose(published, valueOf(interdailyStabilityEtaSquared(values, clock)), 1e-12, 1e-12));
    }),
    RUNS,
  );
});

test('adding a constant moves the mesor and nothing else', () => {
  fc.assert(
    fc.property(wholeDays, fc.integer({ min: -500, max: 500 }), ({ values, clock }, shift) => {
      const moved = values.map((value) => value + shift);
      const same = (measure: (v: Float64Array) => number): boolean =>
        isClose(measure(moved), measure(values), 1e-9, 1e-9);
      assert.ok(same((v) => valueOf(interdailyStability(v, clock))));
      assert.ok(same((v) => valueOf(intradailyVariability(v, clock))));
      assert.ok(same((v) => valueOf(cosinor(v, clock)).amplitude));
      assert.ok(same((v) => valueOf(cosinor(v, clock)).rSquared as number));
      assert.ok(same((v) => valueOf(cosinor(v, clock)).mesor - (v === moved ? shift : 0)));
    }),
    RUNS,
  );
});

test('scaling scales levels and leaves ratios, onsets and the peak', () => {
  fc.assert(
    fc.property(wholeDays, fc.integer({ min: 1, max: 1000 }), ({ values, clock }, factor) => {
      const scaled = values.map((value) => value * factor);
      const before = essentials(values, clock);
      const after = essentials(scaled, clock);
      assert.ok(isClose(after.fit.mesor, factor * before.fit.mesor));
      assert.ok(isClose(after.fit.amplitude, factor * before.fit.amplitude));
      assert.ok(isClose(after.fit.acrophaseMinute as number, before.fit.acrophaseMinute as number, 1e-9, 1e-6));
      assert.ok(isClose(after.periods.l5.mean, factor * before.periods.l5.mean));
      assert.is(after.periods.l5.onsetMinute, before.periods.l5.onsetMinute);
      assert.is(after.periods.m10.onsetMinute, before.periods.m10.onsetMinute);
      after.ratios.forEach((ratio, i) => assert.ok(isClose(ratio, before.ratios[i] as number)));
    }),
    RUNS,
  );
});

test('the order of the days matters to neither stability, nor the average day, nor the cosinor', () => {
  fc.assert(
    fc.property(wholeDays, fc.integer(), ({ values, clock, days }, seed) => {
      const random = uniform(seed);
      const order = Array.from({ length: days }, (_, d) => ({ d, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ d }) => d);
      const reordered = reorderDays(values, order);
      const same = (measure: (v: Float64Array) => number): boolean => isClose(measure(reordered), measure(values));
      assert.ok(same((v) => valueOf(interdailyStability(v, clock))));
      assert.ok(same((v) => valueOf(restAndActivePeriods(v, clock)).l5.mean));
      assert.ok(same((v) => valueOf(restAndActivePeriods(v, clock)).m10.onsetMinute));
      assert.ok(same((v) => valueOf(cosinor(v, clock)).amplitude));
      const totals = dailyTotals(values, clock);
      assert.equal(
        dailyTotals(reordered, clock),
        order.map((d) => totals[d]),
      );
    }),
    RUNS,
  );
});

test('running time backwards leaves intradaily variability', () => {
  fc.assert(
    fc.property(wholeDays, ({ values, clock }) => {
      const forward = valueOf(intradailyVariability(values, clock));
      assert.ok(isClose(valueOf(intradailyVariability(values.toReversed(), clock)), forward));
    }),
    RUNS,
  );
});

test('what was recorded in masked minutes has no influence on any measure', () => {
  const runs = fc.array(
    fc.record({ start: fc.integer({ min: 0, max: 4000 }), length: fc.integer({ min: 1, max: 400 }) }),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(wholeDays, runs, fc.integer({ min: 1, max: 1e6 }), ({ values, clock }, masked, noise) => {
      const disturbed = values.slice();
      for (const { start, length } of masked) disturbed.fill(noise, start, start + length);
      assert.equal(measures(maskRuns(disturbed, masked), clock), measures(maskRuns(values, masked), clock));
    }),
    RUNS,
  );
});

test('masked non-wear leaves L5 as the mean of what was worn', () => {
  // Three days; on the second the device lies in a drawer for the night, which would pull L5 to zero.
  const { values, clock } = activity(7, 3 * 1440, 0, false);
  const worn = values.map((value) => value + 1);
  const drawer: MinuteRun = { start: 1440, length: 420 };
  const zeroed = worn.slice().fill(0, drawer.start, drawer.start + drawer.length);
  const l5 = (v: Float64Array): number => valueOf(restAndActivePeriods(v, clock)).l5.mean;
  assert.ok(l5(zeroed) < l5(maskRuns(zeroed, [drawer])));
  assert.is(l5(maskRuns(zeroed, [drawer])), l5(maskRuns(worn, [drawer])));
  assert.ok(l5(maskRuns(zeroed, [drawer])) >= 1);
});

test('relative amplitude of counts lies between 0 and 1, the mean of M10 is never below that of L5', () => {
  fc.assert(
    fc.property(wholeDays, ({ values, clock }) => {
      const { l5, m10, relativeAmplitude } = valueOf(restAndActivePeriods(values, clock));
      const ratio = valueOf(relativeAmplitude);
      assert.ok(ratio >= 0 && ratio <= 1);
      assert.ok(m10.mean >= l5.mean);
    }),
    RUNS,
  );
});

test('a cosinor explains between nothing and everything, with its peak inside the day', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      cosinor(values, clock).map((fit) => {
        assert.ok(fit.rSquared !== null && fit.rSquared >= 0 && fit.rSquared <= 1);
        assert.ok(fit.amplitude >= 0);
        assert.ok(fit.acrophaseMinute !== null && fit.acrophaseMinute >= 0 && fit.acrophaseMinute < 1440);
      });
    }),
    RUNS,
  );
});

test('the sleep regularity index lies in [-100, 100] and does not care which state is called sleep', () => {
  fc.assert(
    fc.property(anyStates, fc.integer({ min: 0, max: 1439 }), (states, start) => {
      const clock = plainClock(start, states.length);
      const swapped = states.map((state) => (state === 255 ? 255 : 1 - state));
      const index = sleepRegularityIndex(states, clock).unwrapOr(null);
      assert.is(sleepRegularityIndex(swapped, clock).unwrapOr(null), index);
      assert.ok(index === null || (index >= -100 && index <= 100));
    }),
    RUNS,
  );
});

test('more activity never turns wake into sleep under Cole-Kripke and Oakley', () => {
  fc.assert(
    fc.property(anyActivity, fc.integer(), ({ values }, seed) => {
      const random = uniform(seed);
      const livelier = values.map((value) => value + Math.floor(random() * 500));
      for (const score of [scoreColeKripke, scoreOakley]) {
        const before = score(values);
        score(livelier).forEach((state, t) => assert.ok(state !== 1 || before[t] === 1));
      }
    }),
    RUNS,
  );
});

test('a minute reaches only its neighbours within the window of the rule', () => {
  fc.assert(
    fc.property(anyActivity, fc.nat(), fc.integer({ min: 0, max: 40_000 }), ({ values }, place, other) => {
      const at = place % values.length;
      const changed = values.slice();
      changed[at] = other;
      for (const [score, before, after] of [
        [scoreColeKripke, 2, 4],
        [scoreOakley, 2, 2],
        [scoreSadeh, 5, 5],
      ] as const) {
        const states = score(values);
        score(changed).forEach((state, t) => {
          if (t < at - before || t > at + after) assert.is(state, states[t]);
        });
      }
    }),
    RUNS,
  );
});

test('Webster rescoring only ever turns sleep into wake', () => {
  fc.assert(
    fc.property(anyStates, (states) => {
      rescoreWebster(states).forEach((state, t) => {
        assert.ok(state === states[t] || (states[t] === 1 && state === 0));
      });
    }),
    RUNS,
  );
});

test('missing minutes and only they are unscored', () => {
  fc.assert(
    fc.property(anyActivity, ({ values }) => {
      for (const score of [scoreColeKripke, scoreSadeh, scoreOakley]) {
        score(values).forEach((state, t) => assert.is(state === 255, Number.isNaN(values[t])));
      }
    }),
    RUNS,
  );
});

test('non-wear and gaps are apart, in order, and together with what was worn make up the record', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const quiet = values.map((value, i) => (i % 900 < 700 && value > 2 ? 0 : value));
      for (const [runs, least] of [
        [troianoNonWear(quiet), 60],
        [choiNonWear(quiet), 90],
        [missingRuns(quiet), 1],
      ] as const) {
        let end = -1;
        for (const run of runs) {
          assert.ok(run.start > end, 'neither touching nor overlapping');
          assert.ok(run.length >= least);
          end = run.start + run.length;
        }
        assert.ok(end <= quiet.length);
      }
      const total = (runs: readonly MinuteRun[]): number => runs.reduce((minutes, run) => minutes + run.length, 0);
      const masked = maskRuns(quiet, choiNonWear(quiet));
      const valid = validMinutesByDay(masked, clock).reduce((minutes, day) => minutes + day, 0);
      assert.is(valid + total(choiNonWear(quiet)) + total(missingRuns(quiet)), quiet.length);
      assert.is(valid + total(missingRuns(masked)), quiet.length);
      assert.is(
        wearByDay(masked, clock).reduce((minutes, day) => minutes + day.recordedMinutes, 0),
        quiet.length,
      );
    }),
    RUNS,
  );
});

test('daily totals lose and add nothing', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const present = values.filter((value) => !Number.isNaN(value)).reduce((total, value) => total + value, 0);
      const total = dailyTotals(values, clock).reduce<number>((sum, day) => sum + (day ?? 0), 0);
      assert.is(total, present);
    }),
    RUNS,
  );
});

test('the clock shows what the zone shows at every minute, and days never go back', () => {
  const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Kolkata', 'America/New_York'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2030, 0, 1) }),
      fc.integer({ min: 1, max: 4000 }),
      (name, startMs, minutes) => {
        const zone = valueOf(localZone(name));
        const clock = clockOf(zone, startMs, minutes);
        const firstDay = localDayOf(zone, startMs);
        for (let i = 0; i < minutes; i += 7) {
          const instant = startMs + i * 60_000;
          assert.is(clock.clockMinute[i], localMinuteOfDay(zone, instant));
          assert.is(clock.dayIndex[i], localDayOf(zone, instant) - firstDay);
        }
      },
    ),
    RUNS,
  );
});

test.run();
