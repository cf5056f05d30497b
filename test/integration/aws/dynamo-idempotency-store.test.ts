import * as assert from 'uvu/assert';
import { DynamoIdempotencyStore } from '../../../adapters/aws/dynamodb/idempotency-store.ts';
import type { Item } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import type { CallAttempt, IdempotencyScope } from '../../../core/idempotency/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import {
  durableIdempotencyStoreContract,
  idempotencyStoreContract,
  sharedIdempotencyStoreContract,
} from '../../contracts/idempotency-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer } from './faulty-writes.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const ADA = userId('ada');
const NOON = Date.UTC(2025, 2, 10, 12);
const DAY_MS = 86_400_000;

const shared = tableOfAFile();

const make = async () => {
  const { table, another } = await shared.use();
  return {
    store: new DynamoIdempotencyStore(table),
    reopen: async () => new DynamoIdempotencyStore(another()),
    close: shared.empty,
  };
};

idempotencyStoreContract('dynamodb', make);
durableIdempotencyStoreContract('dynamodb', make);
sharedIdempotencyStoreContract('dynamodb', async () => {
  const [table, other] = await shared.processes();
  return {
    store: new DynamoIdempotencyStore(table!),
    other: new DynamoIdempotencyStore(other!),
    close: shared.empty,
  };
});

const { test, run } = suiteOver('calls in the single table', async () => {
  const under = await shared.use();
  return {
    under,
    store: new DynamoIdempotencyStore(under.table),
    /** Keeps replies in parts of ten bytes. */
    inParts: new DynamoIdempotencyStore(under.table, 10),
    close: shared.empty,
  };
});

const CALL: IdempotencyScope = { owner: ADA, operation: 'uploadHealthData', key: 'a key' };

const attempt = (token: string, nowMs = NOON): CallAttempt => ({
  fingerprint: 'asked',
  token,
  nowMs,
  heldUntilMs: nowMs + 60_000,
  forgetAtMs: nowMs + DAY_MS,
});

const ANSWER = {
  fingerprint: 'asked',
  reply: { status: 201, mediaType: 'application/json', headers: {}, body: '{"a":"reply of some length"}' },
};

test("a call's item has the key and attributes that it is documented with, and no client's text", async ({
  store,
  under,
}) => {
  valueOf(await store.begin(CALL, attempt('first')));
  const [{ content: _, token: __, ...item }, ...others] = (await under.scan()) as [Item];
  assert.equal(others, []);
  assert.equal(item, {
    pk: 'USER#ada',
    sk: 'IDEMPOTENCY#uploadHealthData#a927e1ad271302a4e1a67c7392db5dddfd14d49fbcb76559e8413219516d92a4',
    kind: 'call',
    user_id: 'ada',
    operation: 'uploadHealthData',
    first_begun_at_ms: NOON,
    forget_at_ms: NOON + DAY_MS,
    fingerprint: 'asked',
    held_by: 'first',
    held_until_ms: NOON + 60_000,
    ttl: (NOON + DAY_MS) / 1000,
    part_count: 0,
  });
});

test('a reply too long for an item lies in items of its own, which go when it is replaced or erased', async ({
  inParts,
  under,
}) => {
  valueOf(await inParts.begin(CALL, attempt('first')));
  valueOf(await inParts.answer(CALL, 'first', ANSWER));
  const items = await under.scan();
  assert.ok(items.length > 3);
  assert.ok(items.every(({ ttl }) => ttl === (NOON + DAY_MS) / 1000));
  assert.equal(valueOf(await inParts.begin(CALL, attempt('second'))), { kind: 'answered', ...ANSWER });
  valueOf(await inParts.eraseOwner(ADA));
  assert.equal(await under.scan(), []);
});

test('a reply of which the table has removed a part is an error until its time is over, and then gone', async ({
  inParts,
  under,
}) => {
  valueOf(await inParts.begin(CALL, attempt('first')));
  valueOf(await inParts.answer(CALL, 'first', ANSWER));
  const part = (await under.scan()).find((item) => item['part_of'] !== undefined)!;
  await under.table.delete(part);
  const early = errorOf(await inParts.begin(CALL, attempt('second', NOON + DAY_MS - 1)));
  assert.match(early.cause, 'Contended');
  const nowMs = NOON + DAY_MS;
  const told = valueOf(await inParts.begin(CALL, attempt('third', nowMs)));
  assert.equal(told, { kind: 'begun', firstBegunAtMs: nowMs });
  valueOf(await inParts.answer(CALL, 'third', ANSWER));
  assert.equal(valueOf(await inParts.begin(CALL, attempt('fourth', nowMs + 1))), { kind: 'answered', ...ANSWER });
  assert.ok((await under.scan()).every(({ ttl }) => ttl === (nowMs + DAY_MS) / 1000));
});

test('of one step with the answer to any of its writes lost, the effect is that of the step', async ({ under }) => {
  let n = 0;
  const scope = () => ({ ...CALL, key: `${n}` });
  const writes = await losingEveryAnswer(
    under,
    async (table) => {
      n++;
      const store = new DynamoIdempotencyStore(table, 10);
      const begun = valueOf(await store.begin(scope(), attempt('first')));
      valueOf(await store.extend(scope(), 'first', NOON + 120_000));
      valueOf(await store.answer(scope(), 'first', ANSWER));
      return begun;
    },
    async (begun) => {
      assert.equal(begun, { kind: 'begun', firstBegunAtMs: NOON });
      const told = valueOf(await new DynamoIdempotencyStore(under.table).begin(scope(), attempt('second')));
      assert.equal(told, { kind: 'answered', ...ANSWER });
    },
  );
  assert.ok(writes >= 4);
});

test('a process that dies at any write leaves a call that is answered, or that the next one begins', async ({
  under,
}) => {
  const store = new DynamoIdempotencyStore(under.table, 10);
  let n = 0;
  const scope = () => ({ ...CALL, key: `${n}` });
  const kinds = new Set<string>();
  await dyingAtEveryWrite(
    under,
    async (table) => {
      n++;
      const dying = new DynamoIdempotencyStore(table, 10);
      await dying
        .begin(scope(), attempt('first'))
        .andThen(() => dying.answer(scope(), 'first', ANSWER))
        .unwrapOr(undefined);
    },
    async () => {
      const nowMs = NOON + 60_000;
      const told = valueOf(await store.begin(scope(), attempt('second', nowMs)));
      kinds.add(told.kind);
      if (told.kind === 'begun') {
        assert.ok([NOON, nowMs].includes(told.firstBegunAtMs));
        valueOf(await store.answer(scope(), 'second', ANSWER));
      }
      assert.equal(valueOf(await store.begin(scope(), attempt('third', nowMs))), { kind: 'answered', ...ANSWER });
    },
  );
  assert.equal(kinds, new Set(['begun', 'answered']));
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await under.scan(), []);
});

run();
shared.removeAtTheEnd();
