import { err, ok, type Result } from 'neverthrow';
import { cosinor } from '../../actigraphy/cosinor.ts';
import { notComputable, type NotComputable } from '../../actigraphy/not-computable.ts';
import { interdailyStability, intradailyVariability, restAndActivePeriods } from '../../actigraphy/rhythm.ts';
import { plainClock } from '../../actigraphy/series.ts';
import { MINUTES_PER_DAY } from '../../kernel/local-time.ts';

/**
 * The rhythm features that a head may ask for. Times of day are angles of the 24-hour clock and come as sine and cosine,
 * so that 23:59 is next to 00:00; L5 and M10 as log(1 + mean), because activity is skewed; mesor and amplitude in the
 * signal's unit.
 */
export const RHYTHM_FEATURES = [
  'interdaily_stability',
  'intradaily_variability',
  'relative_amplitude',
  'l5_log_mean',
  'l5_onset_sin',
  'l5_onset_cos',
  'm10_log_mean',
  'm10_onset_sin',
  'm10_onset_cos',
  'cosinor_mesor',
  'cosinor_amplitude',
  'cosinor_acrophase_sin',
  'cosinor_acrophase_cos',
  'cosinor_r_squared',
] as const;
export type RhythmFeature = (typeof RHYTHM_FEATURES)[number];

/** Each feature of some days, or why the days do not give it. */
export type RhythmFeatures = Readonly<Record<RhythmFeature, Result<number, NotComputable>>>;

/**
 * The rhythm features of whole local days, `days * 1440` values in the signal's unit from midnight on, NaN where missing.
 * Missing minutes are left out, as core/actigraphy says for each measure.
 */
export function rhythmFeatures(days: Float64Array): RhythmFeatures {
  if (days.length % MINUTES_PER_DAY !== 0) {
    throw new RangeError(`rhythm features are of whole days, not of ${String(days.length)} minutes`);
  }
  const clock = plainClock(0, days.length);
  const periods = restAndActivePeriods(days, clock);
  const fit = cosinor(days, clock);
  const acrophase = fit.andThen(({ acrophaseMinute }) =>
    acrophaseMinute === null
      ? notComputable('the fitted amplitude is zero, so there is no peak')
      : ok<number, NotComputable>(acrophaseMinute),
  );
  return {
    interdaily_stability: interdailyStability(days, clock),
    intradaily_variability: intradailyVariability(days, clock),
    relative_amplitude: periods.andThen(({ relativeAmplitude }) => relativeAmplitude),
    l5_log_mean: periods.map(({ l5 }) => Math.log1p(l5.mean)),
    l5_onset_sin: periods.map(({ l5 }) => Math.sin(angleOf(l5.onsetMinute))),
    l5_onset_cos: periods.map(({ l5 }) => Math.cos(angleOf(l5.onsetMinute))),
    m10_log_mean: periods.map(({ m10 }) => Math.log1p(m10.mean)),
    m10_onset_sin: periods.map(({ m10 }) => Math.sin(angleOf(m10.onsetMinute))),
    m10_onset_cos: periods.map(({ m10 }) => Math.cos(angleOf(m10.onsetMinute))),
    cosinor_mesor: fit.map(({ mesor }) => mesor),
    cosinor_amplitude: fit.map(({ amplitude }) => amplitude),
    cosinor_acrophase_sin: acrophase.map((minute) => Math.sin(angleOf(minute))),
    cosinor_acrophase_cos: acrophase.map((minute) => Math.cos(angleOf(minute))),
    cosinor_r_squared: fit.andThen(({ rSquared }) =>
      rSquared === null
        ? notComputable('the series does not vary, so there is nothing to explain')
        : ok<number, NotComputable>(rSquared),
    ),
  };
}

const angleOf = (minute: number): number => (2 * Math.PI * minute) / MINUTES_PER_DAY;

/** The named features in their order, or the first that the days do not give. */
export function pickRhythm(
  features: RhythmFeatures,
  names: readonly RhythmFeature[],
): Result<Float64Array, NotComputable> {
  const values = new Float64Array(names.length);
  for (const [i, name] of names.entries()) {
    const feature = features[name];
    if (feature.isErr()) return err(feature.error);
    if (!Number.isFinite(feature.value)) return notComputable(`${name} is not a finite number`);
    values[i] = feature.value;
  }
  return ok(values);
}
