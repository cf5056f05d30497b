import * as assert from 'uvu/assert';
import { DynamoOwnerEventLog } from '../../../adapters/aws/dynamodb/owner-event-log.ts';
import type { OwnerEventDraft } from '../../../core/events/model.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import {
  durableOwnerEventLogContract,
  ownerEventLogContract,
  sharedOwnerEventLogContract,
} from '../../contracts/owner-event-log.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer, withFates } from './faulty-writes.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const NOON = Date.UTC(2025, 2, 10, 12);
const FOREVER = { ttlDays: null, clock: { now: () => NOON } };
const A = processingId('a');

const shared = tableOfAFile();

const make = async () => {
  const { table, another } = await shared.use();
  return {
    store: new DynamoOwnerEventLog(table, FOREVER),
    reopen: async () => new DynamoOwnerEventLog(another(), FOREVER),
    close: shared.empty,
  };
};

ownerEventLogContract('dynamodb', make);
durableOwnerEventLogContract('dynamodb', make);
sharedOwnerEventLogContract('dynamodb', async () => ({
  ...(await make()),
  other: new DynamoOwnerEventLog((await shared.processes())[0]!, FOREVER),
}));

const draft = (subject: string, changes: Partial<OwnerEventDraft> = {}): OwnerEventDraft => ({
  type: 'processing.updated',
  atMs: NOON,
  upload: A,
  subject,
  data: { progress: 0.5 },
  ...changes,
});

const { test, run } = suiteOver('event logs in the single table', async () => {
  const under = await shared.use();
  return { ...under, under, store: new DynamoOwnerEventLog(under.table, FOREVER), close: shared.empty };
});

test("an event's item has its number in its key", async ({ store, scan }) => {
  valueOf(await store.append(ADA, draft('one')));
  const [item, ...others] = await scan();
  assert.equal(others, []);
  const { token, ...rest } = item!;
  assert.type(token, 'string');
  assert.equal(rest, {
    pk: `USER#${ADA}`,
    sk: 'OWNEREVENT#0000000000000001',
    type: 'processing.updated',
    at_ms: NOON,
    upload_id: 'a',
    subject: 'one',
    data: '{"progress":0.5}',
  });
});

test('where items are kept for some days only, events are as well', async ({ table, scan }) => {
  const store = new DynamoOwnerEventLog(table, { ttlDays: 10, clock: { now: () => NOON } });
  valueOf(await store.append(ADA, draft('one')));
  assert.is((await scan())[0]?.['ttl'], NOON / 1000 + 10 * 86_400);
});

test('a forgotten event that is the newest leaves its place and nothing else', async ({ store, scan }) => {
  for (const subject of ['one', 'two']) valueOf(await store.append(ADA, draft(subject)));
  valueOf(await store.deleteUpload(ADA, A));
  assert.equal(await scan(), [{ pk: `USER#${ADA}`, sk: 'OWNEREVENT#0000000000000002' }]);
  valueOf(await store.append(ADA, draft('three', { upload: null })));
  valueOf(await store.deleteUpload(ADA, A));
  assert.equal(
    (await scan()).map(({ sk }) => sk),
    ['OWNEREVENT#0000000000000003'],
  );
});

test('whatever answer is lost, the event is there once', async ({ under, store, scan }) => {
  await losingEveryAnswer(
    under,
    async (table) => new DynamoOwnerEventLog(table, FOREVER).append(ADA, draft('one')),
    async (result) => {
      const event = valueOf(result);
      assert.equal(valueOf(await store.after(ADA, null, 10)), [event]);
      valueOf(await store.eraseOwner(ADA));
      assert.equal(await scan(), []);
    },
  );
});

test('wherever forgetting ends early, doing it again goes on', async ({ under, store, scan }) => {
  await dyingAtEveryWrite(
    under,
    async (table) => {
      for (const subject of ['one', 'two', 'three']) valueOf(await store.append(ADA, draft(subject)));
      return new DynamoOwnerEventLog(table, FOREVER).deleteUpload(ADA, A);
    },
    async () => {
      const newest = valueOf(await store.newest(ADA));
      valueOf(await store.deleteUpload(ADA, A));
      assert.equal(valueOf(await store.after(ADA, null, 10)), []);
      assert.is(valueOf(await store.newest(ADA)), newest);
      assert.is((await scan()).length, 1);
    },
  );
});

test('a table that does not answer is unavailable', async ({ under }) => {
  const { answer } = await withFates(
    under,
    () => 'refused',
    async (table) => new DynamoOwnerEventLog(table, FOREVER).append(ADA, draft('one')),
  );
  assert.equal([errorOf(answer).port, errorOf(answer).retryable], ['OwnerEventLog', true]);
});

run();
shared.removeAtTheEnd();
