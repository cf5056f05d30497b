/** Each day of the record drawn once, in its own units, so that every chart that shows it places the same drawing. */

import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { fillOf, legendEntry, MISSING_ENTRY, px } from './chart-frame.ts';
import type { ClockChange } from './clock-changes.ts';
import { windowInGrid } from './local-clock.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { binDays, displayCeiling } from './minute-bins.ts';
import type { DayBins } from './minute-bins.ts';
import { runEnds, runsWhere } from './runs.ts';
import type { Run } from './runs.ts';

/** A day's height in its own units; 0 is the top, this the baseline. */
export const DAY_HEIGHT = 100;
/**
 * Longer records are drawn densely: their rows are too low for single bars, baselines, hatching and nights. Bins are
 * coarser, missing time is plain grey, and the nights are left to their own chart. The file stays small that way too.
 */
const MAX_DAYS_IN_FULL = 92;

/** How the days of a record are drawn. */
export interface DayScale {
  readonly dense: boolean;
  readonly bins: DayBins;
  /** What full height stands for, in the signal's unit a minute. */
  readonly ceiling: number;
}

/** The scale that all days of the record share. */
export function dayScale(grid: LocalDayGrid): DayScale {
  const dense = grid.dates.length > MAX_DAYS_IN_FULL;
  const bins = binDays(grid, dense ? 15 : 5);
  return { dense, bins, ceiling: displayCeiling(bins.means) };
}

/** The days as elements that `placedDay` shows; once on the page. */
export function dayShapes(
  document: AnalysisDocument,
  grid: LocalDayGrid,
  scale: DayScale,
  changes: readonly ClockChange[],
): Markup {
  const inWindow = windowTest(document, grid, scale.bins, changes);
  return markup`<svg class="shapes" aria-hidden="true"><defs>${grid.dates.map((_, day) => dayShape(scale, day, inWindow))}</defs></svg>\n`;
}

/** Pixels to a bin's width and to a hundredth of a day's height. */
export interface DayStretch {
  readonly x: number;
  readonly y: number;
}

/** A day of the record with its left upper corner there. It takes its fill for missing time from around it. */
export function placedDay(day: number, x: number, y: number, stretch: DayStretch): Markup {
  return markup`<use href="#day-${day}" transform="translate(${px(x)} ${px(y)}) scale(${stretch.x.toFixed(5)} ${stretch.y.toFixed(5)})"/>`;
}

/** The attribute that placed days take their missing time from: grey where they are dense, else this hatch. */
export function missingFill({ dense }: DayScale, hatch: string): Markup {
  return dense ? markup`class="gap"` : markup`fill="${fillOf(hatch)}"`;
}

/** The legend's entry for a day's bars. */
export const ACTIVITY_ENTRY: Markup = legendEntry(
  markup`<path class="activity" d="M1 13V8H6V3H11V6H16V1H20V10H25V13Z"/>`,
  'activity',
);

/** The legend's entry for what `missingFill` fills. */
export function missingEntry({ dense }: DayScale): Markup {
  return dense
    ? legendEntry(markup`<rect class="gap" x="0.5" y="0.5" width="25" height="13"/>`, 'not recorded')
    : MISSING_ENTRY;
}

type BinTest = (bin: number) => boolean;

/** True for bins whose middle was a time of the window: not before it, not after it, not skipped by the clocks. */
function windowTest(
  document: AnalysisDocument,
  grid: LocalDayGrid,
  bins: DayBins,
  changes: readonly ClockChange[],
): BinTest {
  const { startMinute, endMinute } = windowInGrid(document.window, grid);
  const skipped = changes.flatMap(({ row, skipped: runs }) =>
    runs.map(([from, to]): Run => [row * MINUTES_PER_DAY + from, row * MINUTES_PER_DAY + to]),
  );
  return (bin) => {
    const middle = (bin + 0.5) * bins.binMinutes;
    if (middle < startMinute || middle >= endMinute) return false;
    return !skipped.some(([from, to]) => middle >= from && middle < to);
  };
}

/** One day as an element to be placed: what is missing, the baseline of what was recorded, the activity. */
function dayShape({ bins, ceiling, dense }: DayScale, day: number, inWindow: BinTest): Markup {
  const first = day * bins.binsPerDay;
  const isKnown = (bin: number): boolean => !Number.isNaN(bins.means[first + bin] ?? NaN);
  const missing = runsWhere(bins.binsPerDay, (bin) => inWindow(first + bin) && !isKnown(bin));
  const recorded = runsWhere(bins.binsPerDay, (bin) => inWindow(first + bin) && isKnown(bin));
  const height = scaleLinear([0, ceiling], [DAY_HEIGHT, 0]).clamp(true).unknown(DAY_HEIGHT);
  // The least activity still rises off the baseline: only zero may look like zero.
  const yOf = (bin: number): number => {
    const value = bins.means[first + bin] ?? 0;
    return value > 0 ? Math.min(DAY_HEIGHT - 1, Math.round(height(value))) : DAY_HEIGHT;
  };
  return markup`<g id="day-${day}">${boxes(missing)}${dense ? NOTHING : baselines(recorded)}${activityPath(recorded, yOf)}</g>`;
}

/** Corner points of each recorded run, from the baseline up and back to it; equal neighbours are one step. */
function activityPath(recorded: readonly Run[], yOf: (bin: number) => number): Markup {
  const outline: ({ readonly x: number; readonly y: number } | null)[] = [];
  let anyActivity = false;
  for (const [from, to] of recorded) {
    let previous = DAY_HEIGHT;
    outline.push({ x: from, y: previous });
    for (let bin = from; bin < to; bin++) {
      const y = yOf(bin);
      if (y !== previous) outline.push({ x: bin, y });
      if (y < DAY_HEIGHT) anyActivity = true;
      previous = y;
    }
    outline.push({ x: to, y: previous }, { x: to, y: DAY_HEIGHT }, null);
  }
  if (!anyActivity) return NOTHING;
  const path = line<(typeof outline)[number]>()
    .defined((corner) => corner !== null)
    .x((corner) => corner?.x ?? 0)
    .y((corner) => corner?.y ?? DAY_HEIGHT)
    .curve(curveStepAfter)
    .digits(0)(outline);
  return markup`<path class="activity" d="${path}"/>`;
}

/** No fill of its own: it takes the hatch from the element that places the day, which knows the scale. */
function boxes(runs: readonly Run[]): Markup {
  if (runs.length === 0) return NOTHING;
  const path = area<number | null>()
    .defined((edge) => edge !== null)
    .x((edge) => edge ?? 0)
    .y0(DAY_HEIGHT)
    .y1(0)
    .digits(0)(runEnds(runs));
  return markup`<path class="missing" d="${path}"/>`;
}

function baselines(runs: readonly Run[]): Markup {
  if (runs.length === 0) return NOTHING;
  const path = line<number | null>()
    .defined((edge) => edge !== null)
    .x((edge) => edge ?? 0)
    .y(DAY_HEIGHT)
    .digits(0)(runEnds(runs));
  return markup`<path class="zero" d="${path}"/>`;
}
