import * as assert from 'uvu/assert';
import type { FailedJob, FailedJobPlace, FailedJobs } from '../../core/health-data/failed-jobs.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);

const job = (id: string, changes: Partial<FailedJob> = {}): FailedJob => ({
  owner: ADA,
  upload: processingId(id),
  jobId: `${id}/${String(NOON)}`,
  attempts: 5,
  failedAtMs: NOON,
  reason: 'dependency-unavailable',
  ...changes,
});

const idsOf = (jobs: readonly FailedJob[]): readonly string[] => jobs.map(({ upload }) => upload);

/** All of them, page by page. */
async function walk(store: FailedJobs, limit: number): Promise<readonly FailedJob[]> {
  const found: FailedJob[] = [];
  for (let after: FailedJobPlace | null = null; ;) {
    const page: readonly FailedJob[] = valueOf(await store.list(after, limit));
    found.push(...page);
    after = page.at(-1) ?? null;
    if (after === null) return found;
  }
}

/** What every `FailedJobs` promises. `make` is called once a test. */
export function failedJobsContract(name: string, make: () => Promise<UnderTest<FailedJobs>>): void {
  const { test, run } = suiteOver<FailedJobs, UnderTest<FailedJobs>>(`failed jobs: ${name}`, make);

  test('where nothing has failed nothing is found, and nothing is removed', async ({ store }) => {
    assert.equal(valueOf(await store.list(null, 10)), []);
    assert.is(valueOf(await store.find(ADA, processingId('a'))), null);
    assert.is(valueOf(await store.remove(job('a'))), false);
    valueOf(await store.eraseOwner(ADA));
  });

  test('a job comes back exactly, to whoever names its owner and its upload', async ({ store }) => {
    const kept = job('a', { reason: 'a "reason" ✓', attempts: 6, failedAtMs: NOON + 1 });
    valueOf(await store.keep(kept));
    assert.equal(valueOf(await store.list(null, 10)), [kept]);
    assert.equal(valueOf(await store.find(ADA, kept.upload)), kept);
    assert.is(valueOf(await store.find(BEN, kept.upload)), null);
    assert.is(valueOf(await store.find(ADA, processingId('b'))), null);
  });

  test('the newest come first, of everybody, on pages that neither leave one out nor show one twice', async ({
    store,
  }) => {
    const jobs = Array.from({ length: 9 }, (_, i) =>
      // Three fail at each instant.
      job(`u${String(i)}`, { owner: i % 2 === 0 ? ADA : BEN, failedAtMs: NOON + Math.floor(i / 3) }),
    );
    for (const each of [...jobs].reverse()) valueOf(await store.keep(each));
    for (const limit of [1, 2, 4, 9, 20]) {
      const walked = await walk(store, limit);
      assert.equal([...idsOf(walked)].sort(), idsOf(jobs));
      assert.equal(
        walked.map(({ failedAtMs }) => failedAtMs - NOON),
        [2, 2, 2, 1, 1, 1, 0, 0, 0],
      );
    }
    assert.equal(valueOf(await store.list(null, 0)), []);
  });

  test('pages go on from a place whose job has been removed', async ({ store }) => {
    const jobs = [job('a', { failedAtMs: NOON + 2 }), job('b', { failedAtMs: NOON + 1 }), job('c')];
    for (const each of jobs) valueOf(await store.keep(each));
    assert.is(valueOf(await store.remove(jobs[1]!)), true);
    assert.equal(idsOf(valueOf(await store.list(jobs[1]!, 10))), ['c']);
  });

  test('of one upload the last job is kept, and only that is removed', async ({ store }) => {
    const [first, second] = [job('a'), job('a', { jobId: 'another', failedAtMs: NOON + 60_000 })];
    valueOf(await store.keep(first));
    valueOf(await store.keep(job('b')));
    valueOf(await store.keep(second));
    valueOf(await store.keep(second));
    assert.equal(idsOf(valueOf(await store.list(null, 10))), ['a', 'b']);
    assert.equal(valueOf(await store.find(ADA, first.upload)), second);
    assert.is(valueOf(await store.remove(first)), false);
    assert.is(valueOf(await store.remove({ ...second, failedAtMs: NOON })), false);
    assert.is(valueOf(await store.remove({ ...second, jobId: first.jobId })), false);
    assert.is(valueOf(await store.remove(second)), true);
    assert.is(valueOf(await store.remove(second)), false);
    assert.is(valueOf(await store.find(ADA, first.upload)), null);
    assert.equal(idsOf(valueOf(await store.list(null, 10))), ['b']);
  });

  test('a job that was removed can fail again', async ({ store }) => {
    valueOf(await store.keep(job('a')));
    assert.is(valueOf(await store.remove(job('a'))), true);
    valueOf(await store.keep(job('a')));
    assert.equal(valueOf(await store.list(null, 10)), [job('a')]);
    assert.is(valueOf(await store.remove(job('a'))), true);
  });

  test('erasing an owner removes all of theirs and nothing of others', async ({ store }) => {
    for (const each of [job('a'), job('b', { failedAtMs: NOON + 1 }), job('a', { owner: BEN })]) {
      valueOf(await store.keep(each));
    }
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.list(null, 10)), [job('a', { owner: BEN })]);
    assert.is(valueOf(await store.find(ADA, processingId('a'))), null);
  });

  test('ids of any form are kept apart', async ({ store }) => {
    for (const owner of AWKWARD_IDS) {
      for (const upload of AWKWARD_IDS.slice(0, 3)) {
        valueOf(await store.keep(job(upload, { owner: userId(owner), jobId: upload })));
      }
    }
    const walked = await walk(store, 7);
    assert.is(walked.length, AWKWARD_IDS.length * 3);
    assert.is(new Set(walked.map(({ owner, upload }) => JSON.stringify([owner, upload]))).size, walked.length);
    const [last] = AWKWARD_IDS.slice(-1);
    valueOf(await store.eraseOwner(userId(last!)));
    assert.is((await walk(store, 100)).length, (AWKWARD_IDS.length - 1) * 3);
  });

  run();
}

/** What `FailedJobs` that outlive their process promise besides. */
export function durableFailedJobsContract(name: string, make: () => Promise<DurableUnderTest<FailedJobs>>): void {
  const { test, run } = suiteOver<FailedJobs, DurableUnderTest<FailedJobs>>(`durable failed jobs: ${name}`, make);

  test('what was kept and what was removed stays so', async (under) => {
    for (const id of ['a', 'b']) valueOf(await under.store.keep(job(id)));
    valueOf(await under.store.remove(job('a')));
    assert.equal(valueOf(await (await under.reopen()).list(null, 10)), [job('b')]);
  });

  run();
}

/** What `FailedJobs` that several processes share promise besides. */
export function sharedFailedJobsContract(name: string, make: () => Promise<SharedUnderTest<FailedJobs>>): void {
  const { test, run } = suiteOver<FailedJobs, SharedUnderTest<FailedJobs>>(`shared failed jobs: ${name}`, make);

  test('of many who remove a job at the same time one has removed it', async ({ store, other }) => {
    for (let round = 0; round < 5; round++) {
      const failed = job(`r${String(round)}`);
      valueOf(await store.keep(failed));
      const outcomes = await Promise.all(Array.from({ length: 6 }, (_, i) => [store, other][i % 2]!.remove(failed)));
      assert.is(outcomes.filter((outcome) => valueOf(outcome)).length, 1);
      assert.equal(valueOf(await other.list(null, 10)), []);
    }
  });

  test('what one keeps the other lists', async ({ store, other }) => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        valueOf(await [store, other][i % 2]!.keep(job(`u${String(i)}`)));
      }),
    );
    assert.is(valueOf(await other.list(null, 100)).length, 8);
    assert.equal(valueOf(await store.list(null, 100)), valueOf(await other.list(null, 100)));
  });

  run();
}
