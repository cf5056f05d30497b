import { okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { Metric, MetricPage, MetricPosition, MetricQuery } from '../../core/health-data/model.ts';
import type { MetricStore } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import { compareUtf8 } from './text-order.ts';

interface OwnMetrics {
  readonly byId: Map<string, Metric>;
  readonly fingerprints: Set<string>;
}

/** Single metrics in the process's memory. */
export class MemoryMetricStore implements MetricStore {
  readonly #owners = new Map<UserId, OwnMetrics>();

  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly ('stored' | 'duplicate')[], PortUnavailable> {
    // Copied before anything is kept: a metric that cannot be copied leaves the store as it was.
    const copies = structuredClone(metrics);
    const own = this.#of(owner);
    this.#owners.set(owner, own);
    const { byId, fingerprints } = own;
    const outcomes = copies.map((metric) => {
      if (byId.has(metric.metricId) || fingerprints.has(metric.fingerprint)) return 'duplicate';
      byId.set(metric.metricId, metric);
      fingerprints.add(metric.fingerprint);
      return 'stored';
    });
    return okAsync(outcomes);
  }

  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable> {
    const matching = [...this.#of(owner).byId.values()].filter((metric) => matches(metric, query)).sort(compareInList);
    const end = query.offset + query.limit;
    return okAsync({
      metrics: structuredClone(matching.slice(query.offset, end)),
      hasMore: matching.length > end,
    });
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const { byId, fingerprints } = this.#of(owner);
    const gone = [...byId.values()].filter(({ processingId }) => processingId === upload);
    for (const { metricId, fingerprint } of gone) {
      byId.delete(metricId);
      fingerprints.delete(fingerprint);
    }
    return okAsync(gone.length);
  }

  #of(owner: UserId): OwnMetrics {
    return this.#owners.get(owner) ?? { byId: new Map(), fingerprints: new Set() };
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}

/** Newest first, ties by id descending. */
const compareInList = (a: MetricPosition, b: MetricPosition): number =>
  b.createdAtMs - a.createdAtMs || compareUtf8(b.metricId, a.metricId);

const matches = (metric: Metric, { types, fromMs, toMs, uploadSource, after }: MetricQuery): boolean =>
  (types === null || types.includes(metric.metricType)) &&
  (fromMs === null || metric.createdAtMs >= fromMs) &&
  (toMs === null || metric.createdAtMs < toMs) &&
  (uploadSource === null || metric.uploadSource === uploadSource) &&
  (after === null || compareInList(metric, after) > 0);
