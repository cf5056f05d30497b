import { randomUUID } from 'node:crypto';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { SnsEventPublisher } from '../../../adapters/aws/sns/event-publisher.ts';
import type { AnalysisEvent } from '../../../core/analysis/ports.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { eventPublisherContract, type PublisherUnderTest } from '../../contracts/event-publisher.contract.ts';
import { emulator, settingsFor } from '../../emulators/emulators.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

/** What SNS puts into a queue that is subscribed to a topic. */
interface Notification {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

interface TopicUnderTest extends PublisherUnderTest {
  readonly notifications: (count: number) => Promise<readonly Notification[]>;
}

/** A topic of its own, and a queue that hears of everything. */
async function makeTopic(): Promise<TopicUnderTest> {
  const [{ endpointUrl: snsUrl }, { endpointUrl: sqsUrl }] = [
    await emulator('fauxqs', 'sns'),
    await emulator('fauxqs', 'sqs'),
  ];
  const settings = settingsFor({ sns: snsUrl, sqs: sqsUrl });
  const region = settings.region ?? 'us-east-1';
  const [sns, sqs] = [new SNSClient({ endpoint: snsUrl, region }), new SQSClient({ endpoint: sqsUrl, region })];
  const name = `clarity-test-${randomUUID()}`;
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  const { QueueUrl: queueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: attributes?.QueueArn ?? '' }));
  const store = new SnsEventPublisher({ settings, topicArn, caller: new AwsCaller() });
  const notifications = async (count: number): Promise<readonly Notification[]> => {
    const found: Notification[] = [];
    while (found.length < count) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      );
      assert.ok(messages.length > 0, 'nothing more arrived');
      found.push(...messages.map(({ Body: body = '' }) => JSON.parse(body) as Notification));
    }
    return found;
  };
  return {
    store,
    notifications,
    received: async (count) => (await notifications(count)).map(({ Message: message }) => eventOf(message)),
    close: async () => {
      store.close();
      await sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
      sns.destroy();
      sqs.destroy();
    },
  };
}

/** Reads an envelope as a receiver does. */
function eventOf(message: string): AnalysisEvent {
  const { type, timestamp, data } = JSON.parse(message) as {
    readonly type: AnalysisEvent['type'];
    readonly timestamp: string;
    readonly data: Readonly<Record<string, string>>;
  };
  return {
    type,
    owner: userId(data['user_id']!),
    upload: processingId(data['upload_id']!),
    id: data['analysis_id'] ?? data['insight_id']!,
    atMs: Date.parse(timestamp),
  };
}

eventPublisherContract('SNS', makeTopic);

const sns = suite('SNS event publisher');

const EVENT: AnalysisEvent = {
  type: 'analysis.completed',
  owner: userId('ada'),
  upload: processingId('an upload'),
  id: 'an analysis',
  atMs: Date.parse('2025-03-10T12:00:00.000Z'),
};

sns('the envelope, the subject and the attributes are those that receivers read', async () => {
  const topic = await makeTopic();
  valueOf(await topic.store.publish(EVENT));
  const [notification] = await topic.notifications(1);
  assert.equal(JSON.parse(notification!.Message), {
    id: 'analysis.completed/an analysis',
    type: 'analysis.completed',
    timestamp: '2025-03-10T12:00:00.000Z',
    data: { user_id: 'ada', upload_id: 'an upload', analysis_id: 'an analysis' },
  });
  assert.is(notification!.Subject, 'Analysis Completed');
  assert.equal(notification!.MessageAttributes, {
    event_type: { Type: 'String', Value: 'analysis.completed' },
    user_id: { Type: 'String', Value: 'ada' },
  });
  await topic.close();
});

sns('an event that is sent twice can be told by its id', async () => {
  const topic = await makeTopic();
  valueOf(await topic.store.publish(EVENT));
  valueOf(await topic.store.publish(EVENT));
  const ids = (await topic.notifications(2)).map(({ Message: message }) => (JSON.parse(message) as { id: string }).id);
  assert.equal(new Set(ids).size, 1);
  await topic.close();
});

sns('a topic that is not there is unavailable, and trying again would not help', async () => {
  const { endpointUrl } = await emulator('fauxqs', 'sns');
  const publisher = new SnsEventPublisher({
    settings: settingsFor({ sns: endpointUrl }),
    topicArn: `arn:aws:sns:us-east-1:000000000000:${randomUUID()}`,
    caller: new AwsCaller(),
  });
  const error = errorOf(await publisher.publish(EVENT));
  assert.equal([error.kind, error.retryable], ['port-unavailable', false]);
  publisher.close();
});

sns.run();
