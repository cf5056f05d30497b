/** The record in a few sentences beside the day ring. Every sentence restates a number of the document. */

import { mean } from 'd3-array';
import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import { activityWindows } from './clock-windows.ts';
import { dayRing } from './day-ring.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';
import { signalWords } from './signal.ts';
import { counted, formatClock, formatDuration, formatPercent, isKnown } from './text.ts';

/** The section's content. */
export function summary(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const sentences = [
    windowSentence(document),
    cosinorSentence(document),
    sleepSentence(document),
    document.not_computed.length === 0
      ? ''
      : `${counted(document.not_computed.length, 'result')} could not be computed; the reasons are given below.`,
  ].filter((sentence) => sentence !== '');
  return markup`<div class="summary">${dayRing(document, grid)}<div>${sentences.map((sentence) => markup`<p>${sentence}</p>`)}<p class="caution">${signalWords(document.input.kind).caution}</p></div></div>
`;
}

function windowSentence(document: AnalysisDocument): string {
  const { l5, m10 } = activityWindows(document.rhythm);
  if (l5 === null && m10 === null)
    return 'The least and the most active hours of the average day could not be computed.';
  const parts = [
    l5 === null ? '' : `the five least active hours ran from ${l5.label.replace('–', ' to ')}`,
    m10 === null ? '' : `the ten most active from ${m10.label.replace('–', ' to ')}`,
  ].filter((part) => part !== '');
  return `On the average day ${parts.join(' and ')}.`;
}

function cosinorSentence({ rhythm: { cosinor } }: AnalysisDocument): string {
  if (!isKnown(cosinor.acrophase_minute)) return '';
  const share = isKnown(cosinor.r_squared)
    ? ` and describes ${formatPercent(cosinor.r_squared * 100)} of the variation between minutes`
    : '';
  return `A smooth 24-hour wave fitted to the record peaks at ${formatClock(cosinor.acrophase_minute)}${share}.`;
}

function sleepSentence({ sleep }: AnalysisDocument): string {
  const nights = sleep.nights ?? [];
  const inBed = nights.map((night) => night.time_in_bed_minutes).filter(isKnown);
  const asleep = nights.map((night) => night.asleep_minutes).filter(isKnown);
  const meanInBed = mean(inBed);
  const meanAsleep = mean(asleep);
  if (meanInBed === undefined && meanAsleep === undefined) return '';
  const parts = [
    meanInBed === undefined
      ? ''
      : `time in bed averaged ${formatDuration(meanInBed)} (${counted(inBed.length, 'night')})`,
    meanAsleep === undefined
      ? ''
      : `time asleep averaged ${formatDuration(meanAsleep)} (${counted(asleep.length, 'night')})`,
  ].filter((part) => part !== '');
  const sentence = parts.join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
