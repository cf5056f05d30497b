import type { ImportNotice } from '../health-data/model.ts';
import { SAMPLE_TYPES, type SampleType } from '../health-data/sample-types.ts';

/**
 * Why a sample is not used. `malformed-record` is for readers of files: the markup around the sample is broken, so
 * that none of its fields can be relied on.
 */
export const SAMPLE_REJECTION_REASONS = [
  'unknown-type',
  'bad-date',
  'no-utc-offset',
  'ends-before-start',
  'date-out-of-range',
  'too-long',
  'bad-value',
  'unknown-unit',
  'value-out-of-range',
  'malformed-record',
] as const;
export type SampleRejectionReason = (typeof SAMPLE_REJECTION_REASONS)[number];

export interface SampleRejection {
  readonly kind: 'sample-rejected';
  readonly reason: SampleRejectionReason;
  /** Null where the identifier is unknown. */
  readonly type: SampleType | null;
  readonly identifier: string;
  /** One plain sentence without any of the sample's values. */
  readonly message: string;
}

/** What Apple's identifiers look like; anything else may be somebody's own words, and is not repeated in messages. */
const IDENTIFIER = /^HK[A-Za-z0-9]{1,98}$/;

/** One plain sentence about the refusal. It names the type, never a value, a date or a device. */
export function rejectionMessage(reason: SampleRejectionReason, type: SampleType | null, identifier: string): string {
  const what = type ?? 'sample';
  switch (reason) {
    case 'unknown-type':
      return IDENTIFIER.test(identifier) ? `${identifier} is not kept.` : 'The type is not an identifier.';
    case 'bad-date':
      return `A ${what} has a start or end that is not a date.`;
    case 'no-utc-offset':
      return `A ${what} has a start or end without a UTC offset, and no time zone was given.`;
    case 'ends-before-start':
      return `A ${what} ends before it starts.`;
    case 'date-out-of-range':
      return `A ${what} lies before 2000 or after the data was written.`;
    case 'too-long':
      return `A ${what} lasts longer than one sample can.`;
    case 'bad-value':
      return `A ${what} has no usable value.`;
    case 'unknown-unit':
      return `A ${what} has no unit, or one that cannot be converted to ${type === null ? 'ours' : SAMPLE_TYPES[type].unit}.`;
    case 'value-out-of-range':
      return `A ${what} has a value that a body or a sensor cannot produce.`;
    case 'malformed-record':
      return 'A record has broken markup.';
    default: {
      const unreachable: never = reason;
      return unreachable;
    }
  }
}

/** So many unknown types are named one by one; HealthKit has about 200. */
const MAX_NAMED_TYPES = 250;

interface Tally {
  readonly code: string;
  readonly message: string;
  count: number;
  readonly firstAt: string | null;
}

/** Counts what was set aside while samples are read: one notice a reason and type, with the place of its first. */
export class RejectionTally {
  readonly #tallies = new Map<string, Tally>();
  #namedTypes = 0;
  #last: Tally | null = null;
  #lastKey = '';

  /** Counts one refused sample; `placeOf` is asked only when it is the first of its kind. */
  countSample(
    reason: SampleRejectionReason,
    type: SampleType | null,
    identifier: string,
    placeOf: () => string | null,
  ): void {
    const subject = type ?? identifier;
    // Refused samples of one type come in runs, as all others.
    if (this.#last !== null && this.#last.code === reason && this.#lastKey === subject) {
      this.#last.count += 1;
      return;
    }
    const tally = reason === 'unknown-type' ? this.#unknownType(identifier, placeOf) : null;
    this.#last = tally ?? this.#tally(`${reason} ${type ?? ''}`, reason, rejectionMessage(reason, type, ''), placeOf);
    this.#lastKey = subject;
    this.#last.count += 1;
  }

  /** Counts something noticed that is not a refused sample. */
  countOther(code: string, message: string, placeOf: () => string | null): void {
    this.#tally(`${code} ${message}`, code, message, placeOf).count += 1;
  }

  /** Most frequent first. */
  notices(): readonly ImportNotice[] {
    return [...this.#tallies.values()]
      .map(({ code, message, count, firstAt }) => ({ code, message, count, firstAt }))
      .sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
  }

  #unknownType(identifier: string, placeOf: () => string | null): Tally {
    const named = IDENTIFIER.test(identifier);
    const key = `unknown-type ${named ? identifier : ''}`;
    if (named && !this.#tallies.has(key)) {
      if (this.#namedTypes >= MAX_NAMED_TYPES) {
        return this.#tally('unknown-type further', 'unknown-type', 'Further types are not kept.', placeOf);
      }
      this.#namedTypes += 1;
    }
    return this.#tally(key, 'unknown-type', rejectionMessage('unknown-type', null, identifier), placeOf);
  }

  #tally(key: string, code: string, message: string, placeOf: () => string | null): Tally {
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { code, message, count: 0, firstAt: placeOf() };
      this.#tallies.set(key, tally);
    }
    return tally;
  }
}
