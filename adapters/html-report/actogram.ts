/**
 * The double-plotted actogram: row d shows day d and, to its right, day d + 1, so that a night is never cut at
 * midnight. Each day is drawn once and placed up to four times (two halves, two layouts).
 */

import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { MINUTES_PER_DAY, parseIsoDate } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { chart, figure, legendEntry, missingHatch, px, timeAxis } from './chart-frame.ts';
import type { ChartLayout, Drawing } from './chart-frame.ts';
import { clockChanges } from './clock-changes.ts';
import { ACTIVITY_ENTRY, DAY_HEIGHT, dayScale, dayShapes, missingEntry, missingFill, placedDay } from './day-shapes.ts';
import type { DayScale } from './day-shapes.ts';
import { dayOfMonth, readingOf, shortDay, weekdayOf } from './local-clock.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { signalWords } from './signal.ts';
import { counted, formatAmount } from './text.ts';

/** The actogram as a figure. */
export function actogram(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const scale = dayScale(grid);
  const { dense, bins, ceiling } = scale;
  const anyActivity = bins.means.some((value) => value > 0);
  const words = signalWords(document.input.kind);
  const changes = clockChanges(document.window.timezone, grid.dates);
  const nights = dense ? [] : nightSpans(document, grid);
  const drawing = chart({
    id: 'actogram',
    title: `Actogram, ${counted(grid.dates.length, 'day')}`,
    description:
      `Each row shows one day and the next, midnight to midnight twice. Height is activity in ${words.rate}. ` +
      `${dense ? 'White is recorded rest; grey' : 'A plain baseline is recorded rest; hatching'} is time without a record. ` +
      'The same days are given as totals in the table "Day by day".',
    draw: (layout) => drawRows(layout, grid, scale, nights),
  });
  const legend = [
    ACTIVITY_ENTRY,
    dense
      ? legendEntry(markup`<rect class="blank" x="0.5" y="0.5" width="25" height="13"/>`, 'recorded, no activity')
      : legendEntry(markup`<path class="zero" d="M0 12.5H26"/>`, 'recorded, no activity'),
    missingEntry(scale),
    ...(nights.length > 0 ? [legendEntry(markup`<path class="night" stroke-width="4" d="M1 7H25"/>`, 'in bed')] : []),
  ];
  return figure(
    markup`${dayShapes(document, grid, scale, changes)}${drawing}`,
    legend,
    markup`Every row is two days side by side; the right half comes again as the left half of the next row. Bars are
means over ${bins.binMinutes} minutes${anyActivity ? `; full height is ${formatAmount(ceiling)} ${words.rate}, and the few taller bars are cut there` : ', and none is above zero'}.
A bar is ${dense ? 'grey' : 'hatched'} when fewer than half of its minutes were recorded.${changes.map(({ sentence }) => ` ${sentence}`)}`,
  );
}

/** A night's time in bed in minutes from the grid's first midnight. */
interface NightSpan {
  readonly from: number;
  readonly to: number;
}

function nightSpans(document: AnalysisDocument, grid: LocalDayGrid): NightSpan[] {
  const firstDay = parseIsoDate(grid.dates[0] ?? '');
  if (firstDay === null) return [];
  return (document.sleep.nights ?? []).flatMap((night) => {
    const start = readingOf(night.in_bed_start);
    const end = readingOf(night.in_bed_end);
    if (start === null || end === null) return [];
    const from = (start.epochDay - firstDay) * MINUTES_PER_DAY + start.minute;
    const to = (end.epochDay - firstDay) * MINUTES_PER_DAY + end.minute;
    return from < to ? [{ from, to }] : [];
  });
}

function drawRows(layout: ChartLayout, grid: LocalDayGrid, scale: DayScale, nights: readonly NightSpan[]): Drawing {
  const days = grid.dates.length;
  const phone = layout.key === 'narrow';
  const pitch = Math.min(phone ? 40 : 44, Math.max(2.4, (phone ? 560 : 660) / Math.max(1, days)));
  const nightWidth = nights.length > 0 ? Math.min(2.5, pitch * 0.12) : 0;
  const rowHeight = scale.dense ? pitch : pitch - nightWidth - Math.min(4, pitch * 0.14);
  const top = 22;
  const bottom = top + pitch * days;
  const x = scaleLinear([0, 2 * MINUTES_PER_DAY], [layout.gutter, layout.width - layout.margin]);
  const stretch = { x: (x(MINUTES_PER_DAY) - x(0)) / scale.bins.binsPerDay, y: rowHeight / DAY_HEIGHT };
  const hatch = `actogram-hatch-${layout.key}`;
  const place = (day: number, row: number, half: 0 | 1): Markup =>
    day >= days ? NOTHING : placedDay(day, x(half * MINUTES_PER_DAY), top + row * pitch, stretch);
  const hourStep = phone ? 12 : 6;
  const ticks = Array.from({ length: 48 / hourStep + 1 }, (_, i) => i * hourStep * 60);
  const axis = { ticks, at: x, label: clockLabel, top: top - 4, bottom, strong: (tick: number) => tick % 1440 === 0 };
  return {
    height: bottom + 26,
    content: markup`<defs>${missingHatch(hatch, stretch)}</defs>
${timeAxis(axis)}
<g class="halves"><text class="mid" x="${px(x(720))}" y="11">day</text><text class="mid" x="${px(x(2160))}" y="11">next day</text></g>
<g ${missingFill(scale, hatch)}>${grid.dates.map((_, row) => markup`${place(row, row, 0)}${place(row + 1, row, 1)}\n`)}</g>
${nightBars(nights, days, x, (row) => top + row * pitch + rowHeight + nightWidth / 2 + 0.8, nightWidth)}
<g class="rows">${rowLabels(grid, pitch, layout, top)}</g>
`,
  };
}

const clockLabel = (minute: number): string => `${String((minute / 60) % 24).padStart(2, '0')}:00`;

/** One path for all nights: a night shows in the row of its evening and, to the left, in the row of its morning. */
function nightBars(
  nights: readonly NightSpan[],
  days: number,
  x: (minute: number) => number,
  y: (row: number) => number,
  width: number,
): Markup {
  const points: [number, number, boolean][] = [];
  for (const { from, to } of nights) {
    const firstRow = Math.max(0, Math.floor(from / MINUTES_PER_DAY) - 1);
    for (let row = firstRow; row < days && row * MINUTES_PER_DAY < to; row++) {
      const start = Math.max(0, from - row * MINUTES_PER_DAY);
      const end = Math.min(2 * MINUTES_PER_DAY, to - row * MINUTES_PER_DAY);
      if (end > start) points.push([x(start), y(row), true], [x(end), y(row), true], [0, 0, false]);
    }
  }
  if (points.length === 0) return NOTHING;
  const path = line<[number, number, boolean]>()
    .defined(([, , drawn]) => drawn)
    .x(([left]) => left)
    .y(([, level]) => level)
    .digits(1)(points);
  return markup`<path class="night" stroke-width="${px(width)}" d="${path}"/>`;
}

/** Every row where there is room, else Mondays, else the first of each month. */
function rowLabels(grid: LocalDayGrid, pitch: number, layout: ChartLayout, top: number): Markup[] {
  return grid.dates.map((date, row) => {
    const day = parseIsoDate(date);
    const shown =
      pitch >= layout.font + 1 ||
      (day !== null && (pitch * 7 >= layout.font + 2 ? weekdayOf(day) === 0 : dayOfMonth(day) === 1));
    if (!shown) return NOTHING;
    const weekend = day !== null && weekdayOf(day) >= 5 ? ' weekend' : '';
    const y = px(top + row * pitch + pitch / 2 + layout.font / 3);
    return markup`<text class="end${weekend}" x="${layout.gutter - 7}" y="${y}">${day === null ? date : shortDay(day)}</text>`;
  });
}
