import type { Judged, Thresholds, Traffic, Verdict } from './model.ts';
import { histogramQuantile } from './quantile.ts';

/** Whether a phase of a release may be followed by the next. What could not be measured does not hold. */
export function judgeTraffic(traffic: Traffic, thresholds: Thresholds): Verdict {
  const { requests, unauthenticated, failed, durations } = traffic;
  const { leastRequests, authFailureShare, errorShare, p99Seconds } = thresholds;
  const shareOf = (count: number): number | null => (requests > 0 ? count / requests : null);
  const judged: readonly Judged[] = [
    { measure: 'requests', value: requests, threshold: leastRequests, holds: requests >= leastRequests },
    below('auth_failure_share', shareOf(unauthenticated), authFailureShare),
    below('error_share', shareOf(failed), errorShare),
    below('p99_seconds', histogramQuantile(0.99, durations), p99Seconds),
  ];
  return { isGo: judged.every(({ holds }) => holds), judged };
}

const below = (measure: Judged['measure'], value: number | null, threshold: number): Judged => ({
  measure,
  value,
  threshold,
  holds: value !== null && value < threshold,
});
