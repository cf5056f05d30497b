import { randomUUID } from 'node:crypto';
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
}

/** DynamoDB takes items of 400 KB, keys and names included. */
const MOST_BYTES_AN_ITEM = 340 * 1024;
const MOST_LOOKS = 8;

/** Attributes that belong to the blob itself. */
const OWN = new Set(['pk', 'sk', 'token', 'content', 'part_count']);

/**
 * Bytes of any length that are replaced in one step. They lie in one item, or, where they are too many for one, in part
 * items that the one item names; parts are written before they are named and removed after they are not named any more,
 * so every reader finds one whole state. Sort keys of blobs must contain no further `#` after the range they are read by.
 */
export class VersionedBlobs {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async read({ pk, sk }: ItemKey): Promise<Blob | null> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      const item = await this.#table.get({ pk, sk });
      if (item === null) return null;
      if (item['part_count'] === 0) return blobOf(item, []);
      const parts: Item[] = [];
      for await (const part of this.#table.query({ pk, from: `${sk}#`, to: endOf(`${sk}#`) })) parts.push(part);
      const blob = blobOf(item, parts);
      if (blob !== null) return blob;
    }
    throw new Error(`${sk} was replaced ${String(MOST_LOOKS)} times while it was read`);
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
      const isPart = item['part_of'] !== undefined;
      if (range.descending === true) {
        if (isPart) parts.push(item);
        else {
          yield* this.#whole(
            item,
            parts.filter(({ part_of }) => part_of === item.sk),
          );
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
    const slices = slicesOf(bytes);
    const parts = slices.map((content, i): Item => ({
      ...partKey(pk, sk, token, i),
      part_of: sk,
      content,
      ...ttlOf(facts),
    }));
    if (parts.length > 0) await this.#table.writeMany(parts);
    const content = parts.length === 0 ? { content: bytes } : {};
    const item: Item = { ...facts, pk, sk, token, part_count: parts.length, ...content };
    const written =
      (await this.#table.put(item, unchanged(before))) ||
      // The answer to an earlier try may have been lost after it took effect.
      (await this.#table.get({ pk, sk }))?.['token'] === token;
    await this.#drop(written ? (before?.parts ?? []) : parts);
    return written;
  }

  /** Removes what was read; false when something else is there by now. */
  async remove(before: Blob): Promise<boolean> {
    const removed = (await this.#table.delete(before, unchanged(before))) || (await this.#table.get(before)) === null;
    if (removed) await this.#drop(before.parts);
    return removed;
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

const unchanged = (before: Blob | null): Expression =>
  before === null
    ? ABSENT
    : { text: '#token = :token', names: { '#token': 'token' }, values: { ':token': before.token } };

const partKey = (pk: string, sk: string, token: string, i: number): ItemKey => ({
  pk,
  sk: `${sk}#${token}#${String(i).padStart(4, '0')}`,
});

const ttlOf = ({ ttl }: Readonly<Record<string, unknown>>) => (ttl === undefined ? {} : { ttl });

function slicesOf(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length <= MOST_BYTES_AN_ITEM) return [];
  const slices: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += MOST_BYTES_AN_ITEM)
    slices.push(bytes.subarray(at, at + MOST_BYTES_AN_ITEM));
  return slices;
}

/** Null when the parts are not those that the item names. */
function blobOf(item: Item, parts: readonly Item[]): Blob | null {
  const { pk, sk } = item;
  const token = String(item['token']);
  const count = Number(item['part_count']);
  const own = parts.filter((part) => part.sk.startsWith(`${sk}#${token}#`));
  if (own.length !== count) return null;
  const bytes =
    count === 0 ? (item['content'] as Uint8Array) : Buffer.concat(own.map((part) => part['content'] as Uint8Array));
  const facts = Object.fromEntries(Object.entries(item).filter(([name]) => !OWN.has(name)));
  return { pk, sk, bytes, token, facts, parts: parts.map((part) => ({ pk, sk: part.sk })) };
}
