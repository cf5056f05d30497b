import { okAsync, type ResultAsync } from 'neverthrow';
import type { Metric, MetricBlocks, MetricPosition } from '../health-data/model.ts';
import type { MetricStore } from '../health-data/ports.ts';
import type { SampleSource } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { localDayOf, startOfLocalDay, type EpochDay, type LocalZone } from '../kernel/local-time.ts';
import { compareCodePoints } from '../kernel/text-order.ts';
import { binEdges } from './bin-edges.ts';
import { MinuteFold } from './fold-minutes.ts';
import type { SeriesPage } from './model.ts';
import { finishedPage, firstBinWithData, mostBins, pageWithoutData, type AskedPage } from './page.ts';
import { SourceTally, wantedSources, type WantedSources } from './source-tally.ts';

const METRICS_A_READ = 1000;

/** A page ends early, with a whole day, once it has looked through so many metrics. */
const MOST_METRICS = 20_000;

const OTHER_TOLD_THE_DAY = 'another source told more of that day';

type Metrics = Pick<MetricStore, 'list'>;

/** The field of a metric's block; null where it has none. */
export function fieldOf(metric: Metric, block: keyof MetricBlocks, path: readonly string[]): number | null {
  let value: unknown = metric[block];
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/**
 * A page of a field of metrics. A metric says when, but not of how long it speaks, so that minutes cannot tell whether
 * two sources counted the same: of every local day one source is used, the one with the most readings on it.
 */
export function metricPage(metrics: Metrics) {
  return (
    owner: UserId,
    asked: AskedPage,
    block: keyof MetricBlocks,
    path: readonly string[],
  ): ResultAsync<SeriesPage, PortUnavailable> =>
    firstAfter(metrics, owner, asked.beginMs, asked.toMs).andThen((firstMs) => {
      const startMs = firstBinWithData(asked, asked.beginMs, firstMs);
      if (startMs === null) return okAsync(pageWithoutData(asked));
      const { zone } = asked;
      const most = binEdges(zone, asked.resolution, startMs, asked.toMs, mostBins(asked.resolution));
      const firstDay = localDayOf(zone, startMs);
      const lastMs = (most[most.length - 1] as EpochMs) - 1;
      const wholeDays = { fromMs: startOfLocalDay(zone, firstDay), toMs: endOfLocalDay(zone, lastMs) };
      return upTo(metrics, owner, wholeDays, (last) => localDayOf(zone, last) > firstDay).andThen(
        ({ found, cutMs }) => {
          // The day on which the look ended is not whole.
          const untilMs = cutMs === null ? Infinity : startOfLocalDay(zone, localDayOf(zone, cutMs));
          const edges = most.filter((edge) => edge <= untilMs);
          const content = contentOf(found, edges, asked, block, path);
          const endMs = edges[edges.length - 1] as EpochMs;
          if (endMs >= asked.toMs) return okAsync(finishedPage(asked, content, null));
          return firstAfter(metrics, owner, endMs, asked.toMs).map((followingMs) =>
            finishedPage(asked, content, firstBinWithData(asked, endMs, followingMs)),
          );
        },
      );
    });
}

/** Just before everything of this instant, seen from the oldest. */
const beginningAt = (instantMs: EpochMs): MetricPosition => ({ createdAtMs: instantMs, metricId: '' });

const QUERY = { types: null, uploadSource: null, offset: 0, after: null } as const;

/** When the oldest metric in the span was taken. */
const firstAfter = (
  metrics: Metrics,
  owner: UserId,
  fromMs: EpochMs,
  toMs: EpochMs,
): ResultAsync<EpochMs | null, PortUnavailable> =>
  metrics
    .list(owner, { ...QUERY, fromMs, toMs, limit: 1, before: beginningAt(fromMs) })
    .map((page) => page.metrics[0]?.createdAtMs ?? null);

interface Looked {
  readonly found: readonly Metric[];
  /** The instant at which the look ended early; null where all of the span was seen. */
  readonly cutMs: EpochMs | null;
}

/** The metrics of the span, oldest first; once there are many, no more than up to an instant that may end it. */
function upTo(
  metrics: Metrics,
  owner: UserId,
  { fromMs, toMs }: { readonly fromMs: EpochMs; readonly toMs: EpochMs },
  mayEndAt: (instantMs: EpochMs) => boolean,
): ResultAsync<Looked, PortUnavailable> {
  const found: Metric[] = [];
  const from = (before: MetricPosition): ResultAsync<Looked, PortUnavailable> =>
    metrics.list(owner, { ...QUERY, fromMs, toMs, limit: METRICS_A_READ, before }).andThen((page) => {
      found.push(...[...page.metrics].reverse());
      const last = found.at(-1);
      if (!page.hasMore || last === undefined) return okAsync({ found, cutMs: null });
      if (found.length >= MOST_METRICS && mayEndAt(last.createdAtMs))
        return okAsync({ found, cutMs: last.createdAtMs });
      return from(last);
    });
  return from(beginningAt(fromMs));
}

/** One field of one metric. */
interface FieldReading {
  readonly atMs: EpochMs;
  readonly value: number;
  readonly source: string;
}

function contentOf(
  metrics: readonly Metric[],
  edges: Float64Array,
  { zone, source, type }: AskedPage,
  block: keyof MetricBlocks,
  path: readonly string[],
): Pick<SeriesPage, 'bins' | 'sources'> {
  const wanted = wantedSources(source);
  const tally = new SourceTally(wanted, OTHER_TOLD_THE_DAY);
  const how = type.aggregation === 'mean' ? 'mean' : 'sum';
  const readings = metrics.flatMap((metric): readonly FieldReading[] => {
    const value = fieldOf(metric, block, path);
    return value === null ? [] : [{ atMs: metric.createdAtMs, value, source: metric.uploadSource }];
  });
  const believed = sourcesOfDays(readings, zone, wanted);
  const [startMs, endMs] = [edges[0] as EpochMs, edges[edges.length - 1] as EpochMs];
  const used: FieldReading[] = [];
  for (const reading of readings) {
    if (reading.atMs < startMs || reading.atMs >= endMs) continue;
    if (believed.get(localDayOf(zone, reading.atMs)) === reading.source) used.push(reading);
    else tally.add(asSource(reading.source), { minutes: 0, used: 0, setAside: how === 'sum' ? reading.value : 1 });
  }
  const fold = new MinuteFold(edges, how, wanted, tally);
  if (used.length > 0) fold.add(asColumns(used), 0, edges.length - 1);
  return { bins: fold.bins(), sources: tally.sources() };
}

/** For each local day the source with the most readings; of equals the first by name. */
function sourcesOfDays(
  readings: readonly FieldReading[],
  zone: LocalZone,
  wanted: WantedSources,
): ReadonlyMap<EpochDay, string> {
  const counts = new Map<EpochDay, Map<string, number>>();
  for (const { atMs, source } of readings) {
    if (!wanted(asSource(source))) continue;
    const day = localDayOf(zone, atMs);
    const ofDay = counts.get(day) ?? new Map<string, number>();
    counts.set(day, ofDay.set(source, (ofDay.get(source) ?? 0) + 1));
  }
  return new Map(
    [...counts].map(([day, ofDay]) => {
      const [most] = [...ofDay].sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b));
      return [day, (most as [string, number])[0]];
    }),
  );
}

/** What a metric was sent by stands for what recorded it. */
const asSource = (name: string): SampleSource => ({ key: name, name, device: 'other', model: null });

function asColumns(readings: readonly FieldReading[]) {
  const names = [...new Set(readings.map(({ source }) => source))];
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const atMs = Float64Array.from(readings, (reading) => reading.atMs);
  return {
    startMs: atMs,
    endMs: atMs,
    value: Float64Array.from(readings, ({ value }) => value),
    source: Uint16Array.from(readings, ({ source }) => indexOf.get(source) as number),
    sources: names.map(asSource),
  };
}

function endOfLocalDay(zone: LocalZone, instantMs: EpochMs): EpochMs {
  for (let day = localDayOf(zone, instantMs) + 1; ; day += 1) {
    const startMs = startOfLocalDay(zone, day);
    if (startMs > instantMs) return startMs;
  }
}
