import { MS_PER_DAY, MS_PER_MINUTE } from '../../core/kernel/local-time.ts';
import type { SampleColumns } from '../../core/health-data/samples.ts';

/** Samples of one batch: a minute each, so that every batch ends inside a day that the next one goes on with. */
export const SAMPLES_A_BATCH = 1000;
/** 2023-01-01T00:00:00Z. */
export const FIRST_MINUTE_MS = 19_358 * MS_PER_DAY;

/** A heart rate as a client sends it. */
export interface SentMinute {
  readonly identifier: string;
  readonly type: string;
  readonly value: number;
  readonly unit: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly source_name: string;
}

const heartRate = (minute: number): number => 50 + (minute % 90) + (minute % 10 === 0 ? 0.5 : 0);

/** The samples of the batch with this number, counted from 0. */
export const batchOf = (batch: number): readonly SentMinute[] =>
  Array.from({ length: SAMPLES_A_BATCH }, (_, i) => {
    const minute = batch * SAMPLES_A_BATCH + i;
    const startMs = FIRST_MINUTE_MS + minute * MS_PER_MINUTE;
    return {
      identifier: 'HKQuantityTypeIdentifierHeartRate',
      type: 'HKQuantityTypeIdentifierHeartRate',
      value: heartRate(minute),
      unit: 'count/min',
      start_date: new Date(startMs).toISOString(),
      end_date: new Date(startMs + MS_PER_MINUTE).toISOString(),
      source_name: 'A watch',
    };
  });

/** What is wrong with what a store holds, in samples. */
export interface Shortfall {
  /** Acknowledged, and not there as they were sent. */
  readonly lost: number;
  /** There once more than they were sent, or never sent. */
  readonly doubled: number;
}

/** Compares heart rates that a store holds with the first `batches` batches, all of which were acknowledged. */
export function shortfallOf(batches: number, held: readonly SampleColumns[]): Shortfall {
  const times = new Uint32Array(batches * SAMPLES_A_BATCH);
  let doubled = 0;
  for (const { startMs, endMs, value } of held) {
    startMs.forEach((start, i) => {
      const minute = (start - FIRST_MINUTE_MS) / MS_PER_MINUTE;
      const isSent = minute in times && endMs[i] === start + MS_PER_MINUTE && value[i] === heartRate(minute);
      if (isSent) times[minute]! += 1;
      if (!isSent || times[minute]! > 1) doubled++;
    });
  }
  return { lost: times.filter((count) => count === 0).length, doubled };
}
