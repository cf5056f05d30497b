/** Data quality: how much was recorded, where the gaps are, which sources were used. It comes before every result. */

import { sum } from 'd3-array';
import type { AnalysisDocument, LocalDayGrid, SourceUse } from '../../core/analysis/document.ts';
import { coverageChart } from './day-columns.ts';
import { dayAndClock, endOfSpan } from './local-clock.ts';
import { dataName, markup, NOTHING, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { table } from './table.ts';
import { asSentence, counted, formatCount, formatDuration, formatPercent, isKnown } from './text.ts';

const LONGEST_GAPS = 6;
const MAX_NOTICES = 20;
const MAX_SOURCES = 40;

/** The section's content. */
export function qualitySection(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  return markup`${facts(document, grid)}
${coverageChart(document, grid)}
${gapTable(document)}
<p><strong>How wear was decided.</strong> ${asSentence(shortened(document.data_quality.wear_rule, 800)) || 'The analysis does not say.'}</p>
${sources(document)}
${notices(document)}`;
}

function facts({ data_quality: quality, window }: AnalysisDocument, grid: LocalDayGrid): Markup {
  const gapMinutes = sum(quality.gaps, (gap) => gap.minutes);
  const entries: readonly { readonly name: string; readonly value: string; readonly note: string }[] = [
    {
      name: 'Recorded',
      value: isKnown(quality.wear_fraction) ? formatPercent(quality.wear_fraction * 100) : 'unknown',
      note: `${formatCount(quality.valid_minutes)} of ${formatCount(window.minutes)} minutes`,
    },
    {
      name: 'Valid days',
      value: `${formatCount(quality.valid_days)} of ${formatCount(grid.dates.length)}`,
      note: 'with at least ten recorded hours (Troiano 2008)',
    },
    {
      name: 'Gaps',
      value: formatCount(quality.gaps.length),
      note: quality.gaps.length === 0 ? 'nothing is missing' : `${formatDuration(gapMinutes)} in total`,
    },
  ];
  return markup`<dl class="facts">${entries.map(
    ({ name, value, note }) => markup`<div><dt>${name}</dt><dd><b>${value}</b><span>${note}</span></dd></div>`,
  )}</dl>`;
}

function gapTable({ data_quality: { gaps } }: AnalysisDocument): Markup {
  if (gaps.length === 0) return NOTHING;
  const longest = [...gaps].sort((a, b) => b.minutes - a.minutes).slice(0, LONGEST_GAPS);
  const caption =
    gaps.length > longest.length ? `The ${longest.length} longest of ${counted(gaps.length, 'gap')}` : 'Gaps';
  return table({
    caption,
    columns: [{ head: 'When' }, { head: 'Length', kind: 'numeric' }],
    rows: longest.map((gap) => [
      markup`${shortened(dayAndClock(gap.start), 60)} – ${shortened(endOfSpan(gap.start, gap.end), 60)}`,
      formatDuration(gap.minutes),
    ]),
  });
}

const DEVICES: Readonly<Record<SourceUse['device'], string>> = {
  watch: 'watch',
  phone: 'phone',
  other: 'other device',
  file: 'file',
};

/** What a signal is called and what its amounts count. */
interface SignalName {
  readonly name: string;
  readonly unit: string;
}

const SIGNALS: ReadonlyMap<string, SignalName> = new Map([
  ['step_count', { name: 'steps', unit: 'steps' }],
  ['activity_count', { name: 'activity counts', unit: 'counts' }],
  ['sleep_stage nights', { name: 'nights', unit: 'nights' }],
]);

function signalName(signal: string): SignalName {
  return SIGNALS.get(signal) ?? { name: shortened(signal, 60).replace(/_/g, ' '), unit: '' };
}

function sources({ input }: AnalysisDocument): Markup {
  if (input.sources.length === 0) return markup`<p><strong>Sources.</strong> The analysis names none.</p>`;
  const shown = input.sources.slice(0, MAX_SOURCES);
  const cut = shown.length < input.sources.length;
  const anySetAside = input.sources.some((source) => source.set_aside > 0);
  return markup`<p><strong>Sources.</strong> ${usedSentence(input.sources)} ${
    anySetAside
      ? 'What the others say of the same time was set aside, so that nothing is counted twice; the table says how much and why.'
      : 'Nothing was set aside.'
  }</p>
${table({
  caption: cut ? `The first ${shown.length} of ${formatCount(input.sources.length)} sources` : 'Sources',
  columns: [
    { head: 'Source' },
    { head: 'Gives' },
    { head: 'Samples', kind: 'numeric' },
    { head: 'Used', kind: 'numeric' },
    { head: 'Set aside', kind: 'numeric' },
    { head: 'Why set aside', kind: 'wide' },
  ],
  rows: shown.map((source) => {
    const { name, unit } = signalName(source.signal);
    return [
      dataName(source.name),
      markup`${name}<span class="sub">${DEVICES[source.device]}</span>`,
      formatCount(source.samples),
      `${formatCount(source.used)} ${unit}`,
      `${formatCount(source.set_aside)} ${unit}`,
      source.reason === null ? '–' : asSentence(shortened(source.reason, 300)),
    ];
  }),
})}`;
}

/** What of the input was not used as it came, most frequent first. */
function notices({ input }: AnalysisDocument): Markup {
  if (input.notices.length === 0) return markup`<p><strong>Input.</strong> All of it was used as it came.</p>`;
  const ordered = [...input.notices].sort((a, b) => b.count - a.count);
  const shown = ordered.slice(0, MAX_NOTICES);
  const cut = shown.length < ordered.length;
  return table({
    caption: cut
      ? `The ${shown.length} most frequent of ${formatCount(ordered.length)} kinds of input that were not used as they came`
      : 'Input that was not used as it came',
    columns: [{ head: 'What', kind: 'wide' }, { head: 'How often', kind: 'numeric' }, { head: 'First at' }],
    rows: shown.map((notice) => [
      asSentence(shortened(notice.message, 300)),
      formatCount(notice.count),
      notice.first_at === null ? '–' : shortened(notice.first_at, 60),
    ]),
  });
}

/** Such as `Steps come from 2 of 3 sources, nights from 1 of 1.` */
function usedSentence(sources: readonly SourceUse[]): string {
  const bySignal = new Map<string, { all: number; used: number }>();
  for (const { signal, used } of sources) {
    const { name } = signalName(signal);
    const tally = bySignal.get(name) ?? { all: 0, used: 0 };
    tally.all += 1;
    if (used > 0) tally.used += 1;
    bySignal.set(name, tally);
  }
  const clauses = [...bySignal]
    .slice(0, 6)
    .map(([name, { all, used }], i) =>
      i === 0
        ? `${name} come from ${used} of ${counted(all, 'source')}`
        : `${name} from ${used} of ${formatCount(all)}`,
    );
  return asSentence(clauses.join(', '));
}
