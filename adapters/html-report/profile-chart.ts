/** The mean 24-hour profile with the L5 and M10 windows and the fitted cosine. */

import { max, range } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { ScaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import {
  chart,
  figure,
  fillOf,
  hourLabel,
  legendEntry,
  MISSING_ENTRY,
  missingHatch,
  px,
  timeAxis,
  valueAxis,
} from './chart-frame.ts';
import type { ChartLayout, Drawing } from './chart-frame.ts';
import { activityWindows, cosinorWave } from './clock-windows.ts';
import type { ClockWindow } from './clock-windows.ts';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import { averageDay, MIN_DAYS_FOR_SPREAD } from './minute-bins.ts';
import type { DayProfile } from './minute-bins.ts';
import { runEnds, runsWhere, runSteps } from './runs.ts';
import { signalWords } from './signal.ts';
import { formatClock, isKnown } from './text.ts';

/** Bins of the drawn profile. The windows and the cosine come from the document, which used single minutes. */
const BIN_MINUTES = 15;
/** Less than so is nothing to be seen, and the scale's own arithmetic would run out of digits. */
const LEAST_HEIGHT = 1e-9;

interface ProfileParts {
  readonly profile: DayProfile;
  readonly l5: ClockWindow | null;
  readonly m10: ClockWindow | null;
  readonly wave: ((minute: number) => number) | null;
  readonly acrophase: number | null;
  readonly unit: string;
}

/** The profile as a figure. */
export function profileChart(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const words = signalWords(document.input.kind);
  const profile = averageDay(grid, BIN_MINUTES);
  if (profile.mean.every(Number.isNaN)) {
    return markup`<p class="none">No minute was recorded, so there is no average day to draw.</p>\n`;
  }
  const wave = cosinorWave(document.rhythm);
  const parts: ProfileParts = {
    profile,
    ...activityWindows(document.rhythm),
    wave,
    acrophase: document.rhythm.cosinor.acrophase_minute,
    unit: words.axis,
  };
  const drawing = chart({
    id: 'profile',
    title: 'Mean 24-hour profile',
    description: describe(parts, words.rate),
    draw: (layout) => draw(layout, parts),
  });
  const hasSpread = profile.lower.some((value) => !Number.isNaN(value));
  const legend = [
    legendEntry(markup`<path class="profile" d="M0 8H9V4H18V9H26"/>`, 'mean of all days'),
    ...(hasSpread
      ? [legendEntry(markup`<rect class="spread" y="2" width="26" height="10"/>`, 'middle half of the days')]
      : []),
    ...(parts.l5 === null
      ? []
      : [
          legendEntry(
            markup`<rect class="l5" width="26" height="14"/><rect class="l5-solid" width="26" height="4"/>`,
            'L5, least active 5 h',
          ),
        ]),
    ...(parts.m10 === null
      ? []
      : [
          legendEntry(
            markup`<rect class="m10" width="26" height="14"/><rect class="m10-solid" width="26" height="4"/>`,
            'M10, most active 10 h',
          ),
        ]),
    ...(wave === null
      ? []
      : [legendEntry(markup`<path class="cosinor" d="M0 11C7 11 8 3 13 3S19 11 26 11"/>`, 'fitted cosine')]),
    ...(profile.mean.some(Number.isNaN) ? [MISSING_ENTRY] : []),
  ];
  const dips = wave !== null && range(0, MINUTES_PER_DAY, 15).some((minute) => wave(minute) < 0);
  return figure(
    drawing,
    legend,
    markup`Means over ${BIN_MINUTES} minutes of local clock time.${hasSpread ? ` The pale band holds the middle half of the days (25th to 75th percentile, at least ${MIN_DAYS_FOR_SPREAD} days).` : ''}${dips ? ' The cosine falls below zero, which activity cannot; it is cut at the axis.' : ''}`,
  );
}

function describe({ l5, m10, acrophase, wave }: ProfileParts, rate: string): string {
  return [
    `Mean activity in ${rate} over the clock from midnight to midnight.`,
    l5 === null ? '' : `The least active five hours run ${l5.label}.`,
    m10 === null ? '' : `The most active ten hours run ${m10.label}.`,
    wave !== null && isKnown(acrophase) ? `The fitted cosine peaks at ${formatClock(acrophase)}.` : '',
    'The hourly means are in the table below.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

type Scale = ScaleLinear<number, number>;

function draw(layout: ChartLayout, parts: ProfileParts): Drawing {
  const phone = layout.key === 'narrow';
  const left = phone ? 38 : 48;
  const [top, bottom] = phone ? [60, 262] : [62, 310];
  const highest = Math.max(
    max(parts.profile.mean, (value) => (Number.isNaN(value) ? 0 : value)) ?? 0,
    max(parts.profile.upper, (value) => (Number.isNaN(value) ? 0 : value)) ?? 0,
    parts.wave === null ? 0 : (max(range(0, MINUTES_PER_DAY, 15), parts.wave) ?? 0),
    parts.m10?.mean ?? 0,
  );
  const x = scaleLinear([0, MINUTES_PER_DAY], [left, layout.width - layout.margin]);
  const y = scaleLinear([0, highest > LEAST_HEIGHT ? highest : 1], [bottom, top]).nice(4);
  const hatch = `profile-hatch-${layout.key}`;
  const clip = `profile-clip-${layout.key}`;
  const width = px(x(MINUTES_PER_DAY) - left);
  return {
    height: bottom + 44,
    content: markup`<defs>${missingHatch(hatch)}<clipPath id="${clip}"><rect x="${left}" y="${top - 2}" width="${width}" height="${bottom - top + 2}"/></clipPath></defs>
<text class="soft" x="${phone ? 2 : left}" y="10">${parts.unit}</text>
${windowShades(parts, x, top, bottom)}
${valueAxis({ ticks: y.ticks(4), at: y, label: y.tickFormat(4), left, right: layout.width - layout.margin })}
${timeAxis({ ticks: range(0, 25, phone ? 6 : 3).map((hour) => hour * 60), at: x, label: hourLabel, top, bottom })}
<text class="mid soft" x="${px(x(720))}" y="${bottom + 36}">local clock time</text>
<g clip-path="${fillOf(clip)}">${missingBins(parts.profile, x, top, bottom, hatch)}${profileLines(parts.profile, x, y)}${waveLine(parts.wave, x, y)}</g>
${levelLine(parts.l5, x, y)}${levelLine(parts.m10, x, y)}${peakMark(parts, x, y)}
`,
  };
}

/** Half the room that a window's hours take as text. */
const HALF_LABEL = 37;

/** The shades of both windows, their names and hours on top, moved apart where they would run into each other. */
function windowShades({ l5, m10 }: ProfileParts, x: Scale, top: number, bottom: number): Markup {
  const [start = 0, end = 0] = x.range();
  const inside = (at: number): number => Math.min(end - HALF_LABEL, Math.max(start + HALF_LABEL, at));
  const shown = [
    ...(l5 === null ? [] : [{ window: l5, kind: 'l5', name: 'L5', at: inside(labelPlace(l5, x)) }]),
    ...(m10 === null ? [] : [{ window: m10, kind: 'm10', name: 'M10', at: inside(labelPlace(m10, x)) }]),
  ].sort((a, b) => a.at - b.at);
  const [first, second] = shown;
  if (first !== undefined && second !== undefined && second.at - first.at < 2 * HALF_LABEL) {
    first.at = inside(Math.min(first.at, second.at - 2 * HALF_LABEL));
    second.at = inside(Math.max(second.at, first.at + 2 * HALF_LABEL));
  }
  return markup`${shown.map(({ window, kind, name, at }) => {
    const pieces = window.pieces.map(({ from, to }) => {
      const [left, width] = [px(x(from)), px(x(to) - x(from))];
      return markup`<rect class="${kind}" x="${left}" width="${width}" y="${top - 32}" height="${bottom - top + 32}"/><rect class="${kind}-solid" x="${left}" width="${width}" y="${top - 36}" height="4"/>`;
    });
    return markup`<g>${pieces}<text class="mid name" x="${px(at)}" y="${top - 18}">${name}</text><text class="mid" x="${px(at)}" y="${top - 4}">${window.label}</text></g>`;
  })}`;
}

/** The middle of the window's longer piece. */
function labelPlace({ pieces }: ClockWindow, x: Scale): number {
  const longest = [...pieces].sort((a, b) => b.to - b.from - (a.to - a.from))[0];
  return longest === undefined ? 0 : (x(longest.from) + x(longest.to)) / 2;
}

/** The window's mean as a level over its hours. */
function levelLine(window: ClockWindow | null, x: Scale, y: Scale): Markup {
  if (window === null || window.mean === null) return NOTHING;
  const level = px(y(Math.max(0, window.mean)));
  return markup`${window.pieces.map(({ from, to }) => markup`<line class="level" x1="${px(x(from))}" x2="${px(x(to))}" y1="${level}" y2="${level}"/>`)}`;
}

function missingBins(profile: DayProfile, x: Scale, top: number, bottom: number, hatch: string): Markup {
  const missing = runsWhere(profile.mean.length, (bin) => Number.isNaN(profile.mean[bin]));
  if (missing.length === 0) return NOTHING;
  const path = area<number | null>()
    .defined((edge) => edge !== null)
    .x((edge) => x((edge ?? 0) * profile.binMinutes))
    .y0(bottom)
    .y1(top)
    .digits(1)(runEnds(missing));
  return markup`<path class="missing" fill="${fillOf(hatch)}" d="${path}"/>`;
}

/** Steps, not a smooth curve: a bin's mean holds for the whole bin, and nothing is drawn where nothing is known. */
function profileLines({ mean, lower, upper, binMinutes }: DayProfile, x: Scale, y: Scale): Markup {
  type Step = ReturnType<typeof runSteps>[number];
  const stepsOf = (values: Float64Array): Step[] =>
    runSteps(runsWhere(values.length, (bin) => !Number.isNaN(values[bin])));
  const xOf = (step: Step): number => x((step?.edge ?? 0) * binMinutes);
  const yOf =
    (values: Float64Array) =>
    (step: Step): number =>
      y(Math.max(0, values[step?.bin ?? 0] ?? 0));
  const spread = area<Step>()
    .defined((step) => step !== null)
    .x(xOf)
    .y0(yOf(lower))
    .y1(yOf(upper))
    .curve(curveStepAfter)
    .digits(1)(stepsOf(lower));
  const average = line<Step>()
    .defined((step) => step !== null)
    .x(xOf)
    .y(yOf(mean))
    .curve(curveStepAfter)
    .digits(1)(stepsOf(mean));
  return markup`${spread === null ? NOTHING : markup`<path class="spread" d="${spread}"/>`}${average === null ? NOTHING : markup`<path class="profile" d="${average}"/>`}`;
}

function waveLine(wave: ((minute: number) => number) | null, x: Scale, y: Scale): Markup {
  if (wave === null) return NOTHING;
  const path = line<number>()
    .x((minute) => x(minute))
    .y((minute) => y(wave(minute)))
    .digits(1)(range(0, MINUTES_PER_DAY + 1, 15));
  return markup`<path class="cosinor" d="${path}"/>`;
}

function peakMark({ wave, acrophase }: ProfileParts, x: Scale, y: Scale): Markup {
  if (wave === null || !isKnown(acrophase)) return NOTHING;
  const minute = ((acrophase % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return markup`<circle class="peak" cx="${px(x(minute))}" cy="${px(y(wave(minute)))}" r="3.5"/>`;
}
