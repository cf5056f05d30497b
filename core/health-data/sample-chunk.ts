import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import { MS_PER_DAY } from '../kernel/local-time.ts';
import { sameSource, uniteSources } from './chunk-sources.ts';
import { utcDayOf } from './chunk-split.ts';
import { GrowingProvenance, withoutUpload } from './chunk-uploads.ts';
import type { Provenance } from './chunk-uploads.ts';
import type { SampleColumns } from './samples.ts';

/**
 * What a sample store keeps as one piece: an owner's samples of one type that start on one UTC day, and for each of
 * them the uploads it came with. The form is canonical, so that equal content is equal in every byte however it came
 * together: samples ascend by start, end, value, source key, and no two are equal in all four; zero is never negative;
 * sources ascend by key (UTF-16 code units); nothing is listed that no sample uses.
 */
export interface SampleChunk extends Provenance {
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  /** Never empty. */
  readonly columns: SampleColumns;
}

/** A chunk after samples were added. */
export interface ChunkMerge {
  /** The given chunk itself when nothing about it changed. */
  readonly chunk: SampleChunk;
  readonly stored: number;
  readonly duplicates: number;
  /** Of the duplicates, how many different ones belonged to the upload alone. */
  readonly repeated: number;
}

/**
 * Adds the samples of one upload to a chunk (null: none yet). A sample equal to another one in start, end, value and
 * source key is a duplicate, whether the other was there before or comes in the same call: it is counted, and the one
 * sample belongs to both uploads from then on. Of two UTC offsets of one sample the known one stays, of two known ones
 * the eastern; with that, the result does not depend on the order or the split of the calls. The columns given are
 * neither kept nor changed. `incoming` comes from `splitByDay`, which has checked it.
 *
 * @throws RangeError when `incoming` is empty, or does not all start on one UTC day, or is not of the chunk's day and
 * type.
 */
export function mergeChunk(existing: SampleChunk | null, incoming: SampleColumns, upload: ProcessingId): ChunkMerge {
  const day = dayOfAll(incoming);
  const held = existing?.columns ?? noSamples(incoming);
  if (existing !== null && (existing.day !== day || held.type !== incoming.type)) {
    throw new RangeError(`${incoming.type} of day ${day} does not belong to the chunk ${held.type} of ${existing.day}`);
  }
  const { sources, indexes } = uniteSources([
    { sources: held.sources, used: null },
    { sources: incoming.sources, used: usedSources(incoming) },
  ]);
  const heldSource = held.source.map((source) => indexes[0]![source]!);
  const newSource = incoming.source.map((source) => indexes[1]![source]!);
  const order = canonicalOrder(incoming, newSource);
  const provenance = new GrowingProvenance(existing, upload);

  const heldCount = held.startMs.length;
  const newCount = incoming.startMs.length;
  const merged = blankColumns(heldCount + newCount);
  const workingSet = new Uint32Array(heldCount + newCount);
  const ownSet = existing?.uploadSets.findIndex((set) => set.length === 1 && existing.uploads[set[0]!] === upload);
  let repeated = 0;
  /** The last one taken was the upload's own before, and is not counted yet. */
  let mayRepeat = false;
  let changed = !held.sources.every((source, i) => sameSource(source, sources[i]!));
  let count = 0;
  let h = 0;
  let n = 0;
  while (h < heldCount || n < newCount) {
    const k = n < newCount ? order[n]! : -1;
    const takesHeld = h < heldCount && (k < 0 || compareSamples(held, heldSource, h, incoming, newSource, k) <= 0);
    if (takesHeld) {
      copySample(merged, count, held, heldSource, h);
      workingSet[count] = existing!.uploadSet[h]!;
      mayRepeat = workingSet[count] === ownSet;
      count++;
      h++;
      continue;
    }
    n++;
    // Of equal samples the held one is taken first, so whatever repeats the last one taken is an incoming one.
    if (count > 0 && compareSamples(merged, merged.source, count - 1, incoming, newSource, k) === 0) {
      const set = provenance.joined(workingSet[count - 1]!);
      const offsetMinutes = Math.max(merged.offsetMinutes[count - 1]!, incoming.offsetMinutes[k]!);
      if (set !== workingSet[count - 1] || offsetMinutes !== merged.offsetMinutes[count - 1]) changed = true;
      workingSet[count - 1] = set;
      if (mayRepeat) repeated++;
      merged.offsetMinutes[count - 1] = offsetMinutes;
    } else {
      copySample(merged, count, incoming, newSource, k);
      workingSet[count] = provenance.alone();
      count++;
    }
    mayRepeat = false;
  }

  const stored = count - heldCount;
  const counts = { stored, duplicates: newCount - stored, repeated };
  if (existing !== null && stored === 0 && !changed) return { chunk: existing, ...counts };
  const columns = { type: incoming.type, ...firstOf(merged, count), sources };
  return { chunk: { day, columns, ...provenance.of(workingSet.subarray(0, count)) }, ...counts };
}

/** A chunk after an upload was taken out; `chunk` is null when no sample is left. */
export interface ChunkRemoval {
  readonly chunk: SampleChunk | null;
  readonly removed: number;
}

/** Takes an upload out of a chunk: the samples that came with no other upload go. */
export function removeUpload(chunk: SampleChunk, upload: ProcessingId): ChunkRemoval {
  const { kept, provenance } = withoutUpload(chunk, upload);
  const removed = chunk.uploadSet.length - kept.length;
  if (kept.length === 0) return { chunk: null, removed };
  const { type, sources: before, source: sourceBefore } = chunk.columns;
  const columns = blankColumns(kept.length);
  kept.forEach((sample, i) => copySample(columns, i, chunk.columns, sourceBefore, sample));
  const { sources, indexes } = uniteSources([
    { sources: before, used: usedSources({ ...columns, type, sources: before }) },
  ]);
  const source = columns.source.map((index) => indexes[0]![index]!);
  return { chunk: { day: chunk.day, columns: { ...columns, type, source, sources }, ...provenance }, removed };
}

/** The latest end of a sample: a span that starts there or later meets no sample of the chunk, unless it starts there. */
export function lastEndMs({ columns }: SampleChunk): EpochMs {
  let last = -Infinity;
  for (const end of columns.endMs) last = Math.max(last, end);
  return last;
}

/** How many days before a span's first day a chunk may lie and still, by a sample of this length, reach into the span. */
export function longestReachDays({ columns }: SampleChunk): number {
  let longestMs = 0;
  columns.endMs.forEach((end, i) => {
    longestMs = Math.max(longestMs, end - columns.startMs[i]!);
  });
  return Math.ceil(longestMs / MS_PER_DAY);
}

type NumberColumns = Omit<SampleColumns, 'type' | 'sources'>;

const blankColumns = (count: number): NumberColumns => ({
  startMs: new Float64Array(count),
  endMs: new Float64Array(count),
  value: new Float64Array(count),
  offsetMinutes: new Int16Array(count),
  source: new Uint16Array(count),
});

const noSamples = ({ type }: SampleColumns): SampleColumns => ({ type, ...blankColumns(0), sources: [] });

/** The first samples as columns of their own, so that a longer buffer is not kept alive. */
const firstOf = (columns: NumberColumns, count: number): NumberColumns => ({
  startMs: columns.startMs.slice(0, count),
  endMs: columns.endMs.slice(0, count),
  value: columns.value.slice(0, count),
  offsetMinutes: columns.offsetMinutes.slice(0, count),
  source: columns.source.slice(0, count),
});

/** `source` stands in for the columns' own, which count in another list. -0 + 0 is 0: the two zeros are one value. */
function copySample(to: NumberColumns, at: number, from: NumberColumns, source: Uint16Array, sample: number): void {
  to.startMs[at] = from.startMs[sample]! + 0;
  to.endMs[at] = from.endMs[sample]! + 0;
  to.value[at] = from.value[sample]! + 0;
  to.offsetMinutes[at] = from.offsetMinutes[sample]!;
  to.source[at] = source[sample]!;
}

/** By start, end, value, source key; the sources count in one list that ascends by key. */
export const compareSamples = (
  a: NumberColumns,
  aSource: Uint16Array,
  i: number,
  b: NumberColumns,
  bSource: Uint16Array,
  k: number,
): number =>
  a.startMs[i]! - b.startMs[k]! || a.endMs[i]! - b.endMs[k]! || a.value[i]! - b.value[k]! || aSource[i]! - bSource[k]!;

/** Positions of the samples in canonical order; already ordered samples, the usual case, are not sorted again. */
function canonicalOrder(columns: NumberColumns, source: Uint16Array): Uint32Array {
  const order = Uint32Array.from(columns.startMs.keys());
  for (let i = 1; i < order.length; i++) {
    if (compareSamples(columns, source, i - 1, columns, source, i) > 0) {
      return order.sort((a, b) => compareSamples(columns, source, a, columns, source, b));
    }
  }
  return order;
}

/** 1 for each entry of the columns' sources that a sample has. */
export function usedSources({ source, sources }: SampleColumns): Uint8Array {
  const used = new Uint8Array(sources.length);
  for (const index of source) used[index] = 1;
  return used;
}

function dayOfAll({ type, startMs }: SampleColumns): number {
  if (startMs.length === 0) throw new RangeError(`${type}: no sample to add`);
  const day = utcDayOf(startMs[0]!);
  if (!startMs.every((start) => utcDayOf(start) === day)) throw new RangeError(`${type}: samples of several UTC days`);
  return day;
}
