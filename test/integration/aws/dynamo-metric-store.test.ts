import { randomBytes } from 'node:crypto';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { DynamoTable, Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoMetricStore } from '../../../adapters/aws/dynamodb/metric-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import type { Metric, MetricPage } from '../../../core/health-data/model.ts';
import { metricFingerprint } from '../../../core/health-data/upload-metrics.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { durableMetricStoreContract, metricStoreContract } from '../../contracts/metric-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer, withFates } from './faulty-writes.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId('22222222-2222-4222-8222-222222222222');
const NOON = Date.UTC(2025, 2, 10, 12);
const DAY_MS = 86_400_000;
const FOREVER = { ttlDays: null, clock: { now: () => NOON } };
const EVERYTHING = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1000, offset: 0, after: null };

const shared = tableOfAFile();

const storeOn = (table: DynamoTable) => new DynamoMetricStore(table, FOREVER, nodeDigest);

const make = async () => {
  const { table, another } = await shared.use();
  return { store: storeOn(table), reopen: async () => storeOn(another()), close: shared.empty };
};

metricStoreContract('dynamodb', make, { pagedLists: 6 });
durableMetricStoreContract('dynamodb', make);

const metric = (metricId: string, day = 0, changes: Partial<Metric> = {}): Metric => ({
  metricId,
  metricType: 'heart_rate',
  processingId: FIRST,
  uploadSource: 'apple_health',
  createdAtMs: NOON + day * DAY_MS,
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: { heart_rate: 61.5 },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  fingerprint: `${metricId} on day ${day}`,
  ...changes,
});

const { test, run } = suiteOver('metrics in the single table', async () => {
  const under = await shared.use();
  const processes = await shared.processes();
  return {
    ...under,
    under,
    store: storeOn(under.table),
    /** Remembers nothing. */
    fresh: () => storeOn(under.table),
    /** Each on a connection of its own. */
    apart: processes.map(storeOn),
    close: shared.empty,
  };
});

const listed = async (store: DynamoMetricStore) => valueOf(await store.list(ADA, EVERYTHING)).metrics;
const idsOf = async (store: DynamoMetricStore) => (await listed(store)).map(({ metricId }) => metricId).sort();
const keysOf = (items: readonly Item[]) => items.map(({ sk }) => sk).sort();

test('a day is one item; an id and an upload have one each', async ({ store, scan }) => {
  valueOf(await store.append(ADA, [metric('a'), metric('b'), metric('c#%', -1), metric('d', 0)]));
  const items = await scan();
  assert.equal(keysOf(items), [
    'METRICID#a',
    'METRICID#b',
    'METRICID#c%23%25',
    'METRICID#d',
    'METRICS#100020156',
    'METRICS#100020157',
    `UPLOADMETRICS#${FIRST}`,
  ]);
  const day = items.find(({ sk }) => sk === 'METRICS#100020157')!;
  assert.equal([day['kind'], day['date'], day['metric_count'], day['ttl']], ['metrics', '2025-03-10', 3, undefined]);
  assert.ok((day['content'] as Uint8Array).length < 600);
  valueOf(await store.deleteUpload(ADA, FIRST));
  assert.equal(await scan(), []);
});

test('a retention gives every item an end', async ({ table, scan }) => {
  const store = new DynamoMetricStore(table, { ttlDays: 90, clock: { now: () => NOON + 1 } }, nodeDigest);
  valueOf(await store.append(ADA, [metric('a')]));
  const ends = new Set((await scan()).map(({ ttl }) => ttl));
  assert.equal(ends, new Set([NOON / 1000 + 90 * 86_400 + 1]));
});

test('an instant that no day has is a fault of the caller, and leaves nothing', async ({ store, scan }) => {
  for (const createdAtMs of [Number.NaN, Infinity, 1e17]) {
    const error = await store.append(ADA, [metric('a'), metric('b', 0, { createdAtMs })]).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, RangeError);
  }
  assert.equal(await scan(), []);
});

test('the newest page is read without reading the days before it', async ({ store, table }) => {
  const days = Array.from({ length: 40 }, (_, i) => i);
  valueOf(
    await store.append(
      ADA,
      days.map((day) => metric(`m${day}`, day)),
    ),
  );
  const before = table.requests.reads;
  const page = valueOf(await store.list(ADA, { ...EVERYTHING, limit: 2, toMs: NOON + 30 * DAY_MS }));
  assert.equal([page.metrics.map(({ metricId }) => metricId), page.hasMore], [['m29', 'm28'], true]);
  assert.ok(table.requests.reads - before <= 2);
});

test('a day of more than an item holds is kept, replaced, shrunk and removed without a trace', async ({
  store,
  fresh,
  scan,
}) => {
  const large = Array.from({ length: 150 }, (_, i) =>
    metric(`m${String(i).padStart(3, '0')}`, 0, { metadata: { noise: randomBytes(4500).toString('base64') } }),
  );
  const half = large.map((each, i) => (i % 2 === 0 ? each : { ...each, processingId: SECOND }));
  valueOf(await store.append(ADA, half));
  assert.ok((await scan()).some(({ sk }) => sk.startsWith('METRICS#100020157#')));
  valueOf(await store.append(ADA, [metric('n', 0, { processingId: SECOND })]));
  assert.equal((await listed(fresh())).slice(1), half.toReversed());
  assert.is(valueOf(await fresh().deleteUpload(ADA, SECOND)), 76);
  assert.equal(await listed(fresh()), half.filter((each) => each.processingId === FIRST).toReversed());
  assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 75);
  assert.equal(await scan(), []);
});

test('erasing an owner leaves nothing of him in the table', async ({ store, scan }) => {
  const metrics = Array.from({ length: 60 }, (_, i) =>
    metric(`m${i}`, i % 7, { processingId: i < 9 ? FIRST : SECOND }),
  );
  valueOf(await store.append(ADA, metrics));
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await scan(), []);
});

const THREE_DAYS = [
  metric('a', 0),
  metric('b', 1),
  metric('c', 1, { processingId: SECOND }),
  metric('d', 2, { processingId: SECOND }),
  metric('a', 2),
];

test('an append that dies between any two writes can be made again: nothing is lost, doubled or left', async ({
  under,
  fresh,
  scan,
}) => {
  const writes = await dyingAtEveryWrite(
    under,
    async (table) => storeOn(table).append(ADA, THREE_DAYS),
    async () => {
      valueOf(await fresh().append(ADA, THREE_DAYS));
      assert.equal(await listed(fresh()), [THREE_DAYS[3], THREE_DAYS[2], THREE_DAYS[1], THREE_DAYS[0]]);
      assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 2);
      assert.is(valueOf(await fresh().deleteUpload(ADA, SECOND)), 2);
      assert.equal(await scan(), []);
    },
  );
  // Three days are made and written, four ids claimed, and four pairs of upload and day noted.
  assert.is(writes, 14);
});

test('a deletion that dies between any two writes can be made again: nothing of the upload is left', async ({
  under,
  fresh,
  scan,
  store,
}) => {
  valueOf(await store.append(ADA, THREE_DAYS));
  await dyingAtEveryWrite(
    under,
    async (table) => storeOn(table).deleteUpload(ADA, FIRST),
    async () => {
      valueOf(await fresh().deleteUpload(ADA, FIRST));
      assert.equal(await listed(fresh()), [THREE_DAYS[3], THREE_DAYS[2]]);
      assert.equal(keysOf(await scan()), [
        'METRICID#c',
        'METRICID#d',
        'METRICS#100020158',
        'METRICS#100020159',
        `UPLOADMETRICS#${SECOND}`,
      ]);
      valueOf(await fresh().append(ADA, THREE_DAYS));
    },
  );
  valueOf(await store.deleteUpload(ADA, SECOND));
  valueOf(await store.deleteUpload(ADA, FIRST));
  assert.equal(await scan(), []);
});

const TODAY = 20_157;

/** Claims of days that do not have the ids, in every state, as a death between two writes leaves them. */
const LEFT_CLAIMS = {
  a: { day: TODAY },
  b: { day: TODAY + 1, loose: true },
  c: { day: TODAY, from: TODAY + 2 },
  d: { day: TODAY + 3 },
};

async function leaveClaims(table: DynamoTable): Promise<void> {
  for (const [id, claim] of Object.entries(LEFT_CLAIMS)) {
    await table.put({ pk: `USER#${ADA}`, sk: `METRICID#${id}`, token: `of ${id}`, ...claim });
  }
}

test('claims that a death left behind keep nothing from being stored, on their day or on another', async ({
  under,
  fresh,
  table,
  scan,
}) => {
  const metrics = ['a', 'b', 'c', 'd'].map((id) => metric(id, 1));
  await leaveClaims(table);
  // One of the days that the claims are of is there, without the ids.
  valueOf(await fresh().append(ADA, [metric('other', 0, { processingId: SECOND })]));
  await dyingAtEveryWrite(
    under,
    async (unlucky) => storeOn(unlucky).append(ADA, metrics),
    async () => {
      valueOf(await fresh().append(ADA, metrics));
      assert.equal(await idsOf(fresh()), ['a', 'b', 'c', 'd', 'other']);
      assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 4);
      assert.is((await scan()).length, 3);
      await leaveClaims(table);
    },
  );
});

test('a claim that was being taken from a day that has the id comes back to it', async ({ fresh, table }) => {
  valueOf(await fresh().append(ADA, [metric('a', 0)]));
  const claim = { pk: `USER#${ADA}`, sk: 'METRICID#a' };
  for (const day of [0, 1, 2]) {
    await table.put({ ...claim, token: 'of the dead', day: 20_158, from: 20_157 });
    assert.equal(valueOf(await fresh().append(ADA, [metric('a', day, { fingerprint: 'another' })])), ['duplicate']);
    assert.equal(await listed(fresh()), [metric('a', 0)]);
  }
  await table.put({ ...claim, token: 'of the dead', day: 20_158, from: 20_157 });
  assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 1);
  assert.equal(valueOf(await fresh().append(ADA, [metric('a', 2)])), ['stored']);
});

test('whatever answer is lost, the effect is one, and counted once', async ({ under, fresh, scan }) => {
  await losingEveryAnswer(
    under,
    async (table) => storeOn(table).append(ADA, THREE_DAYS),
    async (result) => {
      assert.equal(valueOf(result), ['stored', 'stored', 'stored', 'stored', 'duplicate']);
      assert.equal(await idsOf(fresh()), ['a', 'b', 'c', 'd']);
      await fresh().eraseOwner(ADA);
    },
  );
  await losingEveryAnswer(
    under,
    async (table) => {
      valueOf(await fresh().append(ADA, THREE_DAYS));
      return storeOn(table).deleteUpload(ADA, SECOND);
    },
    async (result) => {
      assert.is(valueOf(result), 2);
      assert.equal(await idsOf(fresh()), ['a', 'b']);
      valueOf(await fresh().deleteUpload(ADA, FIRST));
      assert.equal(await scan(), []);
    },
  );
});

test('two processes that append the same at the same time store each metric once', async ({ fresh, apart, scan }) => {
  const metrics = Array.from({ length: 12 }, (_, i) => metric(`m${i}`, i % 2));
  const elsewhere = metrics.map((each) => metric(each.metricId, 5));
  const calls = [metrics, metrics.toReversed(), elsewhere, metrics.slice(4)];
  const outcomes = await Promise.all(calls.map(async (call, i) => valueOf(await apart[i]!.append(ADA, call))));
  for (const { metricId } of metrics) {
    const times = calls.flatMap((call, i) =>
      outcomes[i]!.filter((outcome, place) => outcome === 'stored' && call[place]!.metricId === metricId),
    );
    assert.is(times.length, 1, metricId);
  }
  assert.equal(await idsOf(fresh()), metrics.map(({ metricId }) => metricId).sort());
  assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 12);
  assert.equal(await scan(), []);
});

test('appends and deletions of several processes at the same time double nothing and leave nothing', async ({
  fresh,
  apart,
  scan,
}) => {
  const id = fc.constantFrom('a', 'b', 'c');
  const added = fc.array(fc.tuple(id, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 4 });
  const upload = fc.constantFrom(FIRST, SECOND);
  const calls = fc.array(fc.record({ upload, added: fc.option(added) }), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(calls, async (made) => {
      await shared.empty();
      const gains = await Promise.all(
        made.map(async (call, i) => {
          if (call.added === null) return -valueOf(await apart[i]!.deleteUpload(ADA, call.upload));
          const metrics = call.added.map(([name, day]) => metric(name, day, { processingId: call.upload }));
          return valueOf(await apart[i]!.append(ADA, metrics)).filter((outcome) => outcome === 'stored').length;
        }),
      );
      const there = await idsOf(fresh());
      assert.is(
        there.length,
        gains.reduce((sum, gain) => sum + gain, 0),
      );
      assert.is(new Set(there).size, there.length);
      const rest = [await fresh().deleteUpload(ADA, FIRST), await fresh().deleteUpload(ADA, SECOND)].map(valueOf);
      assert.is(rest[0]! + rest[1]!, there.length);
      const left = (await scan()).map(({ sk }) => sk);
      assert.equal(
        left.filter((sk) => !sk.startsWith('METRICID#')),
        [],
      );
      // Whatever was left, each id can be stored on a day of its own.
      const last = ['a', 'b', 'c'].map((name, day) => metric(name, 6 + day));
      assert.equal(valueOf(await fresh().append(ADA, last)), ['stored', 'stored', 'stored']);
    }),
    { numRuns: 10 },
  );
});

test('a claim for nothing is given up: a metric that others were faster with leaves no trace', async ({
  under,
  fresh,
  scan,
}) => {
  let isFirstDayWrite = true;
  // Between the claim and the write of the day, another process stores a metric with the same fingerprint.
  const { answer } = await withFates(
    under,
    (write) => (write === 4 && isFirstDayWrite ? ((isFirstDayWrite = false), 'condition-failed') : 'made'),
    async (table) => {
      const slow = storeOn(table);
      const other = metric('other', 0, { fingerprint: 'a on day 0', processingId: SECOND });
      const claims: Promise<unknown>[] = [];
      const pause = table.pause.bind(table);
      table.pause = async (tries) => {
        claims.push(Promise.resolve(valueOf(await fresh().append(ADA, [other]))));
        await pause(tries);
      };
      return slow.append(ADA, [metric('a'), metric('b', 0)]);
    },
  );
  assert.equal(valueOf(answer), ['duplicate', 'stored']);
  assert.equal(
    keysOf(await scan()).filter((sk) => sk.startsWith('METRICID#')),
    ['METRICID#b', 'METRICID#other'],
  );
  assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 1);
  assert.is(valueOf(await fresh().deleteUpload(ADA, SECOND)), 1);
  assert.equal(await scan(), []);
});

test('whoever is always too late says so, and may try again', async ({ under, store }) => {
  valueOf(await store.append(ADA, [metric('a')]));
  const { answer } = await withFates(
    under,
    () => 'condition-failed',
    async (table) => [
      errorOf(await storeOn(table).append(ADA, [metric('b')])),
      errorOf(await storeOn(table).deleteUpload(ADA, FIRST)),
    ],
  );
  for (const { kind, retryable } of answer) assert.equal([kind, retryable], ['port-unavailable', true]);
  assert.equal(await idsOf(store), ['a']);
});

test('a day that cannot be read is named, and not tried again', async ({ store, table }) => {
  valueOf(await store.append(ADA, [metric('a')]));
  const key = { pk: `USER#${ADA}`, sk: 'METRICS#100020157' };
  for (const content of [Uint8Array.of(1, 2, 3), Uint8Array.of(9), new Uint8Array()]) {
    await table.update(key, { text: 'SET #c = :c', names: { '#c': 'content' }, values: { ':c': content } });
    const { cause, retryable } = errorOf(await store.list(ADA, EVERYTHING));
    assert.match(cause, /METRICS#100020157 of USER#.* cannot be read/);
    assert.is(retryable, false);
  }
});

/** As the older service wrote it: a map by type, of which each type is there once. */
const oldItem = (changes: Readonly<Record<string, unknown>> = {}): Item => ({
  pk: `USER#${ADA}`,
  sk: 'HEALTH#2025-03-10T11:30:00.123456+00:00',
  user_id: ADA,
  processing_id: FIRST,
  timestamp: '2025-03-10T11:30:00.123456+00:00',
  upload_source: 'healthkit',
  processing_status: 'received',
  metrics: {
    heart_rate: {
      metric_id: 'old heart rate',
      biometric_data: { heart_rate: 61.5, hrv: null },
      sleep_data: null,
      activity_data: null,
      mental_health_data: null,
      device_id: 'watch',
      raw_data: {},
      metadata: { deep: [1, { more: true }] },
      created_at: '2025-03-09T06:00:00+01:00',
    },
    sleep_analysis: { sleep_data: { minutes: 420 } },
  },
  ...changes,
});

const OLD_HEART_RATE: Metric = {
  metricId: 'old heart rate',
  metricType: 'heart_rate',
  processingId: FIRST,
  uploadSource: 'healthkit',
  createdAtMs: Date.UTC(2025, 2, 9, 5),
  deviceId: 'watch',
  rawData: {},
  metadata: { deep: [1, { more: true }] },
  biometric_data: { heart_rate: 61.5, hrv: null },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  fingerprint: metricFingerprint(nodeDigest, 'heart_rate', Date.UTC(2025, 2, 9, 5), {
    biometric_data: { heart_rate: 61.5 },
    sleep_data: null,
    activity_data: null,
    mental_health_data: null,
  }),
};

/** As a list, of which a type may be there more than once. */
const oldList = (metrics: readonly unknown[], changes: Readonly<Record<string, unknown>> = {}): Item =>
  oldItem({ sk: 'HEALTH#2025-03-10T11:40:00+00:00', processing_id: SECOND, metrics, ...changes });

const oldMetric = (id: string, minute: number, metricType = 'heart_rate') => ({
  metric_id: id,
  metric_type: metricType,
  biometric_data: { heart_rate: 60 + minute },
  created_at: `2025-03-10T10:${String(minute).padStart(2, '0')}:00.5`,
});

test("the older service's metrics are listed among the others, as a map or as a list", async ({ store, plant }) => {
  await plant(oldItem());
  await plant(oldList([oldMetric('l1', 1), oldMetric('l2', 2, 'blood_oxygen'), oldMetric('l3', 3)]));
  valueOf(
    await store.append(ADA, [
      metric('newest'),
      metric('between', 0, { createdAtMs: Date.UTC(2025, 2, 10, 10, 2) }),
      metric('oldest', -3),
    ]),
  );
  const all = await listed(store);
  const sleep = all.find(({ metricType }) => metricType === 'sleep_analysis')!;
  assert.equal([sleep.createdAtMs, sleep.sleep_data], [Date.UTC(2025, 2, 10, 11, 30) + 123, { minutes: 420 }]);
  assert.match(sleep.metricId, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const order = ['newest', sleep.metricId, 'l3', 'l2', 'between', 'l1', 'old heart rate', 'oldest'];
  assert.equal(
    all.map(({ metricId }) => metricId),
    order,
  );
  assert.equal(all[6], OLD_HEART_RATE);
  assert.equal(
    [all[2]!.processingId, all[2]!.createdAtMs, all[2]!.biometric_data],
    [SECOND, Date.UTC(2025, 2, 10, 10, 3) + 500, { heart_rate: 63 }],
  );
  for (const limit of [1, 2, 3, 7, 8]) {
    const together: string[] = [];
    for (let after: Metric | null = null, hasMore = true; hasMore;) {
      const page: MetricPage = valueOf(await store.list(ADA, { ...EVERYTHING, limit, after }));
      together.push(...page.metrics.map(({ metricId }) => metricId));
      after = page.metrics.at(-1)!;
      hasMore = page.hasMore;
    }
    assert.equal(together, order);
  }
  const filtered = valueOf(
    await store.list(ADA, { ...EVERYTHING, types: ['heart_rate'], uploadSource: 'healthkit', toMs: NOON, limit: 2 }),
  );
  assert.equal([filtered.metrics.map(({ metricId }) => metricId), filtered.hasMore], [['l3', 'l1'], true]);
});

test('what the older service stored is a duplicate, by its id and by what it says', async ({ store, plant, scan }) => {
  await plant(oldItem());
  await plant(oldList([oldMetric('l1', 1), oldMetric('l1', 2), { ...oldMetric('l2', 1) }]));
  const before = await scan();
  const same = { fingerprint: OLD_HEART_RATE.fingerprint, createdAtMs: OLD_HEART_RATE.createdAtMs };
  assert.equal(
    valueOf(await store.append(ADA, [metric('old heart rate', 3), metric('another id', 0, same), metric('l1')])),
    ['duplicate', 'duplicate', 'duplicate'],
  );
  assert.equal(await scan(), before);
  // Of those that are one metric, the first is listed.
  assert.is((await idsOf(store)).filter((id) => id.startsWith('l')).length, 1);
  assert.equal(valueOf(await store.append(userId('ben'), [metric('l1')])), ['stored']);
});

test("deleting an older upload's metrics leaves the upload, and they can be stored again", async ({
  store,
  fresh,
  plant,
  scan,
}) => {
  const { metrics: _, ...without } = oldItem();
  await plant(oldItem());
  await plant(oldList([oldMetric('l1', 1)]));
  assert.is(valueOf(await store.deleteUpload(userId('ben'), FIRST)), 0);
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
  assert.is(valueOf(await fresh().deleteUpload(ADA, FIRST)), 0);
  assert.equal(await idsOf(store), ['l1']);
  assert.equal(await scan(), [without, oldList([oldMetric('l1', 1)])]);
  assert.equal(valueOf(await store.append(ADA, [metric('old heart rate')])), ['stored']);
});

test("what is no metric in an older upload's item is left out", async ({ store, plant, table }) => {
  await plant(
    oldList([
      null,
      'text',
      17,
      [],
      { metric_id: 'no type', biometric_data: {} },
      oldMetric('unknown type', 1, 'aura'),
      { metric_id: 'no block', metric_type: 'heart_rate', biometric_data: null },
      { metric_id: 'broken block', metric_type: 'heart_rate', biometric_data: 'fast' },
      { ...oldMetric('no time', 1), created_at: 'yesterday', device_id: 7, raw_data: [], metadata: null },
      {
        ...oldMetric('other values', 2),
        biometric_data: {
          set: new Set(['a']),
          bytes: Uint8Array.of(1),
          big: NumberValue.from('1152921504606846976.5'),
        },
      },
    ]),
  );
  await table.put(oldItem({ metrics: 'none' }));
  await table.put(oldItem({ sk: 'HEALTH#some day', metrics: [oldMetric('no place', 1)] }));
  const { timestamp: _, upload_source: _source, ...few } = oldList([{ ...oldMetric('few', 3), created_at: null }]);
  await table.put({ ...few, sk: 'HEALTH#2025-03-10T11:50:00.000001+00:00' });
  const all = await listed(store);
  assert.equal(
    all.map(({ metricId, createdAtMs, uploadSource }) => [metricId, createdAtMs, uploadSource]),
    [
      ['few', Date.UTC(2025, 2, 10, 11, 50) + 0.001, 'unknown'],
      ['no time', Date.UTC(2025, 2, 10, 11, 30) + 123, 'healthkit'],
      ['other values', Date.UTC(2025, 2, 10, 10, 2) + 500, 'healthkit'],
    ],
  );
  assert.equal([all[1]!.deviceId, all[1]!.rawData, all[1]!.metadata], [null, null, null]);
  assert.equal(all[2]!.biometric_data, { set: ['a'], bytes: null, big: 2 ** 60 });
});

test('what the older service writes while this one runs is seen, and its settled past is read once', async ({
  store,
  table,
  plant,
}) => {
  assert.equal(await idsOf(store), []);
  await plant(oldItem());
  assert.is((await idsOf(store)).length, 2);
  // Many uploads of long ago that hold no metrics, which a page of a query counts all the same.
  for (let i = 0; i < 12; i++) {
    const sk = `HEALTH#2024-03-10T11:30:00.0000${String(i).padStart(2, '0')}+00:00`;
    await plant({ pk: `USER#${ADA}`, sk, processing_id: 'p', note: 'x'.repeat(100_000) });
  }
  const readsOf = async (each: DynamoMetricStore) => {
    const before = table.requests.reads;
    assert.is((await idsOf(each)).length, 2);
    return table.requests.reads - before;
  };
  const late = storeOn(table);
  assert.is(await readsOf(late), 3);
  assert.is(await readsOf(late), 2);
});

run();
shared.removeAtTheEnd();
