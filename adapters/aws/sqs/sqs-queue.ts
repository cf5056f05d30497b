import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type AwsCaller, nameOf } from '../aws-caller.ts';

/** What stands beside a message's body, by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

/** A message that was received and is hidden from others for a while. */
export interface ReceivedMessage {
  /** The same each time the message is received. */
  readonly id: string;
  /** Names this receipt of the message; the next receipt gets another. */
  readonly handle: string;
  readonly text: string;
  readonly attributes: MessageAttributes;
}

/** SQS hides a message for 12 hours at most. */
const LONGEST_HIDDEN_S = 43_200;

/** What SQS says of a queue that is not there (any more). */
const NO_QUEUE = new Set(['QueueDoesNotExist', 'NonExistentQueue', 'AWS.SimpleQueueService.NonExistentQueue']);

/**
 * What SQS says of a handle whose message was deleted, received again since, or in flight for 12 hours. "Expired" comes
 * as `InvalidParameterValue`, against the documentation.
 */
const NO_SUCH_HANDLE = new Set(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue']);

/** How long a message may be hidden so that it is not hidden a moment too long: whole seconds, rounded down. */
export const hiddenSeconds = (ms: number): number => Math.min(LONGEST_HIDDEN_S, Math.max(0, Math.floor(ms / 1000)));

/** One queue of SQS, by its name. Its methods reject with the SDK's errors. */
export class SqsQueue {
  readonly #client: SQSClient;
  readonly #name: string;
  readonly #caller: AwsCaller;
  #url: Promise<string> | null = null;

  constructor(client: SQSClient, name: string, caller: AwsCaller) {
    this.#client = client;
    this.#name = name;
    this.#caller = caller;
  }

  /** The next message, hidden from others for so long; null when none came within `waitSeconds` (0 to 20). */
  receive(hideSeconds: number, waitSeconds: number): Promise<ReceivedMessage | null> {
    return this.#atUrl(async (QueueUrl, abortSignal) => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 1,
        VisibilityTimeout: hideSeconds,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
      });
      const { Messages: messages = [] } = await this.#client.send(command, { abortSignal });
      const [message] = messages;
      if (message === undefined) return null;
      const {
        MessageId: id = '',
        ReceiptHandle: handle = '',
        Body: text = '',
        MessageAttributes: attributes,
      } = message;
      return { id, handle, text, attributes: attributes ?? {} };
    }, waitSeconds * 1000);
  }

  /** Adds a message; twice where the answer to a first try was lost. */
  async send(text: string, attributes: MessageAttributes): Promise<void> {
    await this.#atUrl((QueueUrl, abortSignal) =>
      this.#client.send(new SendMessageCommand({ QueueUrl, MessageBody: text, MessageAttributes: { ...attributes } }), {
        abortSignal,
      }),
    );
  }

  /** Hides a received message for so long from now on, 0: not at all; false when SQS does not know the handle any more. */
  hide(handle: string, seconds: number): Promise<boolean> {
    return this.#ofHandle((QueueUrl, abortSignal) =>
      this.#client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: handle, VisibilityTimeout: seconds }),
        { abortSignal },
      ),
    );
  }

  /** Removes a received message; one that SQS does not know any more is fine. */
  async delete(handle: string): Promise<void> {
    await this.#ofHandle((QueueUrl, abortSignal) =>
      this.#client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: handle }), { abortSignal }),
    );
  }

  async #ofHandle(work: (url: string, abortSignal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    try {
      await this.#atUrl(work);
      return true;
    } catch (cause) {
      if (NO_SUCH_HANDLE.has(nameOf(cause))) return false;
      throw cause;
    }
  }

  /** A queue that was deleted and made again may have another address: it is looked up once more. */
  async #atUrl<T>(work: (url: string, abortSignal: AbortSignal) => Promise<T>, askedToWaitMs = 0): Promise<T> {
    const wasKnown = this.#url !== null;
    const asked = this.#lookUp();
    const url = await asked;
    try {
      return await this.#caller.call((abortSignal) => work(url, abortSignal), askedToWaitMs);
    } catch (cause) {
      if (!NO_QUEUE.has(nameOf(cause))) throw cause;
      if (this.#url === asked) this.#url = null;
      if (!wasKnown) throw cause;
      const again = await this.#lookUp();
      return this.#caller.call((abortSignal) => work(again, abortSignal), askedToWaitMs);
    }
  }

  #lookUp(): Promise<string> {
    if (this.#url !== null) return this.#url;
    const asked = this.#ask();
    this.#url = asked;
    asked.catch(() => {
      if (this.#url === asked) this.#url = null;
    });
    return asked;
  }

  async #ask(): Promise<string> {
    const { QueueUrl: url } = await this.#caller.call((abortSignal) =>
      this.#client.send(new GetQueueUrlCommand({ QueueName: this.#name }), { abortSignal }),
    );
    if (url === undefined) throw new SyntaxError(`SQS named no address for ${this.#name}`);
    return url;
  }
}
