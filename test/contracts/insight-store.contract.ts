import * as assert from 'uvu/assert';
import { insightId, type Insight } from '../../core/insights/model.ts';
import type { InsightStore } from '../../core/insights/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId('22222222-2222-4222-8222-222222222222');

/** An insight with text, numbers and nulls of every kind; the values mean nothing. */
const insight = (id: string, changes: Partial<Insight> = {}): Insight => ({
  owner: ADA,
  insightId: insightId(id),
  upload: null,
  insightType: 'Überblick "⌚" \0',
  generatedAtMs: 1_741_000_000_000.5,
  generator: 'rules',
  narrative: 'So much is known.\n'.repeat(20),
  keyInsights: ['one', 'zwei 👩🏽‍🔬'],
  recommendations: [],
  confidenceScore: null,
  factsUsed: [
    { name: 'rhythm.relative_amplitude', value: 0.1 + 0.2, unit: '1', origin: 'analysis', isProxy: true },
    { name: 'sleep_efficiency', value: 5e-324, unit: '%', origin: 'client', isProxy: false },
  ],
  notComputed: [{ field: 'sleep.nights.count', reason: 'no nights' }],
  ...changes,
});

const ids = async (store: InsightStore, range = { limit: 100, offset: 0 }, owner = ADA): Promise<readonly string[]> =>
  valueOf(await store.list(owner, range)).insights.map((found) => found.insightId);

/** What every `InsightStore` promises. `make` is called once a test. */
export function insightStoreContract(name: string, make: () => Promise<UnderTest<InsightStore>>): void {
  const { test, run } = suiteOver<InsightStore, UnderTest<InsightStore>>(`insight store: ${name}`, make);

  test('somebody without insights has none to get, list or delete', async ({ store }) => {
    const absent = { kind: 'not-found', resource: 'insight', id: 'a' };
    assert.equal(errorOf(await store.get(ADA, insightId('a'))), absent);
    const nothing = { insights: [], totalCount: 0, hasMore: false };
    assert.equal(valueOf(await store.list(ADA, { limit: 10, offset: 0 })), nothing);
    assert.equal(valueOf(await store.list(ADA, { limit: 10, offset: 5 })), nothing);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
  });

  test('an insight comes back exactly, of an upload and of none', async ({ store }) => {
    const given = [insight('a'), insight('b', { upload: FIRST, confidenceScore: 1 / 3, generatedAtMs: 0 })];
    for (const one of given) valueOf(await store.insert(one));
    for (const one of given) assert.equal(valueOf(await store.get(ADA, one.insightId)), one);
    assert.equal(valueOf(await store.list(ADA, { limit: 10, offset: 0 })).insights, given);
  });

  test('one that is there already is left as it is', async ({ store }) => {
    valueOf(await store.insert(insight('a')));
    valueOf(await store.insert(insight('a', { narrative: 'other', generatedAtMs: 1, upload: FIRST })));
    assert.equal(valueOf(await store.get(ADA, insightId('a'))), insight('a'));
    assert.is(valueOf(await store.list(ADA, { limit: 10, offset: 0 })).totalCount, 1);
  });

  test('of inserts of one id at the same time one is kept, whole', async ({ store }) => {
    const given = Array.from({ length: 5 }, (_, i) => insight('a', { narrative: `try ${i}`, generatedAtMs: i }));
    for (const inserted of await Promise.all(given.map((one) => store.insert(one)))) valueOf(inserted);
    const kept = valueOf(await store.get(ADA, insightId('a')));
    assert.equal(kept, given[kept.generatedAtMs]);
    assert.equal(valueOf(await store.list(ADA, { limit: 10, offset: 0 })), {
      insights: [kept],
      totalCount: 1,
      hasMore: false,
    });
  });

  test('the list is newest first, ties by id descending in the order of code points', async ({ store }) => {
    const tied = ['\ufffd', '👩', 'b', 'a', 'B'];
    for (const id of tied) valueOf(await store.insert(insight(id, { generatedAtMs: 5 })));
    valueOf(await store.insert(insight('newest', { generatedAtMs: 1e13 })));
    valueOf(await store.insert(insight('oldest', { generatedAtMs: -1.5 })));
    valueOf(await store.insert(insight('second', { generatedAtMs: 5.5 })));
    assert.equal(await ids(store), ['newest', 'second', '👩', '\ufffd', 'b', 'a', 'B', 'oldest']);
  });

  test('pages follow each other without gap or repetition and say how many there are', async ({ store }) => {
    const all = Array.from({ length: 7 }, (_, i) => `insight ${i}`);
    for (const [i, id] of all.entries()) valueOf(await store.insert(insight(id, { generatedAtMs: -i })));
    const pages = [0, 3, 6].map((offset) => ({ limit: 3, offset }));
    const read = [];
    for (const page of pages) read.push(valueOf(await store.list(ADA, page)));
    assert.equal(
      read.map(({ insights }) => insights.map((one) => one.insightId)),
      [all.slice(0, 3), all.slice(3, 6), all.slice(6)],
    );
    assert.equal(
      read.map(({ totalCount, hasMore }) => [totalCount, hasMore]),
      [
        [7, true],
        [7, true],
        [7, false],
      ],
    );
    assert.equal(valueOf(await store.list(ADA, { limit: 7, offset: 0 })).hasMore, false);
    assert.equal(valueOf(await store.list(ADA, { limit: 3, offset: 7 })), {
      insights: [],
      totalCount: 7,
      hasMore: false,
    });
  });

  test('a hundred of many are listed at once', async ({ store }) => {
    const inserted = await Promise.all(
      Array.from({ length: 130 }, (_, i) => store.insert(insight(`i${i}`, { generatedAtMs: i }))),
    );
    inserted.forEach(valueOf);
    const { insights, totalCount, hasMore } = valueOf(await store.list(ADA, { limit: 100, offset: 20 }));
    assert.equal([insights.length, totalCount, hasMore], [100, 130, true]);
    assert.equal([insights[0]?.insightId, insights.at(-1)?.insightId], ['i109', 'i10']);
  });

  test("deleting an upload's insights takes those and no others, and says how many", async ({ store }) => {
    for (const [id, upload] of [
      ['a', FIRST],
      ['b', FIRST],
      ['c', SECOND],
      ['d', null],
    ] as const) {
      valueOf(await store.insert(insight(id, { upload })));
    }
    valueOf(await store.insert(insight('a', { upload: FIRST, owner: BEN })));
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(await ids(store), ['d', 'c']);
    assert.is(errorOf(await store.get(ADA, insightId('a'))).kind, 'not-found');
    assert.equal(await ids(store, undefined, BEN), ['a']);
  });

  test("another owner's insights are as if they were not there", async ({ store }) => {
    valueOf(await store.insert(insight('a', { upload: FIRST })));
    assert.is(errorOf(await store.get(BEN, insightId('a'))).kind, 'not-found');
    assert.equal(await ids(store, undefined, BEN), []);
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 0);
    const bens = insight('a', { owner: BEN, narrative: 'of ben' });
    valueOf(await store.insert(bens));
    assert.equal(valueOf(await store.get(BEN, insightId('a'))), bens);
    assert.is(valueOf(await store.get(ADA, insightId('a'))).upload, FIRST);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) {
      for (const other of ['a', id]) {
        const own = { owner: userId(id), upload: processingId(other), insightId: insightId(other) };
        valueOf(await store.insert(insight(id, own)));
      }
    }
    for (const id of AWKWARD_IDS) {
      const owner = userId(id);
      assert.is(valueOf(await store.get(owner, insightId(id))).owner, owner);
      assert.is((await ids(store, undefined, owner)).length, id === 'a' ? 1 : 2);
      assert.is(valueOf(await store.deleteUpload(owner, processingId(id))), 1);
      assert.equal(await ids(store, undefined, owner), id === 'a' ? [] : ['a']);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = insight('a');
    valueOf(await store.insert(given));
    Object.assign(given.factsUsed[0]!, { value: 7 });
    for (const found of [
      valueOf(await store.get(ADA, insightId('a'))),
      valueOf(await store.list(ADA, { limit: 1, offset: 0 })).insights[0]!,
    ]) {
      Object.assign(found.notComputed[0]!, { reason: 'changed' });
    }
    assert.equal(valueOf(await store.get(ADA, insightId('a'))), insight('a'));
  });

  test('after an owner is erased nothing of theirs is left, and nobody else has lost anything', async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      valueOf(await store.insert(insight('a', { owner, upload: FIRST })));
      valueOf(await store.insert(insight('b', { owner })));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.is(errorOf(await store.get(ADA, insightId('a'))).kind, 'not-found');
    assert.equal(await ids(store), []);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(await ids(store, undefined, BEN), ['b', 'a']);
    valueOf(await store.insert(insight('again')));
    assert.equal(await ids(store), ['again']);
  });

  run();
}

/** What an `InsightStore` that outlives its process promises besides. */
export function durableInsightStoreContract(name: string, make: () => Promise<DurableUnderTest<InsightStore>>): void {
  const { test, run } = suiteOver<InsightStore, DurableUnderTest<InsightStore>>(`durable insight store: ${name}`, make);

  test('insights are there after closing and opening again', async (under) => {
    const given = [insight('b', { upload: FIRST }), insight('a')];
    for (const one of given) valueOf(await under.store.insert(one));
    const reopened = await under.reopen();
    assert.equal(valueOf(await reopened.list(ADA, { limit: 5, offset: 0 })).insights, given);
    assert.equal(valueOf(await reopened.get(ADA, insightId('a'))), insight('a'));
  });

  run();
}
