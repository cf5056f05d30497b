/** The nights on a noon-to-noon axis: when the person was in bed, and how much of that time was sleep. */

import { range } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import { MINUTES_PER_DAY, parseIsoDate } from '../../core/kernel/local-time.ts';
import type { EpochDay } from '../../core/kernel/local-time.ts';
import type { NightResult } from '../../core/analysis/document.ts';
import { chart, figure, legendEntry, px, timeAxis } from './chart-frame.ts';
import type { ChartLayout, Drawing } from './chart-frame.ts';
import { dayOfMonth, readingOf, shortDay, weekdayOf } from './local-clock.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { counted, isKnown } from './text.ts';

/** A share of a night's time in bed, from one height of its bar to another (0 is the foot, 1 the full height). */
interface Layer {
  readonly kind: 'asleep' | 'st-deep' | 'st-core' | 'st-rem' | 'st-unspecified';
  readonly low: number;
  readonly high: number;
}

/** One time in bed: minutes from the noon of its evening's date, and the shares of it that were sleep. */
interface NightBar {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** Deepest first from the foot; empty where sleep itself was not recorded. */
  readonly layers: readonly Layer[];
}

/** The nights as a figure, or nothing when none has both ends. */
export function nightsChart(nights: readonly NightResult[]): Markup {
  const days = nights.flatMap((night) => parseIsoDate(night.date) ?? []);
  const [firstDay, lastDay] = [Math.min(...days), Math.max(...days)];
  const rows = days.length === 0 ? 0 : lastDay - firstDay + 1;
  const bars = nights.flatMap((night) => barOf(night, firstDay) ?? []);
  // Dates years apart come from a broken record; a row for each day between them would be a page of nothing.
  if (bars.length === 0 || rows > 1000) return NOTHING;
  const drawing = chart({
    id: 'nights',
    title: `Time in bed, ${counted(bars.length, 'night')}`,
    description:
      'One row a night, from noon to noon. Each bar runs from going to bed to getting up; its filled height is the ' +
      'share of that time asleep. All numbers are in the table below.',
    draw: (layout) => draw(layout, bars, firstDay, rows),
  });
  const kinds = new Set(bars.flatMap((bar) => bar.layers.map((layer) => layer.kind)));
  const anyUnknown = bars.some((bar) => bar.layers.length === 0);
  return figure(
    drawing,
    [
      legendEntry(markup`<rect class="in-bed" x="0.5" y="1" width="25" height="12"/>`, 'in bed'),
      ...LAYERS.filter(({ kind }) => kinds.has(kind)).map(({ kind, words }) =>
        legendEntry(
          markup`<rect class="in-bed" x="0.5" y="1" width="25" height="12"/><rect class="${kind}" x="0.5" y="4" width="25" height="9"/>`,
          words,
        ),
      ),
    ],
    markup`Read the filled height as a share, not as a time: a bar filled to nine tenths was nine tenths sleep.${kinds.size > 1 ? ' The bands inside are the shares of the sleep stages, again without their times.' : ''}${anyUnknown ? ' A bar without filling has no sleep recorded inside it.' : ''} Rows without a bar are nights without a record.`,
  );
}

/** From the foot of a bar upwards. */
const LAYERS: readonly { readonly kind: Layer['kind']; readonly words: string }[] = [
  { kind: 'st-deep', words: 'deep sleep' },
  { kind: 'st-core', words: 'core sleep' },
  { kind: 'st-rem', words: 'REM sleep' },
  { kind: 'st-unspecified', words: 'sleep, stage not told' },
  { kind: 'asleep', words: 'asleep' },
];

function layersOf({ stages, asleep_minutes: asleep, time_in_bed_minutes: inBed }: NightResult): Layer[] {
  if (!isKnown(inBed) || inBed <= 0) return [];
  const minutes: readonly (readonly [Layer['kind'], number])[] =
    stages !== null
      ? [
          ['st-deep', stages.deep],
          ['st-core', stages.core],
          ['st-rem', stages.rem],
          ['st-unspecified', stages.unspecified],
        ]
      : isKnown(asleep)
        ? [['asleep', asleep]]
        : [];
  let low = 0;
  return minutes.flatMap(([kind, amount]) => {
    const high = Math.min(1, low + (isKnown(amount) ? Math.max(0, amount) / inBed : 0));
    if (high === low) return [];
    const layer = { kind, low, high };
    low = high;
    return [layer];
  });
}

function barOf(night: NightResult, firstDay: EpochDay): NightBar | null {
  const day = parseIsoDate(night.date);
  const start = readingOf(night.in_bed_start);
  const end = readingOf(night.in_bed_end);
  if (day === null || start === null || end === null) return null;
  const fromNoon = (reading: { epochDay: number; minute: number }): number =>
    (reading.epochDay - day) * MINUTES_PER_DAY + reading.minute - MINUTES_PER_DAY / 2;
  const from = Math.max(0, fromNoon(start));
  const to = Math.min(MINUTES_PER_DAY, fromNoon(end));
  if (from >= to) return null;
  return { row: day - firstDay, from, to, layers: layersOf(night) };
}

function draw(layout: ChartLayout, bars: readonly NightBar[], firstDay: EpochDay, rows: number): Drawing {
  const phone = layout.key === 'narrow';
  const pitch = Math.min(24, Math.max(2.2, (phone ? 560 : 600) / rows));
  const height = pitch * 0.76;
  const top = 8;
  const bottom = top + rows * pitch;
  const x = scaleLinear([0, MINUTES_PER_DAY], [layout.gutter, layout.width - layout.margin]);
  const place = { x, height, foot: (row: number): number => top + row * pitch + (pitch + height) / 2 };
  const ticks = range(0, 25, phone ? 6 : 3).map((hour) => hour * 60);
  return {
    height: bottom + 26,
    content: markup`${timeAxis({ ticks, at: x, label: fromNoonLabel, top, bottom, strong: (tick) => tick === 720 })}
${barsPath(bars, 'in-bed', place, () => ({ low: 0, high: 1 }))}${LAYERS.map(({ kind }) =>
      barsPath(bars, kind, place, (bar) => bar.layers.find((layer) => layer.kind === kind)),
    )}
<g class="rows">${range(rows).map((row) => rowLabel(firstDay + row, top + row * pitch, pitch, layout))}</g>
`,
  };
}

const fromNoonLabel = (minute: number): string => `${String((minute / 60 + 12) % 24).padStart(2, '0')}:00`;

/** All bars of one kind as one path, each between two heights of its bar. */
function barsPath(
  bars: readonly NightBar[],
  kind: string,
  { x, foot, height }: { x: (minute: number) => number; foot: (row: number) => number; height: number },
  span: (bar: NightBar) => { readonly low: number; readonly high: number } | undefined,
): Markup {
  const corners = bars.flatMap((bar) => {
    const between = span(bar);
    if (between === undefined) return [];
    const [y0, y1] = [foot(bar.row) - height * between.low, foot(bar.row) - height * between.high];
    return [{ x: x(bar.from), y0, y1 }, { x: x(bar.to), y0, y1 }, null];
  });
  if (corners.length === 0) return NOTHING;
  const path = area<(typeof corners)[number]>()
    .defined((corner) => corner !== null)
    .x((corner) => corner?.x ?? 0)
    .y0((corner) => corner?.y0 ?? 0)
    .y1((corner) => corner?.y1 ?? 0)
    .digits(1)(corners);
  return markup`<path class="${kind}" d="${path}"/>`;
}

function rowLabel(day: EpochDay, y: number, pitch: number, layout: ChartLayout): Markup {
  const everyDay = pitch >= layout.font + 1;
  const shown = everyDay || (pitch * 7 >= layout.font + 2 ? weekdayOf(day) === 0 : dayOfMonth(day) === 1);
  if (!shown) return NOTHING;
  const weekend = weekdayOf(day) >= 5 ? ' weekend' : '';
  return markup`<text class="end${weekend}" x="${layout.gutter - 7}" y="${px(y + pitch / 2 + layout.font / 3)}">${shortDay(day)}</text>`;
}
