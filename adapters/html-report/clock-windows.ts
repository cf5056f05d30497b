/** The L5 and M10 windows on the 24-hour clock, where they may run past midnight. */

import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { RhythmResults } from '../../core/analysis/document.ts';
import { formatClock, isKnown } from './text.ts';

/** L5 spans five hours, M10 ten (Van Someren 1999). */
const L5_MINUTES = 300;
const M10_MINUTES = 600;

/** A window on the clock, cut at midnight into one or two pieces, the first piece first. */
export interface ClockWindow {
  readonly onsetMinute: number;
  /** From `onsetMinute`; not reduced to one day, so at most 1440 + 600. */
  readonly endMinute: number;
  /** Mean of the signal a minute inside the window, or null. */
  readonly mean: number | null;
  readonly pieces: readonly { readonly from: number; readonly to: number }[];
  /** Such as `23:30–04:30`. */
  readonly label: string;
}

/** The window that starts at `onsetMinute`, or null when the onset was not computed. */
export function clockWindow(
  result: { readonly mean: number | null; readonly onset_minute: number | null },
  lengthMinutes: number,
): ClockWindow | null {
  if (!isKnown(result.onset_minute)) return null;
  const onsetMinute = ((result.onset_minute % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  const endMinute = onsetMinute + lengthMinutes;
  const pieces =
    endMinute <= MINUTES_PER_DAY
      ? [{ from: onsetMinute, to: endMinute }]
      : [
          { from: onsetMinute, to: MINUTES_PER_DAY },
          { from: 0, to: endMinute - MINUTES_PER_DAY },
        ];
  return {
    onsetMinute,
    endMinute,
    mean: isKnown(result.mean) ? result.mean : null,
    pieces,
    label: `${formatClock(onsetMinute)}–${formatClock(endMinute)}`,
  };
}

/** Both windows of a result. */
export function activityWindows(rhythm: RhythmResults): {
  readonly l5: ClockWindow | null;
  readonly m10: ClockWindow | null;
} {
  return { l5: clockWindow(rhythm.l5, L5_MINUTES), m10: clockWindow(rhythm.m10, M10_MINUTES) };
}

/** The fitted wave M + A cos(2 pi (t - acrophase) / 1440) of minute t, or null when it was not computed. */
export function cosinorWave(rhythm: RhythmResults): ((minute: number) => number) | null {
  const { mesor, amplitude, acrophase_minute: acrophase } = rhythm.cosinor;
  if (!isKnown(mesor) || !isKnown(amplitude) || !isKnown(acrophase)) return null;
  return (minute) => mesor + amplitude * Math.cos((2 * Math.PI * (minute - acrophase)) / MINUTES_PER_DAY);
}
