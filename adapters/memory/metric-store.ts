import { okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import { isRepeated, matchesQuery, metricPage } from '../../core/health-data/metric-list.ts';
import type { Metric, MetricPage, MetricQuery } from '../../core/health-data/model.ts';
import type { MetricOutcome, MetricStore } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';

interface OwnMetrics {
  readonly byId: Map<string, Metric>;
  readonly fingerprints: Set<string>;
}

/** Single metrics in the process's memory. */
export class MemoryMetricStore implements MetricStore {
  readonly #owners = new Map<UserId, OwnMetrics>();

  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly MetricOutcome[], PortUnavailable> {
    // Copied before anything is kept: a metric that cannot be copied leaves the store as it was.
    const copies = structuredClone(metrics);
    const own = this.#of(owner);
    this.#owners.set(owner, own);
    const { byId, fingerprints } = own;
    const counted = new Set<string>();
    const outcomes = copies.map((metric): MetricOutcome => {
      const known = byId.get(metric.metricId);
      if (known !== undefined || fingerprints.has(metric.fingerprint)) {
        if (counted.has(metric.metricId) || !isRepeated(known, metric)) return 'duplicate';
        counted.add(metric.metricId);
        return 'repeated';
      }
      counted.add(metric.metricId);
      byId.set(metric.metricId, metric);
      fingerprints.add(metric.fingerprint);
      return 'stored';
    });
    return okAsync(outcomes);
  }

  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable> {
    const matching = [...this.#of(owner).byId.values()].filter((metric) => matchesQuery(metric, query));
    return okAsync(structuredClone(metricPage(matching, query)));
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
