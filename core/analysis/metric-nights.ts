import { okAsync, type ResultAsync } from 'neverthrow';
import { parseTimestamp } from '../apple-health/timestamps.ts';
import type { Metric, MetricBlock, MetricPosition } from '../health-data/model.ts';
import type { MetricStore } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import {
  formatLocal,
  isoDate,
  localDayOf,
  MS_PER_MINUTE,
  type EpochDay,
  type LocalZone,
} from '../kernel/local-time.ts';
import type { NightResult, SleepStageMinutes } from './document.ts';

/** A night that a client sent as one `sleep_analysis` metric, dated by its evening. */
export interface MetricNight {
  readonly day: EpochDay;
  readonly result: NightResult;
}

const PAGE = 1000;
const HALF_DAY_MS = 12 * 60 * MS_PER_MINUTE;

/** All nights that the person's sleep metrics tell of, in time order; of two for one evening the longer sleep. */
export function metricNights(metrics: MetricStore) {
  return (owner: UserId, zone: LocalZone): ResultAsync<readonly MetricNight[], PortUnavailable> =>
    allSleepMetrics(metrics, owner, null, []).map((found) => {
      const byDay = new Map<EpochDay, MetricNight>();
      for (const metric of found) {
        const night = nightOf(metric, zone);
        if (night === null) continue;
        const other = byDay.get(night.day);
        if (other === undefined || asleep(night) > asleep(other)) byDay.set(night.day, night);
      }
      return [...byDay.values()].sort((a, b) => a.day - b.day);
    });
}

const asleep = (night: MetricNight): number => night.result.asleep_minutes ?? 0;

function allSleepMetrics(
  metrics: MetricStore,
  owner: UserId,
  after: MetricPosition | null,
  earlier: readonly Metric[],
): ResultAsync<readonly Metric[], PortUnavailable> {
  const query = {
    types: ['sleep_analysis'],
    fromMs: null,
    toMs: null,
    uploadSource: null,
    limit: PAGE,
    offset: 0,
  } as const;
  return metrics.list(owner, { ...query, after }).andThen((page) => {
    const found = [...earlier, ...page.metrics];
    const last = page.metrics.at(-1);
    return page.hasMore && last !== undefined ? allSleepMetrics(metrics, owner, last, found) : okAsync(found);
  });
}

function nightOf(metric: Metric, zone: LocalZone): MetricNight | null {
  const block = metric.sleep_data;
  if (block === null) return null;
  const startMs = instantIn(block, 'sleep_start');
  const endMs = instantIn(block, 'sleep_end');
  const asleepMinutes = numberIn(block, 'total_sleep_minutes');
  if (startMs === null || endMs === null || endMs <= startMs || asleepMinutes === null) return null;
  const inBedMinutes = (endMs - startMs) / MS_PER_MINUTE;
  const day = localDayOf(zone, (startMs + endMs) / 2 - HALF_DAY_MS);
  return {
    day,
    result: {
      date: isoDate(day),
      in_bed_start: formatLocal(zone, startMs),
      in_bed_end: formatLocal(zone, endMs),
      time_in_bed_minutes: inBedMinutes,
      asleep_minutes: asleepMinutes,
      efficiency_percent: (asleepMinutes / inBedMinutes) * 100,
      onset_latency_minutes: numberIn(block, 'time_to_sleep_minutes'),
      // A total does not tell waking before the last sleep from lying awake after it.
      waso_minutes: null,
      stages: stagesIn(block),
      source: metric.uploadSource,
    },
  };
}

/** A time without an offset is UTC, as the contract has it. */
function instantIn(block: MetricBlock, field: string): number | null {
  const text = block[field];
  return typeof text === 'string' ? (parseTimestamp(text)?.ms ?? null) : null;
}

function numberIn(block: MetricBlock, field: string): number | null {
  const value = block[field];
  return typeof value === 'number' ? value : null;
}

function stagesIn(block: MetricBlock): SleepStageMinutes | null {
  const stages = block['sleep_stages'];
  if (typeof stages !== 'object' || stages === null) return null;
  const [awake, core, deep, rem] = ['awake', 'light', 'deep', 'rem'].map((name) =>
    numberIn(stages as MetricBlock, name),
  );
  if (awake == null || core == null || deep == null || rem == null) return null;
  return { awake, core, deep, rem, unspecified: 0 };
}
