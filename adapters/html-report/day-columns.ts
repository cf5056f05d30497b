/** Column charts with one column a day: how much was recorded, and how much was done. */

import { max, sum } from 'd3-array';
import { scaleBand, scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import { MINUTES_PER_DAY, MS_PER_DAY, parseIsoDate } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, DailyActivity, LocalDayGrid } from '../../core/analysis/document.ts';
import { chart, figure, fillOf, legendEntry, MISSING_ENTRY, missingHatch, px, valueAxis } from './chart-frame.ts';
import type { ChartLayout } from './chart-frame.ts';
import { clockChanges } from './clock-changes.ts';
import { dayOfMonth, monthName, shortDate, weekdayOf, windowInGrid } from './local-clock.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { signalWords } from './signal.ts';
import { counted, formatCompact, formatCount, isKnown } from './text.ts';

/** A day counts as valid from ten hours on (Troiano 2008). */
export const VALID_DAY_MINUTES = 600;

/** One column, or a piece of one, from `low` to `high` on the value scale. */
interface ColumnPart {
  readonly date: string;
  readonly low: number;
  readonly high: number;
}

type Place = (date: string) => number;

/** Recorded minutes of each day, the rest of the day hatched. */
export function coverageChart(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const daily = document.activity.daily;
  if (daily.length === 0) return NOTHING;
  const { startMinute, endMinute } = windowInGrid(document.window, grid);
  const rowOf = new Map(grid.dates.map((date, row) => [date, row]));
  const skippedMinutes = new Map(
    clockChanges(document.window.timezone, grid.dates).map(({ row, skipped }) => [
      row,
      sum(skipped, ([from, to]) => to - from),
    ]),
  );
  const possible = ({ date, valid_minutes: valid }: DailyActivity): number => {
    const row = rowOf.get(date);
    if (row === undefined) return Math.max(MINUTES_PER_DAY, valid);
    const from = Math.max(startMinute, row * MINUTES_PER_DAY);
    const to = Math.min(endMinute, (row + 1) * MINUTES_PER_DAY);
    return Math.max(valid, to - from - (skippedMinutes.get(row) ?? 0));
  };
  const highest = Math.max(MINUTES_PER_DAY, max(daily, possible) ?? 0);
  const validDays = daily.filter((day) => day.valid_minutes >= VALID_DAY_MINUTES).length;
  const drawing = chart({
    id: 'coverage',
    title: 'Recorded time of each day',
    description: `${validDays} of ${counted(daily.length, 'day')} have at least ten recorded hours. The minutes are in the table "Day by day".`,
    draw: (layout) => {
      const [left, right, top, bottom] = [44, layout.width - layout.margin, 10, 104];
      const y = scaleLinear([0, highest], [bottom, top]);
      const { place, width, axis } = dayAxis(layout, daily, left, right, bottom);
      const hatch = `coverage-hatch-${layout.key}`;
      const known = daily.map((day) => ({ date: day.date, low: 0, high: day.valid_minutes }));
      const lacking = daily.map((day) => ({ date: day.date, low: day.valid_minutes, high: possible(day) }));
      const limit = px(y(VALID_DAY_MINUTES));
      return {
        height: bottom + 26,
        content: markup`<defs>${missingHatch(hatch)}</defs>
${valueAxis({ ticks: [0, 720, 1440], at: y, label: (tick) => `${tick / 60} h`, left, right })}${axis}
${columns(lacking, 'missing', place, width, y, fillOf(hatch))}${columns(known, 'recorded', place, width, y)}
<line class="limit" x1="${left}" x2="${right}" y1="${limit}" y2="${limit}"/>
`,
      };
    },
  });
  return figure(
    drawing,
    [
      legendEntry(markup`<rect class="recorded" x="5" y="2" width="16" height="12"/>`, 'recorded'),
      MISSING_ENTRY,
      legendEntry(markup`<path class="limit" d="M0 7H26"/>`, 'ten hours, the least for a valid day'),
    ],
    'Hours of each local day with a known value.',
  );
}

/** The signal's total of each day; days short of ten recorded hours are drawn open, days without any are hatched. */
export function totalsChart(document: AnalysisDocument): Markup {
  const daily = document.activity.daily;
  const { noun } = signalWords(document.input.kind);
  if (daily.length === 0) return NOTHING;
  const highest = max(daily, (day) => (isKnown(day.total) ? day.total : 0)) ?? 0;
  const full = daily.filter((day) => isKnown(day.total) && day.valid_minutes >= VALID_DAY_MINUTES);
  const partial = daily.filter((day) => isKnown(day.total) && day.valid_minutes < VALID_DAY_MINUTES);
  const absent = daily.filter((day) => !isKnown(day.total));
  const drawing = chart({
    id: 'totals',
    title: `Daily total of ${noun}`,
    description: `One column for each of ${counted(daily.length, 'day')}, the highest ${formatCount(highest)} ${noun}. ${counted(absent.length, 'day')} without a record. The same numbers are in the table "Day by day".`,
    draw: (layout) => {
      const [left, right, top, bottom] = [52, layout.width - layout.margin, 26, 190];
      const y = scaleLinear([0, highest > 0 ? highest : 1], [bottom, top]).nice(4);
      const { place, width, axis } = dayAxis(layout, daily, left, right, bottom);
      const hatch = `totals-hatch-${layout.key}`;
      const upTo = (days: readonly DailyActivity[]): ColumnPart[] =>
        days.map((day) => ({ date: day.date, low: 0, high: Math.max(0, day.total ?? 0) }));
      const ceiling = y.domain()[1] ?? 1;
      const gaps = absent.map((day) => ({ date: day.date, low: 0, high: ceiling }));
      return {
        height: bottom + 26,
        content: markup`<defs>${missingHatch(hatch)}</defs>
<text class="soft" x="2" y="12">${noun} a day</text>
${valueAxis({ ticks: y.ticks(4), at: y, label: formatCompact, left, right })}${axis}
${columns(gaps, 'missing', place, width, y, fillOf(hatch))}${columns(upTo(full), 'activity', place, width, y)}${columns(upTo(partial), 'partial', place, width, y)}
`,
      };
    },
  });
  return figure(
    drawing,
    [
      legendEntry(markup`<rect class="activity" x="5" y="2" width="16" height="12"/>`, 'at least ten hours recorded'),
      ...(partial.length > 0
        ? [
            legendEntry(
              markup`<rect class="partial" x="5" y="2" width="16" height="11"/>`,
              'less: the total is too low',
            ),
          ]
        : []),
      ...(absent.length > 0 ? [MISSING_ENTRY] : []),
    ],
    'Sums over recorded minutes only; nothing is filled in.',
  );
}

/** All columns of one kind as one path. */
function columns(
  parts: readonly ColumnPart[],
  kind: string,
  place: Place,
  width: number,
  y: (value: number) => number,
  fill: string | null = null,
): Markup {
  const drawn = parts.filter((part) => part.high > part.low);
  if (drawn.length === 0) return NOTHING;
  const corners = drawn.flatMap((part) => [{ part, x: place(part.date) }, { part, x: place(part.date) + width }, null]);
  const path = area<(typeof corners)[number]>()
    .defined((corner) => corner !== null)
    .x((corner) => corner?.x ?? 0)
    .y0((corner) => y(corner?.part.low ?? 0))
    .y1((corner) => y(corner?.part.high ?? 0))
    .digits(1)(corners);
  return markup`<path class="${kind}"${fill === null ? NOTHING : markup` fill="${fill}"`} d="${path}"/>`;
}

/** The days from left to right, labelled as densely as there is room for: every day, Mondays, or months. */
function dayAxis(
  layout: ChartLayout,
  daily: readonly DailyActivity[],
  left: number,
  right: number,
  bottom: number,
): { readonly place: Place; readonly width: number; readonly axis: Markup } {
  const band = scaleBand(
    daily.map((day) => day.date),
    [left, right],
  ).padding(daily.length > 120 ? 0 : 0.22);
  const pitch = band.step();
  const label = (date: string): string => {
    const day = parseIsoDate(date);
    if (day === null) return pitch > 60 ? date : '';
    if (pitch >= 44) return shortDate(day);
    if (pitch * 7 >= 44) return weekdayOf(day) === 0 ? shortDate(day) : '';
    return dayOfMonth(day) === 1 && (pitch * 30 >= 26 || new Set([1, 4, 7, 10]).has(monthNumber(day)))
      ? monthName(day).slice(0, 3)
      : '';
  };
  const place: Place = (date) => band(date) ?? left;
  const width = band.bandwidth();
  const labels = daily.map(({ date }) => {
    const words = label(date);
    if (words === '') return NOTHING;
    const middle = place(date) + width / 2;
    const x = px(Math.min(layout.width - 18, middle));
    return markup`<text class="mid" x="${x}" y="${bottom + 17}">${words}</text>`;
  });
  return { place, width, axis: markup`<g class="axis">${labels}</g>` };
}

const monthNumber = (epochDay: number): number => new Date(epochDay * MS_PER_DAY).getUTCMonth() + 1;
