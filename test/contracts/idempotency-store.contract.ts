import * as assert from 'uvu/assert';
import type { CallAttempt, IdempotencyScope, IdempotencyStore, KeptReply } from '../../core/idempotency/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12) + 0.5;
const HOLD_MS = 60_000;
const KEPT_MS = 86_400_000;
const LOST = { kind: 'call-lost' };

const CALL: IdempotencyScope = { owner: ADA, operation: 'uploadHealthData', key: 'a key' };

const attempt = (token: string, changes: Partial<CallAttempt> = {}): CallAttempt => {
  const nowMs = changes.nowMs ?? NOON;
  return {
    fingerprint: 'asked',
    token,
    nowMs,
    heldUntilMs: nowMs + HOLD_MS,
    forgetAtMs: nowMs + KEPT_MS,
    ...changes,
  };
};

const begunAt = (firstBegunAtMs: number) => ({ kind: 'begun', firstBegunAtMs });

const reply = (body: string, changes: Partial<KeptReply> = {}): KeptReply => ({
  status: 201,
  mediaType: 'application/json; charset=utf-8',
  headers: { Location: '/api/v1/things/1' },
  body,
  ...changes,
});

const answered = (body = '{"made":1}', fingerprint = 'asked') => ({ fingerprint, reply: reply(body) });

/** What every `IdempotencyStore` promises. `make` is called once a test. */
export function idempotencyStoreContract(name: string, make: () => Promise<UnderTest<IdempotencyStore>>): void {
  const { test, run } = suiteOver<IdempotencyStore, UnderTest<IdempotencyStore>>(`idempotency store: ${name}`, make);

  test('a call is begun, answered, and from then on everybody gets that answer', async ({ store }) => {
    assert.equal(valueOf(await store.begin(CALL, attempt('first'))), begunAt(NOON));
    valueOf(await store.answer(CALL, 'first', answered()));
    const expected = { kind: 'answered', ...answered() };
    for (const [token, nowMs] of [
      ['first', NOON + 1],
      ['second', NOON + 2],
      ['third', NOON + KEPT_MS - 1],
    ] as const) {
      assert.equal(valueOf(await store.begin(CALL, attempt(token, { nowMs }))), expected);
    }
    const other = valueOf(await store.begin(CALL, attempt('fourth', { fingerprint: 'something else' })));
    assert.equal(other, expected, 'the fingerprint tells whoever asks what was answered');
  });

  test('a call that somebody holds is not begun by another, who hears until when and what for', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    const held = { kind: 'held', fingerprint: 'asked', heldUntilMs: NOON + HOLD_MS };
    const nowMs = NOON + HOLD_MS - 0.5;
    assert.equal(valueOf(await store.begin(CALL, attempt('second', { nowMs }))), held);
    assert.equal(valueOf(await store.begin(CALL, attempt('third', { nowMs, fingerprint: 'something else' }))), held);
    valueOf(await store.answer(CALL, 'first', answered()));
  });

  test('begun again with the same token, it is begun once more', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    assert.equal(valueOf(await store.begin(CALL, attempt('first', { nowMs: NOON + 5 }))), begunAt(NOON));
    valueOf(await store.answer(CALL, 'first', answered()));
  });

  test('when the hold has run out the next one begins, with the first instant, and the first one has lost the call', async ({
    store,
  }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    const nowMs = NOON + HOLD_MS;
    assert.equal(valueOf(await store.begin(CALL, attempt('second', { nowMs }))), begunAt(NOON));
    assert.equal(errorOf(await store.extend(CALL, 'first', nowMs + HOLD_MS)), LOST);
    assert.equal(errorOf(await store.answer(CALL, 'first', answered('late'))), LOST);
    valueOf(await store.release(CALL, 'first'));
    const held = { kind: 'held', fingerprint: 'asked', heldUntilMs: nowMs + HOLD_MS };
    assert.equal(valueOf(await store.begin(CALL, attempt('third', { nowMs: nowMs + 1 }))), held);
    valueOf(await store.answer(CALL, 'second', answered('in time')));
    assert.equal(errorOf(await store.answer(CALL, 'first', answered('later still'))), LOST);
    const told = valueOf(await store.begin(CALL, attempt('fourth', { nowMs: nowMs + 2 })));
    assert.equal(told, { kind: 'answered', ...answered('in time') });
  });

  test('a call is remembered from its last beginning on', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    valueOf(await store.release(CALL, 'first'));
    const later = NOON + KEPT_MS - 1;
    assert.equal(valueOf(await store.begin(CALL, attempt('second', { nowMs: later }))), begunAt(NOON));
    valueOf(await store.answer(CALL, 'second', answered()));
    const told = valueOf(await store.begin(CALL, attempt('third', { nowMs: later + KEPT_MS - 1 })));
    assert.is(told.kind, 'answered');
  });

  test('a hold can be made longer, also after it has run out while nobody else had begun', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    valueOf(await store.extend(CALL, 'first', NOON + 3 * HOLD_MS));
    const nowMs = NOON + 2 * HOLD_MS;
    const held = { kind: 'held', fingerprint: 'asked', heldUntilMs: NOON + 3 * HOLD_MS };
    assert.equal(valueOf(await store.begin(CALL, attempt('second', { nowMs }))), held);
    valueOf(await store.extend(CALL, 'first', NOON + 9 * HOLD_MS));
    valueOf(await store.answer(CALL, 'first', answered()));
  });

  test('a released call is begun at once, with the first instant, by whoever asks for the same', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    valueOf(await store.release(CALL, 'first'));
    valueOf(await store.release(CALL, 'first'));
    assert.equal(errorOf(await store.extend(CALL, 'first', NOON + HOLD_MS)), LOST);
    assert.equal(errorOf(await store.answer(CALL, 'first', answered())), LOST);
    const other = attempt('second', { nowMs: NOON + 1, fingerprint: 'something else' });
    assert.equal(valueOf(await store.begin(CALL, other)), { kind: 'other-request' });
    assert.equal(valueOf(await store.begin(CALL, attempt('third', { nowMs: NOON + 2 }))), begunAt(NOON));
  });

  test('a fingerprint that is not known yet fits every other, and the one that was told stays', async ({ store }) => {
    const unknown = { fingerprint: null };
    valueOf(await store.begin(CALL, attempt('first', unknown)));
    const held = valueOf(await store.begin(CALL, attempt('second', { nowMs: NOON + 1 })));
    assert.equal(held, { kind: 'held', fingerprint: null, heldUntilMs: NOON + HOLD_MS });
    valueOf(await store.release(CALL, 'first'));
    assert.equal(valueOf(await store.begin(CALL, attempt('third', { nowMs: NOON + 2 }))), begunAt(NOON));
    valueOf(await store.release(CALL, 'third'));
    assert.equal(valueOf(await store.begin(CALL, attempt('fourth', { ...unknown, nowMs: NOON + 3 }))), begunAt(NOON));
    valueOf(await store.release(CALL, 'fourth'));
    const other = attempt('fifth', { nowMs: NOON + 4, fingerprint: 'something else' });
    assert.equal(valueOf(await store.begin(CALL, other)), { kind: 'other-request' });
    valueOf(await store.begin(CALL, attempt('sixth', { ...unknown, nowMs: NOON + 5 })));
    valueOf(await store.answer(CALL, 'sixth', answered('of the sixth', 'told at last')));
    const told = valueOf(await store.begin(CALL, attempt('seventh', { nowMs: NOON + 6 })));
    assert.equal(told, { kind: 'answered', ...answered('of the sixth', 'told at last') });
  });

  test('an answer can be given again by whoever gave it, and the first one stays', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    valueOf(await store.answer(CALL, 'first', answered('once')));
    valueOf(await store.answer(CALL, 'first', answered('twice')));
    assert.equal(errorOf(await store.answer(CALL, 'second', answered('by another'))), LOST);
    assert.equal(errorOf(await store.extend(CALL, 'first', NOON + HOLD_MS)), LOST);
    valueOf(await store.release(CALL, 'first'));
    const told = valueOf(await store.begin(CALL, attempt('third', { nowMs: NOON + 1 })));
    assert.equal(told, { kind: 'answered', ...answered('once') });
  });

  test('a call that was never begun cannot be held, answered or released', async ({ store }) => {
    assert.equal(errorOf(await store.extend(CALL, 'first', NOON)), LOST);
    assert.equal(errorOf(await store.answer(CALL, 'first', answered())), LOST);
    valueOf(await store.release(CALL, 'first'));
    assert.equal(valueOf(await store.begin(CALL, attempt('first'))), begunAt(NOON));
  });

  test('when its time is over, a call is as if it had never been, whatever became of it', async ({ store }) => {
    const nowMs = NOON + KEPT_MS;
    const ends: readonly ((scope: IdempotencyScope) => Promise<unknown>)[] = [
      async (scope) => valueOf(await store.answer(scope, 'first', answered())),
      async (scope) => valueOf(await store.release(scope, 'first')),
      async (scope) => valueOf(await store.extend(scope, 'first', nowMs + HOLD_MS)),
      async () => undefined,
    ];
    for (const [i, end] of ends.entries()) {
      const scope = { ...CALL, key: `${i}` };
      valueOf(await store.begin(scope, attempt('first')));
      await end(scope);
    }
    for (const i of ends.keys()) {
      const scope = { ...CALL, key: `${i}` };
      const other = attempt('second', { nowMs, fingerprint: 'something else' });
      assert.equal(valueOf(await store.begin(scope, other)), begunAt(nowMs));
      assert.equal(errorOf(await store.answer(scope, 'first', answered())), LOST);
      valueOf(await store.answer(scope, 'second', answered('anew', 'something else')));
    }
  });

  test('of a hundred who begin a call at the same time one does', async ({ store }) => {
    const told = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => valueOf(await store.begin(CALL, attempt(`${i}`)))),
    );
    assert.is(told.filter(({ kind }) => kind === 'begun').length, 1);
    assert.is(told.filter(({ kind }) => kind === 'held').length, 99);
    const winner = told.findIndex(({ kind }) => kind === 'begun');
    valueOf(await store.answer(CALL, `${winner}`, answered()));
  });

  test('of many who take over a call whose hold has run out one does', async ({ store }) => {
    valueOf(await store.begin(CALL, attempt('died')));
    const nowMs = NOON + HOLD_MS;
    const told = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => valueOf(await store.begin(CALL, attempt(`${i}`, { nowMs })))),
    );
    assert.equal(
      told.filter(({ kind }) => kind === 'begun'),
      [begunAt(NOON)],
    );
  });

  test('keys of any characters and of full length stay apart, as do owners and operations', async ({ store }) => {
    const keys = [...AWKWARD_IDS, 'k'.repeat(255), `${'k'.repeat(254)}K`, 'ü'.repeat(255), '#', '%23', '"'];
    const scopes = [
      ...keys.map((key) => ({ ...CALL, key })),
      ...keys.slice(0, 3).flatMap((key) => [
        { ...CALL, key, owner: BEN },
        { ...CALL, key, operation: 'uploadHealthKit' },
        { ...CALL, key: CALL.operation, operation: key },
      ]),
    ];
    for (const [i, scope] of scopes.entries()) {
      assert.equal(valueOf(await store.begin(scope, attempt(`${i}`, { nowMs: NOON + i }))), begunAt(NOON + i));
      valueOf(await store.answer(scope, `${i}`, answered(`${i}`)));
    }
    for (const [i, scope] of scopes.entries()) {
      const told = valueOf(await store.begin(scope, attempt('again', { nowMs: NOON + 1000 })));
      assert.equal(told, { kind: 'answered', ...answered(`${i}`) });
    }
  });

  test('replies come back exactly: any text, any length, any status', async ({ store }) => {
    const bodies = ['', '{"text":"line\\nbreak \\u0000 \\" 用户 👩🏽‍🔬"}', JSON.stringify('x'.repeat(700_000))];
    for (const [i, body] of bodies.entries()) {
      const scope = { ...CALL, key: `${i}` };
      const kept = reply(body, { status: 422, headers: {}, mediaType: 'application/problem+json' });
      valueOf(await store.begin(scope, attempt('first')));
      valueOf(await store.answer(scope, 'first', { fingerprint: 'asked', reply: kept }));
      const told = valueOf(await store.begin(scope, attempt('second')));
      assert.equal(told, { kind: 'answered', fingerprint: 'asked', reply: kept });
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = { fingerprint: 'asked', reply: { ...reply('kept'), headers: { Location: '/kept' } } };
    valueOf(await store.begin(CALL, attempt('first')));
    valueOf(await store.answer(CALL, 'first', given));
    given.reply.body = 'changed';
    given.reply.headers.Location = '/changed';
    const read = async (token: string) => {
      const told = valueOf(await store.begin(CALL, attempt(token)));
      return told.kind === 'answered' ? told.reply : null;
    };
    Object.assign((await read('second'))?.headers ?? {}, { Location: '/changed too' });
    const kept = await read('third');
    assert.equal([kept?.body, kept?.headers], ['kept', { Location: '/kept' }]);
  });

  test("erasing an owner takes all of their calls and nobody else's", async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      for (const key of ['held', 'released', 'answered']) {
        valueOf(await store.begin({ ...CALL, owner, key }, attempt('first')));
      }
      valueOf(await store.release({ ...CALL, owner, key: 'released' }, 'first'));
      valueOf(await store.answer({ ...CALL, owner, key: 'answered' }, 'first', answered()));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(errorOf(await store.answer({ ...CALL, key: 'held' }, 'first', answered())), LOST);
    for (const key of ['held', 'released', 'answered']) {
      const told = valueOf(await store.begin({ ...CALL, key }, attempt('second', { nowMs: NOON + 1 })));
      assert.equal(told, begunAt(NOON + 1));
    }
    const kinds: string[] = [];
    for (const key of ['held', 'released', 'answered']) {
      kinds.push(valueOf(await store.begin({ ...CALL, owner: BEN, key }, attempt('second'))).kind);
    }
    assert.equal(kinds, ['held', 'begun', 'answered']);
  });

  run();
}

/** What an `IdempotencyStore` that outlives its process promises besides. */
export function durableIdempotencyStoreContract(
  name: string,
  make: () => Promise<DurableUnderTest<IdempotencyStore>>,
): void {
  const { test, run } = suiteOver<IdempotencyStore, DurableUnderTest<IdempotencyStore>>(
    `durable idempotency store: ${name}`,
    make,
  );

  test('calls are known after closing and opening again', async (under) => {
    valueOf(await under.store.begin(CALL, attempt('first')));
    valueOf(await under.store.answer(CALL, 'first', answered()));
    const other = { ...CALL, key: 'another' };
    valueOf(await under.store.begin(other, attempt('first')));
    const reopened = await under.reopen();
    assert.is(valueOf(await reopened.begin(CALL, attempt('second'))).kind, 'answered');
    assert.is(valueOf(await reopened.begin(other, attempt('second'))).kind, 'held');
  });

  run();
}

/** What an `IdempotencyStore` that several processes share promises besides. */
export function sharedIdempotencyStoreContract(
  name: string,
  make: () => Promise<SharedUnderTest<IdempotencyStore>>,
): void {
  const { test, run } = suiteOver<IdempotencyStore, SharedUnderTest<IdempotencyStore>>(
    `shared idempotency store: ${name}`,
    make,
  );

  test('of a hundred who begin a call at the same time in two processes one does', async ({ store, other }) => {
    const told = await Promise.all(
      Array.from({ length: 100 }, async (_, i) =>
        valueOf(await (i % 2 === 0 ? store : other).begin(CALL, attempt(`${i}`))),
      ),
    );
    assert.is(told.filter(({ kind }) => kind === 'begun').length, 1);
    assert.is(told.filter(({ kind }) => kind === 'held').length, 99);
    const winner = told.findIndex(({ kind }) => kind === 'begun');
    const [winners, others] = winner % 2 === 0 ? [store, other] : [other, store];
    valueOf(await winners.answer(CALL, `${winner}`, answered()));
    assert.is(valueOf(await others.begin(CALL, attempt('late'))).kind, 'answered');
  });

  test('what one process begins, another can take over once the hold has run out', async ({ store, other }) => {
    valueOf(await store.begin(CALL, attempt('first')));
    assert.is(valueOf(await other.begin(CALL, attempt('second'))).kind, 'held');
    assert.equal(valueOf(await other.begin(CALL, attempt('second', { nowMs: NOON + HOLD_MS }))), begunAt(NOON));
    assert.equal(errorOf(await store.answer(CALL, 'first', answered())), LOST);
  });

  run();
}
