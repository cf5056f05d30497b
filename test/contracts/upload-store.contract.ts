import * as assert from 'uvu/assert';
import { NO_COUNTS, PROCESSING_STATUSES, type Upload } from '../../core/health-data/model.ts';
import type { UploadStore } from '../../core/health-data/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);

const upload = (id: string, changes: Partial<Upload> = {}): Upload => ({
  owner: ADA,
  processingId: processingId(id),
  kind: 'healthkit',
  status: 'received',
  createdAtMs: NOON,
  updatedAtMs: NOON,
  uploadSource: 'apple_health',
  raw: null,
  timezone: null,
  syncToken: null,
  progress: 0,
  message: 'Received.',
  counts: NO_COUNTS,
  failure: null,
  ...changes,
});

const FULL = upload('full', {
  kind: 'healthkit-export',
  status: 'processing',
  updatedAtMs: NOON + 1.5,
  uploadSource: 'a phone "用户"',
  raw: { key: 'uploads/2025/03/10/full.zip', sha256: 'ab'.repeat(32), bytes: 3_000_000_000 },
  timezone: 'Europe/Berlin',
  syncToken: 'token \\ ✓',
  progress: 1 / 3,
  message: 'Reading.\n',
  counts: {
    ...NO_COUNTS,
    accepted: { heart_rate: 12, sleep_stage: 3 },
    duplicates: { heart_rate: 2 },
    rejected: [{ code: 'unit', message: 'unknown unit', count: 4, firstAt: 'line 1042' }],
  },
  failure: { code: 'broken', reason: 'It is broken.' },
});

/** What every `UploadStore` promises. `make` is called once a test. */
export function uploadStoreContract(name: string, make: () => Promise<UnderTest<UploadStore>>): void {
  const { test, run } = suiteOver<UploadStore, UnderTest<UploadStore>>(`upload store: ${name}`, make);

  test('an upload comes back with all that it had', async ({ store }) => {
    valueOf(await store.insert(FULL));
    valueOf(await store.insert(upload('plain')));
    assert.equal(valueOf(await store.get(ADA, FULL.processingId)), FULL);
    assert.equal(valueOf(await store.get(ADA, processingId('plain'))), upload('plain'));
  });

  test('an id that was never used is not found, by any method', async ({ store }) => {
    const id = processingId('nothing');
    const missing = { kind: 'not-found', resource: 'processing', id: 'nothing' };
    assert.equal(errorOf(await store.get(ADA, id)), missing);
    assert.equal(errorOf(await store.change(ADA, id, { progress: 1 }, NOON)), missing);
    assert.equal(errorOf(await store.delete(ADA, id)), missing);
    assert.equal(valueOf(await store.list(ADA, 10)), []);
  });

  test('an upload that is there can be inserted again, and stays as it is', async ({ store }) => {
    const id = processingId('a');
    valueOf(await store.insert(upload('a')));
    valueOf(await store.insert(upload('a', { message: 'Second.', createdAtMs: NOON + 5 })));
    assert.equal(valueOf(await store.list(ADA, 10)), [upload('a')]);
    const completed = valueOf(await store.change(ADA, id, { status: 'completed', progress: 1 }, NOON + 9));
    valueOf(await store.insert(upload('a')));
    assert.equal(valueOf(await store.get(ADA, id)), completed);
    assert.equal(valueOf(await store.list(ADA, 10)), [completed]);
  });

  test('a change for some states only leaves an upload in any other as it is, and answers that', async ({ store }) => {
    const id = processingId('a');
    for (const status of PROCESSING_STATUSES) {
      const before = upload('a', { status, failure: { code: 'c', reason: 'r' } });
      valueOf(await store.insert(before));
      const others = PROCESSING_STATUSES.filter((other) => other !== status);
      const change = { status: 'completed', message: 'Done.', failure: null } as const;
      assert.equal(valueOf(await store.change(ADA, id, change, NOON + 5, { status: others })), before);
      assert.equal(valueOf(await store.change(ADA, id, change, NOON + 5, { status: [] })), before);
      assert.equal(valueOf(await store.get(ADA, id)), before);
      const after = { ...before, ...change, updatedAtMs: NOON + 6 };
      assert.equal(valueOf(await store.change(ADA, id, change, NOON + 6, { status: [status] })), after);
      assert.equal(valueOf(await store.get(ADA, id)), after);
      const again = { ...after, progress: 0.5, updatedAtMs: NOON + 7 };
      const all = { status: PROCESSING_STATUSES };
      assert.equal(valueOf(await store.change(ADA, id, { progress: 0.5 }, NOON + 7, all)), again);
      valueOf(await store.delete(ADA, id));
    }
    const onlyIf = { status: PROCESSING_STATUSES };
    assert.is(errorOf(await store.change(ADA, id, { progress: 1 }, NOON, onlyIf)).kind, 'not-found');
  });

  test('of changes at the same time that take an upload out of a state, one takes place', async ({ store }) => {
    valueOf(await store.insert(upload('a', { status: 'processing' })));
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const change = { status: i % 2 === 0 ? 'failed' : 'completed', message: `By ${i}.` } as const;
        return valueOf(await store.change(ADA, processingId('a'), change, NOON + i, { status: ['processing'] }));
      }),
    );
    const left = valueOf(await store.get(ADA, processingId('a')));
    for (const answer of answers) assert.equal(answer, left);
    const winner = Number(/\d+/.exec(left.message)?.[0]);
    assert.equal([left.updatedAtMs, left.status], [NOON + winner, winner % 2 === 0 ? 'failed' : 'completed']);
  });

  test('a change touches the given fields and the time of the last change, and answers the new state', async ({
    store,
  }) => {
    const before = { ...FULL, failure: null };
    valueOf(await store.insert(before));
    const once = valueOf(await store.change(ADA, FULL.processingId, { progress: 0.5 }, NOON + 10));
    assert.equal(once, { ...before, progress: 0.5, updatedAtMs: NOON + 10 });
    const change = {
      status: 'failed',
      message: 'Failed.',
      counts: NO_COUNTS,
      failure: { code: 'c', reason: 'r' },
      raw: null,
    } as const;
    const twice = valueOf(await store.change(ADA, FULL.processingId, change, NOON + 20));
    assert.equal(twice, { ...once, ...change, updatedAtMs: NOON + 20 });
    assert.equal(valueOf(await store.get(ADA, FULL.processingId)), twice);
    assert.equal(valueOf(await store.change(ADA, FULL.processingId, {}, NOON + 30)), {
      ...twice,
      updatedAtMs: NOON + 30,
    });
  });

  test('changes of different fields at the same time are all kept', async ({ store }) => {
    valueOf(await store.insert(upload('a')));
    const id = processingId('a');
    await Promise.all([
      store.change(ADA, id, { progress: 0.25 }, NOON + 1),
      store.change(ADA, id, { message: 'Still reading.' }, NOON + 1),
      store.change(ADA, id, { status: 'processing' }, NOON + 1),
    ]);
    const { progress, message, status } = valueOf(await store.get(ADA, id));
    assert.equal([progress, message, status], [0.25, 'Still reading.', 'processing']);
  });

  test('the list is newest first, and by descending id where instants are equal, up to the limit', async ({
    store,
  }) => {
    for (const [id, minutes] of [
      ['b', 1],
      ['new', 2],
      ['a', 1],
      ['c', 1],
      ['old', 0],
    ] as const) {
      valueOf(await store.insert(upload(id, { createdAtMs: NOON + minutes })));
    }
    const listed = async (limit: number) => valueOf(await store.list(ADA, limit)).map((found) => found.processingId);
    assert.equal(await listed(10), ['new', 'c', 'b', 'a', 'old']);
    assert.equal(await listed(2), ['new', 'c']);
    assert.equal(await listed(0), []);
  });

  test('a deleted upload is not found, and its id is free', async ({ store }) => {
    valueOf(await store.insert(upload('a')));
    valueOf(await store.insert(upload('b')));
    valueOf(await store.delete(ADA, processingId('a')));
    assert.is(errorOf(await store.get(ADA, processingId('a'))).kind, 'not-found');
    assert.is(errorOf(await store.delete(ADA, processingId('a'))).kind, 'not-found');
    assert.equal(valueOf(await store.list(ADA, 10)), [upload('b')]);
    valueOf(await store.insert(upload('a')));
  });

  test("another owner's upload is as if it were not there", async ({ store }) => {
    valueOf(await store.insert(upload('a')));
    const id = processingId('a');
    const absent = { kind: 'not-found', resource: 'processing', id: 'a' };
    assert.equal(errorOf(await store.get(BEN, id)), absent);
    assert.equal(errorOf(await store.change(BEN, id, { progress: 1 }, NOON + 1)), absent);
    assert.equal(errorOf(await store.delete(BEN, id)), absent);
    assert.equal(valueOf(await store.list(BEN, 10)), []);
    valueOf(await store.insert(upload('a', { owner: BEN, message: "Ben's." })));
    assert.equal(valueOf(await store.get(ADA, id)), upload('a'));
    valueOf(await store.delete(BEN, id));
    assert.equal(valueOf(await store.get(ADA, id)), upload('a'));
  });

  test("erasing an owner takes all of his uploads and nobody else's", async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      for (const id of ['a', 'b', 'c']) valueOf(await store.insert(upload(id, { owner })));
    }
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.list(ADA, 10)), []);
    assert.is(errorOf(await store.get(ADA, processingId('a'))).kind, 'not-found');
    assert.is(errorOf(await store.change(ADA, processingId('b'), { progress: 1 }, NOON)).kind, 'not-found');
    assert.is(valueOf(await store.list(BEN, 10)).length, 3);
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.insert(upload('a')));
    assert.equal(valueOf(await store.list(ADA, 10)), [upload('a')]);
    assert.equal(valueOf(await store.get(BEN, processingId('a'))), upload('a', { owner: BEN }));
  });

  test('the same upload can be inserted by two at the same time, and is there once', async ({ store }) => {
    await Promise.all([store.insert(upload('a')), store.insert(upload('a', { message: 'Another.' }))]);
    const [only, ...others] = valueOf(await store.list(ADA, 10));
    assert.equal(others, []);
    assert.equal(valueOf(await store.get(ADA, processingId('a'))), only);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    // One owner has all ids; the others have ids in common with each other.
    const idsOfOwner = (i: number) => (i === 0 ? AWKWARD_IDS : AWKWARD_IDS.slice(0, 3));
    for (const [i, owner] of AWKWARD_IDS.entries()) {
      for (const [minutes, id] of idsOfOwner(i).entries()) {
        const createdAtMs = NOON + minutes;
        valueOf(await store.insert(upload(id, { owner: userId(owner), message: owner + id, createdAtMs })));
      }
    }
    for (const [i, owner] of AWKWARD_IDS.entries()) {
      const listed = valueOf(await store.list(userId(owner), 1000));
      assert.equal(new Set(listed.map(({ message }) => message)), new Set(idsOfOwner(i).map((id) => owner + id)));
      for (const id of idsOfOwner(i)) {
        assert.is(valueOf(await store.get(userId(owner), processingId(id))).message, owner + id);
      }
    }
  });

  test('usage adds up the raw bytes and the work of the owner alone, as they are by now', async ({ store }) => {
    assert.equal(valueOf(await store.usage(ADA)), { storedBytes: 0, running: 0 });
    const raw = (bytes: number) => ({ key: 'k', sha256: 's', bytes });
    valueOf(await store.insert(FULL));
    for (const [i, status] of PROCESSING_STATUSES.entries()) {
      valueOf(await store.insert(upload(`u${String(i)}`, { status, raw: raw(10 ** i) })));
    }
    valueOf(await store.insert(upload('nothing')));
    valueOf(await store.insert(upload('u0', { owner: BEN, raw: raw(7) })));
    assert.equal(valueOf(await store.usage(ADA)), { storedBytes: 3_000_011_111, running: 2 });
    assert.equal(valueOf(await store.usage(BEN)), { storedBytes: 7, running: 0 });
    valueOf(await store.change(ADA, FULL.processingId, { status: 'failed', raw: null }, NOON));
    valueOf(await store.change(ADA, processingId('nothing'), { status: 'processing', raw: raw(500) }, NOON));
    valueOf(await store.delete(ADA, processingId('u4')));
    assert.equal(valueOf(await store.usage(ADA)), { storedBytes: 1611, running: 2 });
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.usage(ADA)), { storedBytes: 0, running: 0 });
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const raw = { key: 'k', sha256: 's', bytes: 1 };
    const counts = { ...NO_COUNTS, accepted: { heart_rate: 1 } };
    valueOf(await store.insert(upload('a', { raw })));
    raw.bytes = 2;
    valueOf(await store.change(ADA, processingId('a'), { counts }, NOON));
    counts.accepted.heart_rate = 2;
    Object.assign(valueOf(await store.get(ADA, processingId('a'))).counts.accepted, { heart_rate: 3 });
    Object.assign(valueOf(await store.list(ADA, 1))[0]!.raw!, { bytes: 3 });
    const kept = valueOf(await store.get(ADA, processingId('a')));
    assert.equal([kept.raw?.bytes, kept.counts.accepted], [1, { heart_rate: 1 }]);
  });

  run();
}

/** What an `UploadStore` that outlives its process promises besides. */
export function durableUploadStoreContract(name: string, make: () => Promise<DurableUnderTest<UploadStore>>): void {
  const { test, run } = suiteOver<UploadStore, DurableUnderTest<UploadStore>>(`durable upload store: ${name}`, make);

  test('uploads and their state are there after closing and opening again', async (under) => {
    valueOf(await under.store.insert(FULL));
    const changed = valueOf(await under.store.change(ADA, FULL.processingId, { progress: 0.75 }, NOON + 5));
    assert.equal(valueOf(await (await under.reopen()).list(ADA, 10)), [changed]);
  });

  run();
}
