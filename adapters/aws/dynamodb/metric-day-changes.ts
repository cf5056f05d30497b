import { randomUUID } from 'node:crypto';
import { isRepeated } from '../../../core/health-data/metric-list.ts';
import type { Metric } from '../../../core/health-data/model.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { eachInFlight } from '../in-flight.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { type MetricClaims, hasMetric } from './metric-claims.ts';
import type { MetricDay, MetricDays } from './metric-days.ts';
import type { UploadMetricDays } from './upload-metric-days.ts';

/** What may be added to a day. */
export interface DayAddition {
  readonly owner: UserId;
  readonly day: number;
  /** In the caller's order, of which the first of equal ones is stored. */
  readonly metrics: readonly Metric[];
  /** Whether the owner has it in an item of the older service. */
  readonly isKnown: (metric: Metric) => boolean;
  /** Requests under way at a time. */
  readonly inFlight: number;
}

/** What became of metrics that were to be added to a day; all others are duplicates. */
export interface AddedMetrics {
  readonly added: ReadonlySet<Metric>;
  /** The day had them before, for the same upload. */
  readonly repeated: ReadonlySet<Metric>;
}

/** Adds metrics to one UTC day, and takes them from it. */
export class MetricDayChanges {
  readonly #table: DynamoTable;
  readonly #days: MetricDays;
  readonly #claims: MetricClaims;
  readonly #links: UploadMetricDays;

  constructor(table: DynamoTable, days: MetricDays, claims: MetricClaims, links: UploadMetricDays) {
    this.#table = table;
    this.#days = days;
    this.#claims = claims;
    this.#links = links;
  }

  /** Adds what is new. */
  async add({ owner, day, metrics, isKnown, inFlight }: DayAddition): Promise<AddedMetrics> {
    let repeated = NONE;
    const elsewhere = new Set<string>();
    const unused = new Set<string>();
    const added = await untilUncontended(this.#table, 'a day of metrics', async (tries) => {
      const isNew = (metric: Metric): boolean => !elsewhere.has(metric.metricId) && !isKnown(metric);
      const before = await this.#days.read(owner, day);
      repeated = repeatedMetrics(before, metrics);
      if (newMetrics(before, metrics, isNew).length === 0) return NONE;
      const found = before ?? (await this.#days.open(owner, day));
      if (found === null) return null;
      const mayHave = this.#daysRead(owner);
      let fresh = newMetrics(found, metrics, isNew);
      // What was claimed in an earlier try is mostly still held, but that has to be seen after the day was read.
      const claimed = tries === 1 ? [] : fresh.map(({ metricId }) => metricId);
      const held = new Set(claimed.length === 0 ? [] : await this.#claims.held(owner, claimed, day));
      for (;;) {
        const ids = fresh.map(({ metricId }) => metricId).filter((id) => !held.has(id));
        if (ids.length === 0) break;
        await eachInFlight(inFlight, ids, async (id) => {
          const outcome = await this.#claims.claim(owner, id, day, mayHave);
          (outcome === 'held' ? held : elsewhere).add(id);
        });
        for (const id of held) unused.add(id);
        // Without those that another day has, others that are equal to them may be the first.
        fresh = newMetrics(found, metrics, isNew);
      }
      for (const { metricId } of found.content.metrics) unused.delete(metricId);
      if (fresh.length === 0) {
        // Others who meant to write to the day, empty as it is, make it again.
        if (isEmpty(found)) await this.#days.remove(found);
        return NONE;
      }
      // Noted once the day was read: whoever removes the note writes to the day before.
      const uploads = new Set(fresh.map(({ processingId }) => processingId));
      for (const upload of uploads) await this.#links.add(owner, upload, day);
      const { metrics: there, leaving } = found.content;
      return (await this.#days.write(found, { metrics: [...there, ...fresh], leaving })) ? new Set(fresh) : null;
    });
    for (const { metricId } of added) unused.delete(metricId);
    if (unused.size > 0) await this.#take(owner, day, () => false, [...unused], inFlight);
    return { added, repeated };
  }

  /** Removes the metrics of an upload; answers how many there were. */
  async remove(owner: UserId, day: number, upload: ProcessingId, inFlight: number): Promise<number> {
    return this.#take(owner, day, ({ processingId }) => processingId === upload, [], inFlight);
  }

  /**
   * Removes metrics and their claims, and the claims of ids that the day has not got. The day is written in any case,
   * so that whoever read it before cannot write what he meant to.
   */
  async #take(
    owner: UserId,
    day: number,
    isLeaving: (metric: Metric) => boolean,
    unused: readonly string[],
    inFlight: number,
  ): Promise<number> {
    const token = randomUUID();
    const loosened = new Set<string>();
    const taken = await untilUncontended(this.#table, 'a day of metrics', async () => {
      const found = await this.#days.read(owner, day);
      const there = found?.content ?? { metrics: [], leaving: [] };
      const staying = there.metrics.filter((metric) => !isLeaving(metric));
      const stays = new Set(staying.map(({ metricId }) => metricId));
      const leave = there.metrics.filter(isLeaving).map(({ metricId }) => metricId);
      const loose = [...leave, ...unused.filter((id) => !stays.has(id))];
      if (!(await this.#claims.loosen(owner, loose, day, token, inFlight))) return null;
      for (const id of loose) loosened.add(id);
      const ids = [...loosened].filter((id) => !stays.has(id));
      if (found === null) {
        // There is nothing that anybody could have read and write.
        await this.#claims.remove(owner, ids, token, inFlight);
        return 0;
      }
      const leaving = [...there.leaving, ...(ids.length === 0 ? [] : [{ token, ids }])];
      return (await this.#days.write(found, { metrics: staying, leaving })) ? leave.length : null;
    });
    await this.#tidy(owner, day, inFlight);
    return taken;
  }

  /** Removes the claims that a removal has left behind, and a day without metrics. */
  async #tidy(owner: UserId, day: number, inFlight: number): Promise<void> {
    await untilUncontended(this.#table, 'a day of metrics', async () => {
      const found = await this.#days.read(owner, day);
      if (found === null) return true;
      const { metrics, leaving } = found.content;
      for (const { token, ids } of leaving) await this.#claims.remove(owner, ids, token, inFlight);
      if (metrics.length === 0) return (await this.#days.remove(found)) || null;
      return leaving.length === 0 || (await this.#days.write(found, { metrics, leaving: [] })) || null;
    });
  }

  /** Reads every day once. */
  #daysRead(owner: UserId): (day: number, id: string) => Promise<boolean> {
    const read = new Map<number, Promise<MetricDay | null>>();
    return async (day, id) => {
      const reading = read.get(day) ?? this.#days.read(owner, day);
      read.set(day, reading);
      const found = await reading;
      return found !== null && hasMetric(found, id);
    };
  }
}

const NONE: ReadonlySet<Metric> = new Set();

/** Those of the metrics that the day has for the same upload, each once. */
function repeatedMetrics(day: MetricDay | null, metrics: readonly Metric[]): ReadonlySet<Metric> {
  const there = new Map(day?.content.metrics.map((metric) => [metric.metricId, metric]));
  const repeated = metrics.filter((metric) => {
    if (!isRepeated(there.get(metric.metricId), metric)) return false;
    return there.delete(metric.metricId);
  });
  return new Set(repeated);
}

const isEmpty = ({ content: { metrics, leaving } }: MetricDay): boolean => metrics.length === 0 && leaving.length === 0;

/** Those of the metrics that the day has neither by id nor by fingerprint, the first of equal ones only. */
function newMetrics(
  day: MetricDay | null,
  metrics: readonly Metric[],
  isNew: (metric: Metric) => boolean,
): readonly Metric[] {
  const there = day?.content.metrics ?? [];
  const ids = new Set(there.map(({ metricId }) => metricId));
  const fingerprints = new Set(there.map(({ fingerprint }) => fingerprint));
  return metrics.filter((metric) => {
    if (ids.has(metric.metricId) || fingerprints.has(metric.fingerprint) || !isNew(metric)) return false;
    ids.add(metric.metricId);
    fingerprints.add(metric.fingerprint);
    return true;
  });
}
