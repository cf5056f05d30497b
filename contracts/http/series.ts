import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { dateTime, finite, integer, list, oneOf, text, timeZoneName } from '../scalars.ts';
import { NotComputedList } from '../not-computed.ts';

/**
 * What can be asked for as a series: kinds of samples, and numeric fields of metrics by the path at which they are sent.
 * GET /api/v1/health-data/series/types tells unit and aggregation of each.
 */
export const SERIES_METRIC_TYPES = [
  'step_count',
  'distance_walking_running',
  'distance_cycling',
  'flights_climbed',
  'active_energy',
  'basal_energy',
  'exercise_time',
  'stand_time',
  'stand_hour',
  'heart_rate',
  'resting_heart_rate',
  'walking_heart_rate_average',
  'heart_rate_variability_sdnn',
  'respiratory_rate',
  'oxygen_saturation',
  'body_temperature',
  'wrist_temperature',
  'blood_pressure_systolic',
  'blood_pressure_diastolic',
  'blood_glucose',
  'vo2_max',
  'body_mass',
  'environmental_audio_exposure',
  'headphone_audio_exposure',
  'time_in_daylight',
  'mindful_session',
  'sleep_stage',
  'activity_count',
  'biometric_data.heart_rate',
  'biometric_data.blood_pressure_systolic',
  'biometric_data.blood_pressure_diastolic',
  'biometric_data.oxygen_saturation',
  'biometric_data.heart_rate_variability',
  'biometric_data.respiratory_rate',
  'biometric_data.body_temperature',
  'biometric_data.blood_glucose',
  'sleep_data.total_sleep_minutes',
  'sleep_data.sleep_efficiency',
  'sleep_data.time_to_sleep_minutes',
  'sleep_data.wake_count',
  'sleep_data.sleep_stages.awake',
  'sleep_data.sleep_stages.light',
  'sleep_data.sleep_stages.deep',
  'sleep_data.sleep_stages.rem',
  'activity_data.steps',
  'activity_data.distance',
  'activity_data.active_energy',
  'activity_data.exercise_minutes',
  'activity_data.flights_climbed',
  'activity_data.vo2_max',
  'activity_data.active_minutes',
  'activity_data.resting_heart_rate',
  'mental_health_data.stress_level',
  'mental_health_data.anxiety_level',
  'mental_health_data.energy_level',
  'mental_health_data.focus_rating',
  'mental_health_data.social_interaction_minutes',
  'mental_health_data.meditation_minutes',
] as const;

export const seriesMetricType = oneOf(...SERIES_METRIC_TYPES);

export const seriesAggregation = oneOf('sum', 'mean', 'sleep');
export const seriesResolution = oneOf('minute', 'hour', 'day');
const minutes = finite;

/** Minutes of a bin by what was slept; `unspecified` is asleep where the source could not tell how. */
const SleepStages = object('SeriesSleepStages', {
  awake: minutes,
  core: minutes,
  deep: minutes,
  rem: minutes,
  unspecified: minutes,
});

/** One bin with data; `min`, `max` and `count` where the series is a mean, `stages` and `in_bed_minutes` where it is sleep. */
export const SeriesBin = object(
  'SeriesBin',
  { start: t.string, end: t.string, covered_minutes: minutes },
  { value: finite, min: finite, max: finite, count: integer(1, 1e12), stages: SleepStages, in_bed_minutes: minutes },
);

/** What became of one source: the share of the covered minutes that it tells, and how much was used and set aside. */
export const SeriesSource = object(
  'SeriesSource',
  { name: t.string, device: oneOf('watch', 'phone', 'other'), share: finite, used: finite, set_aside: finite },
  { reason: t.string },
);

export const SeriesPage = object(
  'SeriesPage',
  {
    metric_type: seriesMetricType,
    unit: t.string,
    aggregation: seriesAggregation,
    resolution: seriesResolution,
    timezone: t.string,
    from: t.string,
    to: t.string,
    source: t.string,
    source_policy: t.string,
    bins: list(SeriesBin, { min: 0, max: 10_080 }),
    sources: list(SeriesSource, { min: 0, max: 100_000 }),
    not_computed: NotComputedList,
  },
  { next_cursor: t.string },
);

export const SeriesTypes = object('SeriesTypes', {
  types: list(
    object(
      'SeriesType',
      { metric_type: seriesMetricType, unit: t.string, aggregation: seriesAggregation },
      { days: integer(0, 1e9), first_day: t.string, last_day: t.string },
    ),
    { min: 0, max: 1000 },
  ),
  not_computed: NotComputedList,
});

/** What is asked of a series, of one's own and of a patient's. */
export const SeriesQuery = object(
  'SeriesQuery',
  { metric_type: seriesMetricType, from: dateTime, to: dateTime },
  { resolution: seriesResolution, timezone: timeZoneName, source: text(1, 200), cursor: text(0, 4096) },
);

export const seriesRoutes = routes({
  readSeries: {
    method: 'GET',
    path: '/api/v1/health-data/series',
    audit: { action: 'read', dataTypes: ['metrics', 'samples'] },
    auth: 'read-own-data',
    conditional: 'etag',
    tag: 'Health data',
    feature: 'data',
    summary:
      'One kind of measurement over time, by minute, hour or day. Bins without data are left out; of several devices one ' +
      'counts. timezone: UTC, local (that of the newest upload) or an IANA name; source: auto, or the name of one source',
    query: SeriesQuery,
    responses: {
      200: {
        kind: 'json',
        codec: SeriesPage,
        description:
          'One page: at most 10,080 bins. While there is more, next_cursor continues the same query; the first and the last ' +
          'bin are cut where the query is.',
        example: {
          metric_type: 'step_count',
          unit: 'count',
          aggregation: 'sum',
          resolution: 'hour',
          timezone: 'Europe/Berlin',
          from: '2025-01-06T08:00:00+01:00',
          to: '2025-01-06T10:00:00+01:00',
          source: 'auto',
          source_policy: 'Of each minute one source is used.',
          bins: [
            {
              start: '2025-01-06T08:00:00+01:00',
              end: '2025-01-06T09:00:00+01:00',
              value: 812,
              covered_minutes: 22,
            },
          ],
          sources: [
            { name: 'Watch', device: 'watch', share: 1, used: 812, set_aside: 0, reason: null },
            {
              name: 'Phone',
              device: 'phone',
              share: 0,
              used: 0,
              set_aside: 640,
              reason: 'a source that goes before it told the same minutes',
            },
          ],
          not_computed: [],
          next_cursor: null,
        },
      },
    },
    problems: ['invalid-cursor', 'validation-error'],
  },
  listSeriesTypes: {
    method: 'GET',
    path: '/api/v1/health-data/series/types',
    audit: { action: 'read', dataTypes: ['metrics', 'samples'] },
    auth: 'read-own-data',
    conditional: 'etag',
    tag: 'Health data',
    feature: 'data',
    summary: 'What can be asked for as a series, with unit, aggregation and how many days (UTC) the caller has of it',
    responses: { 200: { kind: 'json', codec: SeriesTypes, description: 'Every type there is.' } },
    problems: [],
  },
});
