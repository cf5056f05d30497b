import * as assert from 'uvu/assert';
import { DynamoAnalysisStore } from '../../../adapters/aws/dynamodb/analysis-store.ts';
import type { DynamoTable, Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import type { AnalysisRecord, AnalysisStore } from '../../../core/analysis/ports.ts';
import { analysisId, processingId, userId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { analysisStoreContract, durableAnalysisStoreContract } from '../../contracts/analysis-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { endingBefore, InterruptedTable, plainItems } from './interrupted-table.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): AnalysisStore => new DynamoAnalysisStore(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

analysisStoreContract('dynamodb', make);
durableAnalysisStoreContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb analysis store', make);

const ADA = userId('ada');
const FIRST = processingId('first');

/** The store reads nothing of a document but its beginning. */
const DOCUMENT = { window: { start: '2025-03-10T00:00:00+01:00' } } as AnalysisDocument;

/** Minutes that do not deflate well: four bytes each. */
const record = (id: string, minutes = 3, upload: ProcessingId = FIRST, owner: UserId = ADA): AnalysisRecord => ({
  owner,
  upload,
  analysisId: analysisId(id),
  scope: 'window',
  createdAtMs: 1,
  document: DOCUMENT,
  grid: { dates: ['2025-03-10'], values: Float32Array.from({ length: minutes }, (_, i) => Math.sin(i) * 1e30) },
});

const listed = async (store: AnalysisStore, owner = ADA): Promise<readonly string[]> =>
  valueOf(await store.listForUpload(owner, FIRST)).map((found) => found.analysisId);

test('an item has the key and attributes that it is documented with, and is found by its processing id', async ({
  store,
  under,
}) => {
  valueOf(await store.replaceForUpload(ADA, FIRST, [record('a'), { ...record('b'), scope: 'week' }]));
  const found: Item[] = [];
  for await (const item of under.table.queryProcessing('first')) found.push(item);
  const [{ content: _, token: __, ...item }, ...others] = found as [Item, ...Item[]];
  assert.equal(item, {
    pk: 'USER#ada',
    sk: 'RESULT#first',
    kind: 'results',
    user_id: 'ada',
    result_count: 2,
    processing_id: 'first',
    part_count: 0,
  });
  assert.equal(others, []);
});

test('an id that the index cannot hold is stored without being indexed', async ({ store, under }) => {
  for (const [i, id] of ['', 'x'.repeat(1025), 'x'.repeat(1024)].entries()) {
    const upload = processingId(id);
    valueOf(await store.replaceForUpload(ADA, upload, [record('a', 3, upload)]));
    assert.is(valueOf(await store.getForUpload(ADA, upload)).upload, upload);
    const indexed = (await under.scan()).filter((item) => item['processing_id'] !== undefined);
    assert.is(indexed.length, i === 2 ? 1 : 0);
  }
});

test('records become those of the owner and upload that they are stored for', async ({ store }) => {
  valueOf(await store.replaceForUpload(ADA, FIRST, [record('a', 3, processingId('other'), userId('ben'))]));
  assert.equal(valueOf(await store.getForUpload(ADA, FIRST)), record('a'));
});

test('analyses too large for an item are split, replaced, shrunk and deleted without leftovers', async ({
  store,
  under,
}) => {
  const sizes = [3, 200_000, 130_000, 3, 200_000];
  for (const minutes of sizes) {
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('a', minutes)]));
    assert.equal(valueOf(await store.getForUpload(ADA, FIRST)), record('a', minutes));
    const items = await under.scan();
    assert.is(items.length > 1, minutes > 3);
    assert.ok(items.every((item) => item.sk === 'RESULT#first' || item['part_of'] === 'RESULT#first'));
    assert.is(items.find((item) => item.sk === 'RESULT#first')?.['part_count'], items.length - 1);
  }
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 1);
  assert.equal(await under.scan(), []);
});

test('after an owner is erased, a scan of the table finds nothing, of the older service either', async ({
  store,
  under,
}) => {
  for (const sk of ['ANALYSIS#2025-03-10T12:00:00+00:00', 'INSIGHT#2025-03-10T12:00:00+00:00']) {
    await under.plant({ pk: `USER#${ADA}`, sk, user_id: ADA });
  }
  for (const id of ['a', 'b', 'x#%\ud800'.repeat(99)]) {
    const upload = processingId(id);
    valueOf(await store.replaceForUpload(ADA, upload, [record(id, 100_000, upload)]));
  }
  const dying = new InterruptedTable(under, endingBefore(2));
  const late = new DynamoAnalysisStore(dying);
  const upload = processingId('never ended');
  assert.is(errorOf(await late.replaceForUpload(ADA, upload, [record('a', 100_000, upload)])).kind, 'port-unavailable');
  dying.close();
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await under.scan(), []);
});

const CALLS: readonly (readonly [
  title: string,
  minutesBefore: number | null,
  call: (
    table: DynamoTable,
    owner: UserId,
  ) => ReturnType<AnalysisStore['replaceForUpload' | 'deleteUpload' | 'eraseOwner']>,
])[] = [
  ['a first analysis in parts', null, (table, owner) => replace(table, owner, 100_000)],
  ['a replacement by fewer parts', 200_000, (table, owner) => replace(table, owner, 100_000)],
  ['a replacement of parts by none', 100_000, (table, owner) => replace(table, owner, 3)],
  ['deleting', 100_000, (table, owner) => new DynamoAnalysisStore(table).deleteUpload(owner, FIRST)],
  ['erasing', 100_000, (table, owner) => new DynamoAnalysisStore(table).eraseOwner(owner)],
];

const replace = (table: DynamoTable, owner: UserId, minutes: number) =>
  new DynamoAnalysisStore(table).replaceForUpload(owner, FIRST, [record('a', minutes)]);

for (const [title, minutesBefore, call] of CALLS) {
  test(`${title}, ended between any two writes and done again, ends in the state of doing it once`, async ({
    under,
  }) => {
    const prepared = async (owner: UserId): Promise<void> => {
      if (minutesBefore !== null) valueOf(await replace(under.table, owner, minutesBefore));
    };
    const plain = async (owner: UserId) =>
      plainItems((await under.scan()).filter(({ pk }) => pk === `USER#${owner}`)).map((item) => ({
        ...item,
        user_id: null,
        // The owner is a part of the bytes.
        content: item['content'] !== undefined,
      }));
    const whole = userId('whole');
    await prepared(whole);
    const counting = new InterruptedTable(under);
    valueOf<unknown, unknown>(await call(counting, whole));
    counting.close();
    const expected = await plain(whole);
    assert.ok(counting.writes >= 1);
    for (let step = 0; step < counting.writes; step++) {
      const owner = userId(`of ${step}`);
      await prepared(owner);
      const dying = new InterruptedTable(under, endingBefore(step));
      assert.is(errorOf<unknown, { readonly kind: string }>(await call(dying, owner)).kind, 'port-unavailable');
      dying.close();
      valueOf<unknown, unknown>(await call(under.table, owner));
      assert.equal(await plain(owner), expected, `ended before write ${step}`);
    }
  });
}

test('bytes that are no analyses, or those of another upload, are an error that names the place', async ({
  store,
  under,
}) => {
  valueOf(await store.replaceForUpload(ADA, FIRST, [record('a')]));
  const [stored] = (await under.scan()) as [Item];
  const content = Uint8Array.from(stored['content'] as Uint8Array);
  const causeOf = async () => {
    const { cause, retryable } = errorOf(await store.listForUpload(ADA, FIRST));
    assert.is(retryable, false);
    return cause;
  };
  await under.plant({ ...stored, content: content.map((byte, i) => (i === 0 ? 9 : byte)) });
  assert.is(await causeOf(), 'Error: stored analyses RESULT#first are corrupt: version 9 is not known');
  await under.plant({ ...stored, content: content.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) });
  assert.match(await causeOf(), 'stored analyses RESULT#first are corrupt: the hash is not');
  await under.plant({ ...stored, content: content.subarray(0, content.length - 9) });
  assert.match(await causeOf(), 'stored analyses RESULT#first are corrupt: ');
  const other = processingId('other');
  valueOf(await store.replaceForUpload(ADA, other, [record('a', 3, other)]));
  const elsewhere = (await under.scan()).find(({ sk }) => sk === 'RESULT#other')!;
  await under.plant({ ...elsewhere, sk: 'RESULT#first' });
  assert.match(await causeOf(), 'are corrupt: they are those of another upload');
  // What cannot be read can be replaced and deleted all the same.
  assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 1);
});

test('two processes that replace at the same time leave one of the replacements, whole', async ({
  store,
  other,
  under,
}) => {
  const stores = [store, other];
  const replaced = await Promise.all(
    Array.from({ length: 6 }, (_, i) => stores[i % 2]!.replaceForUpload(ADA, FIRST, [record(`${i}`, 90_000 + i)])),
  );
  replaced.forEach((result) => valueOf(result));
  const found = valueOf(await store.getForUpload(ADA, FIRST));
  assert.equal(found, record(found.analysisId, 90_000 + Number(found.analysisId)));
  assert.equal(await listed(other), [found.analysisId]);
  assert.is(
    (await under.scan()).length,
    1 + Number((await under.scan()).find(({ sk }) => sk === 'RESULT#first')?.['part_count']),
  );
});

class AlwaysLate extends InterruptedTable {
  override async put(): Promise<boolean> {
    return false;
  }
}

test('an analysis that others replace all the time is given up with an error that may pass', async ({ under }) => {
  const table = new AlwaysLate(under);
  const { cause, retryable } = errorOf(await replace(table, ADA, 3));
  table.close();
  assert.match(cause, 'Contended: RESULT#first was changed by others 12 times');
  assert.is(retryable, true);
});

run();
