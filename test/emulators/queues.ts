import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ResultAsync } from 'neverthrow';
import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { SqsJobQueue, type SqsJobQueueDeps } from '../../adapters/aws/sqs/job-queue.ts';
import { S3LargeBodies } from '../../adapters/aws/sqs/large-bodies.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';
import type { JobQueue } from '../../core/health-data/ports.ts';
import { emulator, settingsFor, type Emulator } from './emulators.ts';
import { makeTable, type TableUnderTest } from './tables.ts';

/** A message as SQS has it. */
export interface PlainMessage {
  readonly text: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
}

/** A queue with its dead-letter queue, a bucket for large bodies and a table, all of their own. */
export interface QueuesUnderTest {
  readonly settings: AwsSettings;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly bucket: string;
  readonly table: TableUnderTest;
  readonly largeBodies: S3LargeBodies;
  /** Another process's view of the same queue; a claim finds what is there and does not wait. */
  readonly open: (replaced?: Partial<SqsJobQueueDeps>) => SqsJobQueue;
  /** Sends a message past the adapter, such as one of the older service. */
  readonly send: (text: string, attributes?: Readonly<Record<string, string>>) => Promise<void>;
  /** The next visible message, which stays visible. */
  readonly look: () => Promise<PlainMessage | null>;
  /** How many messages the queue has: visible, hidden or delayed. */
  readonly messageCount: () => Promise<number>;
  /** Takes everything out of the dead-letter queue. */
  readonly takeDeadLetters: () => Promise<readonly PlainMessage[]>;
  /** Keys of the bucket. */
  readonly bodies: () => Promise<readonly string[]>;
  /** Replaces an object of the bucket. */
  readonly plantBody: (key: string, text: string) => Promise<void>;
  readonly deleteQueue: () => Promise<void>;
  readonly createQueue: () => Promise<void>;
  readonly setClock: Emulator['setClock'];
  readonly close: () => Promise<void>;
}

/** Against a given endpoint, a queue's servers are asked together only by a call that waits. */
const WAIT_SECONDS = 1;

const MESSAGE_COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export async function makeQueues(): Promise<QueuesUnderTest> {
  const sqsEmulator = await emulator('fauxqs', 'sqs');
  const s3Emulator = await emulator('fauxqs', 's3');
  const table = await makeTable();
  const settings = settingsFor({
    dynamodb: table.settings.endpointUrls.dynamodb ?? '',
    sqs: sqsEmulator.endpointUrl,
    s3: s3Emulator.endpointUrl,
  });
  const region = settings.region ?? 'us-east-1';
  const sqs = new SQSClient({ region, endpoint: sqsEmulator.endpointUrl });
  const s3 = new S3Client({ region, endpoint: s3Emulator.endpointUrl, forcePathStyle: true });
  const queueName = `clarity-test-${randomUUID()}`;
  const deadLetterQueueName = `${queueName}-dlq`;
  const create = async (name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return url;
  };
  let url = await create(queueName);
  const deadLetterUrl = await create(deadLetterQueueName);
  const bucket = `clarity-test-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const largeBodies = new S3LargeBodies({ settings, bucket, kmsKeyId: null, caller: new AwsCaller() });
  const bodies = async (): Promise<readonly string[]> => {
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return objects.map(({ Key: key = '' }) => key);
  };
  const opened: SqsJobQueue[] = [];
  return {
    settings,
    queueName,
    deadLetterQueueName,
    bucket,
    table,
    largeBodies,
    open: (replaced = {}) => {
      const queue = new SqsJobQueue({
        settings,
        queueName,
        deadLetterQueueName,
        table: table.another(),
        caller: new AwsCaller(),
        largeBodies,
        waitSeconds: sqsEmulator.controlsClock ? 0 : WAIT_SECONDS,
        elapsedMs: () => 0,
        ...replaced,
      });
      opened.push(queue);
      return queue;
    },
    send: async (text, attributes = {}) => {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      );
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: text, MessageAttributes }));
    },
    look: async () => {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0, MessageAttributeNames: ['All'] }),
      );
      const [message] = messages;
      return message === undefined ? null : { text: message.Body ?? '', attributes: message.MessageAttributes ?? {} };
    },
    messageCount: async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...MESSAGE_COUNTS] });
      const { Attributes: attributes = {} } = await sqs.send(command);
      return MESSAGE_COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
    },
    takeDeadLetters: async () => {
      const letters: PlainMessage[] = [];
      for (;;) {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: deadLetterUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            WaitTimeSeconds: sqsEmulator.controlsClock ? 0 : WAIT_SECONDS,
          }),
        );
        if (messages.length === 0) return letters;
        for (const { Body: text = '', MessageAttributes: attributes = {}, ReceiptHandle: handle } of messages) {
          letters.push({ text, attributes });
          await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterUrl, ReceiptHandle: handle }));
        }
      }
    },
    bodies,
    plantBody: async (key, text) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    },
    deleteQueue: async () => {
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    },
    createQueue: async () => {
      url = await create(queueName);
    },
    setClock: sqsEmulator.setClock,
    close: async () => {
      if (sqsEmulator.controlsClock) await sqsEmulator.setClock(null);
      for (const queue of opened) queue.close();
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl: deadLetterUrl }));
      for (const key of await bodies()) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
      await table.close();
      largeBodies.close();
      sqs.destroy();
      s3.destroy();
    },
  };
}

/** The queue, with SQS's own clock set to the instant that each call speaks of. */
export function onEmulatorClock(queue: JobQueue, setClock: Emulator['setClock']): JobQueue {
  const at = (nowMs: number) => ResultAsync.fromSafePromise(setClock(nowMs));
  return {
    enqueue: (job, nowMs) => at(nowMs).andThen(() => queue.enqueue(job, nowMs)),
    claim: (nowMs, leaseMs) => at(nowMs).andThen(() => queue.claim(nowMs, leaseMs)),
    extend: (job, nowMs, leaseMs) => at(nowMs).andThen(() => queue.extend(job, nowMs, leaseMs)),
    complete: (job) => queue.complete(job),
    release: (job, retryAtMs) => queue.release(job, retryAtMs),
    giveUp: (job, reason) => queue.giveUp(job, reason),
    eraseOwner: (owner) => queue.eraseOwner(owner),
  };
}
