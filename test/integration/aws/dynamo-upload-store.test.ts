import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoUploadStore } from '../../../adapters/aws/dynamodb/upload-store.ts';
import { NO_COUNTS, type Upload } from '../../../core/health-data/model.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { durableUploadStoreContract, uploadStoreContract } from '../../contracts/upload-store.contract.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer } from './faulty-writes.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);
const FOREVER = { ttlDays: null, clock: { now: () => NOON } };
const A = processingId('11111111-1111-4111-8111-111111111111');

const shared = tableOfAFile();

const make = async () => {
  const { table, another } = await shared.use();
  return {
    store: new DynamoUploadStore(table, FOREVER),
    reopen: async () => new DynamoUploadStore(another(), FOREVER),
    close: shared.empty,
  };
};

uploadStoreContract('dynamodb', make);
durableUploadStoreContract('dynamodb', make);

const upload = (changes: Partial<Upload> = {}): Upload => ({
  owner: ADA,
  processingId: A,
  kind: 'health-data',
  status: 'processing',
  createdAtMs: NOON,
  updatedAtMs: NOON + 1500,
  uploadSource: 'apple_health',
  raw: { key: 'k', sha256: 's', bytes: 3 },
  timezone: 'Europe/Berlin',
  syncToken: 'token',
  progress: 1 / 3,
  message: 'Being read.',
  counts: NO_COUNTS,
  failure: null,
  ...changes,
});

/** As the older service wrote it: numbers are decimals there. */
const oldItem = (changes: Readonly<Record<string, unknown>> = {}): Item => ({
  pk: `USER#${ADA}`,
  sk: 'HEALTH#2024-06-01T08:30:00.123456+00:00',
  id: `${ADA}#2024-06-01T08:30:00.123456+00:00`,
  user_id: ADA,
  processing_id: A,
  timestamp: '2024-06-01T08:30:00.123456+00:00',
  client_timestamp: '2024-06-01T08:29:58+00:00',
  upload_source: 'healthkit',
  processing_status: 'received',
  created_at: '2024-06-01T08:30:00.123456+00:00',
  ttl: 1_800_000_000,
  metrics: {
    heart_rate: { metric_id: 'm', biometric_data: { heart_rate: 61.5 } },
    unheard_of: { metric_id: 'n', biometric_data: { heart_rate: 61.5 } },
  },
  ...changes,
});

const OLD_UPLOAD: Upload = {
  owner: ADA,
  processingId: A,
  kind: 'health-data',
  status: 'received',
  createdAtMs: Date.UTC(2024, 5, 1, 8, 30) + 123.456,
  updatedAtMs: Date.UTC(2024, 5, 1, 8, 30) + 123.456,
  uploadSource: 'healthkit',
  raw: null,
  timezone: null,
  syncToken: null,
  progress: 0,
  message: 'Received.',
  counts: { ...NO_COUNTS, accepted: { heart_rate: 1 } },
  failure: null,
};

const { test, run } = suiteOver('uploads in the single table', async () => {
  const under = await shared.use();
  const processes = await shared.processes();
  return {
    ...under,
    under,
    store: new DynamoUploadStore(under.table, FOREVER),
    /** Remembers nothing. */
    fresh: () => new DynamoUploadStore(under.table, FOREVER),
    /** Each on a connection of its own. */
    apart: processes.map((table) => new DynamoUploadStore(table, FOREVER)),
    close: shared.empty,
  };
});

test("an upload's item has the older service's key and attributes", async ({ store, scan }) => {
  valueOf(await store.insert(upload()));
  const [item, pointer, ...others] = await scan();
  assert.equal(others, []);
  const { token, ...rest } = item!;
  assert.type(token, 'string');
  assert.equal(rest, {
    pk: `USER#${ADA}`,
    sk: 'HEALTH#2025-03-10T12:00:00.000000+00:00',
    id: `${ADA}#2025-03-10T12:00:00.000000+00:00`,
    user_id: ADA,
    processing_id: A,
    timestamp: '2025-03-10T12:00:00.000000+00:00',
    created_at: '2025-03-10T12:00:00.000000+00:00',
    updated_at: '2025-03-10T12:00:01.500000+00:00',
    upload_source: 'apple_health',
    processing_status: 'processing',
    kind: 'health-data',
    created_at_ms: NOON,
    updated_at_ms: NOON + 1500,
    raw: '{"key":"k","sha256":"s","bytes":3}',
    timezone: 'Europe/Berlin',
    sync_token: 'token',
    progress: 1 / 3,
    message: 'Being read.',
    counts: JSON.stringify(NO_COUNTS),
    failure: 'null',
  });
  assert.equal(pointer, { pk: `USER#${ADA}`, sk: `UPLOAD#${A}`, health_sk: rest.sk, token });
});

test('uploads of one microsecond lie at microseconds of their own and keep their instants', async ({ store, scan }) => {
  const instants = [NOON, NOON + 0.0005, NOON, NOON + 0.001, NOON + 0.5];
  for (const [i, createdAtMs] of instants.entries()) {
    valueOf(await store.insert(upload({ processingId: processingId(String(i)), createdAtMs })));
  }
  const places = (await scan()).map(({ sk }) => sk).filter((sk) => sk.startsWith('HEALTH#'));
  assert.equal(places, [
    'HEALTH#2025-03-10T12:00:00.000000+00:00',
    'HEALTH#2025-03-10T12:00:00.000001+00:00',
    'HEALTH#2025-03-10T12:00:00.000002+00:00',
    'HEALTH#2025-03-10T12:00:00.000003+00:00',
    'HEALTH#2025-03-10T12:00:00.000500+00:00',
  ]);
  const listed = valueOf(await store.list(ADA, 10)).map((found) => [found.processingId, found.createdAtMs]);
  assert.equal(listed, [
    ['4', instants[4]],
    ['3', instants[3]],
    ['1', instants[1]],
    ['2', instants[2]],
    ['0', instants[0]],
  ]);
});

test('lists of any length are the beginning of the whole list, however close the instants are', async ({ store }) => {
  let owners = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 9 }), async (quarters) => {
      const owner = userId(`owner-${owners++}`);
      const uploads = quarters.map((quarter, i) =>
        upload({ owner, processingId: processingId(`${i}`), createdAtMs: NOON + quarter / 4096 }),
      );
      for (const each of uploads) valueOf(await store.insert(each));
      uploads.sort((a, b) => b.createdAtMs - a.createdAtMs || (a.processingId < b.processingId ? 1 : -1));
      for (const limit of [1, 3, uploads.length, 20]) {
        assert.equal(valueOf(await store.list(owner, limit)), uploads.slice(0, limit));
      }
    }),
    { numRuns: 12 },
  );
});

test('an instant that the key cannot hold is a fault of the caller, and leaves nothing', async ({ store, scan }) => {
  for (const createdAtMs of [Number.NaN, Infinity, 1e15]) {
    const error = await store.insert(upload({ createdAtMs })).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, RangeError);
  }
  assert.equal(await scan(), []);
});

test('ids that no index takes are ids all the same', async ({ store, scan }) => {
  const ids = ['', 'x'.repeat(1500)].map(processingId);
  for (const id of ids) valueOf(await store.insert(upload({ processingId: id })));
  for (const [i, id] of ids.entries()) {
    const left = ids.length - i;
    assert.equal(valueOf(await store.get(ADA, id)), upload({ processingId: id }));
    valueOf(await store.insert(upload({ processingId: id, message: 'Again.' })));
    assert.is((await scan()).filter(({ sk }) => sk.startsWith('HEALTH#')).length, left);
    assert.is(valueOf(await store.change(ADA, id, { progress: 1 }, NOON)).progress, 1);
    valueOf(await store.delete(ADA, id));
  }
  assert.equal(await scan(), []);
});

test('a retention gives the items an end', async ({ under, scan }) => {
  const { table } = under;
  valueOf(await new DynamoUploadStore(table, { ttlDays: 90, clock: { now: () => NOON + 1 } }).insert(upload()));
  const ends = (await scan()).map(({ ttl }) => ttl);
  assert.equal(ends, [NOON / 1000 + 90 * 86_400 + 1, NOON / 1000 + 90 * 86_400 + 1]);
});

test('an upload of the older service is found, listed, changed and deleted', async ({ store, plant, scan }) => {
  await plant(oldItem());
  await plant(
    oldItem({ sk: 'HEALTH#2024-06-01T08:30:00+00:00', processing_id: 'done', processing_status: 'completed' }),
  );
  valueOf(await store.insert(upload({ processingId: processingId('new') })));
  assert.equal(valueOf(await store.get(ADA, A)), OLD_UPLOAD);
  const done = { processingId: processingId('done'), status: 'completed', progress: 1, message: 'Completed.' } as const;
  const atHalfPast = { createdAtMs: Date.UTC(2024, 5, 1, 8, 30), updatedAtMs: Date.UTC(2024, 5, 1, 8, 30) };
  assert.equal(valueOf(await store.list(ADA, 10)), [
    upload({ processingId: processingId('new') }),
    OLD_UPLOAD,
    { ...OLD_UPLOAD, ...done, ...atHalfPast },
  ]);
  const change = { status: 'processing', progress: 0.5, failure: { code: 'c', reason: 'r' } } as const;
  const changed = { ...OLD_UPLOAD, ...change, message: 'Being processed.', updatedAtMs: NOON + 1 };
  assert.equal(valueOf(await store.change(ADA, A, change, NOON + 1)), changed);
  assert.equal(valueOf(await store.get(ADA, A)), changed);
  valueOf(await store.delete(ADA, A));
  assert.is(errorOf(await store.get(ADA, A)).kind, 'not-found');
  valueOf(await store.delete(ADA, processingId('done')));
  valueOf(await store.delete(ADA, processingId('new')));
  assert.equal(await scan(), []);
});

test("an older upload's attributes may be missing, or be what nobody knows", async ({ store, plant }) => {
  const { upload_source: _, metrics: _metrics, ...few } = oldItem({ processing_status: 'queued' });
  await plant(few);
  await plant(oldItem({ sk: 'HEALTH#yesterday', processing_id: 'broken key' }));
  await plant(oldItem({ sk: 'HEALTH#2024-06-01T08:30:01+00:00', processing_id: 'updated', updated_at: 'yesterday' }));
  const { processing_id: _id, ...nameless } = oldItem({ sk: 'HEALTH#2024-06-01T08:30:02+00:00' });
  await plant(nameless);
  assert.equal(valueOf(await store.get(ADA, A)), { ...OLD_UPLOAD, uploadSource: 'unknown', counts: NO_COUNTS });
  const listed = valueOf(await store.list(ADA, 10));
  assert.equal(
    listed.map((found) => [found.processingId, found.updatedAtMs]),
    [
      ['updated', Date.UTC(2024, 5, 1, 8, 30, 1)],
      [A, OLD_UPLOAD.updatedAtMs],
    ],
  );
  assert.is(errorOf(await store.get(ADA, processingId('broken key'))).kind, 'not-found');
});

test("another owner's old upload is as if it were not there, and an own old one stays as it is", async ({
  store,
  plant,
  scan,
}) => {
  await plant(oldItem());
  const absent = { kind: 'not-found', resource: 'processing', id: A };
  assert.equal(errorOf(await store.get(BEN, A)), absent);
  assert.equal(errorOf(await store.change(BEN, A, { progress: 1 }, NOON)), absent);
  assert.equal(errorOf(await store.delete(BEN, A)), absent);
  valueOf(await store.insert(upload()));
  assert.equal(await scan(), [oldItem()]);
  valueOf(await store.insert(upload({ owner: BEN })));
  assert.equal(valueOf(await store.get(ADA, A)), OLD_UPLOAD);
});

test('what does not belong to uploads is left alone by all that they do', async ({ store, plant, scan }) => {
  const strangers = ['HEALTH', 'HEALTHY#1', 'INSIGHT#1', 'UPLOADDAYS#1'].map((sk) => ({ pk: `USER#${ADA}`, sk }));
  const other = { pk: `USER#${ADA}`, sk: 'ANALYSIS#1', processing_id: A };
  for (const item of [...strangers, other]) await plant(item);
  valueOf(await store.insert(upload()));
  assert.is(valueOf(await store.list(ADA, 10)).length, 1);
  valueOf(await store.delete(ADA, A));
  assert.is(errorOf(await store.get(ADA, A)).kind, 'not-found');
  valueOf(await store.eraseOwner(ADA));
  assert.equal(new Set((await scan()).map(({ sk }) => sk)), new Set([...strangers, other].map(({ sk }) => sk)));
});

test('erasing an owner leaves nothing of him in the table', async ({ store, plant, scan }) => {
  for (let i = 0; i < 30; i++) valueOf(await store.insert(upload({ processingId: processingId(`p${i}`) })));
  await plant(oldItem());
  await plant({ pk: `USER#${ADA}`, sk: 'DATA#2025-03-10T12:00:00+00:00', data: 'of the oldest service' });
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await scan(), []);
});

test('an old upload whose status is none that is known is in the state that it reads as', async ({ store, plant }) => {
  for (const status of [undefined, 'unheard of', 'received']) {
    await plant(oldItem({ processing_status: status }));
    const elsewhere = { status: ['processing', 'completed', 'failed', 'requires_review'] } as const;
    const change = { status: 'failed', message: 'Changed.' } as const;
    assert.is(valueOf(await store.change(ADA, A, change, NOON, elsewhere)).status, 'received');
    const onlyIf = { status: ['received', 'processing'] } as const;
    assert.is(valueOf(await store.change(ADA, A, change, NOON, onlyIf)).status, 'failed');
    assert.is(valueOf(await store.change(ADA, A, { message: 'Not.' }, NOON, onlyIf)).message, 'Changed.');
  }
});

test('whatever answer to a change for some states is lost, the answer is the upload as it was changed', async ({
  under,
  store,
}) => {
  await losingEveryAnswer(
    under,
    async (table) => {
      valueOf(await store.insert(upload()));
      const change = { status: 'failed', message: 'Changed.' } as const;
      return new DynamoUploadStore(table, FOREVER).change(ADA, A, change, NOON, { status: ['processing'] });
    },
    async (changed) => {
      assert.equal(valueOf(changed), upload({ status: 'failed', message: 'Changed.', updatedAtMs: NOON }));
      valueOf(await store.delete(ADA, A));
    },
  );
});

test('of processes that insert the same id, the upload of one is there, and nothing of the others', async ({
  apart,
  fresh,
  scan,
}) => {
  const stores = apart.slice(0, 3);
  const results = await Promise.all(
    stores.map((each, i) => each.insert(upload({ message: `By ${i}.`, createdAtMs: NOON + i }))),
  );
  for (const result of results) valueOf(result);
  const left = valueOf(await fresh().list(ADA, 10));
  const winner = (left[0]?.createdAtMs ?? NaN) - NOON;
  assert.equal(left, [upload({ message: `By ${winner}.`, createdAtMs: NOON + winner })]);
  assert.is((await scan()).length, 2);
});

test('an insert that dies between any two writes can be made again, and is one upload', async ({
  under,
  fresh,
  scan,
  store,
}) => {
  const other = upload({ processingId: processingId('other') });
  const writes = await dyingAtEveryWrite(
    under,
    async (table) => new DynamoUploadStore(table, FOREVER).insert(upload()),
    async () => {
      // Another upload of the same microsecond may come in between.
      valueOf(await store.insert(other));
      valueOf(await fresh().insert(upload()));
      assert.equal(valueOf(await fresh().get(ADA, A)), upload());
      assert.equal(valueOf(await fresh().list(ADA, 10)), [other, upload()]);
      valueOf(await fresh().delete(ADA, A));
      valueOf(await fresh().delete(ADA, other.processingId));
      assert.equal(await scan(), []);
    },
  );
  assert.is(writes, 2);
});

test('a deletion that dies between any two writes can be made again, and leaves nothing', async ({
  under,
  fresh,
  scan,
  store,
}) => {
  valueOf(await store.insert(upload()));
  const writes = await dyingAtEveryWrite(
    under,
    async (table) => new DynamoUploadStore(table, FOREVER).delete(ADA, A),
    async (survived) => {
      const isGone = survived > 0;
      assert.is(valueOf(await fresh().list(ADA, 10)).length, isGone ? 0 : 1);
      assert.is((await fresh().get(ADA, A)).isErr(), isGone);
      assert.is((await fresh().delete(ADA, A)).isErr(), isGone);
      assert.equal(await scan(), []);
      valueOf(await fresh().insert(upload()));
    },
  );
  assert.ok(writes >= 2);
});

test('an id whose deletion ended early can be taken again', async ({ under, store, scan }) => {
  valueOf(await store.insert(upload()));
  await under.table.delete({ pk: `USER#${ADA}`, sk: 'HEALTH#2025-03-10T12:00:00.000000+00:00' });
  valueOf(await store.insert(upload({ message: 'Again.', createdAtMs: NOON + 5 })));
  assert.equal(valueOf(await store.get(ADA, A)), upload({ message: 'Again.', createdAtMs: NOON + 5 }));
  assert.is((await scan()).length, 2);
});

test('whatever answer is lost, the effect is one', async ({ under, store, scan }) => {
  const inserted = await losingEveryAnswer(
    under,
    async (table) => new DynamoUploadStore(table, FOREVER).insert(upload()),
    async (result) => {
      valueOf(result);
      assert.equal(valueOf(await store.list(ADA, 10)), [upload()]);
      valueOf(await store.delete(ADA, A));
      assert.equal(await scan(), []);
    },
  );
  assert.is(inserted, 2);
  await losingEveryAnswer(
    under,
    async (table) => {
      const lossy = new DynamoUploadStore(table, FOREVER);
      valueOf(await store.insert(upload()));
      return [await lossy.change(ADA, A, { progress: 1 }, NOON), await lossy.delete(ADA, A)] as const;
    },
    async ([changed, deleted]) => {
      assert.equal(valueOf(changed), upload({ progress: 1, updatedAtMs: NOON }));
      valueOf(deleted);
      assert.equal(await scan(), []);
    },
  );
});

test('an item that cannot be read is named, and not tried again', async ({ store, plant }) => {
  await plant(oldItem({ counts: '{' }));
  const { kind, cause, retryable } = errorOf(await store.get(ADA, A)) as {
    kind: string;
    cause: string;
    retryable: boolean;
  };
  assert.equal([kind, retryable], ['port-unavailable', false]);
  assert.match(cause, /HEALTH#2024-06-01T08:30:00\.123456\+00:00 of USER#.* cannot be read: its counts/);
});

run();
shared.removeAtTheEnd();
