import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosinor } from '../../../core/actigraphy/cosinor.ts';
import { choiNonWear, maskRuns, troianoNonWear } from '../../../core/actigraphy/non-wear.ts';
import {
  interdailyStability,
  interdailyStabilityEtaSquared,
  intradailyVariability,
  restAndActivePeriods,
} from '../../../core/actigraphy/rhythm.ts';
import { plainClock } from '../../../core/actigraphy/series.ts';
import { sleepRegularityIndex } from '../../../core/actigraphy/sleep-regularity.ts';
import {
  countSleep,
  rescoreWebster,
  scoreColeKripke,
  scoreOakley,
  scoreSadeh,
  scoreSadeh1994,
} from '../../../core/actigraphy/sleep-scoring.ts';
import { wearByDay } from '../../../core/actigraphy/wear.ts';

/** What an independent implementation in another language computed; null where it found nothing computable. */
interface Reference {
  readonly start: number;
  readonly expected: Readonly<Record<string, unknown>>;
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/actigraphy/${name}`, import.meta.url), 'utf8'));
const { cases } = fixture('npcra_expected.json') as { readonly cases: Readonly<Record<string, Reference>> };
const week = Float64Array.from(fixture('week_raw_counts.json') as number[]);

const INPUTS: Readonly<Record<string, Float64Array>> = {
  week,
  one_day: week.slice(0, 1440),
  all_zero: new Float64Array(2880),
  all_missing: new Float64Array(2880).fill(Number.NaN),
};

/** Every field of the reference, computed here under the reference's names. */
function computed(values: Float64Array, start: number): Record<string, unknown> {
  const clock = plainClock(start, values.length);
  const coleKripke = scoreColeKripke(values);
  const sadeh = scoreSadeh(values);
  const troiano = troianoNonWear(values);
  const periods = restAndActivePeriods(values, clock).unwrapOr(null);
  const fit = cosinor(values, clock).unwrapOr(null);
  return {
    IS: interdailyStability(values, clock).unwrapOr(null),
    IV: intradailyVariability(values, clock).unwrapOr(null),
    IS_eta2: interdailyStabilityEtaSquared(values, clock).unwrapOr(null),
    L5M10: periods && {
      L5: periods.l5.mean,
      L5_onset_min: periods.l5.onsetMinute,
      M10: periods.m10.mean,
      M10_onset_min: periods.m10.onsetMinute,
      RA: periods.relativeAmplitude.unwrapOr(null),
    },
    cosinor: fit && {
      mesor: fit.mesor,
      amplitude: fit.amplitude,
      n: fit.n,
      acrophase_rad: fit.acrophaseRad,
      peak_clock_min: fit.acrophaseMinute,
      r2: fit.rSquared,
      F: fit.f,
      beta_cos: fit.betaCos,
      gamma_sin: fit.gammaSin,
    },
    ck_actilife_sleep_min: countSleep(coleKripke),
    ck_webster_sleep_min: countSleep(rescoreWebster(coleKripke)),
    sadeh_actilife_sleep_min: countSleep(sadeh),
    sadeh1994_sleep_min: countSleep(scoreSadeh1994(values)),
    oakley40_sleep_min: countSleep(scoreOakley(values)),
    SRI_ck: sleepRegularityIndex(coleKripke, clock).unwrapOr(null),
    SRI_sadeh: sleepRegularityIndex(sadeh, clock).unwrapOr(null),
    nonwear_troiano: troiano.map((run) => [run.start, run.length]),
    nonwear_choi: choiNonWear(values).map((run) => [run.start, run.length]),
    valid_days: wearByDay(maskRuns(values, troiano), clock).map((day) => ({
      day: day.dayIndex,
      minutes: day.recordedMinutes,
      wear: day.validMinutes,
      valid: day.valid,
    })),
  };
}

/** Deep equality, numbers to 1e-9 of the expected one. */
function assertClose(actual: unknown, expected: unknown, place: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${place}: ${actual}, expected ${expected}`);
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
    assert.equal(Object.keys(actual).sort(), Object.keys(expected).sort(), place);
    for (const [key, part] of Object.entries(expected)) {
      assertClose((actual as Record<string, unknown>)[key], part, `${place}.${key}`);
    }
  } else {
    assert.is(actual, expected, place);
  }
}

test('the reference has the four cases', () => {
  assert.equal(Object.keys(cases).sort(), Object.keys(INPUTS).sort());
});

for (const [name, values] of Object.entries(INPUTS)) {
  test(`every measure of the case ${name} agrees with the reference to 1e-9`, () => {
    const { start, expected } = cases[name] as Reference;
    assertClose(computed(values, start), expected, name);
  });
}

const webster = (fixture('webster.json') as { readonly cases: Readonly<Record<string, string>> }).cases;

for (const [given, expected] of Object.entries(webster)) {
  test(`Webster rescoring turns ${given} into ${expected}`, () => {
    const rescored = rescoreWebster(Uint8Array.from(given, (state) => (state === 'S' ? 1 : 0)));
    assert.is(Array.from(rescored, (state) => (state === 1 ? 'S' : 'W')).join(''), expected);
  });
}

test.run();
