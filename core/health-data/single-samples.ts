import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import type { SampleChunk } from './sample-chunk.ts';
import type { SampleType } from './sample-types.ts';
import type { SampleSource } from './samples.ts';

/** One sample by itself. */
export interface SingleSample {
  readonly type: SampleType;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly value: number;
  /** Minutes east of UTC, or `UNKNOWN_OFFSET`. */
  readonly offsetMinutes: number;
  readonly source: SampleSource;
  /** The uploads it came with, at least one. */
  readonly uploads: readonly ProcessingId[];
}

/** The samples of a chunk, one after the other. */
export function* samplesOf({ columns, uploads, uploadSets, uploadSet }: SampleChunk): Generator<SingleSample> {
  const sets = uploadSets.map((set) => set.map((index) => uploads[index]!));
  for (let i = 0; i < columns.startMs.length; i++) {
    yield {
      type: columns.type,
      startMs: columns.startMs[i]!,
      endMs: columns.endMs[i]!,
      value: columns.value[i]!,
      offsetMinutes: columns.offsetMinutes[i]!,
      source: columns.sources[columns.source[i]!]!,
      uploads: sets[uploadSet[i]!]!,
    };
  }
}
