import { randomUUID } from 'node:crypto';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { keyText, ownerKey } from './key-text.ts';
import { type Retention, ttlFact } from './retention.ts';

/** Begins the sort keys of these items. */
export const UPLOAD_METRIC_DAYS_PREFIX = 'UPLOADMETRICS#';

/** The days on which an upload may have metrics, as they were read. */
export interface UploadMetricDaysLink {
  readonly days: readonly number[];
  /** New with every addition. */
  readonly token: string;
}

/** One item an upload, `UPLOADMETRICS#<upload>` in the owner's partition: where to look for the upload's metrics. */
export class UploadMetricDays {
  readonly #table: DynamoTable;
  readonly #retention: Retention;

  constructor(table: DynamoTable, retention: Retention) {
    this.#table = table;
    this.#retention = retention;
  }

  async add(owner: UserId, upload: ProcessingId, day: number): Promise<void> {
    const facts = Object.entries({ token: randomUUID(), ...ttlFact(this.#retention) });
    await this.#table.update(linkKey(owner, upload), {
      text: `ADD #days :days SET ${facts.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      names: { '#days': 'days', ...Object.fromEntries(facts.map(([name]) => [`#${name}`, name])) },
      values: { ':days': new Set([day]), ...Object.fromEntries(facts.map(([name, value]) => [`:${name}`, value])) },
    });
  }

  async read(owner: UserId, upload: ProcessingId): Promise<UploadMetricDaysLink | null> {
    const item = await this.#table.get(linkKey(owner, upload));
    if (item === null) return null;
    return { days: [...(item['days'] as ReadonlySet<number>)], token: String(item['token']) };
  }

  /** Removes the item; false when something was added since it was read. */
  async remove(owner: UserId, upload: ProcessingId, { token }: UploadMetricDaysLink): Promise<boolean> {
    return this.#table.delete(linkKey(owner, upload), {
      text: 'attribute_not_exists(pk) OR #token = :token',
      names: { '#token': 'token' },
      values: { ':token': token },
    });
  }
}

const linkKey = (owner: UserId, upload: ProcessingId): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${UPLOAD_METRIC_DAYS_PREFIX}${keyText(upload)}`,
});
