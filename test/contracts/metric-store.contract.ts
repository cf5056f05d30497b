import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Metric, MetricQuery } from '../../core/health-data/model.ts';
import type { MetricStore } from '../../core/health-data/ports.ts';
import { processingId, userId, type UserId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId('22222222-2222-4222-8222-222222222222');
const NOON = Date.UTC(2025, 2, 10, 12);
const DAY_MS = 86_400_000;

const EVERYTHING: MetricQuery = {
  types: null,
  fromMs: null,
  toMs: null,
  uploadSource: null,
  limit: 1000,
  offset: 0,
  after: null,
};

const metric = (metricId: string, changes: Partial<Metric> = {}): Metric => ({
  metricId,
  metricType: 'heart_rate',
  processingId: FIRST,
  uploadSource: 'apple_health',
  createdAtMs: NOON,
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: { heart_rate: 61.5 },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  fingerprint: `fingerprint of ${metricId}`,
  ...changes,
});

const list = async (store: MetricStore, query: Partial<MetricQuery> = {}, owner: UserId = ADA) =>
  valueOf(await store.list(owner, { ...EVERYTHING, ...query }));

const idsOf = async (store: MetricStore, query: Partial<MetricQuery> = {}, owner: UserId = ADA) =>
  (await list(store, query, owner)).metrics.map(({ metricId }) => metricId);

export interface MetricStoreContractOptions {
  /** Random lists that are read page by page; fewer where every request takes its time. */
  readonly pagedLists?: number;
}

/** What every `MetricStore` promises. `make` is called once a test. */
export function metricStoreContract(
  name: string,
  make: () => Promise<UnderTest<MetricStore>>,
  { pagedLists = 40 }: MetricStoreContractOptions = {},
): void {
  const { test, run } = suiteOver<MetricStore, UnderTest<MetricStore>>(`metric store: ${name}`, make);

  test('an empty store lists nothing and deletes nothing', async ({ store }) => {
    assert.equal(await list(store), { metrics: [], hasMore: false });
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(valueOf(await store.append(ADA, [])), []);
  });

  test('what an earlier call stored for the same upload is repeated, once a call, and everything else is a duplicate', async ({
    store,
  }) => {
    const [a, b] = [metric('a'), metric('b', { createdAtMs: NOON + 3 * DAY_MS })];
    const sent = [a, metric('a', { fingerprint: 'another' }), metric('c', { fingerprint: a.fingerprint }), b, a];
    const first = ['stored', 'duplicate', 'duplicate', 'stored', 'duplicate'];
    assert.equal(valueOf(await store.append(ADA, sent)), first);
    const again = ['repeated', 'duplicate', 'duplicate', 'repeated', 'duplicate'];
    assert.equal(valueOf(await store.append(ADA, sent)), again);
    assert.equal(valueOf(await store.append(ADA, [metric('d'), b])), ['stored', 'repeated']);
    const ofAnother = sent.map((each) => ({ ...each, processingId: SECOND }));
    assert.ok(valueOf(await store.append(ADA, ofAnother)).every((outcome) => outcome === 'duplicate'));
    assert.equal(await idsOf(store), ['b', 'd', 'a']);
  });

  test('a metric comes back with all that it had', async ({ store }) => {
    const full = metric('m-1', {
      metricType: 'sleep_analysis',
      createdAtMs: NOON + 0.5,
      deviceId: 'watch-7 ⌚',
      uploadSource: 'quote " and \\ and 用户',
      sleep_data: {
        stages: { rem: 90.25, deep: [1, 2, 1 / 3] },
        text: 'line\nbreak \0 "quoted"',
        none: null,
        ok: true,
      },
      rawData: { __proto__x: 1, deep: { deeper: [[], {}] } },
      metadata: {},
    });
    assert.equal(valueOf(await store.append(ADA, [full])), ['stored']);
    assert.equal(await list(store), { metrics: [full], hasMore: false });
  });

  test('the same id or the same fingerprint is one metric, within a call and across calls', async ({ store }) => {
    const first = metric('m-1');
    assert.equal(
      valueOf(
        await store.append(ADA, [
          first,
          metric('m-1', { fingerprint: 'another' }),
          metric('m-2', { fingerprint: first.fingerprint }),
          first,
          metric('m-3'),
        ]),
      ),
      ['stored', 'duplicate', 'duplicate', 'duplicate', 'stored'],
    );
    assert.equal(
      valueOf(
        await store.append(ADA, [
          metric('m-1', { fingerprint: 'new', biometric_data: { heart_rate: 1 } }),
          metric('m-4', { fingerprint: 'fingerprint of m-3', processingId: SECOND }),
          metric('m-5'),
        ]),
      ),
      ['duplicate', 'duplicate', 'stored'],
    );
    assert.equal((await list(store)).metrics.at(-1), first);
    assert.equal(await idsOf(store), ['m-5', 'm-3', 'm-1']);
  });

  test('of one id on several days in a call, the first that is no duplicate otherwise is stored', async ({ store }) => {
    const day = 86_400_000;
    const outcomes = valueOf(
      await store.append(ADA, [
        metric('held', { fingerprint: 'of the first day' }),
        metric('m-1', { fingerprint: 'of the first day' }),
        metric('m-1', { createdAtMs: NOON + day, fingerprint: 'of the second day' }),
        metric('m-1', { fingerprint: 'another of the first day' }),
        metric('m-2', { createdAtMs: NOON + day, fingerprint: 'of the second day' }),
      ]),
    );
    assert.equal(outcomes, ['stored', 'duplicate', 'stored', 'duplicate', 'duplicate']);
    assert.equal(await idsOf(store), ['m-1', 'held']);
  });

  test('a duplicate leaves no trace: what it alone brought can still be stored', async ({ store }) => {
    const outcomes = valueOf(
      await store.append(ADA, [
        metric('m-1'),
        metric('m-1', { fingerprint: 'of the duplicate' }),
        metric('m-2', { fingerprint: 'of the duplicate' }),
      ]),
    );
    assert.equal(outcomes, ['stored', 'duplicate', 'stored']);
  });

  test('the list is newest first, and by descending id where instants are equal', async ({ store }) => {
    // By UTF-8 bytes, the emoji comes after the private-use character; by UTF-16 units, before it.
    const ids = ['b', 'a', 'B', '\ue000', '😀', 'ä'];
    valueOf(
      await store.append(ADA, [
        metric('old', { createdAtMs: -1 }),
        ...ids.map((id) => metric(id)),
        metric('new', { createdAtMs: NOON + 1 }),
      ]),
    );
    assert.equal(await idsOf(store), ['new', '😀', '\ue000', 'ä', 'b', 'a', 'B', 'old']);
  });

  test('filters are applied before the page is cut', async ({ store }) => {
    const metrics = Array.from({ length: 60 }, (_, i) =>
      metric(`m-${String(i).padStart(2, '0')}`, {
        createdAtMs: NOON + i,
        metricType: i % 3 === 0 ? 'blood_pressure' : i % 3 === 1 ? 'heart_rate' : 'stress_indicators',
        uploadSource: i % 2 === 0 ? 'even' : 'odd',
      }),
    );
    valueOf(await store.append(ADA, metrics));
    const page = await list(store, { types: ['blood_pressure'], limit: 3 });
    assert.equal(page.metrics, [metrics[57], metrics[54], metrics[51]]);
    assert.is(page.hasMore, true);
    assert.equal(await idsOf(store, { uploadSource: 'even', types: ['heart_rate', 'blood_pressure'], limit: 3 }), [
      'm-58',
      'm-54',
      'm-52',
    ]);
    assert.equal(await idsOf(store, { fromMs: NOON + 10, toMs: NOON + 13 }), ['m-12', 'm-11', 'm-10']);
    assert.equal(await idsOf(store, { fromMs: NOON + 10, toMs: NOON + 10 }), []);
    assert.equal(await list(store, { types: [] }), { metrics: [], hasMore: false });
    assert.equal(await list(store, { uploadSource: 'eve' }), { metrics: [], hasMore: false });
  });

  test('there is more exactly when something was cut off', async ({ store }) => {
    valueOf(await store.append(ADA, [metric('a'), metric('b'), metric('c')]));
    assert.is((await list(store, { limit: 2 })).hasMore, true);
    assert.is((await list(store, { limit: 3 })).hasMore, false);
    assert.is((await list(store, { limit: 1, offset: 2 })).hasMore, false);
    assert.equal(await idsOf(store, { limit: 1, offset: 1 }), ['b']);
    assert.equal(await list(store, { limit: 1, offset: 3 }), { metrics: [], hasMore: false });
    assert.equal(await idsOf(store, { offset: 1, after: { createdAtMs: NOON, metricId: 'c' } }), ['a']);
  });

  test('pages that continue after a metric stay where they were while newer ones arrive', async ({ store }) => {
    const at = (id: string, minutes: number) => metric(id, { createdAtMs: NOON + minutes });
    valueOf(await store.append(ADA, [at('a', 1), at('b', 2), at('c', 2), at('d', 3), at('e', 4)]));
    const first = await list(store, { limit: 2 });
    assert.equal(
      first.metrics.map(({ metricId }) => metricId),
      ['e', 'd'],
    );
    valueOf(await store.append(ADA, [at('f', 5), at('z', 3)]));
    const second = await list(store, { limit: 2, after: first.metrics.at(-1)! });
    assert.equal(
      second.metrics.map(({ metricId }) => metricId),
      ['c', 'b'],
    );
    assert.is(second.hasMore, true);
    const third = await list(store, { limit: 2, after: second.metrics.at(-1)! });
    assert.equal(
      third.metrics.map(({ metricId }) => metricId),
      ['a'],
    );
    assert.is(third.hasMore, false);
    assert.equal(await idsOf(store, { after: { createdAtMs: NOON + 2, metricId: 'bb' } }), ['b', 'a']);
  });

  test('deleting an upload takes its metrics, which can then be stored again', async ({ store }) => {
    valueOf(await store.append(ADA, [metric('a'), metric('b', { processingId: SECOND }), metric('c')]));
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
    assert.equal(await idsOf(store), ['b']);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(valueOf(await store.append(ADA, [metric('a'), metric('b')])), ['stored', 'duplicate']);
  });

  test('the same id on another day is the same metric, within a call and across calls', async ({ store }) => {
    const onDay = (id: string, day: number, changes: Partial<Metric> = {}) =>
      metric(id, { createdAtMs: NOON + day * DAY_MS, fingerprint: `${id} on day ${day}`, ...changes });
    assert.equal(valueOf(await store.append(ADA, [onDay('a', 0), onDay('a', 1), onDay('b', 1), onDay('b', -1)])), [
      'stored',
      'duplicate',
      'stored',
      'duplicate',
    ]);
    assert.equal(valueOf(await store.append(ADA, [onDay('a', 2), onDay('b', 0), onDay('c', 2)])), [
      'duplicate',
      'duplicate',
      'stored',
    ]);
    assert.equal((await list(store)).metrics, [onDay('c', 2), onDay('b', 1), onDay('a', 0)]);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 3);
    assert.equal(valueOf(await store.append(ADA, [onDay('a', 5), onDay('b', 5), onDay('a', 0)])), [
      'stored',
      'stored',
      'duplicate',
    ]);
  });

  test('an id that a duplicate brought can be stored on another day', async ({ store }) => {
    const later = metric('b', { createdAtMs: NOON + DAY_MS });
    assert.equal(
      valueOf(await store.append(ADA, [metric('a'), metric('b', { fingerprint: 'fingerprint of a' }), later])),
      ['stored', 'duplicate', 'stored'],
    );
    assert.equal((await list(store)).metrics, [later, metric('a')]);
  });

  test('the same id on different days at the same time is stored once', async ({ store }) => {
    const ids = ['a', 'b', 'c', 'd'];
    const days = [0, 1, 2, 3, 4, 5];
    const outcomes = await Promise.all(
      days.map(async (day) =>
        valueOf(
          await store.append(
            ADA,
            ids.map((id) => metric(id, { createdAtMs: NOON + day * DAY_MS, fingerprint: `${id} on day ${day}` })),
          ),
        ),
      ),
    );
    for (const i of ids.keys()) assert.is(outcomes.filter((call) => call[i] === 'stored').length, 1);
    assert.equal((await idsOf(store)).sort(), ids);
  });

  test("erasing an owner takes all of his metrics and nobody else's", async ({ store }) => {
    const metrics = [metric('a'), metric('b', { createdAtMs: NOON + DAY_MS, processingId: SECOND }), metric('c')];
    valueOf(await store.append(ADA, metrics));
    valueOf(await store.append(BEN, metrics));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(await list(store), { metrics: [], hasMore: false });
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(await idsOf(store, {}, BEN), ['b', 'c', 'a']);
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.append(ADA, metrics)), ['stored', 'stored', 'stored']);
    assert.equal(await idsOf(store), ['b', 'c', 'a']);
    assert.is(valueOf(await store.deleteUpload(ADA, SECOND)), 1);
  });

  test("another owner's metrics are as if they were not there", async ({ store }) => {
    valueOf(await store.append(ADA, [metric('a')]));
    assert.equal(await list(store, {}, BEN), { metrics: [], hasMore: false });
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 0);
    assert.equal(valueOf(await store.append(BEN, [metric('a')])), ['stored']);
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 1);
    assert.equal(await idsOf(store), ['a']);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    // One owner has all ids; the others have ids in common with each other.
    const idsOfOwner = (i: number) => (i === 0 ? AWKWARD_IDS : AWKWARD_IDS.slice(0, 3));
    for (const [i, owner] of AWKWARD_IDS.entries()) {
      const metrics = idsOfOwner(i).map((id, minutes) =>
        metric(id, { uploadSource: owner, processingId: processingId(id), createdAtMs: NOON + minutes }),
      );
      const outcomes = valueOf(await store.append(userId(owner), metrics));
      assert.ok(outcomes.every((outcome) => outcome === 'stored'));
    }
    for (const [i, owner] of AWKWARD_IDS.entries()) {
      const ids = idsOfOwner(i);
      assert.equal(new Set(await idsOf(store, { uploadSource: owner }, userId(owner))), new Set(ids));
      assert.is(valueOf(await store.deleteUpload(userId(owner), processingId(ids[1]!))), 1);
      assert.is((await list(store, {}, userId(owner))).metrics.length, ids.length - 1);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const block = { heart_rate: 61 };
    valueOf(await store.append(ADA, [metric('a', { biometric_data: block })]));
    block.heart_rate = 0;
    Object.assign((await list(store)).metrics[0]!.biometric_data!, { heart_rate: 1 });
    assert.equal((await list(store)).metrics[0]!.biometric_data, { heart_rate: 61 });
  });

  test('a full upload of a thousand metrics is stored in one call, and known again in the next', async ({ store }) => {
    const metrics = Array.from({ length: 1000 }, (_, i) => metric(`m-${i}`, { createdAtMs: NOON + i }));
    assert.ok(valueOf(await store.append(ADA, metrics)).every((outcome) => outcome === 'stored'));
    assert.ok(valueOf(await store.append(ADA, metrics)).every((outcome) => outcome === 'repeated'));
    const ofAnother = metrics.map((each) => ({ ...each, processingId: SECOND }));
    assert.ok(valueOf(await store.append(ADA, ofAnother)).every((outcome) => outcome === 'duplicate'));
    const page = await list(store, { limit: 999 });
    assert.equal([page.metrics.length, page.hasMore], [999, true]);
  });

  test('the same metrics at the same time are stored once', async ({ store }) => {
    const metrics = Array.from({ length: 20 }, (_, i) => metric(`m-${i}`));
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => valueOf(await store.append(ADA, metrics))),
    );
    for (const i of metrics.keys()) {
      assert.is(outcomes.filter((calls) => calls[i] === 'stored').length, 1);
    }
    assert.is((await list(store)).metrics.length, 20);
  });

  test('pages of any size put together are the whole list', async ({ store }) => {
    let owners = 0;
    const scenario = fc.record({
      instants: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 25 }),
      limit: fc.integer({ min: 1, max: 7 }),
      byOffset: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ instants, limit, byOffset }) => {
        const owner = userId(`owner-${owners++}`);
        const metrics = instants.map((minute, i) => metric(`m-${String(i).padStart(2, '0')}`, { createdAtMs: minute }));
        valueOf(await store.append(owner, metrics));
        const whole = metrics.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.metricId < b.metricId ? 1 : -1));
        const together: Metric[] = [];
        for (let hasMore = true; hasMore;) {
          const place = byOffset ? { offset: together.length } : { after: together.at(-1) ?? null };
          const page = await list(store, { limit, ...place }, owner);
          assert.ok(!page.hasMore || page.metrics.length === limit);
          together.push(...page.metrics);
          hasMore = page.hasMore;
        }
        assert.equal(together, whole);
      }),
      { numRuns: pagedLists },
    );
  });

  test('the page before a place is the one that ends there, with the same filters', async ({ store }) => {
    const at = (minute: number) => metric(`m-${minute}`, { createdAtMs: NOON + minute * 60_000 });
    valueOf(await store.append(ADA, [0, 1, 2, 3, 4, 5].map(at)));
    valueOf(await store.append(ADA, [metric('m-2b', { createdAtMs: NOON + 120_000, uploadSource: 'scale' })]));
    const place = at(2);
    const page = await list(store, { limit: 2, before: place });
    assert.equal([page.metrics.map(({ metricId }) => metricId), page.hasMore], [['m-3', 'm-2b'], true]);
    const next = await list(store, { limit: 2, before: place, offset: 2 });
    assert.equal([next.metrics.map(({ metricId }) => metricId), next.hasMore], [['m-5', 'm-4'], false]);
    assert.equal(await idsOf(store, { before: place, uploadSource: 'apple_health', limit: 2 }), ['m-4', 'm-3']);
    assert.equal(await idsOf(store, { before: place, toMs: NOON + 240_000 }), ['m-3', 'm-2b']);
    assert.equal(await idsOf(store, { before: place, after: at(4) }), ['m-3', 'm-2b']);
    assert.equal(await list(store, { before: at(5) }), { metrics: [], hasMore: false });
  });

  test('metrics that are deleted leave the place of a page where it was', async ({ store }) => {
    valueOf(await store.append(ADA, [metric('a'), metric('b', { processingId: SECOND }), metric('c')]));
    valueOf(await store.deleteUpload(ADA, SECOND));
    assert.equal(await idsOf(store, { after: metric('b') }), ['a']);
    assert.equal(await idsOf(store, { before: metric('b') }), ['c']);
  });

  test('what arrives while somebody reads page by page moves nothing that they still have to see', async ({
    store,
  }) => {
    let owners = 0;
    const minutes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
    const scenario = fc.record({ first: minutes, arriving: minutes, limit: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ first, arriving, limit }) => {
        const owner = userId(`reader-${owners++}`);
        const named = (name: string) => (minute: number, i: number) =>
          metric(`${name}-${String(i).padStart(2, '0')}`, { createdAtMs: minute });
        const there = first.map(named('first'));
        const waiting = arriving.map(named('late'));
        valueOf(await store.append(owner, there));
        const read: Metric[] = [];
        for (let hasMore = true; hasMore;) {
          const page = await list(store, { limit, after: read.at(-1) ?? null }, owner);
          read.push(...page.metrics);
          hasMore = page.hasMore;
          // Before, at and after the place that the reader has come to.
          valueOf(await store.append(owner, waiting.splice(0, 2)));
        }
        const ids = read.map(({ metricId }) => metricId);
        assert.is(new Set(ids).size, ids.length, 'nothing comes twice');
        for (const { metricId } of there) assert.ok(ids.includes(metricId), 'nothing is missed');
        const whole = (await list(store, {}, owner)).metrics.filter(({ metricId }) => ids.includes(metricId));
        assert.equal(read, whole, 'in the order of the list');
        const backwards: Metric[] = [];
        for (let hasMore = whole.length > 0; hasMore;) {
          const place = { createdAtMs: whole.at(-1)!.createdAtMs, metricId: '' };
          const page = await list(store, { limit, before: backwards[0] ?? place }, owner);
          backwards.unshift(...page.metrics);
          hasMore = page.hasMore;
        }
        const everything = (await list(store, {}, owner)).metrics;
        assert.equal(backwards, everything.slice(0, backwards.length), 'the way back ends at the newest');
        assert.ok(backwards.length >= whole.length);
      }),
      { numRuns: pagedLists },
    );
  });

  run();
}

/** What a `MetricStore` that outlives its process promises besides. */
export function durableMetricStoreContract(name: string, make: () => Promise<DurableUnderTest<MetricStore>>): void {
  const { test, run } = suiteOver<MetricStore, DurableUnderTest<MetricStore>>(`durable metric store: ${name}`, make);

  test('metrics are there, and known as duplicates, after closing and opening again', async (under) => {
    valueOf(await under.store.append(ADA, [metric('a'), metric('b', { createdAtMs: NOON + 1 })]));
    const reopened = await under.reopen();
    assert.equal(await idsOf(reopened), ['b', 'a']);
    assert.equal(valueOf(await reopened.append(ADA, [metric('a'), metric('c')])), ['repeated', 'stored']);
  });

  run();
}
