import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosinor } from '../../../../core/actigraphy/cosinor.ts';
import {
  interdailyStability,
  intradailyVariability,
  restAndActivePeriods,
} from '../../../../core/actigraphy/rhythm.ts';
import { clockOf } from '../../../../core/actigraphy/series.ts';
import { fixedOffsetZone } from '../../../../core/kernel/local-time.ts';
import { pickRhythm, RHYTHM_FEATURES, rhythmFeatures } from '../../../../core/pat/heads/rhythm-features.ts';
import { randomStream } from '../../../../core/simulation/random.ts';
import { errorOf, valueOf } from '../../result-values.ts';

/** Days with quiet nights from midnight to seven; some minutes are missing. */
function days(count: number, seed = 1): Float64Array {
  const random = randomStream(seed, 'rhythm-features');
  return Float64Array.from({ length: count * 1440 }, (_, t) => {
    if (random.chance(0.02)) return Number.NaN;
    return random.chance(t % 1440 < 420 ? 0.05 : 0.7) ? random.wholeBetween(1, 900) : 0;
  });
}

const near = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${String(a)} ${String(b)}`);

test('features are the published measures of the days', () => {
  const week = days(7);
  const features = rhythmFeatures(week);
  const clock = clockOf(fixedOffsetZone(0), 0, week.length);
  const { l5, m10, relativeAmplitude } = valueOf(restAndActivePeriods(week, clock));
  const fit = valueOf(cosinor(week, clock));
  near(valueOf(features.interdaily_stability), valueOf(interdailyStability(week, clock)));
  near(valueOf(features.intradaily_variability), valueOf(intradailyVariability(week, clock)));
  near(valueOf(features.relative_amplitude), valueOf(relativeAmplitude));
  near(valueOf(features.l5_log_mean), Math.log(1 + l5.mean));
  near(valueOf(features.m10_log_mean), Math.log(1 + m10.mean));
  near(valueOf(features.cosinor_mesor), fit.mesor);
  near(valueOf(features.cosinor_amplitude), fit.amplitude);
  near(valueOf(features.cosinor_r_squared), fit.rSquared!);
  const angle = (2 * Math.PI * fit.acrophaseMinute!) / 1440;
  near(valueOf(features.cosinor_acrophase_sin), Math.sin(angle));
  near(valueOf(features.cosinor_acrophase_cos), Math.cos(angle));
});

test('six hours later every angle is a quarter turn on, and nothing else has changed', () => {
  const week = days(7).map((value) => (Number.isNaN(value) ? 0 : value));
  const later = Float64Array.from(week, (_, t) => week[(t - 360 + week.length) % week.length]!);
  const [before, after] = [rhythmFeatures(week), rhythmFeatures(later)];
  for (const name of ['l5_onset', 'm10_onset', 'cosinor_acrophase'] as const) {
    const [sin, cos] = [valueOf(before[`${name}_sin`]), valueOf(before[`${name}_cos`])];
    assert.ok(Math.abs(valueOf(after[`${name}_sin`]) - cos) < 1e-9, name);
    assert.ok(Math.abs(valueOf(after[`${name}_cos`]) + sin) < 1e-9, name);
    assert.ok(Math.abs(sin ** 2 + cos ** 2 - 1) < 1e-12, name);
  }
  for (const name of ['relative_amplitude', 'l5_log_mean', 'm10_log_mean', 'cosinor_mesor'] as const) {
    assert.ok(Math.abs(valueOf(before[name]) - valueOf(after[name])) < 1e-9, name);
  }
});

test('every feature has a value on an ordinary week, in the order asked for', () => {
  const features = rhythmFeatures(days(7));
  const values = valueOf(pickRhythm(features, RHYTHM_FEATURES));
  assert.is(values.length, 14);
  assert.ok(values.every(Number.isFinite));
  const backwards = valueOf(pickRhythm(features, RHYTHM_FEATURES.toReversed()));
  assert.equal(backwards, values.toReversed());
  assert.is(valueOf(pickRhythm(features, [])).length, 0);
});

test('one day has no interdaily stability, and says so only when it is asked for', () => {
  const features = rhythmFeatures(days(1).map((value) => (Number.isNaN(value) ? 0 : value)));
  assert.match(errorOf(pickRhythm(features, ['cosinor_mesor', 'interdaily_stability'])).reason, 'at least 2 days');
  valueOf(pickRhythm(features, ['cosinor_mesor', 'l5_log_mean']));
});

test('what a week of one value does not give has a reason and no number', () => {
  const features = rhythmFeatures(new Float64Array(7 * 1440).fill(3));
  assert.match(errorOf(features.cosinor_acrophase_sin).reason, 'no peak');
  assert.match(errorOf(features.cosinor_acrophase_cos).reason, 'no peak');
  assert.match(errorOf(features.cosinor_r_squared).reason, 'does not vary');
  assert.match(errorOf(features.interdaily_stability).reason, 'differ');
  near(valueOf(features.l5_log_mean), Math.log(4));
});

test('a clock minute that is missing on every day leaves L5 and M10 without a value', () => {
  const week = days(7);
  for (let t = 100; t < week.length; t += 1440) week[t] = Number.NaN;
  assert.match(errorOf(rhythmFeatures(week).m10_onset_cos).reason, '1439 have one');
});

test('a week without any value has none of the features', () => {
  const features = rhythmFeatures(new Float64Array(7 * 1440).fill(Number.NaN));
  for (const name of RHYTHM_FEATURES) errorOf(features[name]);
});

test('a number that is not finite is not passed on', () => {
  const features = {
    ...rhythmFeatures(days(7)),
    l5_log_mean: rhythmFeatures(days(7)).cosinor_mesor.map(() => -Infinity),
  };
  assert.is(errorOf(pickRhythm(features, ['l5_log_mean'])).reason, 'l5_log_mean is not a finite number');
});

test('half days are a mistake', () => {
  assert.throws(() => rhythmFeatures(new Float64Array(1000)), /not of 1000 minutes/);
});

test.run();
