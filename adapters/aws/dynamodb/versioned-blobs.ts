import { randomUUID } from 'node:crypto';
import { Contended } from './contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';
import { endOf } from './key-text.ts';

/** Bytes under a key, as they were read. */
export interface Blob extends ItemKey {
  readonly bytes: Uint8Array;
  /** New with every write, so that a writer can tell whether what it read is still there. */
  readonly token: string;
  /** Other attributes of the item. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Items that hold parts of an earlier write and can go once this one is replaced. */
  readonly parts: readonly ItemKey[];
  /** Some of the parts are not this blob's own: their writer died, or is still writing. Replacing the blob removes them. */
  readonly hasLeftovers: boolean;
}

/** DynamoDB takes items of 400 KB, keys and names included. */
const MOST_BYTES_AN_ITEM = 340 * 1024;
const MOST_LOOKS = 8;

/** Attributes that belong to the blob itself. */
const OWN = new Set(['pk', 'sk', 'token', 'content', 'part_count', 'pending']);

/** The item at a key, and all part items below it, of whatever write. */
interface Items {
  readonly root: Item | null;
  readonly parts: readonly Item[];
}

/** What a write replaces. */
type Base = Pick<Blob, 'token' | 'parts'>;

/**
 * Bytes of any length that are replaced in one step. They lie in one item, or, where they are too many for one, in part
 * items that the one item names; parts are written before they are named and removed after they are not named any more,
 * so every reader finds one whole state. Sort keys of blobs must contain no further `#` after the range they are read by.
 *
 * Every write with parts stands on the token of an item that is there, of a mark (`pending`) where there was none. A
 * token that was replaced never comes back, so parts that were seen before a replacement belong to nobody who may still
 * succeed, and whoever replaces the item removes them: those of writers that died, too.
 */
export class VersionedBlobs {
  readonly #table: DynamoTable;
  readonly #mostBytesAnItem: number;

  /** `mostBytesAnItem` is for tests, which would else have to write much to see a blob in parts. */
  constructor(table: DynamoTable, mostBytesAnItem = MOST_BYTES_AN_ITEM) {
    this.#table = table;
    this.#mostBytesAnItem = mostBytesAnItem;
  }

  async read(key: ItemKey): Promise<Blob | null> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      const { root, parts } = await this.#items(key);
      if (root === null || isMark(root)) return null;
      const blob = blobOf(root, parts);
      if (blob !== null) return blob;
    }
    throw new Contended(`${key.sk} was replaced ${String(MOST_LOOKS)} times while it was read`);
  }

  /** The blobs whose sort keys lie from `from` to `to`, in their order. */
  async *readRange(range: {
    readonly pk: string;
    readonly from: string;
    readonly to: string;
    readonly descending?: boolean;
    readonly pageSize?: number;
  }): AsyncGenerator<Blob, void, undefined> {
    let root: Item | null = null;
    let parts: Item[] = [];
    // Part items follow their blob's item, or, descending, come before it.
    for await (const item of this.#table.query({ ...range, to: endOf(`${range.to}#`) })) {
      if (isMark(item)) continue;
      const isPart = item['part_of'] !== undefined;
      if (range.descending === true) {
        if (isPart) parts.push(item);
        else {
          yield* this.#whole(item, parts.filter(({ part_of }) => part_of === item.sk).reverse());
          parts = [];
        }
      } else if (isPart && root !== null && item['part_of'] === root.sk) parts.push(item);
      else if (!isPart) {
        if (root !== null) yield* this.#whole(root, parts);
        root = item;
        parts = [];
      }
    }
    if (range.descending !== true && root !== null) yield* this.#whole(root, parts);
  }

  /**
   * Puts bytes in the place of what was read (`null`: nothing). Answers false, and changes nothing, when something else is
   * there by now.
   */
  async write(
    { pk, sk }: ItemKey,
    bytes: Uint8Array,
    facts: Readonly<Record<string, unknown>>,
    before: Blob | null,
  ): Promise<boolean> {
    const token = randomUUID();
    const slices = slicesOf(bytes, this.#mostBytesAnItem);
    const base = before === null && slices.length > 0 ? await this.#begin({ pk, sk }, facts) : before;
    if (base === null && slices.length > 0) return false;
    const parts = slices.map((content, i): Item => ({
      ...partKey(pk, sk, token, i),
      part_of: sk,
      content,
      ...ttlOf(facts),
    }));
    if (parts.length > 0) await this.#table.writeMany(parts);
    const content = parts.length === 0 ? { content: bytes } : {};
    const written = await this.#put({ ...facts, pk, sk, token, part_count: parts.length, ...content }, base);
    await this.#drop(written ? (base?.parts ?? []) : parts);
    return written;
  }

  /** Removes what was read; false when something else is there by now. */
  async remove(before: Blob): Promise<boolean> {
    const removed = (await this.#table.delete(before, unchanged(before))) || (await this.read(before)) === null;
    if (removed) await this.#drop(before.parts);
    return removed;
  }

  /** Removes what a first write that never ended left under a key without a blob; a write under way may fail by it. */
  async sweep(key: ItemKey): Promise<void> {
    const { root, parts } = await this.#items(key);
    if (root === null ? parts.length === 0 : !isMark(root)) return;
    const mark = await this.#begin(key, {});
    if (mark !== null && (await this.#table.delete(key, unchanged(mark)))) await this.#drop(mark.parts);
  }

  async #items({ pk, sk }: ItemKey): Promise<Items> {
    let root: Item | null = null;
    const parts: Item[] = [];
    for await (const item of this.#table.query({ pk, from: sk, to: endOf(`${sk}#`) })) {
      if (item.sk === sk) root = item;
      else if (item['part_of'] === sk) parts.push(item);
    }
    return { root, parts };
  }

  /** Puts a mark where no blob is, for parts to stand on; null when a blob is there by now. */
  async #begin({ pk, sk }: ItemKey, facts: Readonly<Record<string, unknown>>): Promise<Base | null> {
    const token = randomUUID();
    const mark: Item = { pk, sk, token, part_count: 0, pending: true, ...ttlOf(facts) };
    return (await this.#put(mark, null)) ? { token, parts: (await this.#items({ pk, sk })).parts } : null;
  }

  async #put(item: Item, base: Base | null): Promise<boolean> {
    return (
      (await this.#table.put(item, unchanged(base))) ||
      // The answer to an earlier try may have been lost after it took effect.
      (await this.#table.get(item))?.['token'] === item['token']
    );
  }

  async *#whole(item: Item, parts: readonly Item[]): AsyncGenerator<Blob, void, undefined> {
    // A walk over pages is no snapshot: the parts that the item names may have come and gone meanwhile.
    const blob = blobOf(item, parts) ?? (await this.read(item));
    if (blob !== null) yield blob;
  }

  async #drop(parts: readonly ItemKey[]): Promise<void> {
    if (parts.length > 0) await this.#table.writeMany([], parts);
  }
}

const isMark = (item: Item): boolean => item['pending'] === true;

const unchanged = (before: Base | null): Expression =>
  before === null
    ? { text: `${ABSENT.text} OR #pending = :pending`, names: { '#pending': 'pending' }, values: { ':pending': true } }
    : { text: '#token = :token', names: { '#token': 'token' }, values: { ':token': before.token } };

const partKey = (pk: string, sk: string, token: string, i: number): ItemKey => ({
  pk,
  sk: `${sk}#${token}#${String(i).padStart(4, '0')}`,
});

const ttlOf = ({ ttl }: Readonly<Record<string, unknown>>) => (ttl === undefined ? {} : { ttl });

/** None where the bytes find room in one item. */
function slicesOf(bytes: Uint8Array, mostBytes: number): readonly Uint8Array[] {
  if (bytes.length <= mostBytes) return [];
  const slices: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += mostBytes) slices.push(bytes.subarray(at, at + mostBytes));
  return slices;
}

/** Null when the parts are not those that the item names. */
function blobOf(item: Item, parts: readonly Item[]): Blob | null {
  const { pk, sk } = item;
  const token = String(item['token']);
  const count = Number(item['part_count']);
  const own = parts.filter((part) => part.sk.startsWith(`${sk}#${token}#`));
  if (own.length !== count) return null;
  const contents = (count === 0 ? [item] : own).map(({ content }) => content);
  if (!contents.every((content) => content instanceof Uint8Array)) throw new Error(`${sk} holds no bytes`);
  const bytes = contents.length === 1 ? contents[0]! : Buffer.concat(contents);
  const facts = Object.fromEntries(Object.entries(item).filter(([name]) => !OWN.has(name)));
  const keys = parts.map((part) => ({ pk, sk: part.sk }));
  return { pk, sk, bytes, token, facts, parts: keys, hasLeftovers: parts.length > count };
}
