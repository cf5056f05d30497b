import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { clientConfig } from '../settings.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { attempt, type AttemptedCall } from './aws-fault.ts';

const SUBJECT = 'SQS queues';

/**
 * A job that is not due yet is received and put back, which SQS counts; fewer receives than this and the redrive policy
 * would take living jobs away.
 */
const FEWEST_RECEIVES = 10;

/** The queue and its dead-letter queue, and that the one is the other's. Whether messages may be sent only a message tells. */
export const queueCheck = ({ settings, queueName, deadLetterQueueName }: AwsResources): AwsCheck => ({
  subject: SUBJECT,
  run: async (abortSignal) => {
    const client = new SQSClient(clientConfig(settings, 'sqs'));
    try {
      const [queue, deadLetters] = await Promise.all([
        look(client, queueName, abortSignal),
        look(client, deadLetterQueueName, abortSignal),
      ]);
      const faults = [...queue.faults, ...deadLetters.faults];
      if (queue.attributes === null) return faults;
      const redrive = redriveFinding(queueName, queue.attributes, deadLetterQueueName, deadLetters.attributes);
      return [...faults, redrive];
    } finally {
      client.destroy();
    }
  },
});

interface Looked {
  readonly faults: readonly Finding[];
  /** Null where they could not be seen. */
  readonly attributes: Readonly<Partial<Record<string, string>>> | null;
}

async function look(client: SQSClient, name: string, abortSignal: AbortSignal): Promise<Looked> {
  const call = (action: string, onlyToLook = false): AttemptedCall => ({
    subject: SUBJECT,
    action: `sqs:${action}`,
    resource: `the queue ${name}`,
    onlyToLook,
  });
  const found = await attempt(call('GetQueueUrl'), abortSignal, () =>
    client.send(new GetQueueUrlCommand({ QueueName: name }), { abortSignal }),
  );
  if (found.isErr()) return { faults: [found.error], attributes: null };
  const command = new GetQueueAttributesCommand({ QueueUrl: found.value?.QueueUrl, AttributeNames: ['All'] });
  const seen = await attempt(call('GetQueueAttributes', true), abortSignal, () =>
    client.send(command, { abortSignal }),
  );
  return seen.match(
    (answer) => ({ faults: [], attributes: answer?.Attributes ?? {} }),
    (fault) => ({ faults: [fault], attributes: null }),
  );
}

function redriveFinding(
  name: string,
  { RedrivePolicy: policy }: NonNullable<Looked['attributes']>,
  deadLetterName: string,
  deadLetters: Looked['attributes'],
): Finding {
  if (policy === undefined || policy === '') {
    return warning(
      SUBJECT,
      `${name} has no redrive policy`,
      `Give it one to ${deadLetterName} after 100 receives, for what stops every worker that receives it.`,
    );
  }
  const { arn, receives } = redriveOf(policy);
  if (deadLetters !== null && arn !== deadLetters['QueueArn']) {
    return problem(
      SUBJECT,
      `${name} sends its dead letters to ${arn.split(':').at(-1) ?? 'nowhere'}, not to ${deadLetterName}`,
      'Correct the redrive policy, or CLARITY_DEAD_LETTER_QUEUE.',
    );
  }
  if (receives < FEWEST_RECEIVES) {
    return warning(
      SUBJECT,
      `${name} gives messages up after ${receives} receives`,
      `Clarity counts attempts itself; let the redrive policy allow 100, and ${FEWEST_RECEIVES} at least.`,
    );
  }
  return fine(SUBJECT, `${name} and ${deadLetterName} exist and belong together`);
}

/** Tolerates a policy that is none: it then leads nowhere. */
function redriveOf(policy: string): { readonly arn: string; readonly receives: number } {
  let read: { readonly deadLetterTargetArn?: unknown; readonly maxReceiveCount?: unknown } = {};
  try {
    read = JSON.parse(policy) as typeof read;
  } catch {
    // As if it were empty.
  }
  const { deadLetterTargetArn: arn, maxReceiveCount } = read;
  return { arn: typeof arn === 'string' ? arn : '', receives: Number(maxReceiveCount ?? 0) };
}

const TOPIC = 'SNS topic';

/** The topic of events. Whether it may be published to only an event tells. */
export const topicCheck = ({ settings }: AwsResources, topicArn: string): AwsCheck => ({
  subject: TOPIC,
  run: async (abortSignal) => {
    const client = new SNSClient(clientConfig(settings, 'sns'));
    const name = topicArn.split(':').at(-1) ?? topicArn;
    try {
      const call = {
        subject: TOPIC,
        action: 'sns:GetTopicAttributes',
        resource: `the topic ${name}`,
        onlyToLook: true,
      };
      const found = await attempt(call, abortSignal, () =>
        client.send(new GetTopicAttributesCommand({ TopicArn: topicArn }), { abortSignal }),
      );
      return [found.isErr() ? found.error : fine(TOPIC, `${name} exists`)];
    } finally {
      client.destroy();
    }
  },
});
