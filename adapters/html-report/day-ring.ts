/** The average day as a clock face: midnight at the top, noon at the bottom. A picture for the summary. */

import { max } from 'd3-array';
import { scaleLinear, scaleRadial } from 'd3-scale';
import { arc, areaRadial } from 'd3-shape';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { px } from './chart-frame.ts';
import { activityWindows } from './clock-windows.ts';
import type { ClockWindow } from './clock-windows.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { averageDay } from './minute-bins.ts';
import { runsWhere, runSteps } from './runs.ts';

const INNER = 46;
const OUTER = 98;
const BAND = { inner: 35, outer: 42 };

const angle = scaleLinear([0, MINUTES_PER_DAY], [0, 2 * Math.PI]);

/** The ring, or nothing when no minute was recorded. */
export function dayRing(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const profile = averageDay(grid, 15);
  if (profile.mean.every(Number.isNaN)) return NOTHING;
  const highest = max(profile.mean) ?? 0;
  // Equal amounts get equal areas, not equal lengths: outer rings are longer.
  const radius = scaleRadial([0, highest > 0 ? highest : 1], [INNER, OUTER]);
  const steps = runSteps(runsWhere(profile.mean.length, (bin) => !Number.isNaN(profile.mean[bin])));
  // Both ends of every bin are points of their own: a step curve would step in x and y, not in angle and radius.
  const corners = steps.flatMap((step, i) => {
    const before = steps[i - 1];
    if (step === null) return [null];
    return before === null || before === undefined ? [step] : [{ edge: step.edge, bin: before.bin }, step];
  });
  const path = areaRadial<(typeof corners)[number]>()
    .defined((corner) => corner !== null)
    .angle((corner) => angle((corner?.edge ?? 0) * profile.binMinutes))
    .innerRadius(INNER)
    .outerRadius((corner) => radius(Math.max(0, profile.mean[corner?.bin ?? 0] ?? 0)))
    .digits(1)(corners);
  const { l5, m10 } = activityWindows(document.rhythm);
  const hours = [0, 6, 12, 18];
  return markup`<svg class="ring" viewBox="-120 -118 240 236" role="img" aria-labelledby="ring-t ring-d">
<title id="ring-t">The average day as a clock</title><desc id="ring-d">Midnight is at the top, noon at the bottom. Outward is more activity.${l5 === null ? '' : ` The inner arc marks the least active five hours, ${l5.label}`}${m10 === null ? '' : `${l5 === null ? ' The inner arc marks' : ' and'} the most active ten hours, ${m10.label}`}.</desc>
<circle class="ring-ground" r="${INNER}"/>${hours.map((hour) => ringHour(hour))}
<path class="activity" d="${path}"/>
${bandArc(l5, 'l5-solid')}${bandArc(m10, 'm10-solid')}
${bandName(l5, 'L5')}${bandName(m10, 'M10')}
</svg>`;
}

function bandArc(window: ClockWindow | null, kind: string): Markup {
  if (window === null) return NOTHING;
  const shape = arc<ClockWindow>()
    .innerRadius(BAND.inner)
    .outerRadius(BAND.outer)
    .startAngle((span) => angle(span.onsetMinute))
    .endAngle((span) => angle(span.endMinute))
    .cornerRadius(3)
    .digits(1)(window);
  return markup`<path class="${kind}" d="${shape}"/>`;
}

function bandName(window: ClockWindow | null, name: string): Markup {
  if (window === null) return NOTHING;
  const middle = angle((window.onsetMinute + window.endMinute) / 2);
  return markup`<text class="mid name" x="${px(Math.sin(middle) * 20)}" y="${px(-Math.cos(middle) * 20 + 4)}">${name}</text>`;
}

function ringHour(hour: number): Markup {
  const at = angle(hour * 60);
  const [sin, cos] = [Math.sin(at), -Math.cos(at)];
  return markup`<line class="grid" x1="${px(sin * INNER)}" y1="${px(cos * INNER)}" x2="${px(sin * (OUTER + 2))}" y2="${px(cos * (OUTER + 2))}"/><text class="mid" x="${px(sin * 108)}" y="${px(cos * 108 + 4)}">${String(hour).padStart(2, '0')}</text>`;
}
