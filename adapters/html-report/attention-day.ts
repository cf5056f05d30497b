/** The average encoded day: activity, and under it on the same hours how much the model looked at them. */

import { max, mean, range } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { ScaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument } from '../../core/analysis/document.ts';
import { NOT_WHY } from './attention-chart.ts';
import { chart, figure, hourLabel, legendEntry, px, timeAxis, valueAxis } from './chart-frame.ts';
import type { ChartLayout, Drawing } from './chart-frame.ts';
import type { EncodedDays } from './encoded-days.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';
import { averageDay } from './minute-bins.ts';
import type { DayProfile } from './minute-bins.ts';
import { runsWhere, runSteps } from './runs.ts';
import { signalWords } from './signal.ts';
import { foldedTable } from './table.ts';
import { counted, formatAmount, formatClock, formatFixed } from './text.ts';

/** Bins of the drawn activity; attention has the patches as its own. */
const BIN_MINUTES = 15;

/** The average day as a figure with its numbers. */
export function attentionDay(document: AnalysisDocument, encoded: EncodedDays): Markup {
  const words = signalWords(document.input.kind);
  const profile = averageDay(encoded.grid, BIN_MINUTES);
  const { meanDay, days } = encoded;
  const most = max(meanDay) ?? 1;
  const whose = days === 1 ? 'The one encoded day' : `The mean of the ${counted(days, 'encoded day')}`;
  const drawing = chart({
    id: 'attention-day',
    title: 'Activity and attention on the average encoded day',
    description:
      `Above, mean activity in ${words.rate} over the clock from midnight to midnight; below, the mean attention ` +
      `received, which is highest at ${formatClock(meanDay.indexOf(most))} with ${formatAmount(most)} times the even ` +
      'share. The hourly means are in the table "Hour by hour, as the model looked".',
    draw: (layout) => draw(layout, profile, meanDay, words.axis),
  });
  return markup`${figure(
    drawing,
    [
      legendEntry(markup`<path class="profile" d="M0 8H9V4H18V9H26"/>`, 'mean activity'),
      legendEntry(
        markup`<path class="look-area" d="M0 8H9V4H18V9H26V14H0Z"/><path class="look-line" d="M0 8H9V4H18V9H26"/>`,
        'mean attention received',
      ),
      legendEntry(markup`<path class="limit" d="M0 7H26"/>`, '1 ×, the even share'),
    ],
    markup`${whose}, on one clock: activity as means over ${BIN_MINUTES} minutes, and the attention that each clock minute received in the last block. ${NOT_WHY}`,
  )}${hours(encoded, words.rate)}`;
}

type Scale = ScaleLinear<number, number>;

function draw(layout: ChartLayout, profile: DayProfile, meanDay: Float32Array, unit: string): Drawing {
  const phone = layout.key === 'narrow';
  const left = phone ? 38 : 48;
  const right = layout.width - layout.margin;
  const [panel, gap, top] = phone ? [84, 34, 20] : [104, 36, 20];
  const middle = top + panel;
  const bottom = middle + gap + panel;
  const x = scaleLinear([0, MINUTES_PER_DAY], [left, right]);
  const highest = max(profile.mean, (value) => (Number.isNaN(value) ? 0 : value)) ?? 0;
  const activity = scaleLinear([0, highest > 0 ? highest : 1], [middle, top]).nice(3);
  const attention = scaleLinear([0, Math.max(1, max(meanDay) ?? 1)], [bottom, middle + gap]).nice(3);
  const even = px(attention(1));
  return {
    height: bottom + 44,
    content: markup`<text class="soft" x="${phone ? 2 : left}" y="10">${unit}</text>
${valueAxis({ ticks: activity.ticks(3), at: activity, label: activity.tickFormat(3), left, right })}
${valueAxis({ ticks: attention.ticks(3), at: attention, label: attention.tickFormat(3), left, right })}
${timeAxis({ ticks: range(0, 25, phone ? 6 : 3).map((hour) => hour * 60), at: x, label: hourLabel, top, bottom })}
<text class="mid soft" x="${px(x(720))}" y="${bottom + 36}">local clock time</text>
<text class="over" x="${phone ? 2 : left}" y="${middle + gap - 10}">attention, × the even share</text>
${activityLine(profile, x, activity)}${attentionArea(meanDay, x, attention)}
<line class="limit" x1="${left}" x2="${px(right)}" y1="${even}" y2="${even}"/>
`,
  };
}

function activityLine({ mean: means, binMinutes }: DayProfile, x: Scale, y: Scale): Markup {
  type Step = ReturnType<typeof runSteps>[number];
  const path = line<Step>()
    .defined((step) => step !== null)
    .x((step) => x((step?.edge ?? 0) * binMinutes))
    .y((step) => y(Math.max(0, means[step?.bin ?? 0] ?? 0)))
    .curve(curveStepAfter)
    .digits(1)(runSteps(runsWhere(means.length, (bin) => !Number.isNaN(means[bin]))));
  return path === null ? markup`` : markup`<path class="profile" d="${path}"/>`;
}

/** A corner wherever the value changes, and at the day's end. */
function attentionArea(meanDay: Float32Array, x: Scale, y: Scale): Markup {
  const corners = range(MINUTES_PER_DAY + 1).filter(
    (minute) => minute === 0 || minute === MINUTES_PER_DAY || meanDay[minute] !== meanDay[minute - 1],
  );
  const valueAt = (minute: number): number => y(meanDay[Math.min(minute, MINUTES_PER_DAY - 1)] ?? 0);
  const filled = area<number>().x(x).y0(y(0)).y1(valueAt).curve(curveStepAfter).digits(1)(corners);
  const outline = line<number>().x(x).y(valueAt).curve(curveStepAfter).digits(1)(corners);
  return markup`<path class="look-area" d="${filled}"/><path class="look-line" d="${outline}"/>`;
}

function hours({ grid, meanDay }: EncodedDays, rate: string): Markup {
  const activity = averageDay(grid, 60).mean;
  return foldedTable('Hour by hour, as the model looked', {
    caption: `Means of each clock hour over the encoded days; attention in even shares, activity in ${rate}`,
    columns: [{ head: 'Hour' }, { head: 'Attention', kind: 'numeric' }, { head: 'Activity', kind: 'numeric' }],
    rows: range(24).map((hour) => {
      const value = activity[hour] ?? NaN;
      return [
        `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00`,
        `${formatFixed(mean(meanDay.subarray(hour * 60, (hour + 1) * 60)) ?? NaN, 2)} ×`,
        Number.isNaN(value) ? markup`<span class="absent">not recorded</span>` : formatAmount(value),
      ];
    }),
  });
}
