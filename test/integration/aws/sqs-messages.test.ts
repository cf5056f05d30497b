import { createHash, randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import type { Job, JobQueue } from '../../../core/health-data/ports.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { suiteOver, type UnderTest } from '../../contracts/under-test.ts';
import { makeQueues, type PlainMessage, type QueuesUnderTest } from '../../emulators/queues.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const NOON = Date.UTC(2025, 2, 10, 12);
const LEASE = 60_000;

const work = (id: string) => ({ id, owner: ADA, upload: processingId(`upload of ${id}`) });

async function claimed(queue: JobQueue): Promise<Job> {
  const job = valueOf(await queue.claim(NOON, LEASE));
  if (job === null) throw new Error('no job was due');
  return job;
}

interface Queues extends UnderTest<JobQueue> {
  readonly queues: QueuesUnderTest;
}

const { test, run } = suiteOver<JobQueue, Queues>('messages of the SQS job queue', async () => {
  const queues = await makeQueues();
  return { queues, store: queues.open(), close: queues.close };
});

const attributeTexts = ({ attributes }: PlainMessage) =>
  Object.fromEntries(Object.entries(attributes).map(([name, { StringValue: text }]) => [name, text]));

/** What is left of all jobs: items, messages and bodies. */
const leftIn = async ({ table, messageCount, bodies }: QueuesUnderTest) => ({
  items: (await table.scan()).length,
  messages: await messageCount(),
  bodies: (await bodies()).length,
});
const NOTHING = { items: 0, messages: 0, bodies: 0 };

/** As the older service writes it. */
const OLD_MESSAGE = {
  user_id: ADA,
  upload_id: `${ADA}-0123456789abcdef0123456789abcdef`,
  s3_path: 'gs://healthkit-raw-data/x.json',
  timestamp: '2025-03-10T11:59:00+00:00',
  metadata: { source: 'apple_health', metrics_count: 3 },
};
const OLD_ATTRIBUTES = { user_id: ADA, upload_id: OLD_MESSAGE.upload_id, event_type: 'health_data_upload' };

test('a message has the fields and attributes of the older service, and the job’s id', async ({ store, queues }) => {
  valueOf(await store.enqueue(work('ä👩🏽‍🔬'), NOON));
  const message = await queues.look();
  assert.equal(JSON.parse(message!.text), {
    user_id: ADA,
    upload_id: 'upload of ä👩🏽‍🔬',
    s3_path: '',
    timestamp: '2025-03-10T12:00:00.000Z',
    metadata: {},
    job_id: 'ä👩🏽‍🔬',
  });
  assert.match(message!.text, /^[ -~]*$/);
  assert.equal(attributeTexts(message!), {
    user_id: ADA,
    upload_id: 'upload of ä👩🏽‍🔬',
    event_type: 'health_data_upload',
  });
});

test('the job’s item lies in its owner’s partition and says who holds it until when', async ({ store, queues }) => {
  valueOf(await store.enqueue(work('a'), NOON));
  const queued = {
    pk: `USER#${ADA}`,
    sk: 'JOB#a',
    kind: 'job',
    job_id: 'a',
    user_id: ADA,
    upload_id: 'upload of a',
    enqueued_at_ms: NOON,
    due_at_ms: NOON,
    attempt: 0,
    receipt: null,
    status: 'queued',
  };
  assert.equal(await queues.table.scan(), [queued]);
  const { receipt } = await claimed(store);
  assert.equal(await queues.table.scan(), [
    { ...queued, due_at_ms: NOON + LEASE, attempt: 1, receipt, status: 'held' },
  ]);
});

test('a settled job leaves nothing behind, whichever process settles it', async ({ store, queues }) => {
  for (const id of ['a', 'b']) valueOf(await store.enqueue(work(id), NOON));
  const [first, second] = [await claimed(store), await claimed(store)];
  valueOf(await queues.open().complete(first));
  valueOf(await queues.open().giveUp(second, 'it will never work'));
  assert.equal(await leftIn(queues), NOTHING);
});

test('a job enqueued once more, as after a lost answer, is one job for all its messages', async ({ store, queues }) => {
  for (let i = 0; i < 3; i++) valueOf(await store.enqueue(work('a'), NOON));
  assert.is(await queues.messageCount(), 3);
  const job = await claimed(store);
  valueOf(await store.complete(job));
  // The others arrive without a job in the table.
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.equal(await leftIn(queues), NOTHING);
});

test('messages of an erased owner are dropped when they arrive', async ({ store, queues }) => {
  for (const id of ['a', 'b', 'c']) valueOf(await store.enqueue(work(id), NOON));
  valueOf(await store.eraseOwner(ADA));
  assert.is((await queues.table.scan()).length, 0);
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.equal(await leftIn(queues), NOTHING);
});

test('an older service’s message is a job, and can be settled like any', async ({ store, queues }) => {
  await queues.send(JSON.stringify(OLD_MESSAGE), OLD_ATTRIBUTES);
  const job = await claimed(store);
  assert.match(job.id, /^sqs\/[0-9a-f-]{36}$/);
  assert.equal([job.owner, job.upload, job.attempt], [ADA, OLD_MESSAGE.upload_id, 1]);
  valueOf(await store.release(job, NOON));
  const again = await claimed(store);
  assert.equal([again.id, again.attempt], [job.id, 2]);
  valueOf(await store.complete(again));
  assert.equal(await leftIn(queues), NOTHING);
});

test('a job given up is kept with its reason and its message', async ({ store, queues }) => {
  valueOf(await store.enqueue(work('a'), NOON));
  await queues.send(JSON.stringify(OLD_MESSAGE), OLD_ATTRIBUTES);
  for (let i = 0; i < 2; i++) valueOf(await store.giveUp(await claimed(store), 'not-an-export: no HealthData element'));
  assert.equal(await leftIn(queues), NOTHING);
  const letters = await queues.takeDeadLetters();
  const bodies = letters.map(({ text }) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  assert.is(letters.length, 2);
  assert.equal(
    bodies.find(({ job_id }) => job_id === undefined),
    OLD_MESSAGE,
  );
  assert.equal(bodies.find(({ job_id }) => job_id === 'a')?.['upload_id'], 'upload of a');
  for (const letter of letters) {
    const { reason, user_id, event_type } = attributeTexts(letter);
    assert.equal([reason, user_id, event_type], ['not-an-export: no HealthData element', ADA, 'health_data_upload']);
  }
});

test('a reason is cut to what an attribute may be, and one that is none is told so', async ({ store, queues }) => {
  for (const id of ['a', 'b']) valueOf(await store.enqueue(work(id), NOON));
  valueOf(await store.giveUp(await claimed(store), `\u0000${'long '.repeat(1000)}`));
  valueOf(await store.giveUp(await claimed(store), ''));
  const reasons = (await queues.takeDeadLetters()).map((letter) => attributeTexts(letter)['reason'] ?? '');
  assert.equal(reasons.map(({ length }) => length).sort(), [1024, 8].sort());
  assert.ok(reasons.includes('not told'));
  assert.ok(reasons.some((reason) => reason.startsWith('\ufffdlong long')));
});

test('a job that an operator moves back from the dead-letter queue is a job again', async ({ store, queues }) => {
  valueOf(await store.enqueue(work('a'), NOON));
  valueOf(await store.giveUp(await claimed(store), 'the disk is full'));
  const [letter] = await queues.takeDeadLetters();
  await queues.send(letter!.text, attributeTexts(letter!) as Record<string, string>);
  const job = await claimed(store);
  assert.equal([job.id, job.upload, job.attempt], ['a', 'upload of a', 1]);
  valueOf(await store.complete(job));
  assert.equal(await leftIn(queues), NOTHING);
});

const UNUSABLE: readonly (readonly [text: string, reason: string])[] = [
  ['{"user_id": "cut', 'the body is not JSON'],
  ['"a text"', 'the body is not a JSON object'],
  ['null', 'the body is not a JSON object'],
  ['[{"user_id":"a","upload_id":"b"}]', 'the body is not a JSON object'],
  ['{"upload_id":"b"}', 'user_id is not a text'],
  ['{"user_id":"","upload_id":"b"}', 'user_id is not a text'],
  ['{"user_id":"a","upload_id":7}', 'upload_id is not a text'],
  ['{"user_id":"a\\ud800","upload_id":"b"}', 'user_id is not a text'],
  ['{"user_id":"a","upload_id":"b","job_id":null}', 'job_id is not a text'],
];

test('what is no job goes to the dead-letter queue as it is, with its reason, and holds up nothing', async ({
  store,
  queues,
}) => {
  for (const [text] of UNUSABLE) await queues.send(text, { event_type: 'something' });
  valueOf(await store.enqueue(work('a'), NOON));
  valueOf(await store.complete(await claimed(store)));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.equal(await leftIn(queues), NOTHING);
  const letters = (await queues.takeDeadLetters()).map((letter) => [letter.text, attributeTexts(letter)] as const);
  const expected = UNUSABLE.map(([text, reason]) => [text, { event_type: 'something', reason }] as const);
  const byText = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
  assert.equal(letters.sort(byText), expected.sort(byText));
});

test('attributes beyond what SQS takes beside the reason are left off', async ({ store, queues }) => {
  await queues.send('nonsense', Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, 'x'])));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  const [letter] = await queues.takeDeadLetters();
  assert.is(Object.keys(letter!.attributes).length, 10);
  assert.is(attributeTexts(letter!)['reason'], 'the body is not JSON');
});

/** Together longer than a message may be. */
const LARGE = { ...work('x'.repeat(150_000)), upload: processingId('y'.repeat(150_000)) };

test('a body too large for SQS goes through the object store and is gone with its job', async ({ store, queues }) => {
  valueOf(await store.enqueue(LARGE, NOON));
  assert.ok((await queues.look())!.text.length < 1000);
  assert.is((await queues.bodies()).length, 1);
  const job = await claimed(store);
  assert.ok(job.id === LARGE.id && job.upload === LARGE.upload);
  valueOf(await store.complete(job));
  assert.equal(await leftIn(queues), NOTHING);
});

test('a large job that is given up keeps its body, and an erased one does not', async ({ store, queues }) => {
  valueOf(await store.enqueue(LARGE, NOON));
  valueOf(await store.giveUp(await claimed(store), 'it will never work'));
  const [letter] = await queues.takeDeadLetters();
  const pointer = JSON.parse(letter!.text) as {
    readonly s3_bucket: string;
    s3_key: string;
    sha256: string;
    bytes: number;
  };
  const body = valueOf(await queues.largeBodies.get(pointer));
  assert.is((JSON.parse(body) as { readonly job_id: string }).job_id, LARGE.id);
  await queues.largeBodies.delete(pointer);

  valueOf(await store.enqueue(LARGE, NOON));
  valueOf(await store.eraseOwner(ADA));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.equal(await leftIn(queues), NOTHING);
});

test('a large message of another sender is given up as it came', async ({ store, queues }) => {
  const pointer = await queues.largeBodies.put(JSON.stringify({ ...OLD_MESSAGE, filler: 'z'.repeat(300_000) }));
  await queues.send(JSON.stringify(pointer));
  const job = await claimed(store);
  assert.is(job.upload, OLD_MESSAGE.upload_id);
  valueOf(await store.giveUp(job, 'it will never work'));
  const [letter] = await queues.takeDeadLetters();
  assert.equal(JSON.parse(letter!.text), pointer);
  assert.equal(await queues.bodies(), [pointer.s3_key]);
});

test('a large body that is missing, changed, too large or of another place is not worked on', async ({
  store,
  queues,
}) => {
  const { bucket, largeBodies } = queues;
  const body = JSON.stringify({ ...OLD_MESSAGE });
  const changed = await largeBodies.put(body);
  await queues.plantBody(changed.s3_key, body.replace('apple', 'other'));
  const longer = await largeBodies.put(body);
  await queues.plantBody(longer.s3_key, `${body} `);
  const nested = await largeBodies.put(JSON.stringify(changed));
  const foreign = { s3_bucket: bucket, s3_key: 'raw_data/somebody.json', bytes: body.length };
  await queues.plantBody(foreign.s3_key, body);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const absent = { ...changed, s3_key: `messages/${randomUUID()}.json` };
  const cases = [
    [changed, 'the body has another SHA-256 than it was put with'],
    [longer, 'the body has another length than it was put with'],
    [nested, 'the body points to a body that points further'],
    [absent, 'the body is not in the object store'],
    [{ ...foreign, sha256 }, 'the body lies where no body of this queue lies'],
    [{ ...changed, s3_bucket: 'another' }, 'the body lies where no body of this queue lies'],
    [{ ...changed, bytes: 2 ** 40 }, `the body has ${String(2 ** 40)} bytes`],
  ] as const;
  for (const [pointer, reason] of cases) {
    await queues.send(JSON.stringify(pointer));
    assert.is(valueOf(await store.claim(NOON, LEASE)), null);
    const [letter] = await queues.takeDeadLetters();
    assert.equal([JSON.parse(letter!.text), attributeTexts(letter!)], [pointer, { reason }]);
  }
  await largeBodies.delete({ ...foreign, sha256 });
  assert.ok((await queues.bodies()).includes(foreign.s3_key), 'what is not of this queue is left alone');
});

test('a claim that meets very many messages without a job ends, and the next one goes on', async ({
  store,
  queues,
}) => {
  const nobody = JSON.stringify({ ...OLD_MESSAGE, job_id: 'gone' });
  for (let sent = 0; sent < 200; sent += 20) await Promise.all(Array.from({ length: 20 }, () => queues.send(nobody)));
  valueOf(await store.enqueue(work('a'), NOON));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.is((await claimed(store)).id, 'a');
});

test('a lease counts from when the job is handed out, not from when the claim began to wait', async ({ queues }) => {
  let elapsedMs = 1000;
  const queue = queues.open({ elapsedMs: () => (elapsedMs += 250) });
  valueOf(await queue.enqueue(work('a'), NOON + 200));
  const job = valueOf(await queue.claim(NOON, LEASE));
  assert.is(job?.id, 'a', 'it became due while the claim waited');
  const [item] = await queues.table.scan();
  assert.is(item!['due_at_ms'], NOON + 250 + LEASE);
});

test('a queue that is not there is a failure that trying again does not mend; once it is made, it is found', async ({
  queues,
}) => {
  const queue = queues.open();
  valueOf(await queue.enqueue(work('a'), NOON));
  await queues.deleteQueue();
  const error = errorOf(await queue.claim(NOON, LEASE));
  assert.equal([error.port, error.operation, error.retryable], ['JobQueue', 'claim', false]);
  assert.is(errorOf(await queues.open().claim(NOON, LEASE)).retryable, false);
  await queues.createQueue();
  assert.is(valueOf(await queue.claim(NOON, LEASE)), null);
  valueOf(await queue.enqueue(work('a'), NOON));
  assert.is((await claimed(queue)).id, 'a');
});

test('an endpoint that does not answer is a failure that may pass', async ({ queues }) => {
  const { settings } = queues;
  const nowhere = { ...settings, endpointUrls: { ...settings.endpointUrls, sqs: 'http://127.0.0.1:9' } };
  const queue = queues.open({ settings: nowhere, caller: new AwsCaller({ wait: () => Promise.resolve() }) });
  for (const error of [errorOf(await queue.enqueue(work('a'), NOON)), errorOf(await queue.claim(NOON, LEASE))]) {
    assert.equal([error.kind, error.port, error.retryable], ['port-unavailable', 'JobQueue', true]);
  }
  // The job is in the table without a message; the same call again sends it.
  valueOf(await queues.open().enqueue(work('a'), NOON));
  assert.is((await claimed(queues.open())).id, 'a');
});

run();
