import * as t from 'io-ts';
import { object } from '../codec.ts';
import { NotComputedList } from '../not-computed.ts';
import { routes } from '../route.ts';
import { dateTime, list, text } from '../scalars.ts';
import {
  SERIES_METRIC_TYPES,
  seriesAggregation,
  SeriesBin,
  seriesMetricType,
  seriesResolution,
  SeriesSource,
} from './series.ts';

const EXAMPLE = 'Qx7mB0c2tYzNfKp1_aLw3g';

const Participant = object('Participant', {
  pseudonym: t.string,
  data_types: list(seriesMetricType, { min: 1, max: SERIES_METRIC_TYPES.length }),
});

/** A page of a series without anything that tells whose it is. Times have no offset: they are of no place. */
export const ParticipantSeries = object(
  'ParticipantSeries',
  {
    pseudonym: t.string,
    metric_type: seriesMetricType,
    unit: t.string,
    aggregation: seriesAggregation,
    resolution: seriesResolution,
    from: t.string,
    to: t.string,
    source_policy: t.string,
    bins: list(SeriesBin, { min: 0, max: 10_080 }),
    sources: list(SeriesSource, { min: 0, max: 100_000 }),
    not_computed: NotComputedList,
  },
  { next_cursor: t.string },
);

const reads = {
  auth: 'read-anonymized-data',
  tag: 'Research',
  feature: 'data',
  method: 'GET',
} as const;

export const researchRoutes = routes({
  listParticipants: {
    ...reads,
    path: '/api/v1/research/participants',
    audit: { action: 'read', dataTypes: ['consents'] },
    conditional: 'etag',
    summary: 'Those who let me read their data for research, by a pseudonym that only I know them by',
    responses: {
      200: {
        kind: 'json',
        codec: object('ParticipantList', { data: list(Participant, { min: 0, max: 1_000_000 }) }),
        description: 'All of them, in the order of their pseudonyms.',
        example: { data: [{ pseudonym: EXAMPLE, data_types: ['step_count'] }] },
      },
    },
    problems: ['not-available-here'],
  },
  readParticipantSeries: {
    ...reads,
    path: '/api/v1/research/participants/{pseudonym}/series',
    audit: { action: 'read', dataTypes: ['metrics', 'samples'], subject: null },
    conditional: 'etag',
    summary:
      'One kind of measurement of a participant over time. All times, those of the query too, are of the clock on their ' +
      'wall without daylight saving, on dates that are moved by a fixed number of whole weeks; an offset in the query is ' +
      'not looked at. Sources are numbered on each page',
    params: object('ParticipantParams', { pseudonym: text(1, 100) }),
    query: object(
      'ParticipantSeriesQuery',
      { metric_type: seriesMetricType, from: dateTime, to: dateTime },
      { resolution: seriesResolution, cursor: text(0, 4096) },
    ),
    responses: {
      200: {
        kind: 'json',
        codec: ParticipantSeries,
        description: 'One page, as at /api/v1/health-data/series.',
        example: {
          pseudonym: EXAMPLE,
          metric_type: 'step_count',
          unit: 'count',
          aggregation: 'sum',
          resolution: 'hour',
          from: '2024-09-02T08:00:00',
          to: '2024-09-02T10:00:00',
          source_policy: 'Of each minute one source is used.',
          bins: [{ start: '2024-09-02T08:00:00', end: '2024-09-02T09:00:00', value: 812, covered_minutes: 22 }],
          sources: [{ name: 'source 1', device: 'watch', share: 1, used: 812, set_aside: 0, reason: null }],
          not_computed: [],
          next_cursor: null,
        },
      },
    },
    problems: ['resource-not-found', 'invalid-cursor', 'validation-error', 'not-available-here'],
  },
});
