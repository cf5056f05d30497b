import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { endOf } from './key-text.ts';

/** Deletes are sent once so many keys are known, so that erasing much takes little memory. */
const KEYS_AT_A_TIME = 250;

/**
 * Deletes every item of the partition whose sort key begins with one of the prefixes, prefix after prefix, and looks
 * again until none is left: others may have been writing meanwhile.
 */
export async function erasePrefixes(table: DynamoTable, pk: string, prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) {
    while ((await eraseOnce(table, pk, prefix)) > 0);
  }
}

/** Answers how many items there were. */
async function eraseOnce(table: DynamoTable, pk: string, prefix: string): Promise<number> {
  let count = 0;
  let keys: ItemKey[] = [];
  const erase = async (): Promise<void> => {
    count += keys.length;
    if (keys.length > 0) await table.writeMany([], keys);
    keys = [];
  };
  for await (const { sk } of table.query({ pk, from: prefix, to: endOf(prefix), only: ['sk'] })) {
    if (keys.push({ pk, sk }) === KEYS_AT_A_TIME) await erase();
  }
  await erase();
  return count;
}
