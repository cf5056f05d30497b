import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoTable, type Expression, type Item, type ItemKey } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { SqsJobQueue } from '../../../adapters/aws/sqs/job-queue.ts';
import type { LargeBodies } from '../../../adapters/aws/sqs/large-bodies.ts';
import { hiddenSeconds } from '../../../adapters/aws/sqs/sqs-queue.ts';
import type { Job, JobQueue } from '../../../core/health-data/ports.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeQueues } from '../../emulators/queues.ts';
import { makeTable } from '../../emulators/tables.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const NOON = Date.UTC(2025, 2, 10, 12);
const LEASE = 60_000;
const JOB = { id: 'a', owner: ADA, upload: processingId('upload of a') };

async function claimed(queue: JobQueue): Promise<Job> {
  const job = valueOf(await queue.claim(NOON, LEASE));
  if (job === null) throw new Error('no job was due');
  return job;
}

/** A table whose every change takes effect once more than its caller hears of, as after an answer that was lost. */
class EchoingTable extends DynamoTable {
  override async update(key: ItemKey, change: Expression, condition?: Expression): Promise<Item | null> {
    await super.update(key, change, condition);
    return super.update(key, change, condition);
  }

  override async put(item: Item, condition?: Expression): Promise<boolean> {
    await super.put(item, condition);
    return super.put(item, condition);
  }

  override async delete(key: ItemKey, condition?: Expression): Promise<boolean> {
    await super.delete(key, condition);
    return super.delete(key, condition);
  }
}

/** A table that refuses to delete until it is told otherwise. */
class KeepingTable extends DynamoTable {
  keeps = true;

  override delete(key: ItemKey, condition?: Expression): Promise<boolean> {
    return this.keeps ? Promise.reject(new Error('not now')) : super.delete(key, condition);
  }
}

const tables = suiteOver('the SQS job queue and a table in trouble', async () => {
  const queues = await makeQueues();
  return { queues, store: queues.open(), close: queues.close };
});

tables.test('a lost answer of the table changes nothing in what callers are told', async ({ queues }) => {
  const table = new EchoingTable(queues.settings, queues.table.name, new AwsCaller());
  const queue = queues.open({ table });
  valueOf(await queue.enqueue(JOB, NOON));
  const first = await claimed(queue);
  assert.is(first.attempt, 1);
  valueOf(await queue.extend(first, NOON, LEASE));
  valueOf(await queue.release(first, NOON));
  assert.is(errorOf(await queue.release(first, NOON)).kind, 'stale-receipt');
  const second = await claimed(queue);
  assert.is(second.attempt, 2);
  valueOf(await queue.complete(second));
  assert.is(errorOf(await queue.complete(second)).kind, 'stale-receipt');
  valueOf(await queue.enqueue(JOB, NOON));
  const third = await claimed(queue);
  valueOf(await queue.giveUp(third, 'it will never work'));
  assert.is(errorOf(await queue.giveUp(third, 'it will never work')).kind, 'stale-receipt');
  assert.equal(await queues.table.scan(), []);
  table.close();
});

tables.test('a finished job that could not be removed is never handed out again', async ({ queues }) => {
  const table = new KeepingTable(queues.settings, queues.table.name, new AwsCaller());
  const queue = queues.open({ table });
  valueOf(await queue.enqueue(JOB, NOON));
  const job = await claimed(queue);
  assert.is(errorOf(await queue.complete(job)).kind, 'port-unavailable');
  table.keeps = false;
  // Its second message stands for the first one, which shows again when the lease ends.
  await queues.send(JSON.stringify({ user_id: ADA, upload_id: JOB.upload, job_id: JOB.id }));
  assert.is(valueOf(await queue.claim(NOON + LEASE, LEASE)), null);
  assert.equal(await queues.table.scan(), []);
  table.close();
});

tables.test('completing again after a failure ends it, and so does enqueuing the same job anew', async ({ queues }) => {
  const table = new KeepingTable(queues.settings, queues.table.name, new AwsCaller());
  const queue = queues.open({ table });
  valueOf(await queue.enqueue(JOB, NOON));
  const job = await claimed(queue);
  assert.is(errorOf(await queue.complete(job)).kind, 'port-unavailable');
  valueOf(await queue.enqueue(JOB, NOON));
  const next = await claimed(queue);
  assert.is(next.attempt, 1);
  assert.is(errorOf(await queue.complete(job)).kind, 'stale-receipt');
  assert.is(errorOf(await queue.complete(next)).kind, 'port-unavailable');
  table.keeps = false;
  valueOf(await queue.complete(next));
  assert.equal(await queues.table.scan(), []);
  table.close();
});

tables.run();

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/jobs';
const noBodies: LargeBodies = {
  put: () => Promise.reject(new Error('nothing is large here')),
  get: () => Promise.reject(new Error('nothing is large here')),
  delete: () => Promise.reject(new Error('nothing is large here')),
};

/** An error as SQS answers it. */
const refusal = (name: string, message: string, status = 400): SQSServiceException =>
  new SQSServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: status } });

/** Recorded: of a message that was received again since, and of one that has been in flight for 12 hours. */
const HANDLE_GONE = [
  refusal(
    'InvalidParameterValue',
    'Value x for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
  ),
  refusal('ReceiptHandleIsInvalid', 'The input receipt handle "x" is not a valid receipt handle.'),
  refusal('MessageNotInflight', 'The specified message is not in flight.'),
];
const NO_QUEUE = refusal('QueueDoesNotExist', 'The specified queue does not exist.');

/** Answers one after the other, the last one for ever; an error is thrown. */
function answering(...answers: readonly (object | Error)[]): () => Promise<object> {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next++, answers.length - 1)]!;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
}

const recorded = suiteOver('the SQS job queue and what SQS has been seen to answer', async () => {
  const table = await makeTable();
  const sqs = mockClient(SQSClient);
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: QUEUE_URL });
  const inbox: object[] = [];
  sqs.on(ReceiveMessageCommand).callsFake(() => Promise.resolve({ Messages: inbox.splice(0, 1) }));
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(DeleteMessageCommand).resolves({});
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  const store = new SqsJobQueue({
    settings: table.settings,
    queueName: 'jobs',
    deadLetterQueueName: 'jobs-dlq',
    table: table.table,
    caller: new AwsCaller({ wait: () => Promise.resolve() }),
    largeBodies: noBodies,
    waitSeconds: 20,
    elapsedMs: () => 0,
  });
  const message = {
    MessageId: 'm',
    ReceiptHandle: 'h',
    Body: JSON.stringify({ user_id: ADA, upload_id: 'u', job_id: 'a' }),
  };
  return {
    store,
    sqs,
    arrives: (): void => {
      inbox.push(message);
    },
    close: async () => {
      sqs.restore();
      store.close();
      await table.close();
    },
  };
});

recorded.test('addresses are asked for once', async ({ store, sqs }) => {
  for (let i = 0; i < 3; i++) assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.equal(
    sqs.commandCalls(GetQueueUrlCommand).map(({ args }) => args[0].input),
    [{ QueueName: 'jobs' }],
  );
  assert.equal(sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input, {
    QueueUrl: QUEUE_URL,
    MaxNumberOfMessages: 1,
    VisibilityTimeout: 60,
    WaitTimeSeconds: 20,
    MessageAttributeNames: ['All'],
  });
});

recorded.test('a queue that was made again has its address looked up again', async ({ store, sqs }) => {
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: `${QUEUE_URL}-anew` });
  sqs.on(ReceiveMessageCommand).callsFake(answering(NO_QUEUE, {}));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  assert.is(sqs.commandCalls(ReceiveMessageCommand).at(-1)?.args[0].input.QueueUrl, `${QUEUE_URL}-anew`);
  sqs.on(ReceiveMessageCommand).rejects(NO_QUEUE);
  assert.is(errorOf(await store.claim(NOON, LEASE)).retryable, false);
});

recorded.test(
  'an answer without an address is asked for again, then is a failure that may pass',
  async ({ store, sqs }) => {
    sqs.on(GetQueueUrlCommand).callsFake(answering({}, { QueueUrl: QUEUE_URL }));
    assert.is(errorOf(await store.claim(NOON, LEASE)).retryable, true);
    assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  },
);

recorded.test('throttling and a full queue are waited for', async ({ store, sqs }) => {
  const throttled = refusal('RequestThrottled', 'Rate exceeded', 403);
  sqs
    .on(ReceiveMessageCommand)
    .callsFake(answering(throttled, refusal('OverLimit', 'Too many messages in flight'), {}));
  assert.is(valueOf(await store.claim(NOON, LEASE)), null);
  sqs.on(SendMessageCommand).rejects(throttled);
  const error = errorOf(await store.enqueue(JOB, NOON));
  assert.equal([error.operation, error.retryable], ['enqueue', true]);
  assert.is(sqs.commandCalls(SendMessageCommand).length, 5);
});

recorded.test('missing permissions are a failure that trying again does not mend', async ({ store, sqs }) => {
  sqs.on(ReceiveMessageCommand).rejects(refusal('AccessDeniedException', 'User is not authorized', 403));
  assert.is(errorOf(await store.claim(NOON, LEASE)).retryable, false);
});

recorded.test(
  'a handle that SQS does not know any more is fine: the table decides',
  async ({ store, sqs, arrives }) => {
    for (const gone of HANDLE_GONE) {
      sqs.on(ChangeMessageVisibilityCommand).rejects(gone);
      sqs.on(DeleteMessageCommand).rejects(gone);
      for (const settle of [
        (job: Job) => store.extend(job, NOON, LEASE).andThen(() => store.complete(job)),
        (job: Job) => store.giveUp(job, 'it will never work'),
      ]) {
        valueOf(await store.enqueue(JOB, NOON));
        arrives();
        const job = await claimed(store);
        valueOf(await settle(job));
        assert.is(errorOf(await store.complete(job)).kind, 'stale-receipt');
      }
    }
  },
);

recorded.test(
  'a released job whose message nobody can show again gets another message',
  async ({ store, sqs, arrives }) => {
    valueOf(await store.enqueue(JOB, NOON));
    arrives();
    const job = await claimed(store);
    const before = sqs.commandCalls(SendMessageCommand).length;
    sqs.on(ChangeMessageVisibilityCommand).rejects(HANDLE_GONE[0]);
    valueOf(await store.release(job, NOON + 1));
    const sent = sqs.commandCalls(SendMessageCommand).slice(before);
    assert.is(sent.length, 1);
    const body = JSON.parse(sent[0]!.args[0].input.MessageBody!) as Readonly<Record<string, unknown>>;
    assert.equal([body['job_id'], body['upload_id']], ['a', JOB.upload]);
  },
);

recorded.test(
  'trouble with the message after the job is settled does not unsettle it',
  async ({ store, sqs, arrives }) => {
    valueOf(await store.enqueue(JOB, NOON));
    arrives();
    const job = await claimed(store);
    const down = refusal('InternalError', 'Try again', 500);
    sqs.on(DeleteMessageCommand).rejects(down);
    sqs.on(ChangeMessageVisibilityCommand).rejects(down);
    valueOf(await store.extend(job, NOON, LEASE));
    valueOf(await store.complete(job));
    // The message arrives again, and now it must be possible to drop it.
    arrives();
    assert.is(errorOf(await store.claim(NOON + LEASE, LEASE)).retryable, true);
    sqs.on(DeleteMessageCommand).resolves({});
    arrives();
    assert.is(valueOf(await store.claim(NOON + LEASE, LEASE)), null);
  },
);

recorded.test('without a dead-letter queue a job is not given up but stays', async ({ store, sqs, arrives }) => {
  valueOf(await store.enqueue(JOB, NOON));
  arrives();
  const job = await claimed(store);
  sqs.on(GetQueueUrlCommand).rejects(NO_QUEUE);
  assert.is(errorOf(await store.giveUp(job, 'it will never work')).kind, 'port-unavailable');
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: QUEUE_URL });
  valueOf(await store.giveUp(job, 'it will never work'));
});

recorded.test(
  'a message whose job is not due is hidden until then, and not a moment longer',
  async ({ store, sqs, arrives }) => {
    const hidden = () => sqs.commandCalls(ChangeMessageVisibilityCommand).at(-1)?.args[0].input.VisibilityTimeout;
    for (const [dueInMs, seconds] of [
      [999, 0],
      [1000, 1],
      [59_999, 59],
      [24 * 3_600_000, 12 * 3600],
    ] as const) {
      valueOf(await store.eraseOwner(ADA));
      valueOf(await store.enqueue(JOB, NOON + dueInMs));
      arrives();
      assert.is(valueOf(await store.claim(NOON, LEASE)), null);
      assert.is(hidden(), seconds);
    }
  },
);

recorded.test(
  'a lease of less than a second does not keep the message away longer',
  async ({ store, sqs, arrives }) => {
    valueOf(await store.enqueue(JOB, NOON));
    arrives();
    assert.is(valueOf(await store.claim(NOON, 500))?.id, 'a');
    assert.is(sqs.commandCalls(ReceiveMessageCommand).at(-1)?.args[0].input.VisibilityTimeout, 1);
    assert.is(sqs.commandCalls(ChangeMessageVisibilityCommand).at(-1)?.args[0].input.VisibilityTimeout, 0);
  },
);

recorded.test('what is no receipt of this queue is stale', async ({ store }) => {
  for (const receipt of ['', 'made up', 'null', '{}', '{"handle":1}', '{"handle":"h"}', '[]']) {
    const job = { ...JOB, attempt: 1, receipt };
    assert.equal(errorOf(await store.complete(job)), { kind: 'stale-receipt', id: 'a' }, receipt);
  }
});

recorded.test('hiding is told in whole seconds within what SQS takes', async () => {
  assert.equal([-1, 0, 999, 1000, 1e12].map(hiddenSeconds), [0, 0, 0, 1, 43_200]);
});

recorded.run();
