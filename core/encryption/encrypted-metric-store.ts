import { okAsync, ResultAsync } from 'neverthrow';
import type { Metric, MetricBlock, MetricPage, MetricQuery } from '../health-data/model.ts';
import type { MetricOutcome, MetricStore } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

/** What a metric carries besides its measurements, in whatever words its sender chose. */
interface Words {
  readonly rawData: MetricBlock | null;
  readonly metadata: MetricBlock | null;
  /** Of `mental_health_data`. */
  readonly notes?: unknown;
}

/** Stands for all words of the metric, in the place of its `metadata`. */
const SEALED = 'clarity_sealed';
const PURPOSE = 'metric.words';

/**
 * A metric store that is given notes, raw data and metadata encrypted only, all of one metric as one text. The numbers
 * of a measurement stay as they are, so that they can be searched, and so does the fingerprint, which is a hash.
 */
export class EncryptedMetricStore implements MetricStore {
  readonly #store: MetricStore;
  readonly #fields: SealedFields;

  constructor(store: MetricStore, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('MetricStore', encryption);
  }

  append(owner: UserId, metrics: readonly Metric[]): ResultAsync<readonly MetricOutcome[], PortUnavailable> {
    if (!metrics.some((metric) => wordsOf(metric) !== null)) return this.#store.append(owner, metrics);
    return this.#fields.sealer(owner).andThen((seal) =>
      this.#store.append(
        owner,
        metrics.map((metric) => {
          const words = wordsOf(metric);
          if (words === null) return metric;
          const sealed = seal(PURPOSE, metric.metricId, JSON.stringify(words));
          return { ...withoutNotes(metric), rawData: null, metadata: { [SEALED]: sealed } };
        }),
      ),
    );
  }

  list(owner: UserId, query: MetricQuery): ResultAsync<MetricPage, PortUnavailable> {
    return this.#store.list(owner, query).andThen((page) => {
      // Most pages have none.
      if (!page.metrics.some(isSealed)) return okAsync(page);
      return ResultAsync.combine(page.metrics.map((metric) => this.#opened(owner, metric))).map((metrics) => ({
        ...page,
        metrics,
      }));
    });
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    return this.#store.deleteUpload(owner, upload);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  #opened(owner: UserId, stored: Metric): ResultAsync<Metric, PortUnavailable> {
    if (!isSealed(stored)) return okAsync(stored);
    const sealed = stored.metadata?.[SEALED];
    const place = { owner, purpose: PURPOSE, record: stored.metricId };
    return this.#fields.openIfSealed(place, String(sealed), 'list').map((text) => {
      // Somebody's own metadata of this name, in plain form.
      if (text === null) return stored;
      const { notes, ...words } = JSON.parse(text) as Words;
      const block = stored.mental_health_data;
      return {
        ...stored,
        ...words,
        mental_health_data: notes === undefined ? block : { ...block, notes },
      };
    });
  }
}

/** Null for a metric that carries none. */
function wordsOf({ rawData, metadata, mental_health_data: block }: Metric): Words | null {
  const notes = block?.['notes'];
  if (rawData === null && metadata === null && notes === undefined) return null;
  return { rawData, metadata, ...(notes === undefined ? {} : { notes }) };
}

function withoutNotes(metric: Metric): Metric {
  if (metric.mental_health_data?.['notes'] === undefined) return metric;
  const { notes: _sealed, ...block } = metric.mental_health_data;
  return { ...metric, mental_health_data: block };
}

const isSealed = ({ metadata }: Metric): boolean => typeof metadata?.[SEALED] === 'string';
