import { okAsync, type ResultAsync } from 'neverthrow';
import type { SendOutcome, WebhookSender } from '../../core/webhooks/ports.ts';

/** A message that arrived. */
export interface ReceivedMessage {
  readonly url: string;
  /** The `webhook-id`, by which a receiver tells a repetition. */
  readonly id: string;
  readonly body: string;
}

/** Stands in for all receivers of the world. One whose path ends in `/gone` wants no more messages. */
export class WebhookReceiver implements WebhookSender {
  readonly #messages: ReceivedMessage[] = [];

  /** The oldest first. */
  get messages(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  check(): ReturnType<WebhookSender['check']> {
    return okAsync(undefined);
  }

  send({ url, headers, body }: Parameters<WebhookSender['send']>[0]): ResultAsync<SendOutcome, never> {
    this.#messages.push({ url, id: headers['webhook-id'] ?? '', body });
    return okAsync(url.endsWith('/gone') ? { status: 410, error: 'status' } : { status: 200, error: null });
  }
}
