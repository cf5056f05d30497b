import { readFileSync } from 'node:fs';
import type { MinuteRecording } from '../../../core/analysis/recording.ts';
import { fixedOffsetZone, localZone, type LocalZone } from '../../../core/kernel/local-time.ts';
import { valueOf } from '../result-values.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/actigraphy/${name}`, import.meta.url), 'utf8'));

/** A simulated week of counts, 10,080 minutes from midnight, whose measures are known. */
export const WEEK_COUNTS = Float64Array.from(fixture('week_raw_counts.json') as number[]);

export const BERLIN: LocalZone = valueOf(localZone('Europe/Berlin'));
export const UTC: LocalZone = fixedOffsetZone(0);

/** 2025-01-06T00:00:00Z, a Monday. */
export const MONDAY_MS = Date.UTC(2025, 0, 6);

/** A recording of counts from Monday midnight UTC, with what the test says otherwise. */
export const recording = (changes: Partial<MinuteRecording> = {}): MinuteRecording => ({
  kind: 'counts',
  startMs: MONDAY_MS,
  values: WEEK_COUNTS,
  zone: UTC,
  sha256: 'ab'.repeat(32),
  sources: [],
  notices: [{ code: 'missing-count', message: 'missing', count: 2, firstAt: 'line 7' }],
  wearRule: 'as the test says',
  nonWear: 'none',
  encodedDays: null,
  recordedSleep: { absent: 'the test records no sleep' },
  ...changes,
});

/** The value `count` times. */
export const constant = (value: number, count: number): Float64Array => new Float64Array(count).fill(value);
