import { UNKNOWN_OFFSET, type SampleColumns, type SampleSource } from '../../core/health-data/samples.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import { MS_PER_MINUTE } from '../../core/kernel/local-time.ts';

export const WATCH: SampleSource = { key: 'sam watch|watch6,1', name: 'Sam Watch', device: 'watch', model: 'Watch6,1' };
export const OTHER_WATCH: SampleSource = { key: 'old watch|watch3,1', name: 'Old Watch', device: 'watch', model: null };
export const PHONE: SampleSource = { key: 'sam iphone|iphone14,5', name: 'Sam iPhone', device: 'phone', model: null };
export const TRACKER: SampleSource = { key: 'tracker|', name: 'Tracker', device: 'other', model: null };

/** One sample of a test; times are instants in milliseconds, and without an end it is instantaneous. */
export interface TestSample {
  readonly startMs: number;
  readonly endMs?: number;
  readonly value: number;
  readonly source: SampleSource;
  readonly offsetMinutes?: number;
}

/** Samples of one type as columns, in the order given. */
export function columnsOf(type: SampleType, samples: readonly TestSample[]): SampleColumns {
  const sources = [...new Set(samples.map(({ source }) => source))];
  return {
    type,
    startMs: Float64Array.from(samples, ({ startMs }) => startMs),
    endMs: Float64Array.from(samples, ({ startMs, endMs }) => endMs ?? startMs),
    value: Float64Array.from(samples, ({ value }) => value),
    offsetMinutes: Int16Array.from(samples, ({ offsetMinutes }) => offsetMinutes ?? UNKNOWN_OFFSET),
    source: Uint16Array.from(samples, ({ source }) => sources.indexOf(source)),
    sources,
  };
}

/** A sample over whole or broken minutes from `originMs`. */
export const minutesFrom =
  (originMs: number) =>
  (from: number, to: number, value: number, source: SampleSource): TestSample => ({
    startMs: originMs + from * MS_PER_MINUTE,
    endMs: originMs + to * MS_PER_MINUTE,
    value,
    source,
  });
