/** The rhythm's numbers: each with its unit and one plain sentence. No norms, because none fits every device and age. */

import type { AnalysisDocument } from '../../core/analysis/document.ts';
import { activityWindows } from './clock-windows.ts';
import type { ClockWindow } from './clock-windows.ts';
import { reasonFor } from './not-computed.ts';
import { signalWords } from './signal.ts';
import { formatAmount, formatClock, formatFixed, formatPercent, isKnown } from './text.ts';

/** Where a value lies between the ends of a measure's own mathematical range (not of a norm). */
export interface NumberScale {
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly fromWords: string;
  readonly toWords: string;
}

/** One number as the report shows it. All texts may hold data: escape them. */
export interface NumberCard {
  readonly title: string;
  /** Formatted, or null when it was not computed. */
  readonly value: string | null;
  readonly unit: string;
  /** What the number means; for null, why there is none. */
  readonly sentence: string;
  readonly scale: NumberScale | null;
}

/** One card, or its reason for being empty. */
export function numberCard(
  document: AnalysisDocument,
  field: string,
  title: string,
  value: number | null,
  shown: (value: number) => { readonly value: string; readonly unit: string; readonly sentence: string },
  scale: Omit<NumberScale, 'value'> | null = null,
  otherwise?: string,
): NumberCard {
  if (!isKnown(value)) {
    return { title, value: null, unit: '', sentence: reasonFor(document, field, otherwise), scale: null };
  }
  return { title, ...shown(value), scale: scale === null ? null : { ...scale, value } };
}

/** IS, IV, RA, L5 and M10. */
export function rhythmNumbers(document: AnalysisDocument): NumberCard[] {
  const { rhythm } = document;
  const { rate } = signalWords(document.input.kind);
  const { l5, m10 } = activityWindows(rhythm);
  return [
    numberCard(
      document,
      'rhythm.interdaily_stability',
      'Interdaily stability (IS)',
      rhythm.interdaily_stability,
      (value) => ({
        value: formatFixed(value, 2),
        unit: '',
        sentence: 'How alike the days are, hour by hour: 0 is no 24-hour pattern, 1 is every day the same.',
      }),
      { from: 0, to: 1, fromWords: 'no daily pattern', toWords: 'days identical' },
    ),
    numberCard(
      document,
      'rhythm.intradaily_variability',
      'Intradaily variability (IV)',
      rhythm.intradaily_variability,
      (value) => ({
        value: formatFixed(value, 2),
        unit: '',
        sentence:
          'How much activity jumps from one hour to the next: near 0 is one smooth daily swing, about 2 is like noise.',
      }),
      {
        from: 0,
        to: Math.max(2, rhythm.intradaily_variability ?? 0),
        fromWords: 'one smooth swing',
        toWords: 'like noise',
      },
    ),
    numberCard(
      document,
      'rhythm.relative_amplitude',
      'Relative amplitude (RA)',
      rhythm.relative_amplitude,
      (value) => ({
        value: formatFixed(value, 2),
        unit: '',
        sentence:
          rhythm.l5.mean === 0
            ? 'How far M10 stands above L5; it is 1 here because no activity at all was recorded in the five quiet hours.'
            : 'How far the most active ten hours stand above the least active five: 0 is no difference, 1 is full contrast.',
      }),
      { from: 0, to: 1, fromWords: 'no contrast', toWords: 'full contrast' },
    ),
    windowCard(document, 'rhythm.l5', 'Least active five hours (L5)', rhythm.l5.mean, l5, rate),
    windowCard(document, 'rhythm.m10', 'Most active ten hours (M10)', rhythm.m10.mean, m10, rate),
  ];
}

function windowCard(
  document: AnalysisDocument,
  field: string,
  title: string,
  mean: number | null,
  window: ClockWindow | null,
  rate: string,
): NumberCard {
  const kind = field === 'rhythm.l5' ? 'lowest' : 'highest';
  return numberCard(document, `${field}.mean`, title, mean, (value) => ({
    value: formatAmount(value),
    unit: rate,
    sentence:
      window === null
        ? `The average day’s ${kind} level; the clock time is not known: ${reasonFor(document, `${field}.onset_minute`)}`
        : `On the average day activity was ${kind} from ${window.label.replace('–', ' to ')}, at this mean level.`,
  }));
}

/** Mesor, amplitude, acrophase and R² of the fitted cosine. */
export function cosinorNumbers(document: AnalysisDocument): NumberCard[] {
  const { cosinor } = document.rhythm;
  const { rate } = signalWords(document.input.kind);
  return [
    numberCard(document, 'rhythm.cosinor.mesor', 'Mesor', cosinor.mesor, (value) => ({
      value: formatAmount(value),
      unit: rate,
      sentence: 'The level around which the fitted 24-hour wave swings.',
    })),
    numberCard(document, 'rhythm.cosinor.amplitude', 'Amplitude', cosinor.amplitude, (value) => ({
      value: formatAmount(value),
      unit: rate,
      sentence: 'How far the fitted wave rises above that level at its peak.',
    })),
    numberCard(document, 'rhythm.cosinor.acrophase_minute', 'Acrophase', cosinor.acrophase_minute, (value) => ({
      value: formatClock(value),
      unit: 'local clock time',
      sentence: 'When the fitted wave peaks, which need not be the busiest time.',
    })),
    numberCard(
      document,
      'rhythm.cosinor.r_squared',
      'Share described (R²)',
      cosinor.r_squared,
      (value) => ({
        value: formatPercent(value * 100),
        unit: '',
        sentence: 'How much of the variation between single minutes one smooth daily wave describes.',
      }),
      { from: 0, to: 1, fromWords: 'nothing', toWords: 'everything' },
    ),
  ];
}
