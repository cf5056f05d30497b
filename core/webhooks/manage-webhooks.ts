import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { OwnerEventType } from '../events/model.ts';
import type { Clock } from '../kernel/clock.ts';
import { inputRejected, type InputRejected, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import type { LimitReached } from './errors.ts';
import { newWebhookId, type Webhook, type WebhookId } from './model.ts';
import { MOST_WEBHOOKS_PER_OWNER, type WebhookSender, type WebhookSigner, type WebhookStore } from './ports.ts';

export interface ManageWebhooksPorts {
  readonly webhooks: WebhookStore;
  readonly sender: Pick<WebhookSender, 'check'>;
  readonly signer: Pick<WebhookSigner, 'newSecret'>;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** What a person says of a webhook. */
export interface WebhookWishes {
  readonly url: string;
  /** Null: every type. */
  readonly eventTypes: readonly OwnerEventType[] | null;
  readonly description: string | null;
  readonly enabled: boolean;
}

const TOO_MANY: LimitReached = { kind: 'limit-reached', what: 'webhooks', limit: MOST_WEBHOOKS_PER_OWNER };

/** Makes a webhook with a new secret. The answer is the only one that a person sees the secret in until it is replaced. */
export function createWebhook(ports: ManageWebhooksPorts) {
  return (
    owner: UserId,
    wishes: WebhookWishes,
  ): ResultAsync<Webhook, InputRejected | LimitReached | PortUnavailable> => {
    const webhook: Webhook = {
      owner,
      webhookId: newWebhookId(ports.ids),
      ...wishes,
      secret: ports.signer.newSecret(),
      createdAtMs: ports.clock.now(),
    };
    return allowedTarget(ports, wishes.url)
      .andThen(() => ports.webhooks.list(owner))
      .andThen((others) => {
        // A call that is made again makes the same webhook again.
        const count = others.filter(({ webhookId }) => webhookId !== webhook.webhookId).length;
        return count < MOST_WEBHOOKS_PER_OWNER ? okAsync(webhook) : errAsync(TOO_MANY);
      })
      .andThen(() => ports.webhooks.put(webhook))
      .map(() => webhook);
  };
}

/** Replaces what a person has said of a webhook; its secret stays. */
export function updateWebhook(ports: Pick<ManageWebhooksPorts, 'webhooks' | 'sender'>) {
  return (
    owner: UserId,
    id: WebhookId,
    wishes: WebhookWishes,
  ): ResultAsync<Webhook, InputRejected | NotFound | PortUnavailable> =>
    ports.webhooks
      .get(owner, id)
      .andThen(({ url }) => (url === wishes.url ? okAsync(undefined) : allowedTarget(ports, wishes.url)))
      .andThen(() => ports.webhooks.change(owner, id, wishes));
}

/** Gives a webhook a new secret; the next attempt of every delivery is signed with it. */
export function rotateSecret({ webhooks, signer }: Pick<ManageWebhooksPorts, 'webhooks' | 'signer'>) {
  return (owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable> =>
    webhooks.change(owner, id, { secret: signer.newSecret() });
}

const allowedTarget = (
  { sender }: Pick<ManageWebhooksPorts, 'sender'>,
  url: string,
): ResultAsync<void, InputRejected | PortUnavailable> =>
  sender
    .check(url)
    .mapErr((error) =>
      error.kind === 'target-refused'
        ? inputRejected({ pointer: '/url', message: error.reason, code: 'target_refused' })
        : error,
    );
