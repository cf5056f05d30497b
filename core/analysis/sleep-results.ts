import type { MinuteClock } from '../actigraphy/series.ts';
import { sleepRegularityIndex } from '../actigraphy/sleep-regularity.ts';
import { countSleep, rescoreWebster, scoreColeKripke } from '../actigraphy/sleep-scoring.ts';
import type { NightResult, SleepResults } from './document.ts';
import type { Findings } from './findings.ts';
import type { MinuteRecording } from './recording.ts';

const NOT_COUNTS =
  'Cole-Kripke is fitted to wrist activity counts and is not run on steps, which are zero for quiet waking too';

const NO_SLEEP: SleepResults = {
  method: null,
  scored_sleep_minutes: null,
  rescored_sleep_minutes: null,
  regularity_index: null,
  nights: null,
};

/** The sleep part of the document: scored from counts, or as a device recorded it. */
export function sleepResults(
  recording: MinuteRecording,
  values: Float64Array,
  clock: MinuteClock,
  findings: Findings,
): SleepResults {
  if (recording.kind === 'counts') return sleepFromCounts(values, clock, findings);
  findings.without(NOT_COUNTS, 'sleep.scored_sleep_minutes', 'sleep.rescored_sleep_minutes');
  const recorded = recording.recordedSleep;
  if ('absent' in recorded) {
    findings.without(recorded.absent, 'sleep.method', 'sleep.nights', 'sleep.regularity_index');
    return NO_SLEEP;
  }
  findings.used('nights', 'sleep_regularity_index');
  nightReasons(recorded.nights, findings);
  return {
    method: "nights from the device's own sleep intervals, noon to noon",
    scored_sleep_minutes: null,
    rescored_sleep_minutes: null,
    regularity_index: findings.take(sleepRegularityIndex(recorded.states, clock), 'sleep.regularity_index'),
    nights: recorded.nights,
  };
}

/** Why some nights lack a number: one reason a field, with how many nights it is about. */
const NIGHT_REASONS: Readonly<Partial<Record<keyof NightResult, string>>> = {
  asleep_minutes: 'only time in bed was recorded',
  efficiency_percent: 'only time in bed was recorded',
  onset_latency_minutes: 'no sample tells when the person went to bed',
  waso_minutes: 'the recording does not tell when the person was awake in the night',
  stages: 'the source does not tell stages',
};

function nightReasons(nights: readonly NightResult[], findings: Findings): void {
  for (const [field, reason] of Object.entries(NIGHT_REASONS) as [keyof NightResult, string][]) {
    const without = nights.filter((night) => night[field] === null).length;
    if (without === 0) continue;
    findings.without(`in ${String(without)} of ${String(nights.length)} nights ${reason}`, `sleep.nights[].${field}`);
  }
}

function sleepFromCounts(values: Float64Array, clock: MinuteClock, findings: Findings): SleepResults {
  findings.without(
    'counts alone do not tell when a person was in bed: nights need sleep intervals or a diary',
    'sleep.nights',
  );
  const anyValid = values.some((value) => !Number.isNaN(value));
  if (!anyValid) {
    findings.without(
      'the window has no valid minute',
      'sleep.method',
      'sleep.scored_sleep_minutes',
      'sleep.rescored_sleep_minutes',
      'sleep.regularity_index',
    );
    return NO_SLEEP;
  }
  findings.used('cole_kripke', 'webster', 'sleep_regularity_index');
  const scored = scoreColeKripke(values);
  return {
    method: 'Cole-Kripke in the ActiLife form, then Webster rescoring',
    scored_sleep_minutes: countSleep(scored),
    rescored_sleep_minutes: countSleep(rescoreWebster(scored)),
    regularity_index: findings.take(sleepRegularityIndex(scored, clock), 'sleep.regularity_index'),
    nights: null,
  };
}
