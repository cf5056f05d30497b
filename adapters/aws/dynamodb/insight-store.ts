import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { Insight, InsightId, InsightPage } from '../../../core/insights/model.ts';
import type { InsightRange, InsightStore } from '../../../core/insights/ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';

const PREFIX = 'INSIGHTS#';

/** What of an item tells its place in the list. */
interface Place extends ItemKey {
  readonly generatedAtMs: number;
  /** Of the item's own id, not of its key's form of it. */
  readonly insightId: string;
}

/**
 * Insights in the single table, one item each: `INSIGHTS#<id>`. An insight is written once and never changed, so an item
 * is there as a whole or not at all. To list them, the places of all of a person's insights are read and put in order;
 * the whole items only of the page.
 */
export class DynamoInsightStore implements InsightStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  insert(insight: Insight): ResultAsync<void, PortUnavailable> {
    const put = this.#table.put(itemOf(insight), ABSENT).then(() => undefined);
    return orUnavailable('InsightStore', 'insert', put);
  }

  get(owner: UserId, id: InsightId): ResultAsync<Insight, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<Insight, NotFound>> => {
      const item = await this.#table.get(insightKey(owner, id));
      return item === null ? err(notFound('insight', id)) : ok(insightOf(item));
    };
    return orUnavailable('InsightStore', 'get', work()).andThen((found) => found);
  }

  list(owner: UserId, { limit, offset }: InsightRange): ResultAsync<InsightPage, PortUnavailable> {
    const work = async (): Promise<InsightPage> => {
      const places = (await this.#places(owner)).sort(newestFirst);
      const page = places.slice(offset, offset + limit);
      const items = new Map((await this.#table.getMany(page)).map((item) => [item.sk, item]));
      return {
        // What was deleted between the two reads is left out.
        insights: page.flatMap(({ sk }) => items.get(sk) ?? []).map(insightOf),
        totalCount: places.length,
        hasMore: offset + limit < places.length,
      };
    };
    return orUnavailable('InsightStore', 'list', work());
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const work = async (): Promise<number> => {
      const keys: ItemKey[] = [];
      for await (const { pk, sk } of this.#table.query({ ...rangeOf(owner), only: KEY, filter: isAbout(upload) })) {
        keys.push({ pk, sk });
      }
      await this.#table.writeMany([], keys);
      return keys.length;
    };
    return orUnavailable('InsightStore', 'deleteUpload', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable('InsightStore', 'eraseOwner', erasePrefixes(this.#table, ownerKey(owner), [PREFIX]));
  }

  async #places(owner: UserId): Promise<Place[]> {
    const places: Place[] = [];
    for await (const item of this.#table.query({
      ...rangeOf(owner),
      only: [...KEY, 'generated_at_ms', 'insight_id'],
    })) {
      const { pk, sk, generated_at_ms: generatedAtMs, insight_id: id } = item;
      places.push({ pk, sk, generatedAtMs: Number(generatedAtMs), insightId: JSON.parse(String(id)) as string });
    }
    return places;
  }
}

const KEY: readonly string[] = ['pk', 'sk'];

const insightKey = (owner: UserId, id: InsightId): ItemKey => ({ pk: ownerKey(owner), sk: `${PREFIX}${keyText(id)}` });

const rangeOf = (owner: UserId) => ({ pk: ownerKey(owner), from: PREFIX, to: endOf(PREFIX) });

/** Compared in the form that keeps different ids apart, whatever characters they have. */
const isAbout = (upload: ProcessingId): Expression => ({
  text: '#upload = :upload',
  names: { '#upload': 'upload_key' },
  values: { ':upload': keyText(upload) },
});

const newestFirst = (a: Place, b: Place): number =>
  b.generatedAtMs - a.generatedAtMs || compareCodePoints(b.insightId, a.insightId);

/** Texts are JSON, which carries every text that DynamoDB's UTF-8 cannot. */
const itemOf = (insight: Insight): Item => ({
  ...insightKey(insight.owner, insight.insightId),
  kind: 'insight',
  user_id: insight.owner,
  insight_id: JSON.stringify(insight.insightId),
  generated_at_ms: insight.generatedAtMs,
  ...(insight.upload === null ? {} : { upload_key: keyText(insight.upload) }),
  content: JSON.stringify(insight),
});

const insightOf = ({ content }: Item): Insight => JSON.parse(String(content)) as Insight;
