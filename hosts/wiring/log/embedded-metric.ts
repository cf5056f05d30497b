import { METRIC_NAMESPACE, WATCHED_FACTS, type WatchedFact } from '../watched-facts.ts';

const NAMES: ReadonlySet<unknown> = new Set(Object.values(WATCHED_FACTS));

/**
 * The fields of a line of which CloudWatch makes a metric: the fact has happened once. See the embedded metric format,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
 * There are no dimensions: an alarm is over all processes, and nothing about anybody can be in one.
 */
export const embeddedMetric = (fact: WatchedFact, nowMs: number): Readonly<Record<string, unknown>> => ({
  _aws: metadataOf(WATCHED_FACTS[fact], nowMs),
  [WATCHED_FACTS[fact]]: 1,
});

/** The metadata as they may be in a line, made anew of the two values in them; undefined for anything else. */
export function embeddedMetadata(value: unknown): unknown {
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = value as {
    readonly Timestamp?: unknown;
    readonly CloudWatchMetrics?: readonly { readonly Metrics?: readonly { readonly Name?: unknown }[] }[];
  };
  const name = directives?.[0]?.Metrics?.[0]?.Name;
  return typeof timestamp === 'number' && Number.isSafeInteger(timestamp) && NAMES.has(name)
    ? metadataOf(name as string, timestamp)
    : undefined;
}

const metadataOf = (name: string, timestamp: number): unknown => ({
  Timestamp: timestamp,
  CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] }],
});
