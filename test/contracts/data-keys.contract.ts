import * as assert from 'uvu/assert';
import { INSTALLATION, ownerHolder, type KeyHolder, type WrappedKey } from '../../core/encryption/model.ts';
import type { DataKeys } from '../../core/encryption/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const A = ownerHolder(ADA);
const B = ownerHolder(BEN);

const wrapping = (byte: number, masterVersion = 'local-1'): WrappedKey => ({
  masterVersion,
  wrapped: Uint8Array.from({ length: 60 }, (_, i) => (byte + i) % 256),
});

const insert = async (store: DataKeys, holder: KeyHolder, wrapped: WrappedKey): Promise<WrappedKey> =>
  valueOf(await store.insertOnce(holder, wrapped));
const find = async (store: DataKeys, holder: KeyHolder): Promise<WrappedKey | null> =>
  valueOf(await store.find(holder));

async function everyHolder(store: DataKeys, limit: number): Promise<readonly KeyHolder[]> {
  const found: KeyHolder[] = [];
  for (;;) {
    const page = valueOf(await store.list(found.at(-1) ?? null, limit));
    assert.ok(page.length <= limit);
    found.push(...page.map(({ holder }) => holder));
    if (page.length < limit) return found;
  }
}

/** What every `DataKeys` promises. `make` is called once a test. */
export function dataKeysContract(name: string, make: () => Promise<UnderTest<DataKeys>>): void {
  const { test, run } = suiteOver<DataKeys, UnderTest<DataKeys>>(`data keys: ${name}`, make);

  test('a key comes back as it was kept, and only to its holder', async ({ store }) => {
    assert.is(await find(store, A), null);
    assert.equal(await insert(store, A, wrapping(250)), wrapping(250));
    assert.equal(await find(store, A), wrapping(250));
    assert.is(await find(store, B), null);
    assert.is(await find(store, INSTALLATION), null);
  });

  test('the first key stays, however many are kept after it', async ({ store }) => {
    await insert(store, A, wrapping(1));
    assert.equal(await insert(store, A, wrapping(2)), wrapping(1));
    assert.equal(await find(store, A), wrapping(1));
  });

  test('of keys that are kept at the same time, all get the same one', async ({ store }) => {
    const kept = await Promise.all(Array.from({ length: 10 }, (_, i) => insert(store, A, wrapping(i))));
    assert.is(new Set(kept.map(({ wrapped }) => wrapped[0])).size, 1);
    assert.equal(await find(store, A), kept[0]);
  });

  test('a wrapping takes the place of the one that it was made of, and of no other', async ({ store }) => {
    const first = await insert(store, A, wrapping(1));
    assert.is(valueOf(await store.replace(A, first, wrapping(2, 'local-2'))), true);
    assert.equal(await find(store, A), wrapping(2, 'local-2'));
    assert.is(valueOf(await store.replace(A, first, wrapping(3))), false);
    assert.is(valueOf(await store.replace(A, wrapping(2, 'local-1'), wrapping(3))), false);
    assert.is(valueOf(await store.replace(B, first, wrapping(3))), false);
    assert.equal(await find(store, A), wrapping(2, 'local-2'));
    assert.is(await find(store, B), null);
  });

  test('all keys are listed, page after page, each once', async ({ store }) => {
    const holders = [INSTALLATION, ...AWKWARD_IDS.map((id) => ownerHolder(userId(id)))];
    for (const [i, holder] of holders.entries()) await insert(store, holder, wrapping(i));
    for (const limit of [1, 4, 100]) {
      const listed = await everyHolder(store, limit);
      assert.is(listed.length, holders.length);
      assert.equal(new Set(listed), new Set(holders));
    }
    const all = new Map(valueOf(await store.list(null, 100)).map(({ holder, wrapping: kept }) => [holder, kept]));
    for (const [i, holder] of holders.entries()) assert.equal(all.get(holder), wrapping(i));
  });

  test("erasing an owner takes their key and nobody else's; they may get another", async ({ store }) => {
    for (const [i, holder] of [A, B, INSTALLATION].entries()) await insert(store, holder, wrapping(i));
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.is(await find(store, A), null);
    assert.equal(await find(store, B), wrapping(1));
    assert.equal(await find(store, INSTALLATION), wrapping(2));
    assert.is(valueOf(await store.replace(A, wrapping(0), wrapping(9))), false);
    assert.is(await find(store, A), null);
    assert.equal(await insert(store, A, wrapping(7)), wrapping(7));
  });

  test('holders of any characters stay apart', async ({ store }) => {
    for (const [i, id] of AWKWARD_IDS.entries()) await insert(store, ownerHolder(userId(id)), wrapping(i));
    for (const [i, id] of AWKWARD_IDS.entries()) {
      assert.equal(await find(store, ownerHolder(userId(id))), wrapping(i), id);
      valueOf(await store.eraseOwner(userId(id)));
      assert.is(await find(store, ownerHolder(userId(id))), null, id);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = wrapping(1);
    await insert(store, A, given);
    given.wrapped.fill(0);
    (await find(store, A))?.wrapped.fill(0);
    valueOf(await store.list(null, 1))[0]?.wrapping.wrapped.fill(0);
    assert.equal(await find(store, A), wrapping(1));
  });

  run();
}

/** What a `DataKeys` that outlives its process promises besides. */
export function durableDataKeysContract(name: string, make: () => Promise<DurableUnderTest<DataKeys>>): void {
  const { test, run } = suiteOver<DataKeys, DurableUnderTest<DataKeys>>(`durable data keys: ${name}`, make);

  test('keys are there after closing and opening again', async (under) => {
    await insert(under.store, A, wrapping(1));
    assert.equal(await find(await under.reopen(), A), wrapping(1));
  });

  run();
}

/** What one that several processes work on promises besides. */
export function sharedDataKeysContract(name: string, make: () => Promise<SharedUnderTest<DataKeys>>): void {
  const { test, run } = suiteOver<DataKeys, SharedUnderTest<DataKeys>>(`shared data keys: ${name}`, make);

  test('of two processes that make a key at once, both get the same', async ({ store, other }) => {
    for (let round = 0; round < 5; round++) {
      const holder = ownerHolder(userId(`person ${round}`));
      const [mine, theirs] = await Promise.all([
        insert(store, holder, wrapping(2 * round)),
        insert(other, holder, wrapping(2 * round + 1)),
      ]);
      assert.equal(mine, theirs);
    }
  });

  test('of two processes that wrap a key anew at once, one does', async ({ store, other }) => {
    const before = await insert(store, A, wrapping(1));
    const replaced = await Promise.all([
      store.replace(A, before, wrapping(2, 'local-2')),
      other.replace(A, before, wrapping(3, 'local-2')),
    ]);
    assert.equal(replaced.map(valueOf).sort(), [false, true]);
  });

  run();
}
