/** The numbers of sleep and of activity. Means over nights and days say over how many. */

import { mean } from 'd3-array';
import type { AnalysisDocument, NightResult } from '../../core/analysis/document.ts';
import { VALID_DAY_MINUTES } from './day-columns.ts';
import { numberCard } from './numbers.ts';
import type { NumberCard } from './numbers.ts';
import { signalWords } from './signal.ts';
import { counted, formatCount, formatDuration, formatFixed, formatPercent, isKnown } from './text.ts';

/** Sleep regularity, the nights' means, and what was scored from movement. */
export function sleepNumbers(document: AnalysisDocument): NumberCard[] {
  const { sleep } = document;
  const scored = [
    numberCard(
      document,
      'sleep.scored_sleep_minutes',
      'Sleep scored from movement',
      sleep.scored_sleep_minutes,
      scoredText,
    ),
    numberCard(
      document,
      'sleep.rescored_sleep_minutes',
      'Sleep after rescoring',
      sleep.rescored_sleep_minutes,
      (minutes) => ({
        value: formatDuration(minutes),
        unit: 'in the whole window',
        sentence: 'The same after short stretches of sleep beside long waking were set back to waking.',
      }),
    ),
  ];
  return [
    numberCard(
      document,
      'sleep.regularity_index',
      'Sleep regularity index (SRI)',
      sleep.regularity_index,
      (value) => ({
        value: formatFixed(value, 0),
        unit: 'of 100',
        sentence: 'How often sleep or waking is the same 24 hours apart: 100 is always, 0 is chance, −100 is never.',
      }),
      { from: -100, to: 100, fromWords: 'never', toWords: 'always' },
    ),
    ...nightMeans(document, sleep.nights),
    ...scored,
  ];
}

const scoredText = (minutes: number): { value: string; unit: string; sentence: string } => ({
  value: formatDuration(minutes),
  unit: 'in the whole window',
  sentence: 'Minutes that a movement rule calls sleep; such rules often take lying still for sleep.',
});

type NightField =
  | 'time_in_bed_minutes'
  | 'asleep_minutes'
  | 'efficiency_percent'
  | 'onset_latency_minutes'
  | 'waso_minutes';

const NIGHT_MEANS: readonly {
  readonly field: NightField;
  readonly title: string;
  readonly format: (value: number) => string;
  readonly sentence: string;
}[] = [
  {
    field: 'time_in_bed_minutes',
    title: 'Time in bed',
    format: formatDuration,
    sentence: 'From going to bed to getting up',
  },
  {
    field: 'asleep_minutes',
    title: 'Time asleep',
    format: formatDuration,
    sentence: 'Time recorded as sleep',
  },
  {
    field: 'efficiency_percent',
    title: 'Sleep efficiency',
    format: formatPercent,
    sentence: 'The share of the time in bed that was sleep',
  },
  {
    field: 'onset_latency_minutes',
    title: 'Time to fall asleep',
    format: formatDuration,
    sentence: 'From going to bed to the first sleep',
  },
  {
    field: 'waso_minutes',
    title: 'Awake after falling asleep (WASO)',
    format: formatDuration,
    sentence: 'Waking between the first and the last sleep',
  },
];

function nightMeans(document: AnalysisDocument, nights: readonly NightResult[] | null): NumberCard[] {
  return NIGHT_MEANS.map(({ field, title, format, sentence }) => {
    const known = (nights ?? []).map((night) => night[field]).filter(isKnown);
    const noNights = nights === null || nights.length === 0;
    return numberCard(
      document,
      noNights ? 'sleep.nights' : `sleep.nights.0.${field}`,
      `${title}, mean`,
      mean(known) ?? null,
      (value) => ({
        value: format(value),
        unit: `over ${counted(known.length, 'night')}`,
        sentence: `${sentence}, averaged over the nights that tell it.`,
      }),
      null,
      noNights ? 'No night was recorded.' : 'No night in these data tells it.',
    );
  });
}

/** The mean of the valid days' totals. */
export function activityNumbers(document: AnalysisDocument): NumberCard[] {
  const { noun } = signalWords(document.input.kind);
  const totals = document.activity.daily
    .filter((day) => day.valid_minutes >= VALID_DAY_MINUTES)
    .map((day) => day.total)
    .filter(isKnown);
  const title = `Daily ${noun}, mean`;
  const average = mean(totals);
  if (average === undefined) {
    const sentence = 'No day has ten recorded hours, so a daily mean would mislead.';
    return [{ title, value: null, unit: '', sentence, scale: null }];
  }
  return [
    {
      title,
      value: formatCount(average),
      unit: `over ${counted(totals.length, 'valid day')}`,
      sentence: 'What was recorded on days with at least ten recorded hours; unrecorded time adds nothing.',
      scale: null,
    },
  ];
}
