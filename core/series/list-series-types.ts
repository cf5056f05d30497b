import { okAsync, ResultAsync } from 'neverthrow';
import type { Metric } from '../health-data/model.ts';
import type { MetricStore, SampleStore } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { MS_PER_DAY, type EpochDay } from '../kernel/local-time.ts';
import { fieldOf } from './metric-page.ts';
import type { SeriesNotComputed } from './model.ts';
import { SERIES_TYPES, type SeriesType } from './series-types.ts';

export interface ListSeriesTypesPorts {
  readonly samples: Pick<SampleStore, 'daysWithData'>;
  readonly metrics: Pick<MetricStore, 'list'>;
}

/** A type, and on which UTC days the person has data of it. */
export interface SeriesTypeDays {
  readonly type: SeriesType;
  /** How many there are; null where that was not counted. */
  readonly days: number | null;
  readonly firstDay: EpochDay | null;
  readonly lastDay: EpochDay | null;
}

export interface SeriesTypeList {
  readonly types: readonly SeriesTypeDays[];
  readonly notComputed: readonly SeriesNotComputed[];
}

const METRICS_A_READ = 1000;
/** Days of fields are counted by looking through the metrics; with more than this, they are not counted. */
const MOST_METRICS = 20_000;

/** Every type of series there is, and how much of each the person has. */
export function listSeriesTypes(ports: ListSeriesTypesPorts) {
  return (owner: UserId): ResultAsync<SeriesTypeList, PortUnavailable> =>
    allMetrics(ports.metrics, owner).andThen((metrics) =>
      ResultAsync.combine(SERIES_TYPES.map((type) => daysOf(ports, owner, type, metrics))).map((types) => ({
        types,
        notComputed:
          metrics === null
            ? [
                {
                  field: 'types.days',
                  reason: `there are more than ${String(MOST_METRICS)} single metrics, so the days of their fields were not counted`,
                },
              ]
            : [],
      })),
    );
}

/** All metrics, or null where they are too many. */
function allMetrics(
  metrics: Pick<MetricStore, 'list'>,
  owner: UserId,
): ResultAsync<readonly Metric[] | null, PortUnavailable> {
  const query = {
    types: null,
    fromMs: null,
    toMs: null,
    uploadSource: null,
    offset: 0,
    limit: METRICS_A_READ,
  } as const;
  const found: Metric[] = [];
  const from = (after: Metric | null): ResultAsync<readonly Metric[] | null, PortUnavailable> =>
    metrics.list(owner, { ...query, after }).andThen((page) => {
      found.push(...page.metrics);
      const last = found.at(-1);
      if (!page.hasMore || last === undefined) return okAsync(found);
      return found.length >= MOST_METRICS ? okAsync(null) : from(last);
    });
  return from(null);
}

function daysOf(
  { samples }: ListSeriesTypesPorts,
  owner: UserId,
  type: SeriesType,
  metrics: readonly Metric[] | null,
): ResultAsync<SeriesTypeDays, PortUnavailable> {
  const { origin } = type;
  if (origin.kind === 'samples') return samples.daysWithData(owner, [origin.type]).map((days) => counted(type, days));
  if (metrics === null) return okAsync({ type, days: null, firstDay: null, lastDay: null });
  const days = new Set(
    metrics
      .filter((metric) => fieldOf(metric, origin.block, origin.path) !== null)
      .map(({ createdAtMs }) => Math.floor(createdAtMs / MS_PER_DAY)),
  );
  return okAsync(
    counted(
      type,
      [...days].sort((a, b) => a - b),
    ),
  );
}

const counted = (type: SeriesType, days: readonly EpochDay[]): SeriesTypeDays => ({
  type,
  days: days.length,
  firstDay: days[0] ?? null,
  lastDay: days.at(-1) ?? null,
});
