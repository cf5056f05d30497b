import { okAsync, ResultAsync } from 'neverthrow';
import type { Insight, InsightId, InsightPage } from '../insights/model.ts';
import type { InsightRange, InsightStore } from '../insights/ports.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

/** What an insight says in words; its facts are numbers and stay as they are. */
type Words = Pick<Insight, 'narrative' | 'keyInsights' | 'recommendations'>;

/** An insight store that is given what insights say encrypted only, all words of one as one text. */
export class EncryptedInsightStore implements InsightStore {
  readonly #store: InsightStore;
  readonly #fields: SealedFields;

  constructor(store: InsightStore, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('InsightStore', encryption);
  }

  insert(insight: Insight): ResultAsync<void, PortUnavailable> {
    const { owner, insightId, narrative, keyInsights, recommendations } = insight;
    const words: Words = { narrative, keyInsights, recommendations };
    return this.#fields.sealer(owner).andThen((seal) =>
      this.#store.insert({
        ...insight,
        narrative: seal(PURPOSE, insightId, JSON.stringify(words)),
        keyInsights: [],
        recommendations: [],
      }),
    );
  }

  get(owner: UserId, id: InsightId): ResultAsync<Insight, NotFound | PortUnavailable> {
    return this.#store.get(owner, id).andThen((stored) => this.#opened(stored, 'get'));
  }

  list(owner: UserId, range: InsightRange): ResultAsync<InsightPage, PortUnavailable> {
    return this.#store.list(owner, range).andThen((page) =>
      ResultAsync.combine(page.insights.map((insight) => this.#opened(insight, 'list'))).map((insights) => ({
        ...page,
        insights,
      })),
    );
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    return this.#store.deleteUpload(owner, upload);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  #opened(stored: Insight, operation: string): ResultAsync<Insight, PortUnavailable> {
    const place = { owner: stored.owner, purpose: PURPOSE, record: stored.insightId };
    return this.#fields.openIfSealed(place, stored.narrative, operation).andThen((text) => {
      if (text === null) return okAsync(stored);
      const { narrative, keyInsights, recommendations } = JSON.parse(text) as Words;
      return okAsync({ ...stored, narrative, keyInsights, recommendations });
    });
  }
}

const PURPOSE = 'insight.words';
