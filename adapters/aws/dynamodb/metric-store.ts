import type { ResultAsync } from 'neverthrow';
import type { Metric, MetricPage, MetricQuery } from '../../../core/health-data/model.ts';
import type { MetricOutcome, MetricStore } from '../../../core/health-data/ports.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { orUnavailable } from '../aws-caller.ts';
import { eachInFlight } from '../in-flight.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { ownerKey } from './key-text.ts';
import { LegacyMetricReader } from './legacy-metric-reader.ts';
import { METRIC_CLAIM_PREFIX, MetricClaims } from './metric-claims.ts';
import { MetricDayChanges } from './metric-day-changes.ts';
import { METRIC_DAY_PREFIX, metricDayOf, MetricDays } from './metric-days.ts';
import { matchesQuery, metricPage, metricsNeeded } from '../../../core/health-data/metric-list.ts';
import type { Retention } from './retention.ts';
import { UPLOAD_METRIC_DAYS_PREFIX, UploadMetricDays } from './upload-metric-days.ts';

/** Requests of one call that are under way at a time. */
const MOST_IN_FLIGHT = 16;

interface Candidate {
  readonly metric: Metric;
  /** Its place in the call. */
  readonly index: number;
  readonly day: number;
}

/**
 * Single metrics in the single table, one versioned blob a UTC day, together with those that the older service left in
 * the items of uploads. An id is on one day only, which claims see to. A fingerprint is unique within its day: the core
 * makes it of the instant, so that equal ones lie on the same day.
 */
export class DynamoMetricStore implements MetricStore {
  readonly #table: DynamoTable;
  readonly #days: MetricDays;
  readonly #links: UploadMetricDays;
  readonly #changes: MetricDayChanges;
  readonly #legacy: LegacyMetricReader;
  readonly #lock = new KeyedLock();

  constructor(table: DynamoTable, retention: Retention, digest: Digest) {
    this.#table = table;
    this.#days = new MetricDays(table, retention);
    this.#links = new UploadMetricDays(table, retention);
    const claims = new MetricClaims(table, this.#days, retention);
    this.#changes = new MetricDayChanges(table, this.#days, claims, this.#links);
    this.#legacy = new LegacyMetricReader(table, digest, retention);
  }

  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly MetricOutcome[], PortUnavailable> {
    // Copied, so that the caller may change his meanwhile.
    const work = metrics.length === 0 ? Promise.resolve([]) : this.#append(owner, metrics.map(copied));
    return orUnavailable('MetricStore', 'append', work);
  }

  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable> {
    const none = { metrics: [], hasMore: false };
    const work = query.types?.length === 0 ? Promise.resolve(none) : this.#list(owner, query);
    return orUnavailable('MetricStore', 'list', work);
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    return orUnavailable('MetricStore', 'deleteUpload', this.#deleteUpload(owner, upload));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const prefixes = [METRIC_DAY_PREFIX, METRIC_CLAIM_PREFIX, UPLOAD_METRIC_DAYS_PREFIX];
    return orUnavailable('MetricStore', 'eraseOwner', erasePrefixes(this.#table, ownerKey(owner), prefixes));
  }

  async #append(owner: UserId, metrics: readonly Metric[]): Promise<readonly MetricOutcome[]> {
    const isKnown = isOneOf(await this.#legacy.read(owner));
    const outcomes = metrics.map((): MetricOutcome => 'duplicate');
    const stored = new Set<string>();
    let waiting: readonly Candidate[] = metrics.map((metric, index) => ({
      metric,
      index,
      day: metricDayOf(metric.createdAtMs),
    }));
    while (waiting.length > 0) {
      const { byDay, later } = nextRound(waiting);
      const daysAtOnce = Math.min(MOST_IN_FLIGHT, byDay.size);
      const inFlight = Math.floor(MOST_IN_FLIGHT / daysAtOnce);
      await eachInFlight(daysAtOnce, [...byDay], async ([day, candidates]) => {
        const own = candidates.map(({ metric }) => metric);
        // Within this process nobody has to lose a conditional write.
        const { added, repeated } = await this.#lock.hold([`${String(day)} ${owner}`], () =>
          this.#changes.add({ owner, day, metrics: own, isKnown, inFlight }),
        );
        for (const { metric, index } of candidates) {
          if (!added.has(metric) && !repeated.has(metric)) continue;
          outcomes[index] = added.has(metric) ? 'stored' : 'repeated';
          stored.add(metric.metricId);
        }
      });
      waiting = later.filter(({ metric }) => !stored.has(metric.metricId));
    }
    return outcomes;
  }

  async #list(owner: UserId, query: MetricQuery): Promise<MetricPage> {
    const { fromMs, toMs, after, before } = query;
    const matching: Metric[] = [];
    const first = Math.max(dayNear(fromMs ?? -Infinity), dayNear(before?.createdAtMs ?? -Infinity));
    const last = Math.min(dayNear(toMs ?? Infinity), dayNear(after?.createdAtMs ?? Infinity));
    const order = before == null ? 'newest-first' : 'oldest-first';
    for await (const { content } of this.#days.between(owner, first, last, order)) {
      for (const metric of content.metrics) if (matchesQuery(metric, query)) matching.push(metric);
      // All on the days that follow are further from the page's beginning than these.
      if (matching.length >= metricsNeeded(query)) break;
    }
    const legacy = (await this.#legacy.read(owner)).filter((metric) => matchesQuery(metric, query));
    return metricPage([...matching, ...legacy], query);
  }

  async #deleteUpload(owner: UserId, upload: ProcessingId): Promise<number> {
    let removed = await this.#legacy.remove(owner, upload);
    await untilUncontended(this.#table, 'the days of an upload', async () => {
      const link = await this.#links.read(owner, upload);
      if (link === null) return true;
      for (const day of link.days) removed += await this.#changes.remove(owner, day, upload, MOST_IN_FLIGHT);
      return (await this.#links.remove(owner, upload, link)) || null;
    });
    return removed;
  }
}

/** Of its own, also where a metric comes twice in a call. */
const copied = (metric: Metric): Metric => structuredClone(metric);

/** The day of any instant, of infinite ones too. */
const dayNear = (instantMs: number): number => Math.floor(instantMs / MS_PER_DAY);

function isOneOf(known: readonly Metric[]): (metric: Metric) => boolean {
  const ids = new Set(known.map(({ metricId }) => metricId));
  const fingerprints = new Set(known.map(({ fingerprint }) => fingerprint));
  return ({ metricId, fingerprint }) => ids.has(metricId) || fingerprints.has(fingerprint);
}

/**
 * Days can be worked on at a time; an id that comes on several days waits until its first one is through. So does all
 * that shares an id or a fingerprint with something that waits: of equal metrics of a call, the first is stored.
 */
function nextRound(waiting: readonly Candidate[]): {
  readonly byDay: ReadonlyMap<number, readonly Candidate[]>;
  readonly later: readonly Candidate[];
} {
  const dayOfId = new Map<string, number>();
  const byDay = new Map<number, Candidate[]>();
  const later: Candidate[] = [];
  const laterIds = new Set<string>();
  const laterFingerprints = new Set<string>();
  for (const candidate of waiting) {
    const { metric, day } = candidate;
    const { metricId, fingerprint } = metric;
    if ((dayOfId.get(metricId) ?? day) !== day || laterIds.has(metricId) || laterFingerprints.has(fingerprint)) {
      later.push(candidate);
      laterIds.add(metricId);
      laterFingerprints.add(fingerprint);
      continue;
    }
    dayOfId.set(metricId, day);
    const ofDay = byDay.get(day);
    if (ofDay === undefined) byDay.set(day, [candidate]);
    else ofDay.push(candidate);
  }
  return { byDay, later };
}
