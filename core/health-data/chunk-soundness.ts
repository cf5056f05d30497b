import { compareText } from './chunk-sources.ts';
import { utcDayOf } from './chunk-split.ts';
import { compareSamples } from './sample-chunk.ts';
import type { SampleChunk } from './sample-chunk.ts';

/**
 * What a chunk breaks of the promises of `SampleChunk`, or null when it is sound. Chunks made by this program are; one
 * that was read from bytes is only believed after this check.
 */
export function chunkFault(chunk: SampleChunk): string | null {
  const { columns, uploads, uploadSets, uploadSet } = chunk;
  const { startMs, source, sources } = columns;
  if (startMs.length === 0) return 'no sample';
  if (!ascends(sources.map(({ key }) => key))) return 'the sources are not in order';
  if (!ascends(uploads)) return 'the uploads are not in order';
  if (!uploadSets.every((set) => isSetOf(set, uploads.length))) return 'a set of uploads is none';
  if (new Set(uploadSets.map((set) => set.join())).size < uploadSets.length) return 'a set of uploads comes twice';
  if (new Set(uploadSets.flat()).size < uploads.length) return 'an upload without samples';
  if (new Set(source).size < sources.length) return 'a source without samples';
  let setsSeen = 0;
  for (let i = 0; i < startMs.length; i++) {
    const fault = sampleFault(chunk, i);
    if (fault !== null) return `sample ${i} ${fault}`;
    if (uploadSet[i]! > setsSeen) return 'the sets of uploads are not in order of use';
    if (uploadSet[i] === setsSeen) setsSeen++;
  }
  return setsSeen < uploadSets.length ? 'a set of uploads without samples' : null;
}

function sampleFault({ columns, uploadSets, uploadSet, day }: SampleChunk, i: number): string | null {
  const { startMs, endMs, value, source, sources } = columns;
  if (utcDayOf(startMs[i]!) !== day) return 'is of another day';
  if (!(endMs[i]! >= startMs[i]!) || !Number.isFinite(endMs[i]!)) return 'does not end after it starts';
  if (!Number.isFinite(value[i]!) || Object.is(value[i], -0)) return 'has no value';
  if (source[i]! >= sources.length) return 'has no source';
  if (uploadSet[i]! >= uploadSets.length) return 'has no upload';
  if (i > 0 && compareSamples(columns, source, i - 1, columns, source, i) >= 0) return 'is out of order';
  return null;
}

const ascends = (texts: readonly string[]): boolean =>
  texts.every((text, i) => i === 0 || compareText(texts[i - 1]!, text) < 0);

const isSetOf = (set: readonly number[], size: number): boolean =>
  set.length > 0 && set.every((index, i) => index < size && (i === 0 || index > set[i - 1]!));
