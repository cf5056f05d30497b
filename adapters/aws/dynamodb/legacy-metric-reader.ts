import type { Metric } from '../../../core/health-data/model.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { endOf, ownerKey } from './key-text.ts';
import { legacyMetrics } from './legacy-metrics.ts';
import type { Retention } from './retention.ts';
import { isUploadOf, placeOfUpload, UPLOAD_PREFIX, uploadKey } from './upload-place.ts';
import { microsecondsOf } from './utc-text.ts';

/** The older service writes at its own clock's present; no clock of a server is wrong by more than that. */
const UNSETTLED_MS = 3_600_000;

/** Owners whose past is remembered to hold nothing. */
const MOST_REMEMBERED = 10_000;

/**
 * The metrics that the older service wrote into the items of uploads. It adds none to the past, so what was once seen
 * to hold none is not read again by the same process.
 */
export class LegacyMetricReader {
  readonly #table: DynamoTable;
  readonly #digest: Digest;
  readonly #retention: Retention;
  /** The sort key below which an owner has no such items. */
  readonly #from = new Map<UserId, string>();

  constructor(table: DynamoTable, digest: Digest, retention: Retention) {
    this.#table = table;
    this.#digest = digest;
    this.#retention = retention;
  }

  /** All of them, oldest upload first; of those with the same id or fingerprint, which are one metric, the first. */
  async read(owner: UserId): Promise<readonly Metric[]> {
    const ids = new Set<string>();
    const fingerprints = new Set<string>();
    const metrics: Metric[] = [];
    for (const item of await this.#items(owner)) {
      for (const metric of legacyMetrics(item, this.#digest)) {
        if (ids.has(metric.metricId) || fingerprints.has(metric.fingerprint)) continue;
        ids.add(metric.metricId);
        fingerprints.add(metric.fingerprint);
        metrics.push(metric);
      }
    }
    return metrics;
  }

  /** Removes those of one upload and leaves the upload; answers how many there were. */
  async remove(owner: UserId, upload: ProcessingId): Promise<number> {
    let removed = 0;
    for (const item of await this.#items(owner)) {
      if (placeOfUpload(item)?.processingId !== upload) continue;
      const change = { text: 'REMOVE #metrics', names: { '#metrics': 'metrics' } };
      if ((await this.#table.update(item, change, isUploadOf(upload))) === null) continue;
      removed += legacyMetrics(item, this.#digest).length;
    }
    return removed;
  }

  async #items(owner: UserId): Promise<readonly Item[]> {
    const settled = uploadKey(owner, microsecondsOf(this.#retention.clock.now() - UNSETTLED_MS)).sk;
    const items: Item[] = [];
    for await (const item of this.#table.query({
      pk: ownerKey(owner),
      from: this.#from.get(owner) ?? UPLOAD_PREFIX,
      to: endOf(UPLOAD_PREFIX),
      filter: { text: 'attribute_exists(#metrics)', names: { '#metrics': 'metrics' } },
    })) {
      items.push(item);
    }
    if (this.#from.size >= MOST_REMEMBERED) this.#from.clear();
    const oldest = items[0]?.sk ?? settled;
    this.#from.set(owner, oldest < settled ? oldest : settled);
    return items;
  }
}
