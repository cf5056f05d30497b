import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultInjecting } from '../../../adapters/fault-injecting/fault-injecting.ts';
import { FaultPlan } from '../../../adapters/fault-injecting/fault-plan.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import { enqueueProcessing, keepRaw, newUpload, NOT_QUEUED } from '../../../core/health-data/receive-upload.ts';
import { retryProcessing, STALLED_AFTER_MS } from '../../../core/health-data/retry-processing.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const ID = processingId('upload-1');
const KEY = 'uploads/somewhere.json';
const BODY = '{"a":1}';
const NEW = newUpload({
  owner: ADA,
  processingId: ID,
  kind: 'healthkit',
  uploadSource: 'app',
  timezone: 'Asia/Tokyo',
  syncToken: 'sync-1',
  nowMs: NOW_MS,
});
const kept = async (world: World): Promise<Upload> => valueOf(await keepRaw(world)(NEW, KEY, Buffer.from(BODY)));
const QUEUE_DOWN = portUnavailable('JobQueue', 'enqueue', 'the database is locked');
const GONE = { kind: 'not-found', resource: 'processing', id: ID } as const;

test('a new upload has been received, and nothing more', () => {
  assert.equal(NEW, {
    owner: ADA,
    processingId: ID,
    kind: 'healthkit',
    status: 'received',
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
    uploadSource: 'app',
    raw: null,
    timezone: 'Asia/Tokyo',
    syncToken: 'sync-1',
    progress: 0,
    message: 'Received.',
    counts: { accepted: {}, duplicates: {}, rejected: [], span: null, timeZone: null },
    failure: null,
  });
});

test('the bytes are kept as they came, and the upload knows where, with their hash', async () => {
  const world = memoryWorld();
  const upload = await kept(world);
  assert.equal(upload, { ...NEW, raw: { key: KEY, sha256: world.digest.sha256Hex(BODY), bytes: 7 } });
  assert.equal(valueOf(await world.uploads.get(ADA, ID)), upload);
  assert.is(await textOf(world.objects.open(ADA, KEY)), BODY);
});

test('where the bytes cannot be kept there is no upload', async () => {
  const world = memoryWorld();
  const disk = portUnavailable('ObjectStore', 'put', 'the disk is full');
  for (const refusal of [disk, { kind: 'object-too-large', limitBytes: 7 } as const]) {
    const objects = replacing(world.objects, { put: failing(refusal) });
    const error = errorOf(await keepRaw({ ...world, objects })(NEW, KEY, Buffer.from(BODY)));
    assert.is(error.kind, 'port-unavailable');
    assert.is(error.retryable, refusal === disk);
  }
  assert.equal(valueOf(await world.uploads.list(ADA, 10)), []);
});

test('an upload that cannot be recorded is not kept', async () => {
  const world = memoryWorld();
  const down = portUnavailable('UploadStore', 'insert', 'the database is locked');
  const uploads = replacing(world.uploads, { insert: failing(down) });
  assert.equal(errorOf(await keepRaw({ ...world, uploads })(NEW, KEY, Buffer.from(BODY))), down);
});

test('queuing marks the upload as being processed, with its counts and without an old failure', async () => {
  const world = memoryWorld();
  const upload = await kept(world);
  const counts = { ...upload.counts, accepted: { step_count: 3 } };
  const queued = valueOf(await enqueueProcessing(world)({ ...upload, counts }, 'Queued.'));
  assert.equal(
    [queued.status, queued.message, queued.counts, queued.failure, queued.progress],
    ['processing', 'Queued.', counts, null, 0],
  );
  const job = valueOf(await world.queue.claim(NOW_MS, 1000));
  assert.equal([job?.owner, job?.upload], [ADA, ID]);
});

test('an upload whose work the queue does not take is failed, and can be tried again', async () => {
  const world = memoryWorld();
  const upload = await kept(world);
  const queue = replacing(world.queue, { enqueue: failing(QUEUE_DOWN) });
  assert.equal(errorOf(await enqueueProcessing({ ...world, queue })(upload, 'Queued.')), QUEUE_DOWN);
  const state = valueOf(await world.uploads.get(ADA, ID));
  assert.equal([state.status, state.failure?.code], ['failed', 'dependency-unavailable']);
  assert.is(state.message, state.failure?.reason);
  assert.is(valueOf(await retryProcessing(world)({ owner: ADA, processingId: ID })).status, 'processing');
});

test('what a worker made of a job whose queuing was not answered for stays', async () => {
  const completed = { status: 'completed', message: 'Analysed.' } as const;
  const failed = { status: 'failed', message: 'why', failure: { code: 'x', reason: 'why' } } as const;
  for (const change of [completed, failed, { status: 'requires_review' } as const]) {
    const world = memoryWorld();
    const upload = await kept(world);
    const queue = replacing(world.queue, {
      enqueue: (...args) =>
        world.queue
          .enqueue(...args)
          .andThen(() => world.uploads.change(ADA, ID, change, NOW_MS + 1).mapErr(() => QUEUE_DOWN))
          .andThen(() => errAsync(QUEUE_DOWN)),
    });
    assert.equal(errorOf(await enqueueProcessing({ ...world, queue })(upload, 'Queued.')), QUEUE_DOWN);
    const left = valueOf(await world.uploads.get(ADA, ID));
    assert.equal([left.status, left.updatedAtMs], [change.status, NOW_MS + 1]);
    assert.is.not(left.message, NOT_QUEUED.reason);
    const again = valueOf(await enqueueProcessing(world)(upload, 'Queued.'));
    assert.equal(again, left, 'done again, it stays as it is');
    valueOf(await world.queue.complete(valueOf(await world.queue.claim(NOW_MS, 1000))!));
    assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
  }
});

test('done again at the same instant, queuing goes on where it was left: one job, and the same state', async () => {
  const world = memoryWorld();
  const upload = await kept(world);
  const down = { ...world, queue: replacing(world.queue, { enqueue: failing(QUEUE_DOWN) }) };
  errorOf(await enqueueProcessing(down)(upload, 'Queued.'));
  const queued = valueOf(await enqueueProcessing(world)(upload, 'Queued.'));
  assert.equal([queued.status, queued.message, queued.failure], ['processing', 'Queued.', null]);
  assert.equal(valueOf(await enqueueProcessing(world)(upload, 'Queued.')), queued);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000))?.upload, ID);
  const later = { now: () => NOW_MS + 5 };
  valueOf(await world.uploads.change(ADA, ID, { progress: 0.5 }, NOW_MS + 3));
  valueOf(await enqueueProcessing({ ...world, clock: later })(upload, 'Queued.'));
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null, 'whoever works on it has a job');
  assert.is(valueOf(await world.uploads.get(ADA, ID)).progress, 0.5);
});

test('a retry that is repeated after a worker took the upload answers it as it is', async () => {
  for (const status of ['processing', 'completed'] as const) {
    const world = memoryWorld();
    await failedUpload(world);
    const retry = () => retryProcessing(world)({ owner: ADA, processingId: ID });
    valueOf(await retry());
    const job = valueOf(await world.queue.claim(NOW_MS, 1000))!;
    const left = valueOf(await world.uploads.change(ADA, ID, { status, message: 'Worked on.' }, NOW_MS + 1));
    valueOf(await world.queue.complete(job));
    assert.equal(valueOf(await retry()), left);
    assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
  }
});

test('where nothing answers at all the first error is told', async () => {
  const world = memoryWorld();
  const upload = await kept(world);
  let asked = 0;
  const uploads = replacing(world.uploads, {
    change: (...args) =>
      asked++ === 0 ? world.uploads.change(...args) : failing(portUnavailable('UploadStore', 'change', 'gone'))(),
  });
  const queue = replacing(world.queue, { enqueue: failing(QUEUE_DOWN) });
  assert.equal(errorOf(await enqueueProcessing({ ...world, uploads, queue })(upload, 'Queued.')), QUEUE_DOWN);
});

test('an upload that is not there cannot be queued', async () => {
  const world = memoryWorld();
  assert.equal(
    errorOf(await enqueueProcessing(world)(NEW, 'Queued.')),
    portUnavailable('UploadStore', 'change', 'the upload is not there'),
  );
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
});

const failedUpload = async (world: World): Promise<void> => {
  await kept(world);
  valueOf(
    await world.uploads.change(
      ADA,
      ID,
      { status: 'failed', message: 'why', failure: { code: 'x', reason: 'why' }, progress: 0.4 },
      NOW_MS,
    ),
  );
};

test('a failed upload can be tried again, once', async () => {
  const world = memoryWorld();
  await failedUpload(world);
  const retry = () => retryProcessing(world)({ owner: ADA, processingId: ID });
  const upload = valueOf(await retry());
  assert.equal(
    [upload.status, upload.failure, upload.progress, upload.message],
    ['processing', null, 0, 'Queued again.'],
  );
  assert.equal(valueOf(await retry()), upload, 'at the same instant it is the same call');
  world.clock.nowMs += 1;
  assert.equal(errorOf(await retry()), { kind: 'not-retryable', status: 'processing' });
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000))?.upload, ID);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
});

test('an upload that has not failed cannot be tried again', async () => {
  for (const status of ['received', 'processing', 'completed', 'requires_review'] as const) {
    const world = memoryWorld();
    await kept(world);
    valueOf(await world.uploads.change(ADA, ID, { status }, NOW_MS));
    const error = errorOf(await retryProcessing(world)({ owner: ADA, processingId: ID }));
    assert.equal(error, { kind: 'not-retryable', status });
  }
});

test('an upload that stalled can be tried again, a completed one never', async () => {
  for (const [status, outcome] of [
    ['received', 'processing'],
    ['processing', 'processing'],
    ['completed', 'not-retryable'],
  ] as const) {
    const world = memoryWorld();
    await kept(world);
    valueOf(await world.uploads.change(ADA, ID, { status }, NOW_MS));
    world.clock.nowMs += STALLED_AFTER_MS;
    const retried = await retryProcessing(world)({ owner: ADA, processingId: ID });
    assert.is(retried.isOk() ? retried.value.status : retried.error.kind, outcome);
  }
});

test("an unknown upload and another person's cannot be tried again: both are not found", async () => {
  const world = memoryWorld();
  await failedUpload(world);
  assert.equal(errorOf(await retryProcessing(world)({ owner: BOB, processingId: ID })), GONE);
  const none = processingId('none');
  assert.is(errorOf(await retryProcessing(world)({ owner: ADA, processingId: none })).kind, 'not-found');
});

test('a retry that the queue does not take leaves the upload failed, to be tried once more', async () => {
  const world = memoryWorld();
  await failedUpload(world);
  const queue = replacing(world.queue, { enqueue: failing(QUEUE_DOWN) });
  assert.equal(errorOf(await retryProcessing({ ...world, queue })({ owner: ADA, processingId: ID })), QUEUE_DOWN);
  assert.is(valueOf(await retryProcessing(world)({ owner: ADA, processingId: ID })).status, 'processing');
});

test('a retry whose first answer is lost leaves the upload failed, to be tried once more', async () => {
  const world = memoryWorld();
  await failedUpload(world);
  const script = [{ port: 'UploadStore', method: 'change', call: 1, kind: 'reset', moment: 'after' }] as const;
  const plan = FaultPlan.scripted(script, { deadlineMs: 0, wait: () => Promise.resolve() });
  const uploads = faultInjecting('UploadStore', world.uploads, plan);
  const error = errorOf(await retryProcessing({ ...world, uploads })({ owner: ADA, processingId: ID }));
  assert.is(error.kind, 'port-unavailable');
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null, 'nothing was queued');
  assert.is(valueOf(await retryProcessing(world)({ owner: ADA, processingId: ID })).status, 'processing');
});

test.run();
