import type { Result } from 'neverthrow';
import type { Metric, MetricPage, MetricPosition } from '../health-data/model.ts';
import type { ChunkPlace } from '../health-data/ports.ts';
import type { SampleChunk } from '../health-data/sample-chunk.ts';
import type { Insight } from '../insights/model.ts';
import { portUnavailable, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ArchiveStores } from './ports.ts';

const METRICS_A_PAGE = 500;
/** A day of heart rates is about 2 MB as columns. */
const CHUNKS_A_PAGE = 4;
const INSIGHTS_A_PAGE = 100;

/** Whose data are read, and whether anybody still waits for them. */
export interface ExportStores extends ArchiveStores {
  readonly owner: UserId;
  readonly isCancelled: () => boolean;
}

/** Thrown where the making of an archive cannot go on: whoever reads a stream can only be told so. */
export class ExportInterrupted extends Error {
  /** Null where whoever asked for the export has gone. */
  readonly fault: PortUnavailable | null;

  constructor(fault: PortUnavailable | null) {
    super(fault === null ? 'the export was cancelled' : `${fault.port}.${fault.operation}: ${fault.cause}`);
    this.name = 'ExportInterrupted';
    this.fault = fault;
  }
}

/** What a store answered; throws `ExportInterrupted` where it did not, or where nobody waits any more. */
export function orInterrupt<T>(
  stores: Pick<ExportStores, 'isCancelled'> | null,
  answer: Result<T, NotFound | PortUnavailable>,
): T {
  if (stores?.isCancelled() === true) throw new ExportInterrupted(null);
  if (answer.isOk()) return answer.value;
  const { error } = answer;
  throw new ExportInterrupted(
    error.kind === 'port-unavailable' ? error : portUnavailable('ObjectStore', 'open', `${error.id} is gone`),
  );
}

/** All metrics, newest first, a page at a time. */
export async function* metricPages(stores: ExportStores): AsyncGenerator<readonly Metric[]> {
  const query = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: METRICS_A_PAGE, offset: 0 };
  let after: MetricPosition | null = null;
  for (;;) {
    const page: MetricPage = orInterrupt(stores, await stores.metrics.list(stores.owner, { ...query, after }));
    yield page.metrics;
    const last: Metric | undefined = page.metrics.at(-1);
    if (!page.hasMore || last === undefined) return;
    after = { createdAtMs: last.createdAtMs, metricId: last.metricId };
  }
}

/** All chunks of samples, types in alphabetical order, days ascending. */
export async function* chunkPages(stores: ExportStores): AsyncGenerator<SampleChunk> {
  let after: ChunkPlace | null = null;
  for (;;) {
    const chunks: readonly SampleChunk[] = orInterrupt(
      stores,
      await stores.samples.chunks(stores.owner, after, CHUNKS_A_PAGE),
    );
    yield* chunks;
    const last: SampleChunk | undefined = chunks.at(-1);
    if (last === undefined) return;
    after = { type: last.columns.type, day: last.day };
  }
}

/** All insights, newest first, a page at a time. */
export async function* insightPages(stores: ExportStores): AsyncGenerator<readonly Insight[]> {
  for (let offset = 0; ; offset += INSIGHTS_A_PAGE) {
    const page = orInterrupt(stores, await stores.insights.list(stores.owner, { limit: INSIGHTS_A_PAGE, offset }));
    yield page.insights;
    if (!page.hasMore) return;
  }
}
