import type { Metric, MetricPage, MetricPosition, MetricQuery } from './model.ts';
import { compareCodePoints } from '../kernel/text-order.ts';

/** Newest first, ties by id descending. */
const compareInList = (a: MetricPosition, b: MetricPosition): number =>
  b.createdAtMs - a.createdAtMs || compareCodePoints(b.metricId, a.metricId);

/** Whether the metric is the one that is there (undefined: none), stored before for the same upload. */
export const isRepeated = (there: Metric | undefined, metric: Metric): boolean =>
  there?.metricId === metric.metricId &&
  there.fingerprint === metric.fingerprint &&
  there.processingId === metric.processingId;

/** Whether the metric is asked for, on whatever page. */
export const matchesQuery = (
  metric: Metric,
  { types, fromMs, toMs, uploadSource, after, before = null }: MetricQuery,
): boolean =>
  (types === null || types.includes(metric.metricType)) &&
  (fromMs === null || metric.createdAtMs >= fromMs) &&
  (toMs === null || metric.createdAtMs < toMs) &&
  (uploadSource === null || metric.uploadSource === uploadSource) &&
  (after === null || compareInList(metric, after) > 0) &&
  (before === null || compareInList(metric, before) < 0);

/** How many matching metrics decide about the page; one more than it holds tells whether there is more. */
export const metricsNeeded = ({ offset, limit }: MetricQuery): number => offset + limit + 1;

/** The page, cut from at least the needed number of matching metrics, or all of them, in any order. */
export function metricPage(matching: readonly Metric[], { offset, limit, before }: MetricQuery): MetricPage {
  const end = offset + limit;
  const inOrder = [...matching].sort(compareInList);
  const metrics = before == null ? inOrder.slice(offset, end) : inOrder.reverse().slice(offset, end).reverse();
  return { metrics, hasMore: matching.length > end };
}
