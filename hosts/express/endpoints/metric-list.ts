import { errAsync } from 'neverthrow';
import type { Metric, MetricPage, MetricPosition } from '../../../core/health-data/model.ts';
import type { MetricStore } from '../../../core/health-data/ports.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readCursor, writeCursor, type ListPlace } from './cursor.ts';
import { isoUtc } from './wire-values.ts';

const DEFAULT_PAGE_SIZE = 50;

const PATH = '/api/v1/health-data';

export function metricListEndpoints(deps: {
  readonly metrics: MetricStore;
}): Pick<Endpoints, 'listHealthData' | 'queryHealthData'> {
  return {
    listHealthData: ({ query, principal, origin, url }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const place = query.cursor == null ? null : readCursor(query.cursor);
      if (query.cursor != null && place === null) return errAsync({ kind: 'invalid-cursor' });
      const offset = place === null ? (query.offset ?? 0) : 0;
      return deps.metrics
        .list(principal.userId, {
          types: query.data_type == null ? null : [query.data_type],
          fromMs: query.start_date?.ms ?? null,
          toMs: query.end_date?.ms ?? null,
          uploadSource: query.source ?? null,
          limit,
          offset,
          after: place?.page === 'after' ? place : null,
          before: place?.page === 'before' ? place : null,
        })
        .map((page) => {
          const { next, previous } = neighboursOf(page, place, offset);
          const link = (change: Readonly<Record<string, string | null>>): string =>
            `${origin}${PATH}?${linkQuery(url, limit, change)}`;
          const previousOffset = offset > limit ? String(offset - limit) : null;
          return {
            status: 200,
            body: {
              data: page.metrics.map(wireMetric),
              pagination: {
                total_count: null,
                page_size: limit,
                has_next: next !== null,
                has_previous: previous !== null || offset > 0,
                next_cursor: next,
                previous_cursor: previous,
              },
              links: {
                self: link({ cursor: query.cursor ?? null, offset: offset > 0 ? String(offset) : null }),
                first: link({}),
                previous:
                  offset > 0 ? link({ offset: previousOffset }) : previous === null ? null : link({ cursor: previous }),
                next: next === null ? null : link({ cursor: next }),
                last: null,
              },
            },
          };
        });
    },
    queryHealthData: ({ origin }) =>
      errAsync({
        kind: 'endpoint-removed',
        removedDate: '2025-06-11',
        newEndpoint: `GET ${PATH}`,
        documentation: `${origin}/docs`,
        benefits: [
          'Pages that stay right while data arrive, by next_cursor and previous_cursor.',
          'Filters by type, time and source that apply before the page is cut.',
          'Every metric by itself, with all that was sent of it.',
          'Answers that need not be sent again: an ETag tells whether something has changed.',
        ],
      }),
  };
}

/** Above the ids of all metrics of an instant; the empty text is below them. */
const HIGHEST_ID = '\u{10ffff}';

/**
 * Cursors to the pages next to this one. Whoever came by a cursor came from somewhere, so there is a page on that side;
 * on the other one there is a page where the store has more.
 */
function neighboursOf(
  { metrics, hasMore }: MetricPage,
  place: ListPlace | null,
  offset: number,
): { readonly next: string | null; readonly previous: string | null } {
  const cameFrom = place?.page ?? null;
  // An empty page lies at the place from which it was asked for.
  const first: MetricPosition | null = metrics[0] ?? (place === null ? null : { ...place, metricId: '' });
  const last: MetricPosition | null = metrics.at(-1) ?? (place === null ? null : { ...place, metricId: HIGHEST_ID });
  const hasNext = cameFrom === 'before' || hasMore;
  const hasPrevious = cameFrom === 'before' ? hasMore : cameFrom === 'after' || offset > 0;
  const cursor = (position: MetricPosition | null, page: ListPlace['page']): string | null =>
    position === null ? null : writeCursor({ createdAtMs: position.createdAtMs, metricId: position.metricId, page });
  return {
    next: hasNext ? cursor(last, 'after') : null,
    previous: hasPrevious ? cursor(first, 'before') : null,
  };
}

const wireMetric = (metric: Metric) => ({
  metric_id: metric.metricId,
  metric_type: metric.metricType,
  processing_id: metric.processingId,
  upload_source: metric.uploadSource,
  created_at: isoUtc(metric.createdAtMs),
  biometric_data: metric.biometric_data,
  sleep_data: metric.sleep_data,
  activity_data: metric.activity_data,
  mental_health_data: metric.mental_health_data,
  device_id: metric.deviceId,
  raw_data: metric.rawData,
  metadata: metric.metadata,
});

/** Filters first, then limit, then the place: the order that the contract's clients know. */
function linkQuery(url: URL, limit: number, place: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams();
  for (const name of ['data_type', 'start_date', 'end_date', 'source']) {
    const value = url.searchParams.get(name);
    if (value !== null) search.set(name, value);
  }
  search.set('limit', String(limit));
  for (const [name, value] of Object.entries(place)) if (value !== null) search.set(name, value);
  return search.toString();
}
