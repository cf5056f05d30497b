import * as assert from 'uvu/assert';
import { AwsCaller, isPassing } from '../../../adapters/aws/aws-caller.ts';
import { DynamoTable, type Item, type ItemRange } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { type Blob, VersionedBlobs } from '../../../adapters/aws/dynamodb/versioned-blobs.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';
import { endingBefore, InterruptedTable } from './interrupted-table.ts';

const MOST_BYTES_AN_ITEM = 100;
const blobsOver = (table: DynamoTable): VersionedBlobs => new VersionedBlobs(table, MOST_BYTES_AN_ITEM);

const { test, run } = suiteOver('versioned blobs', async () => {
  const under = await makeTable();
  return { store: blobsOver(under.table), under, close: under.close };
});

const PK = 'USER#ada';
const KEY = { pk: PK, sk: 'BLOB#1' };
const SMALL = Uint8Array.of(1, 2, 3);
/** Bytes that take so many parts, none like another. */
const large = (parts: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: parts * MOST_BYTES_AN_ITEM - 7 }, (_, i) => (i * 31 + (i >> 6) + seed) % 256);

const bytesOf = (blob: Blob | null): Uint8Array | null => (blob === null ? null : Uint8Array.from(blob.bytes));
const keysOf = (items: readonly Item[]): readonly string[] =>
  items.map(({ sk }) => sk.replace(/#[0-9a-f-]{36}#/, '#token#')).toSorted();

const inRange = async (blobs: VersionedBlobs, more: object = {}): Promise<readonly Blob[]> => {
  const found: Blob[] = [];
  for await (const blob of blobs.readRange({ pk: PK, from: 'BLOB#', to: 'BLOB#9', ...more })) found.push(blob);
  return found;
};

/** As if the answer to a write had been lost, and the write been tried again. */
class AnswersLost extends InterruptedTable {
  override async put(...args: Parameters<DynamoTable['put']>): Promise<boolean> {
    await super.put(...args);
    return super.put(...args);
  }
  override async delete(...args: Parameters<DynamoTable['delete']>): Promise<boolean> {
    await super.delete(...args);
    return super.delete(...args);
  }
}

/** Whoever walks over a range finds it changed between its first item and the others. */
class ChangedWhileRead extends DynamoTable {
  readonly #change: () => Promise<unknown>;
  constructor({ settings, name }: TableUnderTest, change: () => Promise<unknown>) {
    super(settings, name, new AwsCaller());
    this.#change = change;
  }
  override async *query(range: ItemRange): AsyncGenerator<Item, void, undefined> {
    const stale: Item[] = [];
    for await (const item of super.query(range)) stale.push(item);
    await this.#change();
    let first = true;
    for await (const item of super.query(range)) {
      yield first ? (stale[0] ?? item) : item;
      first = false;
    }
  }
}

test('bytes of any length come back, with the facts that were given', async ({ store }) => {
  for (const [i, bytes] of [new Uint8Array(0), SMALL, large(1, 1), large(3, 2)].entries()) {
    const key = { pk: PK, sk: `BLOB#${i}` };
    assert.is(await store.write(key, bytes, { kind: 'k', i }, null), true);
    const blob = await store.read(key);
    assert.equal(bytesOf(blob), bytes);
    assert.equal(blob?.facts, { kind: 'k', i });
  }
  assert.is(await store.read({ pk: PK, sk: 'BLOB#none' }), null);
});

test('a blob of any length is replaced by one of any other, and nothing is left of it', async ({ store, under }) => {
  const sizes = [SMALL, large(3, 1), large(2, 2), SMALL, large(2, 3)];
  const parts = [0, 3, 2, 0, 2];
  for (const [i, bytes] of sizes.entries()) {
    assert.is(await store.write(KEY, bytes, {}, await store.read(KEY)), true);
    assert.equal(bytesOf(await store.read(KEY)), bytes);
    const expected = ['BLOB#1', ...Array.from({ length: parts[i]! }, (_, part) => `BLOB#1#token#000${part}`)];
    assert.equal(keysOf(await under.scan()), expected);
  }
  assert.is(await store.remove((await store.read(KEY))!), true);
  assert.equal(await under.scan(), []);
});

test('of two writers who saw the same, one is told that it came too late, and leaves nothing', async ({
  store,
  under,
}) => {
  for (const bytes of [SMALL, large(2, 5)]) {
    assert.is(await store.write(KEY, bytes, {}, null), true);
    assert.is(await store.write(KEY, large(2, 6), {}, null), false);
    const seen = (await store.read(KEY))!;
    assert.is(await store.write(KEY, large(3, 7), {}, seen), true);
    assert.is(await store.write(KEY, bytes, {}, seen), false);
    assert.is(await store.write(KEY, large(2, 8), {}, seen), false);
    assert.is(await store.remove(seen), false);
    assert.equal(bytesOf(await store.read(KEY)), large(3, 7));
    assert.is((await under.scan()).length, 4);
    assert.is(await store.remove((await store.read(KEY))!), true);
  }
});

test('one of many who write at the same time succeeds', async ({ store, under }) => {
  for (const before of [null, SMALL]) {
    const sk = `BLOB#${before === null ? 'new' : 'old'}`;
    if (before !== null) await store.write({ pk: PK, sk }, before, {}, null);
    const seen = await store.read({ pk: PK, sk });
    const written = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        store.write({ pk: PK, sk }, i % 2 ? large(2, i) : Uint8Array.of(i), {}, seen),
      ),
    );
    const winners = [...written.keys()].filter((i) => written[i]);
    // A new one of several parts may give way at first to another, but never are there two.
    assert.ok(winners.length <= 1, String(winners));
    const [winner] = winners;
    const bytes = bytesOf(await store.read({ pk: PK, sk }));
    if (winner !== undefined) assert.equal(bytes, winner % 2 ? large(2, winner) : Uint8Array.of(winner));
    assert.ok(before === null || winner !== undefined);
  }
  for (const { sk } of await under.scan()) assert.not.match(sk, /#000[2-9]/);
});

test('a write and a removal whose answers were lost are known to have happened', async ({ under }) => {
  const table = new AnswersLost(under);
  const blobs = blobsOver(table);
  for (const bytes of [SMALL, large(2, 1)]) {
    assert.is(await blobs.write(KEY, bytes, {}, null), true);
    const seen = (await blobs.read(KEY))!;
    assert.is(await blobs.write(KEY, large(2, 2), {}, seen), true);
    assert.equal(bytesOf(await blobs.read(KEY)), large(2, 2));
    assert.is(await blobs.remove((await blobs.read(KEY))!), true);
    assert.equal(await under.scan(), []);
  }
  table.close();
});

test('what a writer left that died is invisible, and goes with the next write', async ({ store, under }) => {
  for (const before of [null, SMALL, large(2, 1)]) {
    for (const next of [SMALL, large(2, 9)]) {
      for (const step of [1, 2, 3]) {
        if (before !== null) await store.write(KEY, before, {}, null);
        const dying = new InterruptedTable(under, endingBefore(step));
        const blobs = blobsOver(dying);
        await blobs.write(KEY, large(3, 2), {}, await store.read(KEY)).then(
          (written) => assert.is(written, true),
          () => undefined,
        );
        dying.close();
        const seen = await store.read(KEY);
        assert.ok([before, large(3, 2)].some((bytes) => bytes?.join() === bytesOf(seen)?.join()));
        assert.equal(
          (await inRange(store)).map(({ token }) => token),
          seen === null ? [] : [seen.token],
        );
        assert.is(await store.write(KEY, next, {}, seen), true);
        assert.equal(bytesOf(await store.read(KEY)), next);
        assert.is(await store.remove((await store.read(KEY))!), true);
        assert.equal(await under.scan(), []);
      }
    }
  }
});

test('sweeping takes what a first write left that never ended, and no blob', async ({ store, under }) => {
  await store.sweep(KEY);
  for (const step of [1, 2]) {
    const dying = new InterruptedTable(under, endingBefore(step));
    await blobsOver(dying)
      .write(KEY, large(2, 2), {}, null)
      .catch(() => undefined);
    dying.close();
    assert.ok((await under.scan()).length > 0);
    await store.sweep(KEY);
    assert.equal(await under.scan(), []);
  }
  await store.write(KEY, large(2, 2), {}, null);
  await store.sweep(KEY);
  assert.equal(bytesOf(await store.read(KEY)), large(2, 2));
  // Parts whose blob was removed by one who died before removing them, too.
  const dying = new InterruptedTable(under, endingBefore(1));
  await blobsOver(dying)
    .remove((await store.read(KEY))!)
    .catch(() => undefined);
  dying.close();
  assert.is((await under.scan()).length, 2);
  await store.sweep(KEY);
  assert.equal(await under.scan(), []);
});

test('a write that begins while another one sweeps is not taken apart', async ({ store, under }) => {
  const dying = new InterruptedTable(under, endingBefore(2));
  await blobsOver(dying)
    .write(KEY, large(2, 1), {}, null)
    .catch(() => undefined);
  dying.close();
  // The sweeper's removal of its mark comes after another writer's whole write.
  const late = new InterruptedTable(under, async ({ number }) => {
    if (number === 1) await store.write(KEY, large(2, 3), {}, null);
  });
  await blobsOver(late).sweep(KEY);
  late.close();
  assert.equal(bytesOf(await store.read(KEY)), large(2, 3));
});

test('a range holds its blobs in the order of their keys, whole, in either direction', async ({ store }) => {
  const contents = [SMALL, large(2, 1), SMALL, large(1, 2), large(3, 3)];
  for (const [i, bytes] of contents.entries()) await store.write({ pk: PK, sk: `BLOB#${i}` }, bytes, { i }, null);
  await store.write({ pk: PK, sk: 'CLOB#1' }, SMALL, {}, null);
  assert.equal((await inRange(store)).map(bytesOf), contents);
  assert.equal((await inRange(store, { descending: true })).map(bytesOf), contents.toReversed());
  assert.equal((await inRange(store, { pageSize: 1 })).map(bytesOf), contents);
  assert.equal(
    (await inRange(store, { from: 'BLOB#1', to: 'BLOB#2' })).map(({ facts }) => facts),
    [{ i: 1 }, { i: 2 }],
  );
  assert.equal(await inRange(store, { from: 'BLOB#5' }), []);
});

test('keys that lie between a blob and its parts do not confuse a reader', async ({ store }) => {
  const keys = ['BLOB#a', 'BLOB#a ', 'BLOB#a!'];
  for (const [i, sk] of keys.entries()) await store.write({ pk: PK, sk }, large(2, i), {}, null);
  for (const [i, sk] of keys.entries()) assert.equal(bytesOf(await store.read({ pk: PK, sk })), large(2, i));
  const range = { from: 'BLOB#a', to: 'BLOB#a!' };
  for (const descending of [false, true]) {
    const found = await inRange(store, { ...range, descending });
    assert.equal(
      found.map(({ sk }) => sk),
      descending ? keys.toReversed() : keys,
    );
    found.forEach((blob) => assert.equal(bytesOf(blob), large(2, keys.indexOf(blob.sk))));
  }
});

test('a blob that is replaced while it is read is read whole, the old or the new', async ({ store, under }) => {
  await store.write(KEY, large(2, 1), {}, null);
  let changes = 0;
  const table = new ChangedWhileRead(under, async () => {
    if (changes++ < 3) await store.write(KEY, large(2, changes + 1), {}, await store.read(KEY));
  });
  const blobs = blobsOver(table);
  assert.equal(bytesOf(await blobs.read(KEY)), large(2, 4));
  changes = 2;
  assert.equal((await inRange(blobs)).map(bytesOf), [large(2, 4)]);
  changes = 2;
  assert.equal((await inRange(blobs, { descending: true })).length, 1);
  table.close();
});

test('a blob that is replaced whenever it is read is an error that may pass', async ({ store, under }) => {
  await store.write(KEY, large(2, 1), {}, null);
  let changes = 1;
  const table = new ChangedWhileRead(under, async () =>
    store.write(KEY, large(2, changes++), {}, await store.read(KEY)),
  );
  const cause: unknown = await blobsOver(table)
    .read(KEY)
    .then(
      () => null,
      (failure: unknown) => failure,
    );
  assert.match((cause as Error).message, 'BLOB#1 was replaced 8 times while it was read');
  assert.is(isPassing(cause), true);
  table.close();
});

test('a blob that goes while a range is read is left out', async ({ store, under }) => {
  await store.write(KEY, large(2, 1), {}, null);
  await store.write({ pk: PK, sk: 'BLOB#2' }, SMALL, {}, null);
  let changes = 0;
  const table = new ChangedWhileRead(under, async () => {
    if (changes++ === 0) await store.remove((await store.read(KEY))!);
  });
  assert.equal((await inRange(blobsOver(table))).map(({ sk }) => sk).includes('BLOB#1'), false);
  table.close();
});

test('an item without bytes in the place of a blob is an error that names the place', async ({ store, under }) => {
  await under.plant({ ...KEY, token: 't', part_count: 0, content: 'text' });
  const cause: unknown = await store.read(KEY).catch((failure: unknown) => failure);
  assert.is((cause as Error).message, 'BLOB#1 holds no bytes');
});

test('parts end with their blob, where it has an end', async ({ store, under }) => {
  await store.write(KEY, large(2, 1), { ttl: 1_900_000_000 }, null);
  assert.equal(
    (await under.scan()).map(({ ttl }) => ttl),
    [1_900_000_000, 1_900_000_000, 1_900_000_000],
  );
});

run();
