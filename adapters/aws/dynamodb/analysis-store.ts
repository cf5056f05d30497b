import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { AnalysisRecord, AnalysisStore } from '../../../core/analysis/ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { analysesOf, analysisBytes } from './analysis-bytes.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { keyText, ownerKey } from './key-text.ts';
import { isIndexed } from './upload-place.ts';
import { VersionedBlobs } from './versioned-blobs.ts';

const PREFIX = 'RESULT#';

/** What the older service made of a person's data: nothing reads it any more, and it goes with the person. */
const OLD_PREFIXES = ['ANALYSIS#', 'INSIGHT#'];

/** Analyses in the single table: all of an upload in one blob, `RESULT#<upload>`, which is replaced in one step. */
export class DynamoAnalysisStore implements AnalysisStore {
  readonly #table: DynamoTable;
  readonly #blobs: VersionedBlobs;

  constructor(table: DynamoTable) {
    this.#table = table;
    this.#blobs = new VersionedBlobs(table);
  }

  replaceForUpload(
    owner: UserId,
    upload: ProcessingId,
    records: readonly AnalysisRecord[],
  ): ResultAsync<void, PortUnavailable> {
    // Made at once, so that what the caller does to the records later is not stored.
    const bytes = analysisBytes(owner, upload, [...records].sort(windowFirst));
    const work = async (): Promise<void> => {
      const key = resultKey(owner, upload);
      const content = await bytes;
      await untilUncontended(this.#table, key.sk, async () => {
        const before = await this.#blobs.read(key);
        if (records.length > 0)
          return (await this.#blobs.write(key, content, facts(owner, upload, records), before)) || null;
        return before === null || (await this.#blobs.remove(before)) || null;
      });
    };
    return orUnavailable('AnalysisStore', 'replaceForUpload', work());
  }

  getForUpload(owner: UserId, upload: ProcessingId): ResultAsync<AnalysisRecord, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<AnalysisRecord, NotFound>> => {
      const window = (await this.#read(owner, upload)).find(({ scope }) => scope === 'window');
      return window === undefined ? err(notFound('analysis', upload)) : ok(window);
    };
    return orUnavailable('AnalysisStore', 'getForUpload', work()).andThen((found) => found);
  }

  listForUpload(owner: UserId, upload: ProcessingId): ResultAsync<readonly AnalysisRecord[], PortUnavailable> {
    return orUnavailable('AnalysisStore', 'listForUpload', this.#read(owner, upload));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const key = resultKey(owner, upload);
    const work = untilUncontended(this.#table, key.sk, async () => {
      const stored = await this.#blobs.read(key);
      if (stored !== null) return (await this.#blobs.remove(stored)) ? Number(stored.facts['result_count']) : null;
      await this.#blobs.sweep(key);
      return 0;
    });
    return orUnavailable('AnalysisStore', 'deleteUpload', work);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable(
      'AnalysisStore',
      'eraseOwner',
      erasePrefixes(this.#table, ownerKey(owner), [PREFIX, ...OLD_PREFIXES]),
    );
  }

  async #read(owner: UserId, upload: ProcessingId): Promise<readonly AnalysisRecord[]> {
    const key = resultKey(owner, upload);
    const blob = await this.#blobs.read(key);
    if (blob === null) return [];
    try {
      return await analysesOf(blob.bytes, owner, upload);
    } catch (cause) {
      throw new Error(`stored analyses ${key.sk} are corrupt: ${(cause as Error).message}`, { cause });
    }
  }
}

const resultKey = (owner: UserId, upload: ProcessingId): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${PREFIX}${keyText(upload)}`,
});

const facts = (
  owner: UserId,
  upload: ProcessingId,
  records: readonly AnalysisRecord[],
): Readonly<Record<string, unknown>> => ({
  kind: 'results',
  user_id: owner,
  result_count: records.length,
  ...(isIndexed(upload) ? { processing_id: upload } : {}),
});

/** The window, then weeks by their start; equal ones keep the order in which they were given. */
const windowFirst = (a: AnalysisRecord, b: AnalysisRecord): number =>
  Number(b.scope === 'window') - Number(a.scope === 'window') || startMs(a) - startMs(b);

const startMs = ({ document }: AnalysisRecord): number => Date.parse(document.window.start);
