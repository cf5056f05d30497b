import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Job, JobBacklog, JobQueue } from '../../core/health-data/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BOB = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);
const LEASE = 60_000;

const work = (id: string) => ({ id, owner: ADA, upload: processingId(`upload of ${id}`) });

const claim = async (queue: JobQueue, nowMs: number): Promise<Job | null> => valueOf(await queue.claim(nowMs, LEASE));

const claimed = async (queue: JobQueue, nowMs: number): Promise<Job> => {
  const job = await claim(queue, nowMs);
  if (job === null) throw new Error('no job was due');
  return job;
};

/** What every `JobQueue` promises, as far as no time passes. `make` is called once a test. */
export function jobQueueContract(name: string, make: () => Promise<UnderTest<JobQueue>>): void {
  const { test, run } = suiteOver<JobQueue, UnderTest<JobQueue>>(`job queue: ${name}`, make);

  test('an empty queue has nothing to hand out', async ({ store: queue }) => {
    assert.is(await claim(queue, NOON), null);
  });

  test('a job is handed out with what it was enqueued with, once while it is held', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const { receipt, ...job } = await claimed(queue, NOON);
    assert.equal(job, { ...work('a'), attempt: 1 });
    assert.type(receipt, 'string');
    assert.is(await claim(queue, NOON), null);
    assert.is(await claim(queue, NOON + LEASE - 1), null);
  });

  test('a completed job never comes again, and its id is free', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const job = await claimed(queue, NOON);
    valueOf(await queue.complete(job));
    assert.is(await claim(queue, NOON + 10 * LEASE), null);
    valueOf(await queue.enqueue(work('a'), NOON));
    const again = await claimed(queue, NOON);
    assert.is(again.attempt, 1);
    assert.is.not(again.receipt, job.receipt);
    assert.is(errorOf(await queue.complete(job)).kind, 'stale-receipt');
  });

  test('a job given up leaves the queue', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const job = await claimed(queue, NOON);
    valueOf(await queue.giveUp(job, 'it will never work'));
    assert.is(await claim(queue, NOON + 10 * LEASE), null);
    assert.is(errorOf(await queue.giveUp(job, 'it will never work')).kind, 'stale-receipt');
  });

  test('a job that is queued or held is not enqueued a second time', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    valueOf(await queue.enqueue({ ...work('a'), upload: processingId('another upload') }, NOON - 10));
    assert.is(await claim(queue, NOON - 1), null);
    const job = await claimed(queue, NOON);
    assert.equal([job.upload, job.attempt], ['upload of a', 1]);
    valueOf(await queue.enqueue(work('a'), NOON));
    assert.is(await claim(queue, NOON), null);
    valueOf(await queue.complete(job));
    assert.is(await claim(queue, NOON + LEASE), null);
  });

  test('a job nobody holds, or held with another receipt, cannot be settled', async ({ store: queue }) => {
    const unknown: Job = { ...work('x'), attempt: 1, receipt: 'made up' };
    assert.equal(errorOf(await queue.complete(unknown)), { kind: 'stale-receipt', id: 'x' });
    valueOf(await queue.enqueue(work('a'), NOON));
    assert.is(errorOf(await queue.complete({ ...work('a'), attempt: 1, receipt: '' })).kind, 'stale-receipt');
    const job = await claimed(queue, NOON);
    assert.is(errorOf(await queue.complete({ ...job, receipt: `${job.receipt}x` })).kind, 'stale-receipt');
    assert.is(errorOf(await queue.complete({ ...work('b'), attempt: 1, receipt: job.receipt })).kind, 'stale-receipt');
    valueOf(await queue.complete(job));
  });

  test('claimers at the same time never get the same job', async ({ store: queue }) => {
    for (let i = 0; i < 30; i++) valueOf(await queue.enqueue(work(`job-${i}`), NOON));
    const jobs = await Promise.all(Array.from({ length: 50 }, () => claim(queue, NOON)));
    const ids = jobs.flatMap((job) => (job === null ? [] : [job.id]));
    assert.is(ids.length, 30);
    assert.is(new Set(ids).size, 30);
  });

  test('ids of any characters stay apart', async ({ store: queue }) => {
    for (const id of AWKWARD_IDS) valueOf(await queue.enqueue({ ...work(id), owner: userId(id) }, NOON));
    const missing = new Set<string>(AWKWARD_IDS);
    for (let job = await claim(queue, NOON); job !== null; job = await claim(queue, NOON)) {
      assert.ok(missing.delete(job.id), job.id);
      assert.equal([job.owner, job.upload], [job.id, `upload of ${job.id}`]);
      valueOf(await queue.complete(job));
    }
    assert.equal([...missing], []);
    assert.is(await claim(queue, NOON + LEASE), null);
  });

  test('an erased owner has no job left, queued or held, and nobody else loses one', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const held = await claimed(queue, NOON);
    for (const id of ['b', 'c']) valueOf(await queue.enqueue(work(id), NOON));
    valueOf(await queue.enqueue({ ...work('d'), owner: BOB }, NOON));
    valueOf(await queue.eraseOwner(ADA));
    assert.is((await claimed(queue, NOON)).id, 'd');
    for (const settled of [queue.extend(held, NOON, LEASE), queue.complete(held), queue.release(held, NOON)]) {
      assert.equal(errorOf(await settled), { kind: 'stale-receipt', id: 'a' });
    }
    assert.is(errorOf(await queue.giveUp(held, 'it will never work')).kind, 'stale-receipt');
    assert.is(await claim(queue, NOON), null);
  });

  test('erasing an owner who has nothing is fine, and they can have jobs again', async ({ store: queue }) => {
    valueOf(await queue.eraseOwner(ADA));
    valueOf(await queue.enqueue(work('a'), NOON));
    valueOf(await queue.eraseOwner(ADA));
    valueOf(await queue.eraseOwner(ADA));
    valueOf(await queue.enqueue(work('a'), NOON));
    assert.is((await claimed(queue, NOON)).attempt, 1);
    assert.is(await claim(queue, NOON), null);
  });

  run();
}

/** What every `JobQueue` promises of leases and delays: all of its clocks must be those of the test. */
export function leasedJobQueueContract(name: string, make: () => Promise<UnderTest<JobQueue>>): void {
  const { test, run } = suiteOver<JobQueue, UnderTest<JobQueue>>(`leased job queue: ${name}`, make);

  test('a job that is not settled is handed out again when its lease ends, and the first receipt is stale', async ({
    store: queue,
  }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const first = await claimed(queue, NOON);
    const second = await claimed(queue, NOON + LEASE);
    assert.equal([second.id, second.attempt], ['a', 2]);
    const stale = { kind: 'stale-receipt', id: 'a' };
    assert.equal(errorOf(await queue.complete(first)), stale);
    assert.equal(errorOf(await queue.extend(first, NOON + LEASE, LEASE)), stale);
    assert.equal(errorOf(await queue.release(first, NOON)), stale);
    assert.equal(errorOf(await queue.giveUp(first, 'it will never work')), stale);
    assert.is(await claim(queue, NOON + LEASE), null);
    valueOf(await queue.complete(second));
  });

  test('an extended lease holds until its new end', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const job = await claimed(queue, NOON);
    valueOf(await queue.extend(job, NOON + LEASE - 1, LEASE));
    assert.is(await claim(queue, NOON + 2 * LEASE - 2), null);
    valueOf(await queue.extend(job, NOON + LEASE, LEASE));
    assert.is(await claim(queue, NOON + 2 * LEASE - 1), null);
    const next = await claimed(queue, NOON + 2 * LEASE);
    assert.is(next.attempt, 2);
    valueOf(await queue.complete(next));
  });

  test('a released job waits for its time, then counts one attempt more', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    const job = await claimed(queue, NOON);
    valueOf(await queue.release(job, NOON + 5));
    assert.equal(errorOf(await queue.complete(job)), { kind: 'stale-receipt', id: 'a' });
    assert.is(await claim(queue, NOON + 4), null);
    assert.is((await claimed(queue, NOON + 5)).attempt, 2);
  });

  test('a job that waits for its retry holds up no other one', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    valueOf(await queue.enqueue(work('b'), NOON + 1));
    valueOf(await queue.release(await claimed(queue, NOON + 1), NOON + 100));
    assert.is((await claimed(queue, NOON + 2)).id, 'b');
    assert.is(await claim(queue, NOON + 2), null);
    assert.is((await claimed(queue, NOON + 100)).id, 'a');
  });

  test('whatever happens, every job is queued, held or done, and held by one at most', async ({ store: queue }) => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('enqueue' as const), id: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('claim' as const) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, LEASE) }),
      fc.record({ do: fc.constantFrom('complete' as const, 'retry' as const, 'drop' as const), pick: fc.nat(9) }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const prefix = `run ${runs++}: `;
        let nowMs = NOON + runs * 100 * LEASE;
        /** The receipt that is good, and until when the job is not due; by job. */
        const expected = new Map<string, { receipt: string | null; dueAtMs: number; attempt: number }>();
        const handedOut: Job[] = [];
        for (const [i, next] of steps.entries()) {
          if (next.do === 'wait') nowMs += next.ms;
          if (next.do === 'enqueue') {
            const id = prefix + next.id;
            valueOf(await queue.enqueue(work(id), nowMs));
            if (!expected.has(id)) expected.set(id, { receipt: null, dueAtMs: nowMs, attempt: 0 });
          }
          if (next.do === 'claim') {
            const job = await claim(queue, nowMs);
            const due = [...expected].filter(([, { dueAtMs }]) => dueAtMs <= nowMs).map(([id]) => id);
            assert.is(job !== null, due.length > 0, `step ${i}`);
            if (job === null) continue;
            assert.ok(due.includes(job.id));
            const attempt = expected.get(job.id)!.attempt + 1;
            assert.is(job.attempt, attempt);
            expected.set(job.id, { receipt: job.receipt, dueAtMs: nowMs + LEASE, attempt });
            handedOut.push(job);
          }
          if (next.do === 'complete' || next.do === 'retry' || next.do === 'drop') {
            const job = handedOut[next.pick % Math.max(handedOut.length, 1)];
            if (job === undefined) continue;
            const good = expected.get(job.id)?.receipt === job.receipt;
            const settle = {
              complete: () => queue.complete(job),
              retry: () => queue.release(job, nowMs + 1),
              drop: () => queue.giveUp(job, 'dropped'),
            };
            assert.is((await settle[next.do]()).isOk(), good);
            if (!good) continue;
            if (next.do === 'retry') {
              expected.set(job.id, { receipt: null, dueAtMs: nowMs + 1, attempt: job.attempt });
            } else {
              expected.delete(job.id);
            }
          }
        }
        // Leave the queue empty for the next run.
        for (
          let job = await claim(queue, nowMs + 2 * LEASE);
          job !== null;
          job = await claim(queue, nowMs + 2 * LEASE)
        ) {
          assert.ok(expected.delete(job.id));
          valueOf(await queue.complete(job));
        }
        assert.is(expected.size, 0);
      }),
      { numRuns: 50 },
    );
  });

  test('an erased owner’s job does not come back when its lease ends', async ({ store: queue }) => {
    valueOf(await queue.enqueue(work('a'), NOON));
    await claimed(queue, NOON);
    valueOf(await queue.eraseOwner(ADA));
    assert.is(await claim(queue, NOON + LEASE), null);
  });

  run();
}

/** What a `JobQueue` promises whose technology can tell which job is the oldest. */
export function orderedJobQueueContract(name: string, make: () => Promise<UnderTest<JobQueue>>): void {
  const { test, run } = suiteOver<JobQueue, UnderTest<JobQueue>>(`ordered job queue: ${name}`, make);

  test('the oldest due job comes first', async ({ store: queue }) => {
    for (const [id, minutes] of [
      ['b', 2],
      ['a', 1],
      ['c', 2],
      ['d', 3],
    ] as const) {
      valueOf(await queue.enqueue(work(id), NOON + minutes));
    }
    const order: string[] = [];
    for (let job = await claim(queue, NOON + 2); job !== null; job = await claim(queue, NOON + 2)) order.push(job.id);
    assert.equal(order, ['a', 'b', 'c']);
    assert.is((await claimed(queue, NOON + 3)).id, 'd');
  });

  run();
}

/** What a `JobQueue` that says how far it is behind promises besides. */
export function jobBacklogContract(name: string, make: () => Promise<UnderTest<JobQueue & JobBacklog>>): void {
  const { test, run } = suiteOver<JobQueue & JobBacklog, UnderTest<JobQueue & JobBacklog>>(
    `job backlog: ${name}`,
    make,
  );

  test('it says since when the job that waits longest is due, of those that are due', async ({ store: queue }) => {
    const oldest = async (nowMs: number): Promise<number | null> => valueOf(await queue.oldestDueMs(nowMs));
    assert.is(await oldest(NOON), null);
    valueOf(await queue.enqueue(work('b'), NOON + 5));
    valueOf(await queue.enqueue(work('a'), NOON));
    assert.is(await oldest(NOON - 1), null);
    assert.is(await oldest(NOON), NOON);
    assert.is(await oldest(NOON + 60_000), NOON);
    const held = await claimed(queue, NOON + 10);
    assert.is(held.id, 'a');
    assert.is(await oldest(NOON + 20), NOON + 5);
    // Whoever held it has let it down: it is due since its lease ended.
    const other = await claimed(queue, NOON + 20);
    assert.is(await oldest(NOON + 30), null);
    assert.is(await oldest(NOON + 10 + LEASE), NOON + 10 + LEASE);
    valueOf(await queue.release(other, NOON + 40));
    assert.is(await oldest(NOON + 45), NOON + 40);
  });

  run();
}

/** What a `JobQueue` that outlives its process promises besides. */
export function durableJobQueueContract(name: string, make: () => Promise<DurableUnderTest<JobQueue>>): void {
  const { test, run } = suiteOver<JobQueue, DurableUnderTest<JobQueue>>(`durable job queue: ${name}`, make);

  test('queued jobs, leases and receipts are there after closing and opening again', async (under) => {
    for (const id of ['a', 'b']) valueOf(await under.store.enqueue(work(id), NOON));
    const held = await claimed(under.store, NOON);
    const reopened = await under.reopen();
    const other = await claimed(reopened, NOON);
    assert.equal([held.id, other.id].sort(), ['a', 'b']);
    assert.is(await claim(reopened, NOON), null);
    valueOf(await reopened.extend(held, NOON, 2 * LEASE));
    const later = await under.reopen();
    const again = await claimed(later, NOON + LEASE);
    assert.equal([again.id, again.attempt], [other.id, 2]);
    assert.is(errorOf(await later.complete(other)).kind, 'stale-receipt');
    for (const job of [held, again]) valueOf(await later.complete(job));
    assert.is(await claim(await under.reopen(), NOON + 10 * LEASE), null);
  });

  run();
}
