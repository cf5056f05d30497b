/** Sleep per night: the chart, the table, or why there is neither. */

import { scaleLinear } from 'd3-scale';
import type { AnalysisDocument, AnalysisWindow, NightResult, SleepStageMinutes } from '../../core/analysis/document.ts';
import { readingOf, shortDayOrText } from './local-clock.ts';
import { dataName, markup, NOTHING, shortened } from './markup.ts';
import type { Markup, Part } from './markup.ts';
import { nightsChart } from './nights-chart.ts';
import { reasonFor } from './not-computed.ts';
import { foldedTable, table } from './table.ts';
import type { Column, Table } from './table.ts';
import { asSentence, formatClock, formatHoursMinutes, formatPercent, isKnown } from './text.ts';

/** Longer tables are folded on screen. */
const MAX_OPEN_ROWS = 31;

const NOT_RECORDED = markup`<span class="absent">not recorded</span>`;

/** The section's content. */
export function sleepSection(document: AnalysisDocument): Markup {
  const { nights, method } = document.sleep;
  const how =
    method === null
      ? NOTHING
      : markup`<p><strong>How sleep was decided.</strong> ${asSentence(shortened(method, 400))}</p>\n`;
  if (nights === null || nights.length === 0) {
    const reason = reasonFor(document, 'sleep.nights', 'No night was recorded.');
    const scored = isKnown(document.sleep.scored_sleep_minutes)
      ? markup`<p>How much of the window was scored as sleep from movement is among <a href="#numbers">the numbers</a>.</p>\n`
      : NOTHING;
    return markup`<p class="none"><strong>Not computed.</strong> ${reason}</p>\n${how}${scored}`;
  }
  const content = nightTable(nights, document.window);
  return markup`${nightsChart(nights)}${how}<p class="caution">“To fall asleep” is the sleep onset latency, “awake after” the waking after sleep onset (WASO).</p>
${nights.length > MAX_OPEN_ROWS ? foldedTable(`All ${nights.length} nights`, content) : table(content)}`;
}

function nightTable(nights: readonly NightResult[], window: AnalysisWindow): Table {
  const sources = new Set(nights.map((night) => night.source));
  const [onlySource] = sources.size === 1 ? sources : [null];
  const withStages = nights.some((night) => night.stages !== null);
  const columns: Column[] = [
    { head: 'Night of' },
    { head: 'In bed' },
    { head: 'Time in bed', kind: 'numeric' },
    { head: 'Asleep', kind: 'numeric' },
    { head: 'Efficiency', kind: 'numeric' },
    { head: 'To fall asleep', kind: 'numeric' },
    { head: 'Awake after', kind: 'numeric' },
    ...(withStages ? [{ head: 'Stages', kind: 'wide' as const }] : []),
    ...(onlySource === null ? [{ head: 'Source', kind: 'wide' as const }] : []),
  ];
  return {
    caption: markup`Each night${onlySource === null || onlySource === undefined ? '' : markup`, from ${dataName(onlySource)}`}, durations in hours:minutes`,
    columns,
    rows: nights.map((night): Part[] => [
      markup`<span class="nw">${shortened(shortDayOrText(night.date), 40)}</span>`,
      bedTimes(night, window),
      orNotRecorded(night.time_in_bed_minutes, formatHoursMinutes),
      orNotRecorded(night.asleep_minutes, formatHoursMinutes),
      orNotRecorded(night.efficiency_percent, formatPercent),
      orNotRecorded(night.onset_latency_minutes, formatHoursMinutes),
      orNotRecorded(night.waso_minutes, formatHoursMinutes),
      ...(withStages ? [night.stages === null ? NOT_RECORDED : stageBar(night.stages)] : []),
      ...(onlySource === null ? [dataName(night.source)] : []),
    ]),
  };
}

function orNotRecorded(value: number | null, format: (value: number) => string): Part {
  return isKnown(value) ? format(value) : NOT_RECORDED;
}

/** From going to bed to getting up; a night that the window cuts off says so, because its numbers are of a part only. */
function bedTimes(night: NightResult, window: AnalysisWindow): Part {
  const start = readingOf(night.in_bed_start);
  const end = readingOf(night.in_bed_end);
  if (start === null || end === null) return NOT_RECORDED;
  const times = `${formatClock(Math.floor(start.minute))}–${formatClock(Math.floor(end.minute))}`;
  const cut = night.in_bed_start === window.start || night.in_bed_end === window.end;
  return markup`<span class="nw">${times}</span>${cut ? markup`<span class="sub">cut by the window</span>` : NOTHING}`;
}

/** Deepest first; the report names them as the sources do. */
const STAGES: readonly { readonly key: keyof SleepStageMinutes; readonly name: string }[] = [
  { key: 'deep', name: 'deep' },
  { key: 'core', name: 'core' },
  { key: 'rem', name: 'REM' },
  { key: 'unspecified', name: 'unspecified' },
  { key: 'awake', name: 'awake' },
];

/** The stages' shares as one bar (amounts, not times) over their minutes in words. */
function stageBar(stages: SleepStageMinutes): Markup {
  const present = STAGES.filter(({ key }) => isKnown(stages[key]) && stages[key] > 0);
  const total = present.reduce((minutes, { key }) => minutes + stages[key], 0);
  if (total === 0) return NOT_RECORDED;
  const x = scaleLinear([0, total], [0, 100]);
  let before = 0;
  const pieces = present.map(({ key }) => {
    const [left, width] = [x(before), x(stages[key])];
    before += stages[key];
    return markup`<rect class="st-${key}" x="${left.toFixed(1)}%" width="${width.toFixed(1)}%" height="7"/>`;
  });
  return markup`<svg class="stages" height="7" width="100%" aria-hidden="true">${pieces}</svg><span class="sub">${present.map(({ key, name }) => `${name} ${formatHoursMinutes(stages[key])}`).join(', ')}</span>`;
}
