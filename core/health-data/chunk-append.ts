import type { ProcessingId } from '../kernel/ids.ts';
import { uniteSources } from './chunk-sources.ts';
import { splitByDay } from './chunk-split.ts';
import { mergeChunk, usedSources } from './sample-chunk.ts';
import type { ChunkMerge, SampleChunk } from './sample-chunk.ts';
import type { SampleType } from './sample-types.ts';
import type { AppendCount, SampleColumns } from './samples.ts';

/** What one call of `SampleStore.append` adds to one chunk. */
export interface ChunkAddition {
  readonly type: SampleType;
  readonly day: number;
  /** Not empty; several when the call brought several batches with samples of this chunk. */
  readonly pieces: readonly SampleColumns[];
}

/**
 * The batches of one call, by chunk: each chunk once, so that a store reads and writes it once. Types in the order of
 * their first sample, days ascending inside a type.
 *
 * @throws RangeError when a batch breaks the promises of `SampleColumns` (see `splitByDay`).
 */
export function additionsOf(batches: readonly SampleColumns[]): readonly ChunkAddition[] {
  const types = new Map<SampleType, Map<number, SampleColumns[]>>();
  for (const batch of batches) {
    for (const { day, columns } of splitByDay(batch)) {
      const days = types.get(batch.type) ?? new Map<number, SampleColumns[]>();
      types.set(batch.type, days);
      const pieces = days.get(day);
      if (pieces === undefined) days.set(day, [columns]);
      else pieces.push(columns);
    }
  }
  return [...types].flatMap(([type, days]) =>
    [...days].map(([day, pieces]) => ({ type, day, pieces })).sort((a, b) => a.day - b.day),
  );
}

/** Merges an addition into its chunk (null: none yet); see `mergeChunk`. */
export function applyAddition(
  existing: SampleChunk | null,
  addition: ChunkAddition,
  upload: ProcessingId,
): ChunkMerge & { readonly changed: boolean } {
  const merge = mergeChunk(existing, joined(addition), upload);
  return { ...merge, changed: merge.chunk !== existing };
}

/** The pieces as one, in their order. */
function joined({ type, pieces }: ChunkAddition): SampleColumns {
  const [only, ...others] = pieces;
  if (only === undefined) throw new RangeError(`${type}: an addition without samples`);
  if (others.length === 0) return only;
  const { sources, indexes } = uniteSources(
    pieces.map((piece) => ({ sources: piece.sources, used: usedSources(piece) })),
  );
  const count = pieces.reduce((sum, { startMs }) => sum + startMs.length, 0);
  const all = {
    type,
    startMs: new Float64Array(count),
    endMs: new Float64Array(count),
    value: new Float64Array(count),
    offsetMinutes: new Int16Array(count),
    source: new Uint16Array(count),
    sources,
  };
  let at = 0;
  pieces.forEach(({ startMs, endMs, value, offsetMinutes, source }, i) => {
    all.startMs.set(startMs, at);
    all.endMs.set(endMs, at);
    all.value.set(value, at);
    all.offsetMinutes.set(offsetMinutes, at);
    all.source.set(
      source.map((index) => indexes[i]![index]!),
      at,
    );
    at += startMs.length;
  });
  return all;
}

/** The counts of one call, a type each, in the order in which the types were first counted. */
export class AppendTally {
  readonly #counts = new Map<SampleType, AppendCount>();

  add(type: SampleType, { stored, duplicates, repeated }: Omit<AppendCount, 'type'>): void {
    const before = this.#counts.get(type);
    this.#counts.set(type, {
      type,
      stored: (before?.stored ?? 0) + stored,
      duplicates: (before?.duplicates ?? 0) + duplicates,
      repeated: (before?.repeated ?? 0) + repeated,
    });
  }

  counts(): readonly AppendCount[] {
    return [...this.#counts.values()];
  }
}
