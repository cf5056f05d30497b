import { okAsync, type ResultAsync } from 'neverthrow';
import type { SampleType } from '../health-data/sample-types.ts';
import type { SampleStore } from '../health-data/ports.ts';
import type { SampleColumns } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../kernel/local-time.ts';
import { binEdges } from './bin-edges.ts';
import { MinuteFold } from './fold-minutes.ts';
import { sleepBins } from './fold-sleep.ts';
import type { Readings } from './minute-cells.ts';
import type { SERIES_RESOLUTIONS } from './model.ts';
import { type SeriesPage } from './model.ts';
import { finishedPage, firstBinWithData, mostBins, pageWithoutData, type AskedPage } from './page.ts';
import type { SampleReading } from './series-types.ts';
import { SourceTally, wantedSources } from './source-tally.ts';

/** Bins that are worked on at a time, so that memory stays bounded: a week of minutes, or five weeks. */
const BINS_AT_A_TIME: Readonly<Record<(typeof SERIES_RESOLUTIONS)[number], number>> = {
  minute: 10_080,
  hour: 840,
  day: 35,
};

/** A page ends early once it has taken so many samples. */
const MOST_SAMPLES = 500_000;

/** Sleep is read so far beyond the page that every session is whole and every day has all its sources. */
const SLEEP_REACH_MS = 3 * MS_PER_DAY;

const TOLD_ALREADY = 'a source that goes before it told the same minutes';
const OTHER_TOLD_THE_DAY = 'another source was believed for that day';

/** A page of a sample type. */
export function samplePage(samples: Pick<SampleStore, 'read' | 'daysWithData'>) {
  return (
    owner: UserId,
    asked: AskedPage,
    type: SampleType,
    reading: SampleReading,
  ): ResultAsync<SeriesPage, PortUnavailable> =>
    samples.daysWithData(owner, [type]).andThen((days) => {
      const firstMs = days[0] === undefined ? null : days[0] * MS_PER_DAY;
      const startMs = firstBinWithData(asked, asked.beginMs, firstMs);
      if (startMs === null) return okAsync(pageWithoutData(asked));
      const edges = binEdges(asked.zone, asked.resolution, startMs, asked.toMs, mostBins(asked.resolution));
      const content =
        asked.type.aggregation === 'sleep'
          ? sleepContent(samples, owner, asked, type, edges)
          : minuteContent(samples, owner, asked, type, reading, edges);
      return content.map(({ bins, sources, endMs, reachedMs }) =>
        finishedPage(asked, { bins, sources }, nextMs(asked, days, endMs, reachedMs)),
      );
    });
}

/** What a page holds, where it ends, and where the last sample ends that begins before that. */
interface Content extends Pick<SeriesPage, 'bins' | 'sources'> {
  readonly endMs: EpochMs;
  readonly reachedMs: EpochMs;
}

/** Where there is more to see: at once where a sample goes on, else with the next day that has samples. */
function nextMs(asked: AskedPage, days: readonly number[], endMs: EpochMs, reachedMs: EpochMs): EpochMs | null {
  if (endMs >= asked.toMs) return null;
  if (reachedMs > endMs) return endMs;
  const day = days.find((each) => (each + 1) * MS_PER_DAY > endMs);
  return firstBinWithData(asked, endMs, day === undefined ? null : day * MS_PER_DAY);
}

function minuteContent(
  samples: Pick<SampleStore, 'read'>,
  owner: UserId,
  asked: AskedPage,
  type: SampleType,
  reading: SampleReading,
  edges: Float64Array,
): ResultAsync<Content, PortUnavailable> {
  const wanted = wantedSources(asked.source);
  const tally = new SourceTally(wanted, TOLD_ALREADY);
  const fold = new MinuteFold(edges, asked.type.aggregation === 'mean' ? 'mean' : 'sum', wanted, tally);
  const bins = edges.length - 1;
  const from = (first: number, taken: number): ResultAsync<Content, PortUnavailable> => {
    const end = Math.min(bins, first + BINS_AT_A_TIME[asked.resolution]);
    const span = { fromMs: edges[first] as EpochMs, toMs: edges[end] as EpochMs };
    return samples.read(owner, [type], span).andThen(([columns]) => {
      if (columns !== undefined) fold.add(readingsOf(columns, reading), first, end);
      const takenSoFar = taken + (columns?.startMs.length ?? 0);
      if (end < bins && takenSoFar < MOST_SAMPLES) return from(end, takenSoFar);
      const reachedMs = lastEnd(columns ?? null, span.toMs);
      return okAsync({ bins: fold.bins(), sources: tally.sources(), endMs: span.toMs, reachedMs });
    });
  };
  return from(0, 0);
}

function sleepContent(
  samples: Pick<SampleStore, 'read'>,
  owner: UserId,
  asked: AskedPage,
  type: SampleType,
  edges: Float64Array,
): ResultAsync<Content, PortUnavailable> {
  const [startMs, endMs] = [edges[0] as EpochMs, edges[edges.length - 1] as EpochMs];
  const wanted = wantedSources(asked.source);
  const tally = new SourceTally(wanted, OTHER_TOLD_THE_DAY);
  const span = { fromMs: startMs - SLEEP_REACH_MS, toMs: endMs + SLEEP_REACH_MS };
  return samples.read(owner, [type], span).map(([columns]) => ({
    bins: sleepBins(columns ?? null, edges, asked.zone, wanted, tally),
    sources: tally.sources(),
    endMs,
    reachedMs: lastEnd(columns ?? null, endMs),
  }));
}

/** Where the last of the samples ends that begin before the instant. */
function lastEnd(columns: SampleColumns | null, beforeMs: EpochMs): EpochMs {
  let lastMs = -Infinity;
  for (let i = 0; i < (columns?.startMs.length ?? 0); i++) {
    if ((columns?.startMs[i] as number) < beforeMs) lastMs = Math.max(lastMs, columns?.endMs[i] as number);
  }
  return lastMs;
}

/** HealthKit's `HKCategoryValueAppleStandHour`. */
const STOOD = 0;

function readingsOf(columns: SampleColumns, reading: SampleReading): Readings {
  switch (reading) {
    case 'value':
      return columns;
    case 'stood':
      return { ...columns, value: columns.value.map((code) => (code === STOOD ? 1 : 0)) };
    case 'duration':
      return {
        ...columns,
        value: columns.startMs.map((startMs, i) => ((columns.endMs[i] as number) - startMs) / MS_PER_MINUTE),
      };
  }
}
