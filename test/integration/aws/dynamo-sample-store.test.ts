import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as assert from 'uvu/assert';
import type { DynamoTable, Expression, Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoSampleStore } from '../../../adapters/aws/dynamodb/sample-store.ts';
import type { SampleStore } from '../../../core/health-data/ports.ts';
import type { SampleType } from '../../../core/health-data/sample-types.ts';
import type { AppendCount, SampleColumns } from '../../../core/health-data/samples.ts';
import { processingId, userId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import {
  durableSampleStoreContract,
  sampleStoreContract,
  sharedSampleStoreContract,
} from '../../contracts/sample-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { columnsOf, WATCH } from '../../unit/sample-columns.ts';
import { endingBefore, InterruptedTable, plainItems } from './interrupted-table.ts';

const NOW_MS = 1_741_600_000_000;
const storeOver = (table: DynamoTable, ttlDays: number | null = null): SampleStore =>
  new DynamoSampleStore(table, { ttlDays, clock: { now: () => NOW_MS } });

const make = async () => {
  const under = await makeTable();
  const open = () => storeOver(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

sampleStoreContract('dynamodb', make, { propertyRuns: 6 });
durableSampleStoreContract('dynamodb', make);
sharedSampleStoreContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb sample store', make);

const ADA = userId('ada');
const BEN = userId('ben');
const FIRST = processingId('first');
const SECOND = processingId('second');
const MIDNIGHT = 20_157 * MS_PER_DAY;
const EVER = { fromMs: -8.64e15, toMs: 8.64e15 };

const days = (type: SampleType, from: number, count: number, value = 1): SampleColumns =>
  columnsOf(
    type,
    Array.from({ length: count }, (_, i) => ({ startMs: MIDNIGHT + (from + i) * MS_PER_DAY, value, source: WATCH })),
  );

/** Samples of one day whose chunk takes about 24 bytes for each: times and values are fractions. */
const bulky = (count: number, seed: number): SampleColumns =>
  columnsOf(
    'heart_rate',
    Array.from({ length: count }, (_, i) => ({
      startMs: MIDNIGHT + i + 0.125,
      value: Math.sin(seed + i),
      source: WATCH,
    })),
  );

const append = async (
  store: SampleStore,
  batches: readonly SampleColumns[],
  upload: ProcessingId = FIRST,
  owner: UserId = ADA,
): Promise<readonly AppendCount[]> => valueOf(await store.append(owner, upload, batches));

const countIn = async (store: SampleStore, owner: UserId = ADA): Promise<number> =>
  valueOf(await store.read(owner, ['heart_rate'], EVER)).reduce((sum, { startMs }) => sum + startMs.length, 0);

const itemsOf = (items: readonly Item[], owner: UserId) => plainItems(items.filter(({ pk }) => pk === `USER#${owner}`));

test('items have the keys and attributes that they are documented with', async ({ store, under }) => {
  await append(store, [columnsOf('sleep_stage', [{ startMs: -1, endMs: 3 * MS_PER_DAY, value: 2, source: WATCH }])]);
  const items = (await under.scan()).map(({ content: _, token: __, ...item }) => item);
  assert.equal(
    items.toSorted((a, b) => (a.sk < b.sk ? -1 : 1)),
    [
      { pk: 'USER#ada', sk: 'SAMPLEDAYS#sleep_stage', reach_days: 4, days: new Set([-1]), changes: 1 },
      {
        pk: 'USER#ada',
        sk: 'SAMPLES#sleep_stage#099999999',
        kind: 'samples',
        date: '1969-12-31',
        sample_count: 1,
        part_count: 0,
      },
      { pk: 'USER#ada', sk: 'UPLOADDAYS#first#sleep_stage', days: new Set([-1]) },
    ],
  );
});

test('samples of the first and the last day that there is are found', async ({ store }) => {
  const samples = [-8.64e15, 8.64e15].map((startMs) => ({ startMs, value: 1, source: WATCH }));
  await append(store, [columnsOf('heart_rate', samples)]);
  assert.is(await countIn(store), 1);
  assert.equal(
    valueOf(await store.chunks(ADA, null, 9)).map(({ day }) => day),
    [-100_000_000, 100_000_000],
  );
  const last = { type: 'heart_rate', day: 100_000_000 } as const;
  assert.equal(valueOf(await store.chunks(ADA, last, 9)), []);
});

test('a week of one type is read by two requests, and what is known already costs one write', async ({ under }) => {
  const table = under.another();
  const store = storeOver(table);
  await append(store, [days('heart_rate', 0, 30)]);
  // Where to look, how far, thirty chunks, where to look again, on which days.
  assert.is(table.requests.writes, 34);
  table.requests.reads = 0;
  valueOf(await store.read(ADA, ['heart_rate'], { fromMs: MIDNIGHT, toMs: MIDNIGHT + 7 * MS_PER_DAY }));
  assert.is(table.requests.reads, 2);
  table.requests.writes = 0;
  assert.equal(await append(store, [days('heart_rate', 0, 30)]), [
    { type: 'heart_rate', stored: 0, duplicates: 30, repeated: 30 },
  ]);
  assert.is(table.requests.writes, 1);
});

test('days far apart are read by requests of their own, and found as well', async ({ under }) => {
  const table = under.another();
  const store = storeOver(table);
  const scattered = [days('heart_rate', 0, 2), days('heart_rate', 5, 1), days('heart_rate', 4000, 1)];
  await append(store, scattered);
  table.requests.reads = 0;
  assert.equal(await append(store, scattered, SECOND), [{ type: 'heart_rate', stored: 0, duplicates: 4, repeated: 0 }]);
  assert.is(table.requests.reads, 3);
});

test('an end of life is given to chunks only where it is asked for, and days go with their chunks', async ({
  under,
}) => {
  const store = storeOver(under.another(), 30);
  await append(store, [bulky(16_000, 1), days('heart_rate', 1, 1)]);
  const ttl = NOW_MS / 1000 + 30 * 86_400;
  const items = await under.scan();
  for (const item of items) assert.is(item['ttl'], item.sk.startsWith('SAMPLES#') ? ttl : undefined, item.sk);
  assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), [20_157, 20_158]);
  // As DynamoDB does it, past the store.
  const { sk } = items.find((item) => item.sk.endsWith('#100020158'))!;
  await under.table.delete({ pk: 'USER#ada', sk });
  assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [20_157]);
});

test('a chunk too large for an item is split, replaced, shrunk and deleted without leftovers', async ({
  store,
  under,
}) => {
  const partCount = async () => (await under.scan()).filter((item) => item['part_of'] !== undefined).length;
  await append(store, [bulky(16_000, 1)]);
  assert.is(await partCount(), 2);
  await append(store, [bulky(16_000, 2)], SECOND);
  assert.is(await countIn(store), 32_000);
  assert.is(await partCount(), 3);
  for (const item of await under.scan()) {
    assert.ok(((item['content'] as Uint8Array | undefined)?.length ?? 0) < 350_000, item.sk);
  }
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 16_000);
  assert.is(await partCount(), 2);
  await append(store, [columnsOf('heart_rate', [{ startMs: MIDNIGHT, value: 1, source: WATCH }])]);
  assert.is(valueOf(await store.deleteUpload(ADA, SECOND)), 16_000);
  assert.is(await partCount(), 0);
  assert.is(await countIn(store), 1);
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 1);
  assert.equal(
    (await under.scan()).map(({ sk }) => sk),
    ['SAMPLEDAYS#heart_rate'],
  );
});

test('more than one answer of the table can hold is read whole', async ({ store }) => {
  const batches = [0, 1, 2].map((day) => {
    const columns = bulky(14_000, day);
    return {
      ...columns,
      startMs: columns.startMs.map((ms) => ms + day * MS_PER_DAY),
      endMs: columns.endMs.map((ms) => ms + day * MS_PER_DAY),
    };
  });
  await append(store, batches);
  const [read] = valueOf(await store.read(ADA, ['heart_rate'], EVER));
  assert.equal(read?.value, Float64Array.from(batches.flatMap(({ value }) => [...value])));
  const places = [];
  for (let after = null, page; (page = valueOf(await store.chunks(ADA, after, 1))[0]) !== undefined;) {
    after = { type: page.columns.type, day: page.day };
    places.push([page.day, page.columns.value.length]);
  }
  assert.equal(
    places,
    [0, 1, 2].map((day) => [20_157 + day, 14_000]),
  );
});

test('a reader sees a chunk as it was before or after a call, also one in parts', async ({ store, other }) => {
  await append(store, [bulky(15_000, 1)]);
  const call = append(store, [bulky(15_000, 2)], SECOND);
  for (let i = 0; i < 6; i++) assert.ok([15_000, 30_000].includes(await countIn(other)));
  await call;
  assert.is(await countIn(other), 30_000);
  const removal = store.deleteUpload(ADA, SECOND);
  for (let i = 0; i < 6; i++) assert.ok([15_000, 30_000].includes(await countIn(other)));
  assert.is(valueOf(await removal), 15_000);
});

test('after an owner is erased, a scan of the table finds nothing', async ({ store, under }) => {
  await append(store, [bulky(15_000, 1), days('step_count', 0, 60), days('sleep_stage', -300, 1)]);
  await append(store, [days('step_count', 30, 60)], processingId('x#%\ud800'.repeat(99)));
  const dying = new InterruptedTable(under, endingBefore(3));
  assert.is(errorOf(await storeOver(dying).append(ADA, SECOND, [bulky(15_000, 2)])).kind, 'port-unavailable');
  dying.close();
  await append(store, [days('step_count', 0, 1)], FIRST, BEN);
  valueOf(await store.eraseOwner(ADA));
  assert.equal(new Set((await under.scan()).map(({ pk }) => pk)), new Set(['USER#ben']));
  valueOf(await store.eraseOwner(BEN));
  assert.equal(await under.scan(), []);
});

interface Interrupted {
  readonly title: string;
  /** What is there before. */
  readonly given?: (store: SampleStore, owner: UserId) => Promise<unknown>;
  readonly call: (
    store: SampleStore,
    owner: UserId,
  ) => ReturnType<SampleStore['append' | 'deleteUpload' | 'eraseOwner']>;
}

const both = [
  days('heart_rate', 0, 2, 7),
  days('sleep_stage', 1, 1),
  columnsOf('sleep_stage', [{ startMs: MIDNIGHT, endMs: MIDNIGHT + 5 * MS_PER_DAY, value: 1, source: WATCH }]),
];

const INTERRUPTED: readonly Interrupted[] = [
  { title: 'the first append', call: (store, owner) => store.append(owner, FIRST, both) },
  {
    title: 'an append to what is there',
    given: async (store, owner) => append(store, [days('heart_rate', 0, 3, 8), ...both.slice(1, 2)], SECOND, owner),
    call: (store, owner) => store.append(owner, FIRST, both),
  },
  { title: 'an append of a chunk in parts', call: (store, owner) => store.append(owner, FIRST, [bulky(15_000, 1)]) },
  {
    title: 'an append to a chunk in parts',
    given: async (store, owner) => append(store, [bulky(15_000, 1)], SECOND, owner),
    call: (store, owner) => store.append(owner, FIRST, [bulky(100, 2)]),
  },
  {
    title: 'deleting an upload',
    given: async (store, owner) => {
      await append(store, both, FIRST, owner);
      await append(store, both.slice(0, 1), SECOND, owner);
    },
    call: (store, owner) => store.deleteUpload(owner, FIRST),
  },
  {
    title: 'deleting an upload whose chunk is in parts',
    given: async (store, owner) => append(store, [bulky(15_000, 1)], FIRST, owner),
    call: (store, owner) => store.deleteUpload(owner, FIRST),
  },
  {
    title: 'erasing an owner',
    given: async (store, owner) => append(store, [...both, days('step_count', 0, 30)], FIRST, owner),
    call: (store, owner) => store.eraseOwner(owner),
  },
];

for (const { title, given, call } of INTERRUPTED) {
  test(`${title}, ended between any two writes and done again, ends in the state of doing it once`, async ({
    store,
    under,
  }) => {
    const whole = userId('whole');
    await given?.(store, whole);
    const counting = new InterruptedTable(under);
    valueOf<unknown, unknown>(await call(storeOver(counting), whole));
    counting.close();
    assert.ok(counting.writes >= 2, String(counting.writes));
    const expected = itemsOf(await under.scan(), whole);
    for (let step = 0; step < counting.writes; step++) {
      const owner = userId(`interrupted ${step}`);
      await given?.(store, owner);
      const dying = new InterruptedTable(under, endingBefore(step));
      const error = errorOf<unknown, { readonly kind: string }>(await call(storeOver(dying), owner));
      dying.close();
      assert.is(error.kind, 'port-unavailable');
      valueOf<unknown, unknown>(await call(store, owner));
      assert.equal(itemsOf(await under.scan(), owner), expected, `ended before write ${step}`);
      valueOf(await store.eraseOwner(owner));
    }
  });
}

test('what a call stored before its end can be read and deleted', async ({ store, under }) => {
  const dying = new InterruptedTable(under, ({ sk }) => {
    if (sk.endsWith('#100020159')) throw new Error('the process has ended');
  });
  const error = errorOf(await storeOver(dying).append(ADA, FIRST, [days('heart_rate', 0, 3)]));
  dying.close();
  assert.equal(error, {
    kind: 'port-unavailable',
    port: 'SampleStore',
    operation: 'append',
    cause: 'PartlyDone: 2 of 3 day chunks were stored, the rest was not: Error: the process has ended',
    retryable: false,
  });
  assert.is(await countIn(store), 2);
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
  assert.is(await countIn(store), 0);
});

test('when only the days could not be written down, the error says so, and the same call ends it', async ({
  store,
  under,
}) => {
  const dying = new InterruptedTable(under, ({ number }) => {
    if (number === 4) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  });
  const { cause, retryable } = errorOf(await storeOver(dying).append(ADA, FIRST, [days('heart_rate', 0, 1)]));
  dying.close();
  assert.match(cause, '1 of 1 day chunks were stored, what tells where they are was not: ThrottlingException');
  assert.is(retryable, true);
  assert.equal(await append(store, [days('heart_rate', 0, 1)]), [
    { type: 'heart_rate', stored: 0, duplicates: 1, repeated: 1 },
  ]);
  assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [20_157]);
});

/** Another process is always faster with the chunks. */
class AlwaysLate extends InterruptedTable {
  override async put(item: Item, condition?: Expression): Promise<boolean> {
    return item.sk.startsWith('SAMPLES#') ? false : super.put(item, condition);
  }
}

test('a chunk that others change all the time is given up with an error that may pass', async ({ under }) => {
  const table = new AlwaysLate(under);
  const { cause, retryable } = errorOf(await storeOver(table).append(ADA, FIRST, [days('heart_rate', 0, 1)]));
  table.close();
  assert.is(
    cause,
    'PartlyDone: 0 of 1 day chunks were stored, the rest was not: Contended: stored chunk heart_rate of day 20157 was changed by others 12 times while it was to be written',
  );
  assert.is(retryable, true);
});

test('an owner erased by another process in the middle of a call: what the call says is stored, is', async ({
  store,
  under,
}) => {
  const long = columnsOf('heart_rate', [
    { startMs: MIDNIGHT, endMs: MIDNIGHT + 9 * MS_PER_DAY, value: 1, source: WATCH },
  ]);
  const erased = new InterruptedTable(under, async ({ number }) => {
    // After the reach was widened, and before the chunk is written; then somebody stores a short sample.
    if (number !== 2) return;
    valueOf(await store.eraseOwner(ADA));
    await append(store, [days('heart_rate', 20, 1)], SECOND);
  });
  await append(storeOver(erased), [long]);
  erased.close();
  const late = MIDNIGHT + 8 * MS_PER_DAY;
  assert.is(valueOf(await store.read(ADA, ['heart_rate'], { fromMs: late, toMs: late + 1 }))[0]?.startMs.length, 1);
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 1);
});

test('a day to which another process adds while it is emptied stays a day with data', async ({ store, under }) => {
  await append(store, [days('heart_rate', 0, 2)]);
  let added = false;
  const raced = new InterruptedTable(under, async ({ sk }) => {
    // The chunks are gone by now; the days are about to be taken out.
    if (added || !sk.startsWith('SAMPLEDAYS#')) return;
    added = true;
    await append(store, [days('heart_rate', 1, 1, 5)], SECOND);
  });
  assert.is(valueOf(await storeOver(raced).deleteUpload(ADA, FIRST)), 2);
  raced.close();
  assert.ok(added);
  assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [20_158]);
});

test('an upload that grows while it is deleted is deleted whole', async ({ store, under }) => {
  await append(store, [days('heart_rate', 0, 1)]);
  let grown = false;
  const raced = new InterruptedTable(under, async ({ sk }) => {
    if (grown || !sk.startsWith('UPLOADDAYS#')) return;
    grown = true;
    await append(store, [days('heart_rate', 5, 1)]);
  });
  assert.is(valueOf(await storeOver(raced).deleteUpload(ADA, FIRST)), 2);
  raced.close();
  assert.is(await countIn(store), 0);
});

test('bytes that are no chunk, or that of another place, are an error that names the place', async ({
  store,
  under,
}) => {
  await append(store, [days('heart_rate', 0, 1)]);
  const stored = (await under.scan()).find(({ sk }) => sk.startsWith('SAMPLES#'))!;
  const content = Uint8Array.from(stored['content'] as Uint8Array);
  const causeOf = async () => {
    const { cause, retryable } = errorOf(await store.read(ADA, ['heart_rate'], EVER));
    assert.is(retryable, false);
    return cause;
  };
  await under.plant({ ...stored, content: content.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) });
  assert.match(await causeOf(), 'stored chunk heart_rate of day 20157 is corrupt: the checksum');
  await under.plant({ ...stored, content: content.subarray(1) });
  assert.match(await causeOf(), 'stored chunk heart_rate of day 20157 is corrupt: version');
  await under.plant(stored);
  await under.plant({ ...stored, sk: 'SAMPLES#heart_rate#100020158', content });
  assert.match(await causeOf(), 'stored chunk heart_rate of day 20158 lies in the wrong place');
});

test('parts that AWS did not take are reported as not stored', async ({ under }) => {
  const table = new InterruptedTable(under);
  const mock = mockClient(DynamoDBDocumentClient);
  mock.onAnyCommand().resolves({});
  mock.on(BatchWriteCommand).callsFake(({ RequestItems }: { RequestItems: unknown }) => ({
    UnprocessedItems: RequestItems,
  }));
  try {
    const { cause, retryable } = errorOf(await storeOver(table).append(ADA, FIRST, [bulky(15_000, 1)]));
    assert.is(
      cause,
      'PartlyDone: 0 of 1 day chunks were stored, the rest was not: Unprocessed: 2 of 2 items were not processed',
    );
    assert.is(retryable, true);
  } finally {
    mock.restore();
    table.close();
  }
});

run();
