import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { UploadStore } from '../../../core/health-data/ports.ts';
import { inputRejected, type InputRejected, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { fixedOffsetZone, formatLocal, isoDate, type LocalZone } from '../../../core/kernel/local-time.ts';
import { listSeriesTypes } from '../../../core/series/list-series-types.ts';
import type { SeriesBin, SeriesNotComputed, SeriesSource } from '../../../core/series/model.ts';
import { newestZone } from '../../../core/analysis/newest-zone.ts';
import { readSeries, sourcePolicy, type ReadSeriesPorts } from '../../../core/series/read-series.ts';
import { seriesType } from '../../../core/series/series-types.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readTimeCursor, writeTimeCursor } from './cursor.ts';
import { requestedZone } from './zone-of.ts';

export interface SeriesEndpointDeps extends ReadSeriesPorts {
  readonly uploads: Pick<UploadStore, 'list'>;
}

/** Lets the policy choose among sources. */
const AUTO = 'auto';

export function seriesEndpoints(deps: SeriesEndpointDeps): Pick<Endpoints, 'readSeries' | 'listSeriesTypes'> {
  return {
    readSeries: ({ query, principal }) => seriesReply(deps)(principal.userId, query),
    listSeriesTypes: ({ principal }) =>
      listSeriesTypes(deps)(principal.userId).map(({ types, notComputed }) => ({
        status: 200,
        body: {
          types: types.map(({ type, days, firstDay, lastDay }) => ({
            metric_type: type.name,
            unit: type.unit,
            aggregation: type.aggregation,
            days,
            first_day: firstDay === null ? null : isoDate(firstDay),
            last_day: lastDay === null ? null : isoDate(lastDay),
          })),
          not_computed: notComputed,
        },
      })),
  };
}

type SeriesCall = Parameters<Endpoints['readSeries']>[0];

/** The answer to a query of the owner's series, for them or for somebody whom they let read. */
export const seriesReply =
  (deps: SeriesEndpointDeps) =>
  (owner: UserId, query: SeriesCall['query']): ReturnType<Endpoints['readSeries']> => {
    const { from, to } = query;
    if (to.ms <= from.ms) {
      return errAsync(
        inputRejected({ pointer: '/query/to', message: 'must be after from', code: 'ends_before_start' }),
      );
    }
    const afterMs = query.cursor == null ? null : readTimeCursor(query.cursor);
    if (query.cursor != null && (afterMs === null || afterMs < from.ms || afterMs >= to.ms)) {
      return errAsync({ kind: 'invalid-cursor' });
    }
    const type = seriesType(query.metric_type);
    const resolution = query.resolution ?? 'hour';
    const source = query.source ?? AUTO;
    return zoneFor(deps, owner, query.timezone ?? null).andThen(({ zone, notComputed }) =>
      readSeries(deps)(owner, {
        type,
        fromMs: from.ms,
        toMs: to.ms,
        resolution,
        zone,
        source: source === AUTO ? null : source,
        afterMs,
      }).map((page) => ({
        status: 200 as const,
        body: {
          metric_type: query.metric_type,
          unit: type.unit,
          aggregation: type.aggregation,
          resolution,
          timezone: zone.name,
          from: formatLocal(zone, page.fromMs),
          to: formatLocal(zone, page.toMs),
          source,
          source_policy: sourcePolicy({ type }),
          bins: page.bins.map((bin) => wireBin(zone, bin)),
          sources: page.sources.map(wireSource),
          not_computed: [...notComputed, ...page.notComputed],
          next_cursor: page.nextMs === null ? null : writeTimeCursor(page.nextMs),
        },
      })),
    );
  };

interface ChosenZone {
  readonly zone: LocalZone;
  readonly notComputed: readonly SeriesNotComputed[];
}

const UTC = fixedOffsetZone(0);

function zoneFor(
  { uploads }: SeriesEndpointDeps,
  owner: UserId,
  name: string | null,
): ResultAsync<ChosenZone, InputRejected | PortUnavailable> {
  if (name !== 'local') {
    return requestedZone(name, '/query/timezone').match(
      (zone) => okAsync<ChosenZone, InputRejected>({ zone: zone ?? UTC, notComputed: [] }),
      (error) => errAsync<ChosenZone, InputRejected>(error),
    );
  }
  return newestZone(uploads)(owner).map((zone) =>
    zone === null
      ? { zone: UTC, notComputed: [{ field: 'timezone', reason: 'no upload tells a time zone, so UTC is used' }] }
      : { zone, notComputed: [] },
  );
}

/** Spreading leaves binary fractions behind; a millionth is below anything that is measured here. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0;

export function wireBin(
  zone: LocalZone,
  { startMs, endMs, value, coveredMinutes, spread, stages, inBedMinutes }: SeriesBin,
) {
  return {
    start: formatLocal(zone, startMs),
    end: formatLocal(zone, endMs),
    value: value === null ? null : rounded(value),
    covered_minutes: rounded(coveredMinutes),
    ...(spread === null ? {} : { min: rounded(spread.min), max: rounded(spread.max), count: spread.count }),
    ...(stages === null
      ? {}
      : {
          stages: {
            awake: rounded(stages.awake),
            core: rounded(stages.core),
            deep: rounded(stages.deep),
            rem: rounded(stages.rem),
            unspecified: rounded(stages.unspecified),
          },
        }),
    ...(inBedMinutes === null ? {} : { in_bed_minutes: rounded(inBedMinutes) }),
  };
}

export const wireSource = ({ source, share, used, setAside, reason }: SeriesSource) => ({
  name: source.name,
  device: source.device,
  share: rounded(share),
  used: rounded(used),
  set_aside: rounded(setAside),
  reason,
});
