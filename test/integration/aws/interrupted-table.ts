import { createHash } from 'node:crypto';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoTable, type Expression, type Item, type ItemKey } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import type { TableUnderTest } from '../../emulators/tables.ts';

/** DynamoDB takes so many writes in one request. */
const ITEMS_A_WRITE = 25;

/** What a test does before a write; throwing keeps the write from happening. */
export type BeforeWrite = (write: { readonly number: number; readonly sk: string }) => Promise<void> | void;

/** A view of the table under test that lets a test step in before each write request. Its waits take no time. */
export class InterruptedTable extends DynamoTable {
  /** Write requests so far. */
  writes = 0;
  readonly #before: BeforeWrite;

  constructor({ settings, name }: TableUnderTest, before: BeforeWrite = () => undefined) {
    super(settings, name, new AwsCaller({ wait: async () => undefined }));
    this.#before = before;
  }

  override async put(item: Item, condition?: Expression): Promise<boolean> {
    await this.#step(item);
    return super.put(item, condition);
  }

  override async update(key: ItemKey, change: Expression, condition?: Expression): Promise<Item | null> {
    await this.#step(key);
    return super.update(key, change, condition);
  }

  override async delete(key: ItemKey, condition?: Expression): Promise<boolean> {
    await this.#step(key);
    return super.delete(key, condition);
  }

  override async writeMany(puts: readonly Item[], deletes: readonly ItemKey[] = []): Promise<void> {
    for (let from = 0; from < puts.length; from += ITEMS_A_WRITE) {
      await this.#step(puts[from]!);
      await super.writeMany(puts.slice(from, from + ITEMS_A_WRITE));
    }
    for (let from = 0; from < deletes.length; from += ITEMS_A_WRITE) {
      await this.#step(deletes[from]!);
      await super.writeMany([], deletes.slice(from, from + ITEMS_A_WRITE));
    }
  }

  async #step({ sk }: ItemKey): Promise<void> {
    await this.#before({ number: this.writes++, sk });
  }
}

/** As if the process had ended: from this write on, none happens. */
export const endingBefore =
  (number: number): BeforeWrite =>
  (write) => {
    if (write.number >= number) throw new Error('the process has ended');
  };

/** Items without what differs from run to run: the partition, tokens of blobs, and how often days were added. */
export const plainItems = (items: readonly Item[]): readonly Readonly<Record<string, unknown>>[] =>
  items
    .map(({ pk: _, token, changes: __, ...item }) => ({
      ...item,
      sk: item.sk.replace(/#[0-9a-f-]{36}#(\d{4})$/, '#$1'),
      ...(token === undefined ? {} : { token: 'a token' }),
      ...(item['content'] instanceof Uint8Array
        ? { content: createHash('sha256').update(item['content']).digest('hex') }
        : {}),
      ...(item['days'] instanceof Set ? { days: [...(item['days'] as Set<number>)].sort((a, b) => a - b) } : {}),
    }))
    .sort((a, b) => (a.sk < b.sk ? -1 : 1));
