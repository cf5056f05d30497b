import { ok, safeTry, type ResultAsync } from 'neverthrow';
import { encodeChunk } from '../health-data/chunk-codec.ts';
import type { Metric, MetricPosition } from '../health-data/model.ts';
import type { ChunkPlace } from '../health-data/ports.ts';
import type { SampleChunk } from '../health-data/sample-chunk.ts';
import type { SampleColumns } from '../health-data/samples.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import {
  sideUnavailable,
  type AccountMove,
  type AccountSide,
  type SideName,
  type SideUnavailable,
} from './account-side.ts';
import type { ReportProgress } from './copy-uploads.ts';

/** A day of heart rates is about 2 MB as columns. */
const CHUNKS_A_PAGE = 16;
const METRICS_A_PAGE = 500;

/** Copies every metric that the target does not have. Answers how many were written. */
export function copyMetrics(
  progress: ReportProgress,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  let done = 0;
  let written = 0;
  return eachMetricPage('source', source, (metrics) =>
    target.stores.metrics
      .append(target.owner, metrics)
      .mapErr(sideUnavailable('target'))
      .map((outcomes) => {
        done += metrics.length;
        written += outcomes.filter((outcome) => outcome === 'stored').length;
        progress({ stage: 'copy', kind: 'metrics', done });
      }),
  ).map(() => written);
}

/** All metrics of one side, newest first, a page at a time. */
export function eachMetricPage(
  side: SideName,
  { stores, owner }: AccountSide,
  work: (metrics: readonly Metric[]) => ResultAsync<void, SideUnavailable>,
): ResultAsync<void, SideUnavailable> {
  const query = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: METRICS_A_PAGE, offset: 0 };
  return safeTry(async function* () {
    let after: MetricPosition | null = null;
    for (;;) {
      const page: { metrics: readonly Metric[]; hasMore: boolean } = yield* stores.metrics
        .list(owner, { ...query, after })
        .mapErr(sideUnavailable(side));
      if (page.metrics.length > 0) yield* work(page.metrics);
      const last: Metric | undefined = page.metrics.at(-1);
      if (!page.hasMore || last === undefined) return ok(undefined);
      after = { createdAtMs: last.createdAtMs, metricId: last.metricId };
    }
  });
}

/**
 * Copies every chunk of samples that the target does not have just so, with the uploads that each sample came with.
 * Answers how many chunks were written.
 */
export function copySamples(
  progress: ReportProgress,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  let done = 0;
  let written = 0;
  return eachChunkPage('source', source, (chunks, after) =>
    safeTry(async function* () {
      const there = yield* target.stores.samples
        .chunks(target.owner, after, CHUNKS_A_PAGE)
        .mapErr(sideUnavailable('target'));
      const held = new Map(there.map((chunk) => [placeText(placeOf(chunk)), encodeChunk(chunk)]));
      const lacking = chunks.filter((chunk) => !equalBytes(held.get(placeText(placeOf(chunk))), encodeChunk(chunk)));
      for (const [upload, batches] of batchesByUpload(lacking)) {
        yield* target.stores.samples.append(target.owner, upload, batches).mapErr(sideUnavailable('target'));
      }
      done += chunks.length;
      written += lacking.length;
      progress({ stage: 'copy', kind: 'samples', done });
      return ok(undefined);
    }),
  ).map(() => written);
}

/** All chunks of one side in their order, a page at a time, with the place that the page follows. */
export function eachChunkPage(
  side: SideName,
  { stores, owner }: AccountSide,
  work: (chunks: readonly SampleChunk[], after: ChunkPlace | null) => ResultAsync<void, SideUnavailable>,
): ResultAsync<void, SideUnavailable> {
  return safeTry(async function* () {
    let after: ChunkPlace | null = null;
    for (;;) {
      const chunks: readonly SampleChunk[] = yield* stores.samples
        .chunks(owner, after, CHUNKS_A_PAGE)
        .mapErr(sideUnavailable(side));
      const last: SampleChunk | undefined = chunks.at(-1);
      if (last === undefined) return ok(undefined);
      yield* work(chunks, after);
      after = placeOf(last);
    }
  });
}

const placeOf = ({ columns, day }: SampleChunk): ChunkPlace => ({ type: columns.type, day });
const placeText = ({ type, day }: ChunkPlace): string => `${type} ${day}`;

const equalBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a?.length === b.length && b.every((byte, i) => byte === a[i]);

/** What each upload brought to these chunks: appended upload by upload, the chunks come together as they are here. */
function batchesByUpload(chunks: readonly SampleChunk[]): ReadonlyMap<ProcessingId, readonly SampleColumns[]> {
  const batches = new Map<ProcessingId, SampleColumns[]>();
  for (const chunk of chunks) {
    for (const [index, upload] of chunk.uploads.entries()) {
      const brought = columnsOfUpload(chunk, index);
      const before = batches.get(upload);
      if (before === undefined) batches.set(upload, [brought]);
      else before.push(brought);
    }
  }
  return batches;
}

function columnsOfUpload({ columns, uploadSets, uploadSet }: SampleChunk, upload: number): SampleColumns {
  const brought = uploadSets.map((set) => set.includes(upload));
  if (brought.every(Boolean)) return columns;
  const isBrought = (_: number, sample: number): boolean => brought[uploadSet[sample]!]!;
  return {
    type: columns.type,
    startMs: columns.startMs.filter(isBrought),
    endMs: columns.endMs.filter(isBrought),
    value: columns.value.filter(isBrought),
    offsetMinutes: columns.offsetMinutes.filter(isBrought),
    source: columns.source.filter(isBrought),
    sources: columns.sources,
  };
}
