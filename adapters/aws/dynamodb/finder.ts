import type { Item, ItemKey } from './dynamo-table.ts';

/** The item that a finder names: a finder is an item elsewhere that says, in two attributes, where another lies. */
export const itemKeyOf = (finder: Item): ItemKey => ({ pk: String(finder['item_pk']), sk: String(finder['item_sk']) });
