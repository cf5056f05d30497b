import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import type { Insight, InsightId, InsightPage } from '../../core/insights/model.ts';
import type { InsightStore, InsightRange } from '../../core/insights/ports.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Insights in the process's memory. */
export class MemoryInsightStore implements InsightStore {
  readonly #owners = new Map<UserId, Map<InsightId, Insight>>();

  insert(insight: Insight): ResultAsync<void, PortUnavailable> {
    const { owner, insightId } = insight;
    const insights = this.#owners.get(owner) ?? new Map<InsightId, Insight>();
    if (!insights.has(insightId)) insights.set(insightId, structuredClone(insight));
    this.#owners.set(owner, insights);
    return okAsync(undefined);
  }

  get(owner: UserId, id: InsightId): ResultAsync<Insight, NotFound | PortUnavailable> {
    const insight = this.#owners.get(owner)?.get(id);
    return insight === undefined ? errAsync(notFound('insight', id)) : okAsync(structuredClone(insight));
  }

  list(owner: UserId, { limit, offset }: InsightRange): ResultAsync<InsightPage, PortUnavailable> {
    const all = [...(this.#owners.get(owner)?.values() ?? [])].sort(newestFirst);
    return okAsync({
      insights: structuredClone(all.slice(offset, offset + limit)),
      totalCount: all.length,
      hasMore: offset + limit < all.length,
    });
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const insights = this.#owners.get(owner) ?? new Map<InsightId, Insight>();
    const about = [...insights.values()].filter((insight) => insight.upload === upload);
    for (const { insightId } of about) insights.delete(insightId);
    return okAsync(about.length);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}

const newestFirst = (a: Insight, b: Insight): number =>
  b.generatedAtMs - a.generatedAtMs || compareCodePoints(b.insightId, a.insightId);
