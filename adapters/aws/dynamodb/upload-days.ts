import type { SampleType } from '../../../core/health-data/sample-types.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';

/** Begins the sort keys of these items. */
export const UPLOAD_DAYS_PREFIX = 'UPLOADDAYS#';

/** The days of one type on which an upload may have samples. */
export interface UploadLink extends ItemKey {
  readonly type: SampleType;
  readonly days: ReadonlySet<number>;
}

/**
 * One item an upload and type, `UPLOADDAYS#<upload>#<type>` in the owner's partition: where to look for the upload's
 * samples. A chunk that holds some is named, except while the call that brought them is still under way.
 */
export class UploadDays {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(owner: UserId, upload: ProcessingId, type: SampleType, days: Iterable<number>): Promise<void> {
    await this.#table.update(
      { pk: ownerKey(owner), sk: `${linkPrefix(upload)}${type}` },
      { text: 'ADD #days :days', names: { '#days': 'days' }, values: { ':days': new Set(days) } },
    );
  }

  async read(owner: UserId, upload: ProcessingId): Promise<readonly UploadLink[]> {
    const pk = ownerKey(owner);
    const from = linkPrefix(upload);
    const links: UploadLink[] = [];
    for await (const { sk, days } of this.#table.query({ pk, from, to: endOf(from) })) {
      links.push({ pk, sk, type: sk.slice(from.length) as SampleType, days: days as ReadonlySet<number> });
    }
    return links;
  }

  /** Removes the item; false when days were added since it was read. */
  async remove(link: UploadLink): Promise<boolean> {
    return this.#table.delete(link, {
      text: 'attribute_not_exists(pk) OR #days = :days',
      names: { '#days': 'days' },
      values: { ':days': link.days },
    });
  }
}

const linkPrefix = (upload: ProcessingId): string => `${UPLOAD_DAYS_PREFIX}${keyText(upload)}#`;
