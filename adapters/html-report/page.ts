/** The report's order: what it is and is not, data quality, the pictures, the numbers, what is missing, the methods. */

import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { activitySection, hourlyTable } from './activity-section.ts';
import { actogram } from './actogram.ts';
import { LEGEND_HATCH, missingHatch } from './chart-frame.ts';
import { dateRange, windowDays } from './local-clock.ts';
import { dataName, Markup, markup, shortened } from './markup.ts';
import { methodsSection, provenance } from './methods.ts';
import { modelSection } from './model-section.ts';
import { notComputedList } from './not-computed.ts';
import { numberCards } from './number-cards.ts';
import { cosinorNumbers, rhythmNumbers } from './numbers.ts';
import { profileChart } from './profile-chart.ts';
import { qualitySection } from './quality.ts';
import { signalWords } from './signal.ts';
import { activityNumbers, sleepNumbers } from './sleep-numbers.ts';
import { sleepSection } from './sleep-section.ts';
import { STYLE } from './style.ts';
import { summary } from './summary.ts';
import { counted } from './text.ts';

/** Nothing may be loaded or run, wherever the file is opened; only the page's own style sheet applies. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const NOT_A_DEVICE = markup`<strong>This is not a medical device.</strong> It describes recorded movement and sleep. It does not diagnose, rule out or predict any illness; for questions about health, ask a professional.`;

interface Section {
  readonly id: string;
  readonly title: string;
  /** The name in the page's contents. */
  readonly short: string;
  readonly content: Markup;
}

/** The whole report as one HTML file, which is well-formed XML too. */
export function reportPage(document: AnalysisDocument, grid: LocalDayGrid, generatedAtMs: number): string {
  const days = windowDays(document.window);
  const range = days === null ? 'Unknown dates' : dateRange(days.first, days.last);
  const sections = sectionsOf(document, grid, generatedAtMs);
  const page = markup`<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${POLICY}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<meta name="robots" content="noindex"/>
<title>Rest and activity, ${range} (${shortened(document.window.timezone, 60)})</title>
<style>${Markup.of(STYLE)}</style>
</head>
<body>
<svg class="shapes" aria-hidden="true"><defs>${missingHatch(LEGEND_HATCH)}</defs></svg>
<header>
<p class="brand">Clarity <span>rest and activity report</span></p>
<h1>${range}</h1>
<p class="lede">${counted(grid.dates.length, 'local day')} in ${dataName(document.window.timezone)}, ${signalWords(document.input.kind).rate}</p>
<p class="notice">${NOT_A_DEVICE}</p>
<nav aria-label="Contents"><ul>${sections.map(({ id, short }) => markup`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(({ id, title, content }) => markup`<section id="${id}" aria-labelledby="${id}-h">\n<h2 id="${id}-h">${title}</h2>\n${content}</section>\n`)}</main>
<footer><p>${NOT_A_DEVICE}</p></footer>
</body>
</html>
`;
  return `<!DOCTYPE html>\n${page.toString()}`;
}

function sectionsOf(document: AnalysisDocument, grid: LocalDayGrid, generatedAtMs: number): Section[] {
  const noDays = grid.dates.length === 0;
  return [
    { id: 'quality', title: 'Data quality', short: 'Data quality', content: qualitySection(document, grid) },
    { id: 'short', title: 'In short', short: 'In short', content: summary(document, grid) },
    {
      id: 'days',
      title: 'Actogram',
      short: 'Actogram',
      content: noDays ? markup`<p class="none">The window holds no day to draw.</p>` : actogram(document, grid),
    },
    {
      id: 'average',
      title: 'The average day',
      short: 'Average day',
      content: markup`${profileChart(document, grid)}${hourlyTable(document)}`,
    },
    { id: 'sleep', title: 'Sleep, night by night', short: 'Sleep', content: sleepSection(document) },
    {
      id: 'numbers',
      title: 'The numbers',
      short: 'Numbers',
      content: markup`<p>${signalWords(document.input.kind).caution} The lines under some numbers show the range a measure can take by its formula; they are no norms.${document.data_quality.valid_days < 7 ? ' With fewer than seven valid days, interdaily stability tends to read too high (Fischer 2021).' : ''}</p>
${numberCards('Rhythm', rhythmNumbers(document))}${numberCards('Fitted 24-hour wave (cosinor)', cosinorNumbers(document))}${numberCards('Sleep', sleepNumbers(document))}${numberCards('Activity', activityNumbers(document))}`,
    },
    { id: 'totals', title: 'Day by day', short: 'Days', content: activitySection(document) },
    { id: 'model', title: 'Pretrained model', short: 'Model', content: modelSection(document, grid) },
    {
      id: 'missing',
      title: 'What was not computed, and why',
      short: 'Not computed',
      content: notComputedList(document),
    },
    { id: 'methods', title: 'Methods and references', short: 'Methods', content: methodsSection(document) },
    { id: 'origin', title: 'Where this comes from', short: 'Origin', content: provenance(document, generatedAtMs) },
  ];
}
