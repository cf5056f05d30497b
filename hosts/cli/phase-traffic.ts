import type { Series } from '../../adapters/prometheus/series.ts';
import type { FeatureName } from '../../contracts/features.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import type { DurationBucket, Traffic } from '../../core/release/model.ts';

/** What the service counts about its calls; see `hosts/express/metrics`. */
export const REQUESTS_METRIC = 'clarity_http_requests_total';
export const DURATIONS_METRIC = 'clarity_http_request_duration_seconds_bucket';

/** The operations of a feature. */
const operationsOf = (feature: FeatureName): readonly RouteDefinition[] =>
  Object.values<RouteDefinition>(ROUTES).filter((route) => route.feature === feature);

/** Uploads of files, downloads and streams take as long as they take; that says nothing of how the service does. */
const isTimed = ({ duration, responses }: RouteDefinition): boolean =>
  duration !== 'long' && Object.values(responses).every(({ kind }) => kind === 'json' || kind === 'text');

const keyOf = (method: string | undefined, endpoint: string | undefined): string => `${method ?? ''} ${endpoint ?? ''}`;

/** The part of the growth that is the feature's own operations. */
export function phaseTraffic(feature: FeatureName, growth: readonly Series[]): Traffic {
  const operations = operationsOf(feature);
  const counted = new Set(operations.map(({ method, path }) => keyOf(method, path)));
  const timed = new Set(operations.filter(isTimed).map(({ method, path }) => keyOf(method, path)));
  const among = (keys: ReadonlySet<string>, name: string): readonly Series[] =>
    growth.filter(
      (series) => series.name === name && keys.has(keyOf(series.labels['method'], series.labels['endpoint'])),
    );
  const requests = among(counted, REQUESTS_METRIC);
  const sum = (series: readonly Series[]): number => series.reduce((total, { value }) => total + value, 0);
  return {
    requests: sum(requests),
    unauthenticated: sum(requests.filter(({ labels }) => labels['status_code'] === '401')),
    failed: sum(requests.filter(({ labels }) => labels['status_code']?.startsWith('5'))),
    durations: bucketsOf(among(timed, DURATIONS_METRIC)),
  };
}

function bucketsOf(series: readonly Series[]): readonly DurationBucket[] {
  const counts = new Map<number, number>();
  for (const { labels, value } of series) {
    const mostSeconds = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
    counts.set(mostSeconds, (counts.get(mostSeconds) ?? 0) + value);
  }
  return [...counts]
    .map(([mostSeconds, count]) => ({ mostSeconds, count }))
    .sort((a, b) => a.mostSeconds - b.mostSeconds);
}
