import { eventId, type OwnerEventType } from '../../core/events/model.ts';
import { userId } from '../../core/kernel/ids.ts';
import {
  deliveryId,
  webhookId,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryState,
  type DeliveryStatus,
  type Webhook,
  type WebhookChange,
} from '../../core/webhooks/model.ts';
import type { WebhookDeliveryRow, WebhookRow } from './tables.ts';

/** A webhook as its row. */
export function webhookRow(webhook: Webhook): WebhookRow {
  const { owner, webhookId: id, url, eventTypes, description, enabled, secret, createdAtMs } = webhook;
  return {
    owner,
    webhook_id: id,
    url,
    event_types: eventTypes === null ? null : JSON.stringify(eventTypes),
    description,
    enabled: enabled ? 1 : 0,
    secret,
    created_at_ms: createdAtMs,
  };
}

/** The columns that a change sets. */
export function webhookColumns({ url, eventTypes, description, enabled, secret }: WebhookChange): Partial<WebhookRow> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(eventTypes === undefined ? {} : { event_types: eventTypes === null ? null : JSON.stringify(eventTypes) }),
    ...(description === undefined ? {} : { description }),
    ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
    ...(secret === undefined ? {} : { secret }),
  };
}

/** The webhook of a row. */
export const webhookOf = (row: WebhookRow): Webhook => ({
  owner: userId(row.owner),
  webhookId: webhookId(row.webhook_id),
  url: row.url,
  eventTypes: row.event_types === null ? null : (JSON.parse(row.event_types) as readonly OwnerEventType[]),
  description: row.description,
  enabled: row.enabled === 1,
  secret: row.secret,
  createdAtMs: row.created_at_ms,
});

/** A delivery that nobody holds as its row. */
export const deliveryRow = (delivery: Delivery): WebhookDeliveryRow => ({
  owner: delivery.owner,
  webhook_id: delivery.webhookId,
  delivery_id: delivery.deliveryId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  payload: delivery.payload,
  created_at_ms: delivery.createdAtMs,
  ...stateColumns(delivery),
});

/** The columns of a delivery's state; nobody holds it afterwards. */
export const stateColumns = ({
  status,
  dueAtMs,
  attempts,
  attemptCount,
}: DeliveryState): Pick<WebhookDeliveryRow, 'status' | 'due_at_ms' | 'claim' | 'attempts' | 'attempt_count'> => ({
  status,
  due_at_ms: dueAtMs,
  claim: null,
  attempts: JSON.stringify(attempts),
  attempt_count: attemptCount,
});

/** The delivery of a row. */
export const deliveryOf = (row: WebhookDeliveryRow): Delivery => ({
  owner: userId(row.owner),
  webhookId: webhookId(row.webhook_id),
  deliveryId: deliveryId(row.delivery_id),
  eventId: row.event_id === null ? null : eventId(row.event_id),
  eventType: row.event_type as Delivery['eventType'],
  payload: row.payload,
  status: row.status as DeliveryStatus,
  createdAtMs: row.created_at_ms,
  dueAtMs: row.due_at_ms,
  attempts: JSON.parse(row.attempts) as readonly DeliveryAttempt[],
  attemptCount: row.attempt_count,
});
