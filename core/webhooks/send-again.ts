import type { ResultAsync } from 'neverthrow';
import type { Clock } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import { newDeliveryId, TEST_TYPE, type Delivery, type DeliveryId, type WebhookId } from './model.ts';
import type { WebhookStore } from './ports.ts';

export interface SendAgainPorts {
  readonly webhooks: WebhookStore;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** Sends a delivery once more, at once and under the same message id, whatever became of it before. */
export function replayDelivery({ webhooks, clock }: Omit<SendAgainPorts, 'ids'>) {
  return (owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable> =>
    webhooks.requeue(owner, webhook, id, clock.now());
}

/** Sends a message of type `webhook.test`, which goes the way of all others. */
export function sendTest({ webhooks, ids, clock }: SendAgainPorts) {
  return (owner: UserId, id: WebhookId): ResultAsync<Delivery, NotFound | PortUnavailable> => {
    const nowMs = clock.now();
    const delivery: Delivery = {
      owner,
      webhookId: id,
      deliveryId: newDeliveryId(ids, nowMs),
      eventId: null,
      eventType: TEST_TYPE,
      payload: JSON.stringify({
        type: TEST_TYPE,
        timestamp: new Date(nowMs).toISOString(),
        data: { webhook_id: id },
      }),
      status: 'pending',
      createdAtMs: nowMs,
      dueAtMs: nowMs,
      attempts: [],
      attemptCount: 0,
    };
    return webhooks
      .get(owner, id)
      .andThen(() => webhooks.addDelivery(delivery))
      .map(() => delivery);
  };
}
