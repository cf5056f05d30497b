import type { SignalKind } from '../../core/analysis/document.ts';

/** How the report speaks of the analysed signal. */
export interface SignalWords {
  /** `steps` or `counts`. */
  readonly noun: string;
  /** `steps a minute` or `counts a minute`. */
  readonly rate: string;
  /** Short form for axes: `steps/min`. */
  readonly axis: string;
  /** What the signal is and what it cannot tell. */
  readonly caution: string;
}

const STEPS_CAUTION =
  'The signal is steps a minute, a proxy for movement: sitting, standing, cycling and sleeping all read as zero. ' +
  'These numbers describe this record and cannot be compared with published values, which were measured as ' +
  'accelerometer counts.';

const WORDS: Readonly<Record<SignalKind, SignalWords>> = {
  counts: {
    noun: 'counts',
    rate: 'counts a minute',
    axis: 'counts/min',
    caution:
      'The signal is accelerometer counts a minute. Counts differ between devices, wearing positions and filter ' +
      'settings, so compare only records made in the same way.',
  },
  steps: { noun: 'steps', rate: 'steps a minute', axis: 'steps/min', caution: STEPS_CAUTION },
  healthkit: { noun: 'steps', rate: 'steps a minute', axis: 'steps/min', caution: STEPS_CAUTION },
};

/** The words for a kind of signal. */
export function signalWords(kind: SignalKind): SignalWords {
  return WORDS[kind];
}
