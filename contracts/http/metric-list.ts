import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { dateTime, jsonObject, list, queryInteger, text } from '../scalars.ts';
import { metricType } from './health-data.ts';

export const StoredMetric = object(
  'StoredMetric',
  {
    metric_id: t.string,
    metric_type: metricType,
    processing_id: t.string,
    upload_source: t.string,
    created_at: t.string,
  },
  {
    biometric_data: jsonObject,
    sleep_data: jsonObject,
    activity_data: jsonObject,
    mental_health_data: jsonObject,
    device_id: t.string,
    raw_data: jsonObject,
    metadata: jsonObject,
  },
);

export const MetricPage = object('MetricPage', {
  data: list(StoredMetric, { min: 0, max: 1000 }),
  pagination: object(
    'Pagination',
    { page_size: t.number, has_next: t.boolean, has_previous: t.boolean },
    { total_count: t.number, next_cursor: t.string, previous_cursor: t.string },
  ),
  links: object(
    'PageLinks',
    { self: t.string, first: t.string },
    { previous: t.string, next: t.string, last: t.string },
  ),
});

export const metricListRoutes = routes({
  listHealthData: {
    method: 'GET',
    path: '/api/v1/health-data',
    audit: { action: 'read', dataTypes: ['metrics'] },
    slashTwin: true,
    auth: 'read-own-data',
    conditional: 'etag',
    tag: 'Health data',
    feature: 'data',
    summary: 'List single metrics, newest first',
    query: object(
      'MetricListQuery',
      {},
      {
        limit: queryInteger(1, 1000),
        cursor: text(0, 4096),
        offset: queryInteger(0, 1_000_000),
        data_type: metricType,
        start_date: dateTime,
        end_date: dateTime,
        source: text(1, 200),
      },
    ),
    responses: { 200: { kind: 'json', codec: MetricPage, description: 'One page.' } },
    problems: ['invalid-cursor', 'validation-error'],
  },
  queryHealthData: {
    method: 'GET',
    path: '/api/v1/health-data/query',
    audit: 'none',
    auth: 'read-own-data',
    deprecated: true,
    tag: 'Health data',
    feature: 'data',
    summary: 'Removed on 2025-06-11: use GET /api/v1/health-data',
    responses: {},
    problems: ['gone'],
  },
});
