import { cosinor } from '../actigraphy/cosinor.ts';
import { interdailyStability, intradailyVariability, restAndActivePeriods } from '../actigraphy/rhythm.ts';
import type { MinuteClock } from '../actigraphy/series.ts';
import type { RhythmResults } from './document.ts';
import type { Findings } from './findings.ts';

/** The rhythm part of the document. */
export function rhythmResults(values: Float64Array, clock: MinuteClock, findings: Findings): RhythmResults {
  findings.used('interdaily_stability', 'intradaily_variability', 'rest_and_active_periods', 'cosinor');
  const periods = findings.take(
    restAndActivePeriods(values, clock),
    'rhythm.l5.mean',
    'rhythm.l5.onset_minute',
    'rhythm.m10.mean',
    'rhythm.m10.onset_minute',
    'rhythm.relative_amplitude',
  );
  const fit = findings.take(
    cosinor(values, clock),
    'rhythm.cosinor.mesor',
    'rhythm.cosinor.amplitude',
    'rhythm.cosinor.acrophase_minute',
    'rhythm.cosinor.r_squared',
  );
  if (fit !== null && fit.acrophaseMinute === null) {
    findings.without('the fitted amplitude is zero, so there is no peak', 'rhythm.cosinor.acrophase_minute');
  }
  if (fit !== null && fit.rSquared === null) {
    findings.without('the series does not vary, so there is nothing to explain', 'rhythm.cosinor.r_squared');
  }
  return {
    interdaily_stability: findings.take(interdailyStability(values, clock), 'rhythm.interdaily_stability'),
    intradaily_variability: findings.take(intradailyVariability(values, clock), 'rhythm.intradaily_variability'),
    relative_amplitude: periods === null ? null : findings.take(periods.relativeAmplitude, 'rhythm.relative_amplitude'),
    l5: { mean: periods?.l5.mean ?? null, onset_minute: periods?.l5.onsetMinute ?? null },
    m10: { mean: periods?.m10.mean ?? null, onset_minute: periods?.m10.onsetMinute ?? null },
    cosinor: {
      mesor: fit?.mesor ?? null,
      amplitude: fit?.amplitude ?? null,
      acrophase_minute: fit?.acrophaseMinute ?? null,
      r_squared: fit?.rSquared ?? null,
    },
  };
}
