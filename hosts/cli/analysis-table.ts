import type { AnalysisDocument, ModelResults, NightResult } from '../../core/analysis/document.ts';

/** The document as a table for a person. What is not computable says so, with the reason below. */
export function analysisTable(document: AnalysisDocument): string {
  const { window, input, data_quality: quality, rhythm, sleep, model, risk, activity } = document;
  const scores = risk.scores ?? [];
  const unit = activity.unit;
  const lines = [
    `Rest-activity analysis   ${window.start.slice(0, 10)} to ${lastDate(document)}   (${window.timezone})`,
    '',
    ...section('Data quality', [
      ['Signal', SIGNAL[input.kind]],
      [
        'Known minutes',
        `${count(quality.valid_minutes)} of ${count(window.minutes)} (${percent(quality.wear_fraction)})`,
      ],
      ['Valid days', `${String(quality.valid_days)} of ${String(activity.daily.length)}`],
      ['Gaps', gapsText(document)],
      ...input.sources.map((source): Row => [
        `Source: ${source.name}`,
        `${count(Math.round(source.used))} used, ${count(Math.round(source.set_aside))} set aside (${source.signal})`,
      ]),
    ]),
    ...section('Rhythm', [
      ['Interdaily stability (IS)', decimal(rhythm.interdaily_stability, 3)],
      ['Intradaily variability (IV)', decimal(rhythm.intradaily_variability, 3)],
      ['Relative amplitude (RA)', decimal(rhythm.relative_amplitude, 3)],
      ['Least active 5 h (L5)', period(rhythm.l5, unit)],
      ['Most active 10 h (M10)', period(rhythm.m10, unit)],
      ['Cosinor mesor', withUnit(rhythm.cosinor.mesor, unit)],
      ['Cosinor amplitude', withUnit(rhythm.cosinor.amplitude, unit)],
      ['Cosinor peak', clock(rhythm.cosinor.acrophase_minute)],
      ['Cosinor R²', decimal(rhythm.cosinor.r_squared, 3)],
    ]),
    ...section('Sleep', [
      ['Method', sleep.method ?? NOT_COMPUTED],
      ['Scored sleep', minutesText(sleep.scored_sleep_minutes)],
      ['After rescoring', minutesText(sleep.rescored_sleep_minutes)],
      ['Regularity index (SRI)', decimal(sleep.regularity_index, 1)],
    ]),
    ...nightLines(sleep.nights),
    ...section('Model', [
      ...encoderRows(model),
      ['Depression risk', decimal(risk.depression, 3)],
      ...scores.map((score): Row => [`Score: ${score.task}`, `${decimal(score.score, 3)} (card ${score.card_id})`]),
      ...(scores.length === 0 ? [] : SCORES_NOTE),
    ]),
    'Not computed, and why',
    ...reasons(document).map((line) => `  ${line}`),
    '',
    'This is not a medical device.',
  ];
  return lines.join('\n');
}

type Row = readonly [label: string, value: string];

const NOT_COMPUTED = '-';
const SIGNAL = {
  counts: 'activity counts a minute',
  steps: 'steps a minute (a proxy of activity)',
  healthkit: 'steps a minute from Apple Health (a proxy of activity)',
} as const;

const ENCODED_SIGNAL = {
  counts: 'counts a minute',
  steps: 'steps a minute (a proxy of the counts PAT was pretrained on)',
} as const;

/** Stands below the scores. */
const SCORES_NOTE: readonly Row[] = [
  ['', "a score is a research score of a head that this installation's operator trained,"],
  ['', 'not a probability of illness and not a diagnosis'],
];

/** Which encoder on what; one line where nothing was encoded, or where the document is from before it said more. */
function encoderRows({ status, name, engine, scaling, encoding }: ModelResults): readonly Row[] {
  if (name === null) return [['PAT encoder', status]];
  if (encoding == null) return [['PAT encoder', `${name} (${engine ?? '?'}, ${scaling ?? '?'})`]];
  const { model_id: id, signal, reference_population: population, missing_minutes: missing } = encoding;
  return [
    ['PAT encoder', `${name} (${id}, ${engine ?? '?'})`],
    ['Encoded signal', ENCODED_SIGNAL[signal]],
    ['Scaling', population === null ? (scaling ?? NOT_COMPUTED) : `${scaling ?? '?'} (${population})`],
    ['Encoded days', `${String(encoding.days)} from ${encoding.first_day}`],
    ...(encoding.length_note === null ? [] : [['', encoding.length_note] as const]),
    ['Imputed minutes', `${count(missing.imputed)} (at most ${count(missing.most)})`],
  ];
}

function section(title: string, rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return [title, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`), ''];
}

const count = (value: number): string => value.toLocaleString('en-US');
const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
const decimal = (value: number | null, digits: number): string =>
  value === null ? NOT_COMPUTED : value.toFixed(digits);
const withUnit = (value: number | null, unit: string): string =>
  value === null ? NOT_COMPUTED : `${value.toFixed(2)} ${unit}`;

function clock(minute: number | null): string {
  if (minute === null) return NOT_COMPUTED;
  const whole = Math.round(minute) % 1440;
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function period(value: { readonly mean: number | null; readonly onset_minute: number | null }, unit: string): string {
  return value.mean === null ? NOT_COMPUTED : `${withUnit(value.mean, unit)}, from ${clock(value.onset_minute)}`;
}

function minutesText(minutes: number | null): string {
  if (minutes === null) return NOT_COMPUTED;
  return `${count(Math.round(minutes))} min (${(minutes / 60).toFixed(1)} h)`;
}

function gapsText(document: AnalysisDocument): string {
  const { gaps } = document.data_quality;
  if (gaps.length === 0) return 'none';
  const longest = gaps.reduce((a, b) => (b.minutes > a.minutes ? b : a));
  return `${String(gaps.length)}, the longest ${String(longest.minutes)} min from ${longest.start.slice(0, 16).replace('T', ' ')}`;
}

const lastDate = (document: AnalysisDocument): string =>
  document.activity.daily.at(-1)?.date ?? document.window.end.slice(0, 10);

function nightLines(nights: readonly NightResult[] | null): readonly string[] {
  if (nights === null || nights.length === 0) return [];
  const cell = (value: number | null, digits = 0): string =>
    (value === null ? NOT_COMPUTED : value.toFixed(digits)).padStart(8);
  const time = (text: string | null): string => (text === null ? NOT_COMPUTED : text.slice(11, 16));
  return [
    '  Night       In bed         min  asleep      eff %  latency    WASO',
    ...nights.map(
      (night) =>
        `  ${night.date}  ${`${time(night.in_bed_start)}-${time(night.in_bed_end)}`.padEnd(11)}${cell(night.time_in_bed_minutes).slice(1)}${cell(night.asleep_minutes)}${cell(night.efficiency_percent, 1).padStart(11)}${cell(night.onset_latency_minutes).padStart(9)}${cell(night.waso_minutes)}`,
    ),
    '',
  ];
}

/** One line a reason; the fields that share it stand together. */
function reasons(document: AnalysisDocument): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { field, reason } of document.not_computed) byReason.set(reason, [...(byReason.get(reason) ?? []), field]);
  return [...byReason].map(([reason, fields]) => `${fields.join(', ')}: ${reason}`);
}
