import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryIdempotencyStore } from '../../../adapters/memory/idempotency-store.ts';
import {
  CALL_HOLD_MS,
  CALL_KEPT_MS,
  callOnce,
  isFinalReply,
  type BegunAttempt,
  type CallOnceCommand,
} from '../../../core/idempotency/call-once.ts';
import type { IdempotencyScope, IdempotencyStore, KeptReply } from '../../../core/idempotency/ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { failing } from '../auth/identities.ts';
import { ADA, NOW_MS, replacing, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const SCOPE: IdempotencyScope = { owner: ADA, operation: 'uploadHealthData', key: 'a key' };
const DOWN = portUnavailable('IdempotencyStore', 'any', 'the database is locked');
const GONE = { kind: 'client-gone' } as const;
const REUSED = { kind: 'idempotency-key-reused' };

const reply = (status: number, body = `{"status":${status}}`): KeptReply => ({
  status,
  mediaType: 'application/json',
  headers: { Location: '/made' },
  body,
});

type Command = CallOnceCommand<typeof GONE>;

/** A store, a clock, and calls that count how often they work. */
function scene(replaced: (store: IdempotencyStore) => IdempotencyStore = (store) => store) {
  const store = new MemoryIdempotencyStore();
  const clock = new SettableClock();
  const attempts: BegunAttempt[] = [];
  const call = (token: string, answer: ReturnType<Command['work']>, changes: Partial<Command> = {}) =>
    callOnce({ idempotency: replaced(store), clock })<typeof GONE>({
      scope: SCOPE,
      token,
      fingerprint: 'asked',
      work: (attempt) => {
        attempts.push(attempt);
        return answer;
      },
      ...changes,
    });
  return { store, clock, attempts, call };
}

/** Work that ends when the test says so. */
function pending<T, E>() {
  let end: (result: ResultAsync<T, E>) => void = () => undefined;
  const result = new ResultAsync<T, E>(
    new Promise((resolve) => {
      end = (ended) => {
        void ended.then(resolve);
      };
    }),
  );
  return { result, end };
}

test('the first reply is given to every later call, and the work is done once', async () => {
  const { call, clock, attempts } = scene();
  assert.equal(valueOf(await call('1', okAsync(reply(201)))), { reply: reply(201), replayed: false });
  clock.nowMs += CALL_KEPT_MS - 1;
  assert.equal(valueOf(await call('2', okAsync(reply(500)))), { reply: reply(201), replayed: true });
  assert.is(attempts.length, 1);
  assert.is(attempts[0]?.firstBegunAtMs, NOW_MS);
  clock.nowMs += 1;
  assert.equal(valueOf(await call('3', okAsync(reply(200)))), { reply: reply(200), replayed: false });
  assert.is(attempts[1]?.firstBegunAtMs, NOW_MS + CALL_KEPT_MS);
});

test('the same key for another request is refused, whether the first is answered, worked on or given up', async () => {
  const other = { fingerprint: 'something else' };
  const answered = scene();
  valueOf(await answered.call('1', okAsync(reply(201))));
  assert.equal(errorOf(await answered.call('2', okAsync(reply(201)), other)), REUSED);
  const held = scene();
  const work = pending<KeptReply, typeof GONE>();
  const first = held.call('1', work.result);
  assert.equal(errorOf(await held.call('2', okAsync(reply(201)), other)), REUSED);
  work.end(errAsync(GONE));
  assert.equal(errorOf(await first), GONE);
  assert.equal(errorOf(await held.call('3', okAsync(reply(201)), other)), REUSED);
  assert.is(held.attempts.length, 1);
  assert.is(answered.attempts.length, 1);
});

test('while one works, others are told to come again: after five seconds, or sooner where the hold ends', async () => {
  const { call, clock, attempts } = scene();
  const work = pending<KeptReply, typeof GONE>();
  const first = call('1', work.result);
  for (const [afterMs, retryAfterSeconds] of [
    [0, 5],
    [CALL_HOLD_MS - 5000, 5],
    [CALL_HOLD_MS - 4999, 5],
    [CALL_HOLD_MS - 1500, 2],
    [CALL_HOLD_MS - 1, 1],
  ] as const) {
    clock.nowMs = NOW_MS + afterMs;
    const told = errorOf(await call('2', okAsync(reply(201))));
    assert.equal(told, { kind: 'call-in-progress', retryAfterSeconds });
  }
  work.end(okAsync(reply(201)));
  assert.is(valueOf(await first).replayed, false);
  assert.is(valueOf(await call('3', okAsync(reply(201)))).replayed, true);
  assert.is(attempts.length, 1);
});

test('of a hundred calls at the same time one works, and the others get its reply when they come again', async () => {
  const { call, attempts } = scene();
  const work = pending<KeptReply, typeof GONE>();
  const calls = Array.from({ length: 100 }, (_, i) => call(`${i}`, work.result));
  work.end(okAsync(reply(201)));
  const results = await Promise.all(calls);
  assert.is(attempts.length, 1);
  assert.is(results.filter((result) => result.isOk()).length, 1);
  const refusals = results.flatMap((result) => (result.isErr() ? [result.error.kind] : []));
  assert.equal(new Set(refusals), new Set(['call-in-progress']));
  for (let i = 0; i < 99; i++) assert.is(valueOf(await call(`again ${i}`, work.result)).replayed, true);
  assert.is(attempts.length, 1);
});

test('a call that says nothing for a minute is taken over, with the first instant, and its late reply changes nothing', async () => {
  const { call, clock, attempts } = scene();
  const work = pending<KeptReply, typeof GONE>();
  const first = call('1', work.result);
  await Promise.resolve();
  clock.nowMs += CALL_HOLD_MS;
  assert.equal(valueOf(await call('2', okAsync(reply(201, 'in time')))), {
    reply: reply(201, 'in time'),
    replayed: false,
  });
  assert.equal(
    attempts.map(({ firstBegunAtMs }) => firstBegunAtMs),
    [NOW_MS, NOW_MS],
  );
  assert.equal(errorOf(await attempts[0]!.keepHolding()), { kind: 'call-lost' });
  work.end(okAsync(reply(201, 'late')));
  assert.equal(valueOf(await first), { reply: reply(201, 'late'), replayed: false });
  assert.is(valueOf(await call('3', okAsync(reply(201)))).reply.body, 'in time');
});

test('work that goes on can hold its call', async () => {
  const { call, clock, attempts } = scene();
  const work = pending<KeptReply, typeof GONE>();
  const first = call('1', work.result);
  await Promise.resolve();
  for (let i = 0; i < 5; i++) {
    clock.nowMs += CALL_HOLD_MS - 1;
    assert.is(errorOf(await call('2', okAsync(reply(201)))).kind, 'call-in-progress');
    valueOf(await attempts[0]!.keepHolding());
  }
  work.end(okAsync(reply(201)));
  valueOf(await first);
  assert.is(attempts.length, 1);
});

test('successes and refusals are final; failures and what may pass are not', () => {
  const kept = [200, 201, 202, 204, 400, 401, 403, 404, 409, 413, 415, 422];
  const passing = [408, 425, 429, 499, 500, 502, 503, 504];
  assert.equal(
    [...kept, ...passing].filter((status) => isFinalReply(reply(status))),
    kept,
  );
});

test('a refusal is kept; after a failure, an error or a client that left, the next attempt begins at once', async () => {
  const refused = scene();
  valueOf(await refused.call('1', okAsync(reply(404))));
  assert.equal(valueOf(await refused.call('2', okAsync(reply(201)))), { reply: reply(404), replayed: true });
  for (const answer of [okAsync(reply(503)), okAsync(reply(429)), errAsync(GONE)]) {
    const { call, clock, attempts } = scene();
    const given = await call('1', answer);
    if (given.isOk()) assert.is(given.value.replayed, false);
    else assert.equal(given.error, GONE);
    clock.nowMs += 1;
    assert.equal(valueOf(await call('2', okAsync(reply(201)))), { reply: reply(201), replayed: false });
    assert.is(attempts[1]?.firstBegunAtMs, NOW_MS);
    assert.is(valueOf(await call('3', okAsync(reply(500)))).replayed, true);
  }
});

test('a bug passes on, and the next attempt begins at once', async () => {
  for (const work of [
    () => {
      throw new TypeError('a bug');
    },
    () => new ResultAsync<KeptReply, typeof GONE>(Promise.reject(new TypeError('a bug'))),
  ]) {
    const { call } = scene();
    const thrown = await call('1', okAsync(reply(201)), { work }).then(
      () => null,
      (cause: unknown) => cause,
    );
    assert.instance(thrown, TypeError);
    assert.is(valueOf(await call('2', okAsync(reply(201)))).replayed, false);
  }
});

test('a fingerprint that only the body tells is asked for after the work, or instead of it', async () => {
  const { call, attempts } = scene();
  const asked: string[] = [];
  const told = (fingerprint: string) => ({
    fingerprint: () => {
      asked.push(`${fingerprint} after ${attempts.length}`);
      return okAsync<string, typeof GONE>(fingerprint);
    },
  });
  valueOf(await call('1', okAsync(reply(202)), told('a file')));
  assert.is(valueOf(await call('2', okAsync(reply(202)), told('a file'))).replayed, true);
  assert.equal(errorOf(await call('3', okAsync(reply(202)), told('another file'))), REUSED);
  assert.equal(asked, ['a file after 1', 'a file after 1', 'another file after 1']);
  assert.is(attempts.length, 1);
});

test('while a call is worked on, nobody is asked for a fingerprint that only the body tells', async () => {
  const { call } = scene();
  const work = pending<KeptReply, typeof GONE>();
  const never = { fingerprint: () => errAsync(GONE) };
  const first = call('1', work.result, never);
  assert.is(errorOf(await call('2', okAsync(reply(202)), never)).kind, 'call-in-progress');
  work.end(okAsync(reply(202)));
  assert.equal(valueOf(await first), { reply: reply(202), replayed: false });
});

test('a success whose fingerprint cannot be told is not kept, and is one all the same', async () => {
  const { call, attempts } = scene();
  const unknown = { fingerprint: () => errAsync(GONE) };
  assert.is(valueOf(await call('1', okAsync(reply(202)), unknown)).replayed, false);
  assert.is(valueOf(await call('2', okAsync(reply(202)))).replayed, false);
  assert.equal(errorOf(await call('3', okAsync(reply(202)), unknown)), GONE);
  assert.is(attempts.length, 2);
});

test('a success that cannot be kept is one all the same, and the next attempt repeats it with the same instant', async () => {
  const { call, clock, attempts } = scene((store) => replacing(store, { answer: failing(DOWN) }));
  for (let i = 0; i < 3; i++) {
    assert.equal(valueOf(await call(`${i}`, okAsync(reply(201)))), { reply: reply(201), replayed: false });
    clock.nowMs += 1000;
  }
  assert.equal(
    attempts.map(({ firstBegunAtMs }) => firstBegunAtMs),
    [NOW_MS, NOW_MS, NOW_MS],
  );
});

test('where the call cannot be released either, it runs out by itself', async () => {
  const { call, clock } = scene((store) => replacing(store, { answer: failing(DOWN), release: failing(DOWN) }));
  assert.is(valueOf(await call('1', okAsync(reply(201)))).replayed, false);
  assert.is(errorOf(await call('2', okAsync(reply(201)))).kind, 'call-in-progress');
  clock.nowMs += CALL_HOLD_MS;
  assert.is(valueOf(await call('3', okAsync(reply(201)))).replayed, false);
});

test('where the call cannot be begun nothing is done', async () => {
  const { call, attempts } = scene((store) => replacing(store, { begin: failing(DOWN) }));
  assert.equal(errorOf(await call('1', okAsync(reply(201)))), DOWN);
  assert.is(attempts.length, 0);
});

test.run();
