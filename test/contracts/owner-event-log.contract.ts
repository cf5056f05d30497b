import { setImmediate as nextTurn } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { BEFORE_ALL_EVENTS, eventIdOf, type OwnerEvent, type OwnerEventDraft } from '../../core/events/model.ts';
import { EVENTS_KEPT_MS, MOST_EVENTS_KEPT, type OwnerEventLog } from '../../core/events/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);
const A = processingId('a');
const B = processingId('b');

const draft = (subject: string, changes: Partial<OwnerEventDraft> = {}): OwnerEventDraft => ({
  type: 'processing.updated',
  atMs: NOON,
  upload: A,
  subject,
  data: { status: 'processing', progress: 1 / 3, message: 'Reading "用户".\n', done: false, failure: null },
  ...changes,
});

const subjectsOf = (events: readonly OwnerEvent[]): readonly string[] => events.map(({ subject }) => subject);
const all = async (log: OwnerEventLog, owner = ADA): Promise<readonly OwnerEvent[]> =>
  valueOf(await log.after(owner, null, 10_000));

/** What every `OwnerEventLog` promises. `make` is called once a test. */
export function ownerEventLogContract(name: string, make: () => Promise<UnderTest<OwnerEventLog>>): void {
  const { test, run } = suiteOver<OwnerEventLog, UnderTest<OwnerEventLog>>(`owner event log: ${name}`, make);

  test('events come back in order with all that they had, and with the places that appending answered', async ({
    store,
  }) => {
    const first = valueOf(await store.append(ADA, draft('one')));
    const second = valueOf(
      await store.append(ADA, draft('two', { type: 'insight.completed', atMs: NOON - 5.5, upload: null, data: {} })),
    );
    assert.ok(second.id > first.id);
    assert.equal(first, { ...draft('one'), id: first.id });
    assert.equal(await all(store), [first, second]);
    assert.is(valueOf(await store.newest(ADA)), second.id);
  });

  test('a log without events is empty', async ({ store }) => {
    assert.equal(await all(store), []);
    assert.is(valueOf(await store.newest(ADA)), null);
    valueOf(await store.deleteUpload(ADA, A));
    valueOf(await store.forgetOld(ADA, NOON));
    assert.is(valueOf(await store.newest(ADA)), null);
  });

  test('reading goes on after a place, a few at a time', async ({ store }) => {
    const events: OwnerEvent[] = [];
    for (const subject of ['1', '2', '3', '4', '5']) events.push(valueOf(await store.append(ADA, draft(subject))));
    const [, second, , fourth, last] = events;
    assert.equal(subjectsOf(valueOf(await store.after(ADA, null, 2))), ['1', '2']);
    assert.equal(subjectsOf(valueOf(await store.after(ADA, BEFORE_ALL_EVENTS, 1))), ['1']);
    assert.equal(subjectsOf(valueOf(await store.after(ADA, second!.id, 2))), ['3', '4']);
    assert.equal(subjectsOf(valueOf(await store.after(ADA, fourth!.id, 2))), ['5']);
    assert.equal(valueOf(await store.after(ADA, last!.id, 2)), []);
    assert.equal(valueOf(await store.after(ADA, null, 0)), []);
    assert.equal(valueOf(await store.after(ADA, eventIdOf(1_000_000), 2)), []);
  });

  test('a reader that polls while others append misses nothing and sees nothing twice', async ({ store }) => {
    const writers = Array.from({ length: 5 }, (_, writer) => writer);
    const each = 8;
    let writing = writers.length;
    const written = Promise.all(
      writers.map(async (writer) => {
        for (let i = 0; i < each; i++) valueOf(await store.append(ADA, draft(`${String(writer)}.${String(i)}`)));
        writing -= 1;
      }),
    );
    const seen: OwnerEvent[] = [];
    const poll = async (): Promise<number> => {
      const events = valueOf(await store.after(ADA, seen.at(-1)?.id ?? null, 3));
      seen.push(...events);
      return events.length;
    };
    while (writing > 0) {
      await poll();
      // As whoever polls does: a loop without a turn of the event loop in it leaves none for the writers.
      await nextTurn();
    }
    await written;
    while ((await poll()) > 0);
    assert.is(new Set(subjectsOf(seen)).size, writers.length * each);
    assert.is(seen.length, writers.length * each);
    for (const writer of writers) {
      const own = subjectsOf(seen).filter((subject) => subject.startsWith(`${String(writer)}.`));
      assert.equal(
        own,
        Array.from({ length: each }, (_, i) => `${String(writer)}.${String(i)}`),
      );
    }
  });

  test('the newest so many events stay', async ({ store }) => {
    for (let i = 1; i <= MOST_EVENTS_KEPT + 2; i++) valueOf(await store.append(ADA, draft(String(i), { data: {} })));
    const kept = await all(store);
    assert.is(kept.length, MOST_EVENTS_KEPT);
    assert.equal([kept[0]?.subject, kept.at(-1)?.subject], ['3', String(MOST_EVENTS_KEPT + 2)]);
  });

  test("an upload's events are forgotten but for that of its deletion, and no place is used again", async ({
    store,
  }) => {
    valueOf(await store.append(ADA, draft('a1')));
    valueOf(await store.append(ADA, draft('b1', { upload: B })));
    valueOf(await store.append(ADA, draft('gone', { type: 'data.deleted' })));
    valueOf(await store.append(ADA, draft('none', { upload: null })));
    const last = valueOf(await store.append(ADA, draft('a2')));
    valueOf(await store.append(BEN, draft('of ben')));
    valueOf(await store.deleteUpload(ADA, A));
    assert.equal(subjectsOf(await all(store)), ['b1', 'gone', 'none']);
    assert.is(valueOf(await store.newest(ADA)), last.id);
    valueOf(await store.deleteUpload(ADA, A));
    const next = valueOf(await store.append(ADA, draft('b2', { upload: B })));
    assert.ok(next.id > last.id);
    assert.equal(valueOf(await store.after(ADA, last.id, 10)), [next]);
    assert.equal(subjectsOf(await all(store)), ['b1', 'gone', 'none', 'b2']);
    assert.equal(subjectsOf(await all(store, BEN)), ['of ben']);
  });

  test('what is too old is forgotten, and no place is used again', async ({ store }) => {
    valueOf(await store.append(ADA, draft('old', { atMs: NOON - 1 })));
    valueOf(await store.append(ADA, draft('young')));
    valueOf(await store.append(BEN, draft('of ben', { atMs: NOON - 1 })));
    const last = valueOf(await store.append(ADA, draft('old as well', { atMs: NOON - 2 })));
    valueOf(await store.forgetOld(ADA, NOON + EVENTS_KEPT_MS));
    assert.equal(subjectsOf(await all(store)), ['young']);
    assert.equal(subjectsOf(await all(store, BEN)), ['of ben']);
    valueOf(await store.forgetOld(ADA, NOON + EVENTS_KEPT_MS + 1));
    assert.equal(await all(store), []);
    assert.is(valueOf(await store.newest(ADA)), last.id);
    const next = valueOf(await store.append(ADA, draft('next')));
    assert.equal(valueOf(await store.after(ADA, last.id, 10)), [next]);
  });

  test("erasing an owner takes everything of theirs and nobody else's", async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      for (const subject of ['1', '2']) valueOf(await store.append(owner, draft(subject, { type: 'data.deleted' })));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(await all(store), []);
    assert.is(valueOf(await store.newest(ADA)), null);
    assert.is((await all(store, BEN)).length, 2);
    valueOf(await store.append(ADA, draft('again')));
    assert.equal(subjectsOf(await all(store)), ['again']);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) {
      valueOf(await store.append(userId(id), draft(`first of ${id}`, { upload: processingId(id) })));
      valueOf(await store.append(userId(id), draft(`second of ${id}`, { upload: A })));
    }
    for (const id of AWKWARD_IDS.slice(1)) {
      assert.equal(subjectsOf(await all(store, userId(id))), [`first of ${id}`, `second of ${id}`]);
      valueOf(await store.deleteUpload(userId(id), processingId(id)));
      assert.equal(subjectsOf(await all(store, userId(id))), [`second of ${id}`]);
    }
  });

  test('what was handed in or out can be changed without changing the log', async ({ store }) => {
    const data = { progress: 0.5 };
    const appended = valueOf(await store.append(ADA, draft('one', { data })));
    data.progress = 1;
    Object.assign(appended.data, { progress: 2 });
    Object.assign((await all(store))[0]!.data, { progress: 3 });
    assert.equal((await all(store))[0]?.data, { progress: 0.5 });
  });

  run();
}

/** What an `OwnerEventLog` that outlives its process promises besides. */
export function durableOwnerEventLogContract(name: string, make: () => Promise<DurableUnderTest<OwnerEventLog>>): void {
  const { test, run } = suiteOver<OwnerEventLog, DurableUnderTest<OwnerEventLog>>(
    `durable owner event log: ${name}`,
    make,
  );

  test('events are there after closing and opening again, and the next one comes after them', async (under) => {
    const first = valueOf(await under.store.append(ADA, draft('one')));
    const reopened = await under.reopen();
    const second = valueOf(await reopened.append(ADA, draft('two')));
    assert.ok(second.id > first.id);
    assert.equal(await all(reopened), [first, second]);
  });

  run();
}

/** What an `OwnerEventLog` that several processes use at once promises besides. */
export function sharedOwnerEventLogContract(name: string, make: () => Promise<SharedUnderTest<OwnerEventLog>>): void {
  const { test, run } = suiteOver<OwnerEventLog, SharedUnderTest<OwnerEventLog>>(
    `shared owner event log: ${name}`,
    make,
  );

  test('events of two processes have places of their own, and both see all', async ({ store, other }) => {
    const appended = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? store : other).append(ADA, draft(String(i)))),
    );
    const ids = appended.map((event) => valueOf(event).id);
    assert.is(new Set(ids).size, 12);
    assert.equal(
      (await all(other)).map(({ id }) => id),
      [...ids].sort(),
    );
    assert.equal(await all(store), await all(other));
  });

  run();
}
