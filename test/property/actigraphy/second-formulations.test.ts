import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosinor } from '../../../core/actigraphy/cosinor.ts';
import { choiNonWear, troianoNonWear } from '../../../core/actigraphy/non-wear.ts';
import {
  interdailyStability,
  interdailyStabilityEtaSquared,
  intradailyVariability,
  restAndActivePeriods,
} from '../../../core/actigraphy/rhythm.ts';
import type { MinuteClock } from '../../../core/actigraphy/series.ts';
import { sleepRegularityIndex } from '../../../core/actigraphy/sleep-regularity.ts';
import { rescoreWebster, scoreColeKripke, scoreSadeh1994 } from '../../../core/actigraphy/sleep-scoring.ts';
import { plainClock } from '../../../core/actigraphy/series.ts';
import { anyActivity, anyStates, isClose } from './random-series.ts';

const RUNS = { numRuns: 60 };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const average = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** Either both are absent, or they agree. */
function assertSame(actual: number | null, expected: number | null): void {
  if (actual === null || expected === null) assert.is(actual, expected);
  else assert.ok(isClose(actual, expected), `${actual}, expected ${expected}`);
}

/** Means of the clock hours with thirty values or more, keyed by hours since the first midnight. */
function hours(values: Float64Array, clock: MinuteClock): Map<number, number> {
  const minutes = new Map<number, number[]>();
  values.forEach((value, i) => {
    const hour = (clock.dayIndex[i] as number) * 24 + Math.floor((clock.clockMinute[i] as number) / 60);
    if (!Number.isNaN(value)) minutes.set(hour, [...(minutes.get(hour) ?? []), value]);
  });
  return new Map([...minutes].filter(([, list]) => list.length >= 30).map(([hour, list]) => [hour, average(list)]));
}

const squaresAboutMean = (numbers: readonly number[]): number =>
  sum(numbers.map((n) => n * n)) - numbers.length * average(numbers) ** 2;

function stabilityByVariances(values: Float64Array, clock: MinuteClock, weighted: boolean): number | null {
  const byHour = Array.from({ length: 24 }, (): number[] => []);
  const all: number[] = [];
  for (const [hour, mean] of hours(values, clock)) {
    byHour[hour % 24]?.push(mean);
    all.push(mean);
  }
  if (byHour.some((list) => list.length < 2) || new Set(all).size < 2) return null;
  const grand = average(all);
  const within = sum(byHour.map(squaresAboutMean));
  // Eta squared from the other side: one minus the share within hours.
  if (weighted) return 1 - within / squaresAboutMean(all);
  const spread = average(byHour.map((list) => (average(list) - grand) ** 2));
  return spread / (squaresAboutMean(all) / all.length);
}

test('interdaily stability agrees with a ratio of variances', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      assertSame(interdailyStability(values, clock).unwrapOr(null), stabilityByVariances(values, clock, false));
      assertSame(
        interdailyStabilityEtaSquared(values, clock).unwrapOr(null),
        stabilityByVariances(values, clock, true),
      );
    }),
    RUNS,
  );
});

test('intradaily variability agrees with pairs looked up hour by hour', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const means = hours(values, clock);
      const all = [...means.values()];
      const steps = [...means].flatMap(([hour, mean]) => {
        const next = means.get(hour + 1);
        return next === undefined ? [] : [(next - mean) ** 2];
      });
      const expected =
        all.length < 24 || steps.length === 0 ? null : average(steps) / (squaresAboutMean(all) / all.length);
      assertSame(intradailyVariability(values, clock).unwrapOr(null), expected);
    }),
    RUNS,
  );
});

test('L5 and M10 agree with every window added up on its own', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const profile = Array.from({ length: 1440 }, (_, minute) =>
        average([...values].filter((value, i) => clock.clockMinute[i] === minute && !Number.isNaN(value))),
      );
      const periods = restAndActivePeriods(values, clock).unwrapOr(null);
      if (profile.some(Number.isNaN)) {
        assert.is(periods, null);
        return;
      }
      const twice = [...profile, ...profile];
      const windows = (width: number): number[] => profile.map((_, i) => average(twice.slice(i, i + width)));
      const five = windows(300);
      const ten = windows(600);
      assert.ok(periods !== null);
      assertSame(periods.l5.mean, Math.min(...five));
      assertSame(periods.m10.mean, Math.max(...ten));
      assertSame(five[periods.l5.onsetMinute] as number, periods.l5.mean);
      assertSame(ten[periods.m10.onsetMinute] as number, periods.m10.mean);
    }),
    { numRuns: 12 },
  );
});

/** Solves the 3 x 3 system by Cramer's rule. */
function solve(m: readonly (readonly number[])[], y: readonly number[]): readonly number[] {
  const det = (a: readonly (readonly number[])[]): number => {
    const [p, q, r] = a as [number[], number[], number[]];
    const [p0, p1, p2] = p as [number, number, number];
    const [q0, q1, q2] = q as [number, number, number];
    const [r0, r1, r2] = r as [number, number, number];
    return p0 * (q1 * r2 - q2 * r1) - p1 * (q0 * r2 - q2 * r0) + p2 * (q0 * r1 - q1 * r0);
  };
  return [0, 1, 2].map(
    (column) => det(m.map((row, i) => row.map((cell, j) => (j === column ? (y[i] as number) : cell)))) / det(m),
  );
}

test('the cosinor agrees with the normal equations', () => {
  fc.assert(
    fc.property(anyActivity, ({ values, clock }) => {
      const rows: { x: number[]; y: number }[] = [];
      values.forEach((y, i) => {
        const angle = (2 * Math.PI * (clock.clockMinute[i] as number)) / 1440;
        if (!Number.isNaN(y)) rows.push({ x: [1, Math.cos(angle), Math.sin(angle)], y });
      });
      const present = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
      const span = (present.at(-1) ?? -1) - (present[0] ?? 0) + 1;
      const fit = cosinor(values, clock).unwrapOr(null);
      if (span < 1440) {
        assert.is(fit, null);
        return;
      }
      const at = (row: { x: number[] }, j: number): number => row.x[j] as number;
      const matrix = [0, 1, 2].map((i) => [0, 1, 2].map((j) => sum(rows.map((row) => at(row, i) * at(row, j)))));
      const [mesor, beta, gamma] = solve(
        matrix,
        [0, 1, 2].map((i) => sum(rows.map((row) => at(row, i) * row.y))),
      ) as [number, number, number];
      const residual = sum(rows.map((row) => (row.y - mesor - beta * at(row, 1) - gamma * at(row, 2)) ** 2));
      const mean = average(rows.map((row) => row.y));
      const total = sum(rows.map((row) => (row.y - mean) ** 2));
      assert.ok(fit !== null);
      assertSame(fit.mesor, mesor);
      assertSame(fit.betaCos, beta);
      assertSame(fit.gammaSin, gamma);
      assertSame(fit.amplitude, Math.sqrt(beta ** 2 + gamma ** 2));
      assertSame(fit.rSquared, 1 - residual / total);
      assert.ok(fit.f !== null && isClose(fit.f, (total - residual) / 2 / (residual / (rows.length - 3)), 1e-7));
      // The curve is highest at the reported minute.
      const peak = (2 * Math.PI * (fit.acrophaseMinute as number)) / 1440;
      assertSame(fit.mesor + fit.amplitude, mesor + beta * Math.cos(peak) + gamma * Math.sin(peak));
      assertSame(Math.cos(peak + (fit.acrophaseRad as number)), 1);
    }),
    RUNS,
  );
});

test('the sleep regularity index agrees with pairs looked up by day and clock minute', () => {
  fc.assert(
    fc.property(anyStates, fc.integer({ min: 0, max: 1439 }), (states, start) => {
      const clock = plainClock(start, states.length);
      const known = new Map<string, number>();
      const key = (day: number, minute: number): string => `${day}:${minute}`;
      states.forEach((state, i) => {
        if (state !== 255) known.set(key(clock.dayIndex[i] as number, clock.clockMinute[i] as number), state);
      });
      const agreements = [...known].flatMap(([place, state]) => {
        const [day, minute] = place.split(':').map(Number) as [number, number];
        const next = known.get(key(day + 1, minute));
        return next === undefined ? [] : [next === state ? 1 : -1];
      });
      const expected = agreements.length === 0 ? null : 100 * average(agreements);
      assertSame(sleepRegularityIndex(states, clock).unwrapOr(null), expected);
    }),
    RUNS,
  );
});

/** Zero `0`, low `1`, active `2`, missing `.`. */
const coded = (values: Float64Array, low: number): string =>
  Array.from(values, (v) => (Number.isNaN(v) ? '.' : v === 0 ? '0' : v <= low ? '1' : '2')).join('');

const matches = (text: string, pattern: RegExp, least: number) =>
  [...text.matchAll(pattern)]
    .map((match) => ({ start: match.index, length: match[0].length }))
    .filter((run) => run.length >= least);

test('Troiano non-wear agrees with a regular expression', () => {
  fc.assert(
    fc.property(anyActivity, ({ values }) => {
      // Fewer active minutes, so that some periods get long enough.
      const quiet = values.map((value, i) => (i % 900 < 700 && value > 20 ? 0 : value));
      assert.equal(troianoNonWear(quiet), matches(coded(quiet, 100), /0+(?:1{1,2}0+)*/g, 60));
    }),
    RUNS,
  );
});

test('Choi non-wear agrees with a regular expression', () => {
  fc.assert(
    fc.property(anyActivity, ({ values }) => {
      const quiet = values.map((value, i) => (i % 900 < 700 && value > 2 ? 0 : value));
      const ignored = coded(quiet, 0).replace(/(?<=0{30})2{1,2}(?=0{30})/g, (run) => 'i'.repeat(run.length));
      assert.equal(choiNonWear(quiet), matches(ignored, /[0i]+/g, 90));
    }),
    RUNS,
  );
});

test('Webster rescoring agrees with regular expressions on the sleep runs', () => {
  fc.assert(
    fc.property(anyStates, (states) => {
      const text = Array.from(states, (state) => (state === 1 ? 'S' : state === 0 ? 'W' : '.')).join('');
      const expected = text.replace(/S+/g, (run, start: number) => {
        const before = /W*$/.exec(text.slice(0, start))?.[0].length ?? 0;
        const after = /^W*/.exec(text.slice(start + run.length))?.[0].length ?? 0;
        const both = Math.min(before, after);
        if ((run.length <= 6 && both >= 10) || (run.length <= 10 && both >= 20)) return 'W'.repeat(run.length);
        const leading = before >= 15 ? 4 : before >= 10 ? 3 : before >= 4 ? 1 : 0;
        return 'W'.repeat(Math.min(leading, run.length)) + run.slice(leading);
      });
      const rescored = rescoreWebster(states);
      assert.is(Array.from(rescored, (state) => (state === 1 ? 'S' : state === 0 ? 'W' : '.')).join(''), expected);
    }),
    { numRuns: 200 },
  );
});

test('Cole-Kripke and Sadeh agree with their formulas in floating point, away from the thresholds', () => {
  fc.assert(
    fc.property(anyActivity, ({ values }) => {
      const weights = [106, 54, 58, 76, 230, 74, 67];
      const coleKripke = scoreColeKripke(values);
      const sadeh = scoreSadeh1994(values);
      values.forEach((value, t) => {
        if (Number.isNaN(value)) {
          assert.equal([coleKripke[t], sadeh[t]], [255, 255]);
          return;
        }
        const around = (k: number): number => values[t + k] || 0;
        const d = 0.001 * sum(weights.map((w, k) => w * Math.min(around(k - 4) / 100, 300)));
        if (Math.abs(d - 1) > 1e-9) assert.is(coleKripke[t], d < 1 ? 1 : 0);
        const capped = (k: number): number => Math.min(around(k), 300);
        const eleven = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map(capped);
        const six = eleven.slice(0, 6);
        const nat = eleven.filter((a) => a >= 50 && a < 100).length;
        const sd = Math.sqrt((sum(six.map((a) => a * a)) - 6 * average(six) ** 2) / 5);
        const ps = 7.601 - 0.065 * average(eleven) - 1.08 * nat - 0.056 * sd - 0.703 * Math.log(capped(0) + 1);
        if (Math.abs(ps) > 1e-6) assert.is(sadeh[t], ps > 0 ? 1 : 0);
      });
    }),
    { numRuns: 12 },
  );
});

test.run();
