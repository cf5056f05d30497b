import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { claimJob, runJob } from '../../../core/analysis/run-next-job.ts';
import { dropFailedJob, listFailedJobs, retryFailedJob } from '../../../core/admin/failed-jobs.ts';
import type { FailedJobPlace } from '../../../core/health-data/failed-jobs.ts';
import { newUpload, queueJob } from '../../../core/health-data/receive-upload.ts';
import { retryProcessing } from '../../../core/health-data/retry-processing.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const DOWN = portUnavailable('ExportReader', 'read', 'planted', false);

/** A world in which no export can be read. */
const failingWorld = (): World => memoryWorld({ exports: { read: () => errAsync(DOWN) } });

/** An upload whose job was given up on. */
async function failed(world: World, id: string, owner = ADA): Promise<void> {
  const key = `uploads/2025/03/10/${id}.xml`;
  const upload = newUpload({
    owner,
    processingId: processingId(id),
    kind: 'healthkit-export',
    uploadSource: 'test',
    timezone: null,
    syncToken: null,
    nowMs: world.clock.now(),
  });
  async function* content(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('<HealthData/>'));
  }
  const raw = valueOf(await world.objects.put(owner, key, content(), 1000));
  valueOf(await world.uploads.insert({ ...upload, status: 'processing', raw: { key, ...raw } }));
  valueOf(await queueJob(world, upload, world.clock.now()));
  await workOnAll(world);
}

async function workOnAll(world: World): Promise<number> {
  for (let worked = 0; ; worked++) {
    const job = valueOf(await claimJob(world));
    if (job === null) return worked;
    valueOf(await runJob(world)(job));
  }
}

const listed = async (world: World) => valueOf(await listFailedJobs(world)(null, 10)).jobs.map(({ upload }) => upload);

const nameOf = (id: string, owner = ADA) => ({ owner, upload: processingId(id) });

test('a job that was given up on is listed with its reason, and nothing of its content', async () => {
  const world = failingWorld();
  await failed(world, 'one');
  const { jobs, next } = valueOf(await listFailedJobs(world)(null, 10));
  assert.equal(next, null);
  assert.equal(jobs, [
    {
      owner: ADA,
      upload: processingId('one'),
      jobId: `one/${String(world.clock.now())}`,
      attempts: 1,
      failedAtMs: world.clock.now(),
      reason: 'dependency-failed',
      kind: 'healthkit-export',
    },
  ]);
});

test('the list has pages, the newest first, and leaves out and forgets what does not stand any more', async () => {
  const world = failingWorld();
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    await failed(world, id);
    world.clock.nowMs += 1000;
  }
  valueOf(await retryProcessing(world)({ owner: ADA, processingId: processingId('d') }));
  valueOf(await world.uploads.delete(ADA, processingId('b')));
  const pages: (readonly string[])[] = [];
  let after: FailedJobPlace | null = null;
  do {
    const page: { jobs: readonly { upload: string }[]; next: FailedJobPlace | null } = valueOf(
      await listFailedJobs(world)(after, 2),
    );
    pages.push(page.jobs.map(({ upload }) => upload));
    after = page.next;
  } while (after !== null);
  assert.equal(pages, [['e'], ['c'], ['a']]);
  assert.equal(
    valueOf(await world.failedJobs.list(null, 10)).map(({ upload }) => upload),
    ['e', 'c', 'a'],
  );
});

test('however many retry a job at once, at one instant or not, it is queued once', async () => {
  for (const apartMs of [0, 1]) {
    const world = failingWorld();
    await failed(world, 'one');
    world.clock.nowMs += 60_000;
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => {
        world.clock.nowMs += apartMs;
        return retryFailedJob(world)(nameOf('one'));
      }),
    );
    assert.ok(outcomes.some((outcome) => outcome.isOk()));
    for (const outcome of outcomes) {
      if (outcome.isErr()) assert.ok(['not-found', 'not-retryable'].includes(outcome.error.kind), outcome.error.kind);
    }
    assert.equal(await listed(world), []);
    assert.is(await workOnAll(world), 1, 'one job');
    assert.equal(await listed(world), ['one'], 'it failed again');
  }
});

test('a retry that fails at once again is listed again, with its last failure', async () => {
  const world = failingWorld();
  await failed(world, 'one');
  world.clock.nowMs += 1000;
  valueOf(await retryFailedJob(world)(nameOf('one')));
  await workOnAll(world);
  const [job, ...others] = valueOf(await listFailedJobs(world)(null, 10)).jobs;
  assert.equal([job?.failedAtMs, others], [world.clock.now(), []]);
});

test('what its owner has tried again meanwhile is not retried, and not listed', async () => {
  const world = failingWorld();
  await failed(world, 'one');
  world.clock.nowMs += 1000;
  valueOf(await retryProcessing(world)({ owner: ADA, processingId: processingId('one') }));
  world.clock.nowMs += 1000;
  assert.equal(errorOf(await retryFailedJob(world)(nameOf('one'))), { kind: 'not-retryable', status: 'processing' });
  assert.equal(valueOf(await world.failedJobs.list(null, 10)), []);
  assert.is(errorOf(await retryFailedJob(world)(nameOf('one'))).kind, 'not-found');
});

test('a job whose upload is gone is not found, and forgotten', async () => {
  const world = failingWorld();
  await failed(world, 'one');
  valueOf(await world.uploads.delete(ADA, processingId('one')));
  assert.is(errorOf(await retryFailedJob(world)(nameOf('one'))).kind, 'not-found');
  assert.equal(valueOf(await world.failedJobs.list(null, 10)), []);
});

test('a job that is dropped is gone once, and its owner can still try again', async () => {
  const world = failingWorld();
  await failed(world, 'one');
  assert.is(errorOf(await dropFailedJob(world)(nameOf('one', BOB))).kind, 'not-found');
  assert.is(valueOf(await dropFailedJob(world)(nameOf('one'))).owner, ADA);
  assert.is(errorOf(await dropFailedJob(world)(nameOf('one'))).kind, 'not-found');
  assert.is(valueOf(await world.uploads.get(ADA, processingId('one'))).status, 'failed');
  world.clock.nowMs += 1000;
  valueOf(await retryProcessing(world)({ owner: ADA, processingId: processingId('one') }));
});

test('a job that cannot be kept among the failed ones stays in the queue', async () => {
  const world = failingWorld();
  const down = portUnavailable('FailedJobs', 'keep', 'planted');
  const failing = { ...world, failedJobs: replacing(world.failedJobs, { keep: () => errAsync(down) }) };
  const upload = newUpload({
    owner: ADA,
    processingId: processingId('one'),
    kind: 'healthkit-export',
    uploadSource: 'test',
    timezone: null,
    syncToken: null,
    nowMs: world.clock.now(),
  });
  valueOf(await world.uploads.insert(upload));
  valueOf(await queueJob(world, upload, world.clock.now()));
  const job = valueOf(await claimJob(world));
  assert.equal(errorOf(await runJob(failing)(job!)), down);
  world.clock.nowMs += 60_000;
  assert.is(await workOnAll(world), 1);
  assert.equal(await listed(world), ['one']);
});

test.run();
