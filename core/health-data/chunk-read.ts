import { uniteSources } from './chunk-sources.ts';
import type { SampleChunk } from './sample-chunk.ts';
import type { SampleColumns, Span } from './samples.ts';

/**
 * The samples of the chunks that overlap the span, as one set of columns, ordered by start, end, value, source key; null
 * when there is none. A sample overlaps when it starts before the span's end and ends after the span's start; one
 * without duration, also when it lies on the span's start. The chunks are of one type and ascend by day.
 */
export function samplesInSpan(chunks: readonly SampleChunk[], span: Span): SampleColumns | null {
  const parts = chunks.map(({ columns }) => ({ columns, inside: positionsInSpan(columns, span) }));
  const count = parts.reduce((sum, { inside }) => sum + inside.length, 0);
  if (count === 0) return null;
  const { sources, indexes } = uniteSources(
    parts.map(({ columns, inside }) => ({ sources: columns.sources, used: usedAt(columns, inside) })),
  );
  const found = {
    type: chunks[0]!.columns.type,
    startMs: new Float64Array(count),
    endMs: new Float64Array(count),
    value: new Float64Array(count),
    offsetMinutes: new Int16Array(count),
    source: new Uint16Array(count),
    sources,
  };
  let at = 0;
  parts.forEach(({ columns, inside }, part) => {
    for (const sample of inside) {
      found.startMs[at] = columns.startMs[sample]!;
      found.endMs[at] = columns.endMs[sample]!;
      found.value[at] = columns.value[sample]!;
      found.offsetMinutes[at] = columns.offsetMinutes[sample]!;
      found.source[at] = indexes[part]![columns.source[sample]!]!;
      at++;
    }
  });
  return found;
}

function positionsInSpan({ startMs, endMs }: SampleColumns, { fromMs, toMs }: Span): Uint32Array {
  if (!(fromMs < toMs)) return new Uint32Array(0);
  return Uint32Array.from(startMs.keys()).filter(
    (i) => startMs[i]! < toMs && (endMs[i]! > fromMs || startMs[i]! >= fromMs),
  );
}

function usedAt({ source, sources }: SampleColumns, positions: Uint32Array): Uint8Array {
  const used = new Uint8Array(sources.length);
  for (const position of positions) used[source[position]!] = 1;
  return used;
}
