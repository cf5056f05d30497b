import { DynamoDBDocumentClient, BatchGetCommand, BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as assert from 'uvu/assert';
import { AwsCaller, isPassing, Unprocessed } from '../../../adapters/aws/aws-caller.ts';
import { ABSENT, DynamoTable, PRESENT, type Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { endOf } from '../../../adapters/aws/dynamodb/key-text.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';

const { test, run } = suiteOver('dynamo table', async () => {
  const under: TableUnderTest = await makeTable();
  return { store: under.table, scan: under.scan, close: under.close };
});

const PK = 'USER#ada';
const itemAt = (i: number, more: object = {}): Item => ({ pk: PK, sk: `N#${String(i).padStart(4, '0')}`, i, ...more });
const many = (count: number, more: object = {}): readonly Item[] =>
  Array.from({ length: count }, (_, i) => itemAt(i, more));

const all = async (items: AsyncIterable<Item>): Promise<readonly Item[]> => {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const numbers = async (items: AsyncIterable<Item>): Promise<readonly unknown[]> => (await all(items)).map(({ i }) => i);

const rejection = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => assert.unreachable('it should have failed'),
    (cause: unknown) => cause as Error,
  ) as Promise<Error>;

test('an item comes back as it was put; absence is null', async ({ store }) => {
  const item = itemAt(1, {
    text: 'ä \0 👩🏽‍🔬',
    none: null,
    half: 0.5,
    bytes: Uint8Array.of(0, 255),
    days: new Set([3, -1]),
    list: [1, { deep: true }],
    left_out: undefined,
  });
  assert.is(await store.put(item), true);
  const { left_out: _, ...kept } = item as Item & { left_out: undefined };
  assert.equal(await store.get(item), kept);
  assert.is(await store.get(itemAt(2)), null);
});

test('a write whose condition does not hold changes nothing and says so', async ({ store }) => {
  assert.is(await store.put(itemAt(1, { value: 'first' }), ABSENT), true);
  assert.is(await store.put(itemAt(1, { value: 'second' }), ABSENT), false);
  assert.is(await store.put(itemAt(2), PRESENT), false);
  const named = { text: '#v = :v', names: { '#v': 'value' }, values: { ':v': 'other' } };
  assert.is(await store.delete(itemAt(1), named), false);
  assert.is(await store.update(itemAt(1), { text: 'SET i = :i', values: { ':i': 5 } }, named), null);
  assert.equal(await store.get(itemAt(1)), itemAt(1, { value: 'first' }));
  assert.is(await store.delete(itemAt(1), { ...named, values: { ':v': 'first' } }), true);
  assert.is(await store.get(itemAt(1)), null);
  assert.is(await store.delete(itemAt(1)), true);
});

test('an update answers the item as it is then, and makes one where there was none', async ({ store }) => {
  const add = { text: 'ADD #days :days, changes :one', names: { '#days': 'days' } };
  const key = { pk: PK, sk: 'D' };
  assert.equal(await store.update(key, { ...add, values: { ':days': new Set([1]), ':one': 1 } }), {
    ...key,
    days: new Set([1]),
    changes: 1,
  });
  const again = await store.update(
    key,
    { ...add, values: { ':days': new Set([2]), ':one': 1 } },
    { text: 'changes = :changes', values: { ':changes': 1 } },
  );
  assert.equal([(again!['days'] as Set<number>).size, again!['changes']], [2, 2]);
  assert.equal(await store.update(key, { text: 'REMOVE changes' }), { ...key, days: again?.['days'] });
});

test('what is wrong about a request is an error, not an unmet condition', async ({ store }) => {
  const cause = await rejection(store.put({ pk: '', sk: 'x' }));
  assert.is(cause.name, 'ValidationException');
  assert.is(isPassing(cause), false);
});

test('many items are written and read in batches, and those that are not there are left out', async ({ store }) => {
  await store.writeMany(many(60));
  assert.is(store.requests.writes, 3);
  await store.writeMany(
    many(120).slice(60),
    many(60).filter((_, i) => i % 2 === 0),
  );
  const found = await store.getMany(many(250));
  assert.is(store.requests.reads, 3);
  const expected = Array.from({ length: 120 }, (_, i) => i).filter((i) => i >= 60 || i % 2 === 1);
  assert.equal(
    found.map(({ i }) => Number(i)).toSorted((a, b) => a - b),
    expected,
  );
  assert.equal(await store.getMany([]), []);
  await store.writeMany([]);
});

test('a range is walked over all its pages, in either direction', async ({ store }) => {
  await store.writeMany(many(30));
  await store.put({ pk: PK, sk: 'O#1' });
  const range = { pk: PK, from: 'N#', to: endOf('N#') };
  const ascending = Array.from({ length: 30 }, (_, i) => i);
  assert.equal(await numbers(store.query(range)), ascending);
  assert.equal(await numbers(store.query({ ...range, pageSize: 7 })), ascending);
  assert.equal(await numbers(store.query({ ...range, pageSize: 7, descending: true })), ascending.toReversed());
  assert.equal(await numbers(store.query({ pk: PK, from: itemAt(3).sk, to: itemAt(5).sk })), [3, 4, 5]);
  assert.equal(await numbers(store.query({ pk: 'USER#ben', from: 'N#', to: endOf('N#') })), []);
});

test('more than one answer can hold is read all the same', async ({ store }) => {
  const items = many(6, { content: new Uint8Array(350_000).fill(7) });
  for (const item of items) await store.put(item);
  const before = store.requests.reads;
  const found = await all(store.query({ pk: PK, from: 'N#', to: endOf('N#') }));
  assert.equal(found, items);
  assert.ok(store.requests.reads - before > 1, 'it should have taken several pages');
  assert.is((await store.getMany(items)).length, 6);
});

test('a walk that is ended early asks for no further page', async ({ store }) => {
  await store.writeMany(many(30));
  for await (const { i } of store.query({ pk: PK, from: 'N#', to: endOf('N#'), pageSize: 5 })) if (i === 3) break;
  assert.is(store.requests.reads, 1);
});

test('a filter and a choice of attributes go with the range', async ({ store }) => {
  await store.writeMany(many(10, { name: 'a', size: 3 }));
  const filter = { text: '#i >= :least', names: { '#i': 'i' }, values: { ':least': 8 } };
  const found = await all(store.query({ pk: PK, from: 'N#', to: endOf('N#'), filter, only: ['sk', 'name'] }));
  assert.equal(found, [
    { sk: itemAt(8).sk, name: 'a' },
    { sk: itemAt(9).sk, name: 'a' },
  ]);
});

test('a range from behind its end holds nothing, and nothing is asked', async ({ store }) => {
  await store.writeMany(many(3));
  assert.equal(await all(store.query({ pk: PK, from: 'N#1', to: 'N#0' })), []);
  assert.is(store.requests.reads, 0);
});

test('items are found by the id of their processing, whoever has them', async ({ store }) => {
  await store.put(itemAt(1, { processing_id: 'p' }));
  await store.put({ pk: 'USER#ben', sk: 'X', processing_id: 'p' });
  await store.put(itemAt(2, { processing_id: 'other' }));
  const found = (await all(store.queryProcessing('p'))).map(({ pk }) => pk);
  assert.equal(found.toSorted(), ['USER#ada', 'USER#ben']);
  assert.equal(await all(store.queryProcessing('none')), []);
});

test('a pause is the caller’s', async () => {
  const waits: number[] = [];
  const caller = new AwsCaller({ random: () => 0.5, wait: async (ms) => waits.push(ms) });
  const table = new DynamoTable(settingsFor({}), 'none', caller);
  await table.pause(2);
  table.close();
  assert.equal(waits, [50]);
});

/** A table that never leaves the process: the answers are given by the mock. */
const offline = async (
  body: (table: DynamoTable, mock: ReturnType<typeof mockClient>) => Promise<void>,
): Promise<void> => {
  const mock = mockClient(DynamoDBDocumentClient);
  const table = new DynamoTable(settingsFor({}), 'none', new AwsCaller({ wait: async () => undefined }));
  try {
    await body(table, mock);
  } finally {
    mock.restore();
    table.close();
  }
};

test('what is behind what is told by the order of UTF-8, as DynamoDB does', async () =>
  offline(async (table, mock) => {
    // In JavaScript's own order the first is behind the second.
    const [first, second] = ['N#\uffee', 'N#\u{1f469}'];
    mock.on(QueryCommand).resolves({ Items: [itemAt(1)] });
    assert.equal(await all(table.query({ pk: PK, from: first, to: second })), [itemAt(1)]);
    assert.equal(await all(table.query({ pk: PK, from: second, to: first })), []);
    assert.is(mock.calls().length, 1);
  }));

const putsOf = (items: readonly Item[]) => items.map((item) => ({ PutRequest: { Item: item } }));

test('items of a batch that were not processed are sent again, those alone', async () =>
  offline(async (table, mock) => {
    mock
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { none: putsOf([itemAt(2)]) } })
      .resolves({});
    await table.writeMany(many(3));
    const sent = mock.calls().map(({ args: [{ input }] }) => (input as { RequestItems: unknown }).RequestItems);
    assert.equal(sent, [{ none: putsOf(many(3)) }, { none: putsOf([itemAt(2)]) }]);
  }));

test('items that stay unprocessed are an error that may pass', async () =>
  offline(async (table, mock) => {
    mock.on(BatchWriteCommand).resolves({ UnprocessedItems: { none: putsOf([itemAt(2)]) } });
    const cause = await rejection(table.writeMany(many(3)));
    assert.instance(cause, Unprocessed);
    assert.is(isPassing(cause), true);
    assert.is(mock.calls().length, 5);
    assert.is(table.requests.writes, 5);
  }));

test('keys that were not processed are asked for again, and every answer counts', async () =>
  offline(async (table, mock) => {
    mock
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { none: [itemAt(0)] }, UnprocessedKeys: { none: { Keys: [itemAt(1)] } } })
      .resolvesOnce({ Responses: { none: [itemAt(1)] } });
    assert.equal(await table.getMany(many(2)), many(2));
    mock.reset();
    mock.on(BatchGetCommand).resolves({ UnprocessedKeys: { none: { Keys: [itemAt(1)] } } });
    assert.instance(await rejection(table.getMany(many(2))), Unprocessed);
  }));

run();
