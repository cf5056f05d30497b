/** What all charts share: two layouts (page and phone), accessible SVG frames, axes, the hatch for missing data. */

import { markup, NOTHING } from './markup.ts';
import type { Markup, Part } from './markup.ts';

/**
 * A chart is drawn twice, once for wide pages and paper and once for phones, and the style sheet shows one of them: text
 * in a drawing that merely shrank with the screen could not be read. All sizes are in the drawing's own pixels.
 */
export interface ChartLayout {
  readonly key: 'wide' | 'narrow';
  readonly width: number;
  /** Text size. */
  readonly font: number;
  /** Room on the left for axis labels. */
  readonly gutter: number;
  /** Room on the right so that the last tick label is not cut. */
  readonly margin: number;
}

const WIDE: ChartLayout = { key: 'wide', width: 720, font: 12, gutter: 84, margin: 18 };
const NARROW: ChartLayout = { key: 'narrow', width: 358, font: 11.5, gutter: 66, margin: 13 };

/** One layout's drawing: its height and what is in it. */
export interface Drawing {
  readonly height: number;
  readonly content: Markup;
}

export interface Chart {
  /** Unique on the page; a letter first. */
  readonly id: string;
  readonly title: string;
  /** What a person who cannot see the drawing should know of it. */
  readonly description: string;
  readonly draw: (layout: ChartLayout) => Drawing;
}

/** The chart in both layouts, each an image with a title and a description. */
export function chart({ id, title, description, draw }: Chart): Markup {
  return markup`${[WIDE, NARROW].map((layout) => {
    const { height, content } = draw(layout);
    const name = `${id}-${layout.key}`;
    return markup`<svg class="chart ${layout.key}" viewBox="0 0 ${layout.width} ${px(height)}" role="img" aria-labelledby="${name}-t ${name}-d">
<title id="${name}-t">${title}</title><desc id="${name}-d">${description}</desc>
${content}</svg>
`;
  })}`;
}

/** A chart with its legend and caption. */
export function figure(drawing: Markup, legend: readonly Markup[], caption: Part): Markup {
  return markup`<figure>
${legend.length === 0 ? NOTHING : markup`<ul class="legend">${legend.map((entry) => markup`<li>${entry}</li>`)}</ul>\n`}${drawing}<figcaption>${caption}</figcaption>
</figure>
`;
}

/** A coordinate with at most two decimals. */
export function px(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The name of a fill; reaches the elements of one drawing only. */
export const fillOf = (id: string): string => `url(#${id})`;

/**
 * The diagonal hatch that stands for "not recorded" everywhere in the report; lines, not a tone, so that it survives a
 * black-and-white printer. `stretch` undoes the scaling of the element it fills, so that the lines keep their angle.
 */
export function missingHatch(id: string, stretch: { readonly x: number; readonly y: number } = { x: 1, y: 1 }): Markup {
  const transform = `scale(${1 / stretch.x} ${1 / stretch.y}) rotate(45)`;
  return markup`<pattern id="${id}" width="4.5" height="4.5" patternUnits="userSpaceOnUse" patternTransform="${transform}"><rect class="hatch-ground" width="4.5" height="4.5"/><path class="hatch-line" d="M0 0V4.5"/></pattern>`;
}

/** A whole hour of the day, given in minutes, as a tick's label. */
export const hourLabel = (minute: number): string => `${String(minute / 60).padStart(2, '0')}:00`;

/** A time axis: tick lines over the plot, labels below `bottom`. `at` gives a position in pixels for a tick. */
export function timeAxis(axis: {
  readonly ticks: readonly number[];
  readonly at: (tick: number) => number;
  readonly label: (tick: number) => string;
  readonly top: number;
  readonly bottom: number;
  readonly strong?: (tick: number) => boolean;
}): Markup {
  return markup`<g class="axis">${axis.ticks.map((tick) => {
    const x = px(axis.at(tick));
    const strength = axis.strong?.(tick) === true ? 'grid strong' : 'grid';
    return markup`<line class="${strength}" x1="${x}" x2="${x}" y1="${px(axis.top)}" y2="${px(axis.bottom)}"/><text class="mid" x="${x}" y="${px(axis.bottom + 16)}">${axis.label(tick)}</text>`;
  })}</g>`;
}

/** A value axis: tick lines over the plot, labels left of it. */
export function valueAxis(axis: {
  readonly ticks: readonly number[];
  readonly at: (tick: number) => number;
  readonly label: (tick: number) => string;
  readonly left: number;
  readonly right: number;
}): Markup {
  return markup`<g class="axis">${axis.ticks.map((tick) => {
    const y = px(axis.at(tick));
    return markup`<line class="grid" x1="${px(axis.left)}" x2="${px(axis.right)}" y1="${y}" y2="${y}"/><text class="end" x="${px(axis.left - 7)}" y="${px(y + 4)}">${axis.label(tick)}</text>`;
  })}</g>`;
}

/** A legend entry: a small swatch and its words. The swatch is drawn in a 26 by 14 field. */
export function legendEntry(swatch: Markup, words: string): Markup {
  return markup`<svg class="swatch" viewBox="0 0 26 14" aria-hidden="true">${swatch}</svg>${words}`;
}

/** The hatch for legends, defined once on the page. */
export const LEGEND_HATCH = 'legend-hatch';

/** The legend entry for missing data, the same everywhere. */
export const MISSING_ENTRY: Markup = legendEntry(
  markup`<rect x="0.5" y="0.5" width="25" height="13" fill="${fillOf(LEGEND_HATCH)}"/>`,
  'not recorded',
);
