import type { DurationBucket } from './model.ts';

/**
 * The quantile (0 to 1) in seconds, as Prometheus's `histogram_quantile` works it out: evenly spread inside its bucket; in the
 * last one, the highest bound that is known. Null without observations.
 */
export function histogramQuantile(quantile: number, buckets: readonly DurationBucket[]): number | null {
  const all = buckets.at(-1)?.count ?? 0;
  if (all <= 0) return null;
  const rank = quantile * all;
  const at = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[at];
  const below = buckets[at - 1] ?? { mostSeconds: 0, count: 0 };
  if (bucket === undefined || bucket.mostSeconds === Number.POSITIVE_INFINITY) return below.mostSeconds;
  const inside = bucket.count - below.count;
  return inside <= 0
    ? bucket.mostSeconds
    : below.mostSeconds + (bucket.mostSeconds - below.mostSeconds) * ((rank - below.count) / inside);
}
