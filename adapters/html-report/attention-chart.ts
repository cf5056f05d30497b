/**
 * Where the model looked: each encoded day as a row, its activity as in the actogram, and under it a band coloured by
 * the attention that each patch of minutes received.
 */

import { range } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { chart, figure, hourLabel, legendEntry, missingHatch, px, timeAxis } from './chart-frame.ts';
import type { ChartLayout, Drawing } from './chart-frame.ts';
import { ACTIVITY_ENTRY, DAY_HEIGHT, dayScale, missingEntry, missingFill, placedDay } from './day-shapes.ts';
import type { DayScale } from './day-shapes.ts';
import type { EncodedDays } from './encoded-days.ts';
import { shortDayOrText } from './local-clock.ts';
import { markup, NOTHING, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { runsWhere } from './runs.ts';
import { signalWords } from './signal.ts';
import { counted, formatAmount, formatClock } from './text.ts';

/** What attention is and is not; every picture of it says so. */
export const NOT_WHY = 'It says where the model looked, not why, and not what is good or bad.';

/** Few enough that neighbours can be told apart on paper, and that each can be one path. */
const STEPS = 8;
/** Differences of less than this many even shares are not coloured. */
const ALIKE = 0.01;

/** A row in hundredths of its height: activity above, the band below it. */
const ACTIVITY = { top: 4, height: 56 };
const BAND = { top: 63, height: 24 };

const STEPS_ID = 'attention-steps';

/** The days as a figure. It places the actogram's days, which have to be on the page. */
export function attentionChart(document: AnalysisDocument, grid: LocalDayGrid, encoded: EncodedDays): Markup {
  const scale = dayScale(grid);
  const words = signalWords(document.input.kind);
  const alike = encoded.most - encoded.least < ALIKE;
  const hasMissing = encoded.grid.values.some((value) => !Number.isFinite(value));
  const drawing = chart({
    id: 'attention',
    title: `Where the model looked, ${counted(encoded.days, 'day')}`,
    description:
      `Each row is one encoded day from midnight to midnight: activity in ${words.rate}, and under it a band that is ` +
      `the stronger in colour the more attention those minutes received. ${extremes(encoded)} ` +
      'The average day is given in numbers in the table "Hour by hour, as the model looked".',
    draw: (layout) => drawRows(layout, scale, encoded),
  });
  const legend = [
    ACTIVITY_ENTRY,
    alike
      ? legendEntry(markup`<rect class="look-0" width="26" height="14"/>`, 'the same attention everywhere')
      : ramp(encoded),
    ...(hasMissing ? [missingEntry(scale)] : []),
  ];
  return figure(
    markup`<svg class="shapes" aria-hidden="true"><defs>${steps(encoded, alike)}</defs></svg>\n${drawing}`,
    legend,
    markup`The attention that each patch of ${counted(encoded.patchMinutes, 'minute')} received in the model’s last block. ${NOT_WHY}
1 × is what every patch would receive if the model looked at all of them alike.${alike ? ' It did so here.' : ` The colour goes from the least to the most of these days in ${STEPS} equal steps.`}
Activity is drawn as in the actogram; full height is ${formatAmount(scale.ceiling)} ${words.rate}.${hasMissing ? ' Where nothing was recorded the model was given stand-ins, and may have looked at those.' : ''}`,
  );
}

function extremes({ least, most, perMinute, patchMinutes, grid }: EncodedDays): string {
  const at = perMinute.indexOf(Math.fround(most));
  const day = shortened(shortDayOrText(grid.dates[Math.floor(at / MINUTES_PER_DAY)] ?? ''), 40);
  return `Patches received from ${formatAmount(least)} to ${formatAmount(most)} times the even share, the most on ${day} from ${formatClock(at)} to ${formatClock(at + patchMinutes)}.`;
}

/** The colour scale with the numbers at its ends. */
function ramp({ least, most }: EncodedDays): Markup {
  const boxes = range(STEPS).map(
    (step) => markup`<rect class="look-${step}" x="${step * 13}" width="13" height="14"/>`,
  );
  return markup`<span>attention ${formatAmount(least)} ×</span><svg class="ramp" viewBox="0 0 ${STEPS * 13} 14" aria-hidden="true">${boxes}</svg><span>${formatAmount(most)} ×</span>`;
}

/**
 * The bands of all days, x in minutes and y in hundredths of a row: one path a step, its boxes drawn as strokes as thick
 * as the band, which takes half the text. The lowest step is the ground that the others lie on.
 */
function steps({ perMinute, days, least, most }: EncodedDays, alike: boolean): Markup {
  const stepOf = Uint8Array.from(perMinute, (value) =>
    alike ? 0 : Math.max(0, Math.min(STEPS - 1, Math.floor(((value - least) / (most - least)) * STEPS))),
  );
  const rows = range(days);
  const middle = (day: number): number => day * 100 + BAND.top + BAND.height / 2;
  const ground = rows.map((day) => `M0 ${middle(day)}h${MINUTES_PER_DAY}`).join('');
  const frames = rows
    .map((day) => `M0 ${day * 100 + BAND.top}h${MINUTES_PER_DAY}v${BAND.height}h-${MINUTES_PER_DAY}z`)
    .join('');
  const paths = range(1, STEPS).map((step) => {
    const boxes = rows.flatMap((day) =>
      runsWhere(MINUTES_PER_DAY, (minute) => stepOf[day * MINUTES_PER_DAY + minute] === step).map(
        ([from, to]) => `M${from} ${middle(day)}h${to - from}`,
      ),
    );
    return boxes.length === 0 ? NOTHING : markup`<path class="look-${step}" d="${boxes.join('')}"/>`;
  });
  return markup`<g id="${STEPS_ID}" class="look" stroke-width="${BAND.height}"><path class="look-0" d="${ground}"/>${paths}<path class="look-frame" d="${frames}"/></g>`;
}

function drawRows(layout: ChartLayout, scale: DayScale, encoded: EncodedDays): Drawing {
  const { days, firstRow, grid } = encoded;
  const phone = layout.key === 'narrow';
  const pitch = Math.min(phone ? 40 : 44, 480 / days);
  const top = 4;
  const bottom = top + pitch * days;
  const x = scaleLinear([0, MINUTES_PER_DAY], [layout.gutter, layout.width - layout.margin]);
  const width = x(MINUTES_PER_DAY) - x(0);
  const stretch = { x: width / scale.bins.binsPerDay, y: (pitch * ACTIVITY.height) / 100 / DAY_HEIGHT };
  const hatch = `attention-hatch-${layout.key}`;
  const ticks = range(0, 25, phone ? 6 : 3).map((hour) => hour * 60);
  const rows = grid.dates.map(
    (_, row) => markup`${placedDay(firstRow + row, x(0), top + row * pitch + (pitch * ACTIVITY.top) / 100, stretch)}\n`,
  );
  const labels = grid.dates.map((date, row) => {
    const y = px(top + row * pitch + pitch / 2 + layout.font / 3);
    return markup`<text class="end" x="${layout.gutter - 7}" y="${y}">${shortened(shortDayOrText(date), 20)}</text>`;
  });
  return {
    height: bottom + 26,
    content: markup`<defs>${missingHatch(hatch, stretch)}</defs>
${timeAxis({ ticks, at: x, label: hourLabel, top, bottom })}
<g ${missingFill(scale, hatch)}>${rows}</g>
<use href="#${STEPS_ID}" transform="translate(${px(x(0))} ${px(top)}) scale(${(width / MINUTES_PER_DAY).toFixed(5)} ${(pitch / 100).toFixed(5)})"/>
<g class="rows">${labels}</g>
`,
  };
}
