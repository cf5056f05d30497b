import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryEvents } from '../../../adapters/memory/events.ts';
import { claimJob, failJob, JOB_LEASE_MS, MOST_ATTEMPTS, runJob } from '../../../core/analysis/run-next-job.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { Job } from '../../../core/health-data/ports.ts';
import { retryProcessing } from '../../../core/health-data/retry-processing.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { failing } from '../auth/identities.ts';
import { ADA, bytes, memoryWorld, NOW_MS, readerOf, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, WATCH } from '../sample-columns.ts';

const STEPS = columnsOf('step_count', [minutesFrom(NOW_MS)(0, 10, 100, WATCH)]);
const DISK = portUnavailable('SampleStore', 'append', 'the disk is full');

async function uploaded(world: World): Promise<Upload> {
  const accepted = await acceptExport(world)({
    owner: ADA,
    content: bytes('<HealthData/>'),
    limitBytes: 1000,
    timezone: null,
  });
  return valueOf(accepted);
}
const claimed = async (world: World): Promise<Job> => {
  const job = valueOf(await claimJob(world));
  if (job === null) throw new Error('no job is due');
  return job;
};
const stateOf = async (world: World, { processingId }: Upload): Promise<Upload> =>
  valueOf(await world.uploads.get(ADA, processingId));

/** A world whose sample store does not work until it is repaired. */
function brokenWorld(error: PortUnavailable = DISK) {
  const whole = memoryWorld({ exports: readerOf([STEPS]) });
  let broken = true;
  const samples = replacing(whole.samples, {
    append: (...args) => (broken ? errAsync(error) : whole.samples.append(...args)),
  });
  return {
    world: { ...whole, samples },
    repair: () => {
      broken = false;
    },
  };
}

test('an idle queue hands out nothing', async () => {
  assert.is(valueOf(await claimJob(memoryWorld())), null);
});

test('a job that works is done and leaves the queue', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const upload = await uploaded(world);
  assert.equal(valueOf(await runJob(world)(await claimed(world))), { kind: 'done', eventNotSent: null });
  assert.is((await stateOf(world, upload)).status, 'completed');
  world.clock.nowMs += 10 * JOB_LEASE_MS;
  assert.is(valueOf(await claimJob(world)), null);
});

test('other systems are told of the window’s analysis once the job is settled', async () => {
  const events = new MemoryEvents();
  const world = memoryWorld({ exports: readerOf([STEPS]), events });
  const upload = await uploaded(world);
  const queue = replacing(world.queue, {
    complete: (job) => {
      assert.equal(events.published, []);
      return world.queue.complete(job);
    },
  });
  assert.equal(valueOf(await runJob({ ...world, queue })(await claimed(world))).kind, 'done');
  const { analysisId } = valueOf(await world.analyses.getForUpload(ADA, upload.processingId));
  assert.equal(events.published, [
    { type: 'analysis.completed', owner: ADA, upload: upload.processingId, id: analysisId, atMs: NOW_MS },
  ]);
});

test('an event that cannot be sent does not fail the job, and the outcome says why', async () => {
  const events = { publish: failing(portUnavailable('EventPublisher', 'publish', 'the topic is gone')) };
  const world = memoryWorld({ exports: readerOf([STEPS]), events });
  const upload = await uploaded(world);
  const outcome = valueOf(await runJob(world)(await claimed(world)));
  assert.equal(outcome, { kind: 'done', eventNotSent: 'EventPublisher.publish: the topic is gone' });
  assert.is((await stateOf(world, upload)).status, 'completed');
  world.clock.nowMs += 10 * JOB_LEASE_MS;
  assert.is(valueOf(await claimJob(world)), null);
});

test('nobody is told where there is nothing to analyse, where the work failed, where it was erased, or where another holds the job', async () => {
  const events = new MemoryEvents();
  const empty = memoryWorld({ events });
  await uploaded(empty);
  assert.is(valueOf(await runJob(empty)(await claimed(empty))).kind, 'done');

  const refused = memoryWorld({ exports: UNREADABLE, events });
  await uploaded(refused);
  assert.is(valueOf(await runJob(refused)(await claimed(refused))).kind, 'failed');

  const erased = memoryWorld({ exports: readerOf([STEPS]), events });
  const upload = await uploaded(erased);
  const analyses = replacing(erased.analyses, {
    replaceForUpload: (...args) =>
      erased.analyses
        .replaceForUpload(...args)
        .andThen(() => erased.uploads.delete(ADA, upload.processingId).mapErr(() => DISK)),
  });
  assert.is(valueOf(await runJob({ ...erased, analyses })(await claimed(erased))).kind, 'done');

  const world = memoryWorld({ exports: readerOf([STEPS]), events });
  await uploaded(world);
  const slow = await claimed(world);
  world.clock.nowMs += JOB_LEASE_MS;
  const quick = await claimed(world);
  assert.is(valueOf(await runJob(world)(slow)).kind, 'done');
  assert.equal(events.published, []);
  assert.is(valueOf(await runJob(world)(quick)).kind, 'done');
  assert.is(events.published.length, 1);
});

test('a claimed job is handed out again only after its lease', async () => {
  const world = memoryWorld();
  await uploaded(world);
  await claimed(world);
  world.clock.nowMs += JOB_LEASE_MS - 1;
  assert.is(valueOf(await claimJob(world)), null);
  world.clock.nowMs += 1;
  assert.is((await claimed(world)).attempt, 2);
});

test('a store that fails postpones the job for twice as long each time, then the upload is failed', async () => {
  const { world } = brokenWorld();
  const upload = await uploaded(world);
  const delays: number[] = [];
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = valueOf(await runJob(world)(await claimed(world)));
    if (outcome.kind !== 'postponed') throw new Error(`attempt ${attempt}: ${outcome.kind}`);
    assert.is(outcome.cause, 'SampleStore.append: the disk is full');
    assert.is((await stateOf(world, upload)).status, 'processing');
    assert.is(valueOf(await claimJob(world)), null, 'not due before its time');
    delays.push(outcome.retryAtMs - world.clock.nowMs);
    world.clock.nowMs = outcome.retryAtMs;
  }
  assert.equal(delays, [2000, 4000, 8000, 16_000]);
  const failure = {
    code: 'dependency-unavailable',
    reason: 'SampleStore did not answer 5 times; what was uploaded is kept, try again later',
  };
  const last = valueOf(await runJob(world)(await claimed(world)));
  assert.equal(last, { kind: 'failed', failure, cause: 'SampleStore.append: the disk is full' });
  const state = await stateOf(world, upload);
  assert.equal([state.status, state.failure, state.message], ['failed', failure, failure.reason]);
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), '<HealthData/>');
  world.clock.nowMs += 1_000_000;
  assert.is(valueOf(await claimJob(world)), null);
});

test('a postponed job goes on when the store works again', async () => {
  const { world, repair } = brokenWorld();
  const upload = await uploaded(world);
  const outcome = valueOf(await runJob(world)(await claimed(world)));
  assert.is(outcome.kind, 'postponed');
  repair();
  world.clock.nowMs += 2000;
  assert.is(valueOf(await runJob(world)(await claimed(world))).kind, 'done');
  const state = await stateOf(world, upload);
  assert.equal([state.status, state.counts.accepted], ['completed', { step_count: 1 }]);
});

test('what will not work at another time is failed at once, without the technology’s words for the owner', async () => {
  const { world } = brokenWorld({ ...DISK, retryable: false });
  const upload = await uploaded(world);
  const outcome = valueOf(await runJob(world)(await claimed(world)));
  if (outcome.kind !== 'failed') throw new Error(outcome.kind);
  assert.is(outcome.failure.code, 'dependency-failed');
  assert.is(outcome.cause, 'SampleStore.append: the disk is full');
  const state = await stateOf(world, upload);
  assert.equal(state.failure, outcome.failure);
  assert.not.match(JSON.stringify(state), 'the disk is full');
});

const UNREADABLE = {
  read: failing({
    kind: 'export-unreadable',
    code: 'not-an-export',
    message: 'There is no HealthData element.',
    place: 'line 3',
  } as const),
};

test('an unreadable export fails with its reason, keeps its file, and can be tried again', async () => {
  const world = memoryWorld({ exports: UNREADABLE });
  const upload = await uploaded(world);
  const outcome = valueOf(await runJob(world)(await claimed(world)));
  const failure = { code: 'not-an-export', reason: 'There is no HealthData element (line 3)' };
  assert.equal(outcome, { kind: 'failed', failure, cause: null });
  assert.equal((await stateOf(world, upload)).failure, failure);
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), '<HealthData/>');

  world.clock.nowMs += 60_000;
  const retried = valueOf(await retryProcessing(world)({ owner: ADA, processingId: upload.processingId }));
  assert.equal([retried.status, retried.failure, retried.progress], ['processing', null, 0]);
  const mended = { ...world, exports: readerOf([STEPS]) };
  const job = await claimed(mended);
  assert.is(job.attempt, 1);
  assert.equal(valueOf(await runJob(mended)(job)), { kind: 'done', eventNotSent: null });
  const state = await stateOf(world, upload);
  assert.equal([state.status, state.failure], ['completed', null]);
});

test('a retry in the very moment between failing and leaving the queue is not lost', async () => {
  const world = memoryWorld({ exports: UNREADABLE });
  const upload = await uploaded(world);
  const job = await claimed(world);
  const queue = replacing(world.queue, {
    giveUp: (held, reason) => {
      world.clock.nowMs += 1;
      return retryProcessing(world)({ owner: ADA, processingId: upload.processingId })
        .mapErr(() => portUnavailable('test', 'retry', 'the retry was refused'))
        .andThen(() => world.queue.giveUp(held, reason));
    },
  });
  valueOf(await runJob({ ...world, queue })(job));
  assert.is((await stateOf(world, upload)).status, 'processing');
  assert.is((await claimed(world)).upload, upload.processingId);
});

test('the job of a deleted upload is done', async () => {
  const world = memoryWorld();
  const upload = await uploaded(world);
  valueOf(await world.uploads.delete(ADA, upload.processingId));
  assert.equal(valueOf(await runJob(world)(await claimed(world))), { kind: 'done', eventNotSent: null });
  world.clock.nowMs += 10 * JOB_LEASE_MS;
  assert.is(valueOf(await claimJob(world)), null);
});

test('an upload deleted while its job fails is no further failure', async () => {
  const world = memoryWorld({ exports: UNREADABLE });
  const upload = await uploaded(world);
  const job = await claimed(world);
  const exports = {
    read: () =>
      world.uploads
        .delete(ADA, upload.processingId)
        .mapErr(() => DISK)
        .andThen(UNREADABLE.read),
  };
  assert.is(valueOf(await runJob({ ...world, exports })(job)).kind, 'failed');
  assert.is(valueOf(await claimJob(world)), null);
});

test('a job that somebody else holds by now is settled by them, and a finished upload stays finished', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const upload = await uploaded(world);
  const slow = await claimed(world);
  world.clock.nowMs += JOB_LEASE_MS;
  const quick = await claimed(world);
  assert.equal(valueOf(await runJob(world)(quick)), { kind: 'done', eventNotSent: null });

  assert.is(valueOf(await runJob(world)(slow)).kind, 'done');
  assert.is(valueOf(await runJob({ ...world, exports: UNREADABLE })(slow)).kind, 'failed');
  const { samples } = brokenWorld().world;
  assert.is(valueOf(await runJob({ ...world, samples })(slow)).kind, 'postponed');
  const state = await stateOf(world, upload);
  assert.equal([state.status, state.failure], ['completed', null]);
});

test('work that ends its process every time is given up after so many attempts, and can be tried again', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const upload = await uploaded(world);
  // Each claim without a settlement is a process that died at work.
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    await claimed(world);
    world.clock.nowMs += JOB_LEASE_MS;
  }
  const outcome = valueOf(await runJob(world)(await claimed(world)));
  assert.is(outcome.kind === 'failed' && outcome.failure.code, 'gave-up');
  assert.is((await stateOf(world, upload)).failure?.code, 'gave-up');
  valueOf(await retryProcessing(world)({ owner: ADA, processingId: upload.processingId }));
  assert.equal(valueOf(await runJob(world)(await claimed(world))), { kind: 'done', eventNotSent: null });
});

test('a bug marks the upload failed and takes the job out of the queue', async () => {
  const world = memoryWorld();
  const upload = await uploaded(world);
  const failure = { code: 'internal-error', reason: 'something went wrong' };
  assert.equal(valueOf(await failJob(world)(await claimed(world), failure)), { kind: 'failed', failure, cause: null });
  assert.equal((await stateOf(world, upload)).failure, failure);
  world.clock.nowMs += 10 * JOB_LEASE_MS;
  assert.is(valueOf(await claimJob(world)), null);
});

test('a queue that does not answer is the failure of the run', async () => {
  const down = portUnavailable('JobQueue', 'any', 'the database is locked');
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  await uploaded(world);
  const noClaim = { ...world, queue: replacing(world.queue, { claim: failing(down) }) };
  assert.equal(errorOf(await claimJob(noClaim)), down);
  const job = await claimed(world);
  const noComplete = { ...world, queue: replacing(world.queue, { complete: failing(down) }) };
  assert.equal(errorOf(await runJob(noComplete)(job)), down);
  const noExtend = { ...world, exports: UNREADABLE, queue: replacing(world.queue, { extend: failing(down) }) };
  assert.equal(errorOf(await runJob(noExtend)(job)), down);
});

test('an upload that cannot be marked failed keeps its job, so that it is not forgotten', async () => {
  const world = memoryWorld({ exports: UNREADABLE });
  await uploaded(world);
  const down = portUnavailable('UploadStore', 'change', 'the database is locked');
  const job = await claimed(world);
  const uploads = replacing(world.uploads, { change: failing(down) });
  assert.equal(errorOf(await runJob({ ...world, uploads })(job)), down);
  world.clock.nowMs += JOB_LEASE_MS;
  assert.is((await claimed(world)).id, job.id);
});

test.run();
