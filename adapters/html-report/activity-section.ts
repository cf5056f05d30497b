/** The totals of each day and the means of each clock hour, as drawings and as numbers. */

import type { AnalysisDocument } from '../../core/analysis/document.ts';
import { totalsChart } from './day-columns.ts';
import { shortDayOrText } from './local-clock.ts';
import { markup, NOTHING, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { reasonFor } from './not-computed.ts';
import { signalWords } from './signal.ts';
import { foldedTable } from './table.ts';
import { formatAmount, formatCount, formatDuration, isKnown } from './text.ts';

const ABSENT = markup`<span class="absent">not recorded</span>`;

/** The section's content. */
export function activitySection(document: AnalysisDocument): Markup {
  const { daily } = document.activity;
  if (daily.length === 0) {
    return markup`<p class="none"><strong>Not computed.</strong> ${reasonFor(document, 'activity.daily')}</p>`;
  }
  const { noun } = signalWords(document.input.kind);
  return markup`${totalsChart(document)}${foldedTable('Day by day', {
    caption: markup`Total of ${noun} and recorded time of each local day`,
    columns: [{ head: 'Day' }, { head: 'Total', kind: 'numeric' }, { head: 'Recorded', kind: 'numeric' }],
    rows: daily.map((day) => [
      shortened(shortDayOrText(day.date), 40),
      isKnown(day.total) ? formatCount(day.total) : ABSENT,
      formatDuration(day.valid_minutes),
    ]),
  })}`;
}

/** The document's hourly means as a folded table; the profile chart's numbers. */
export function hourlyTable(document: AnalysisDocument): Markup {
  const hours = document.activity.hourly_profile;
  if (hours.length === 0) return NOTHING;
  const { rate } = signalWords(document.input.kind);
  return foldedTable('Hour by hour', {
    caption: `Mean of each local clock hour, in ${rate}`,
    columns: [{ head: 'Hour' }, { head: 'Mean', kind: 'numeric' }],
    rows: hours
      .slice(0, 24)
      .map((value, hour) => [
        `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00`,
        isKnown(value) ? formatAmount(value) : ABSENT,
      ]),
  });
}
