import type { SampleColumns, SampleSource } from '../../../core/health-data/samples.ts';
import { SampleColumnsBuilder } from '../../../core/health-data/sample-builder.ts';
import { SLEEP_STAGE } from '../../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET } from '../../../core/health-data/samples.ts';

export const WATCH: SampleSource = { key: 'jo|watch6,1', name: 'Jo’s Apple Watch', device: 'watch', model: 'Watch6,1' };
export const PHONE: SampleSource = { key: 'jo|iphone14,2', name: 'Jo’s iPhone', device: 'phone', model: 'iPhone14,2' };
export const RING: SampleSource = { key: 'ring|', name: 'Ring', device: 'other', model: null };

/** One sleep sample: stage, start and end as ISO 8601 instants, and what recorded it. */
export type SleepRow = readonly [stage: keyof typeof SLEEP_STAGE, start: string, end: string, source?: SampleSource];

/** Sleep samples as columns; offsets are unknown, as nights must not need them. */
export function sleepColumns(rows: readonly SleepRow[]): SampleColumns {
  const builder = new SampleColumnsBuilder();
  for (const [stage, start, end, source = WATCH] of rows) {
    builder.add('sleep_stage', Date.parse(start), Date.parse(end), SLEEP_STAGE[stage], UNKNOWN_OFFSET, source);
  }
  return builder.take()[0] as SampleColumns;
}
