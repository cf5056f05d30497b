import { eventId, type OwnerEventType } from '../../../core/events/model.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import {
  deliveryId,
  webhookId,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryId,
  type DeliveryState,
  type DeliveryStatus,
  type Webhook,
  type WebhookChange,
  type WebhookId,
} from '../../../core/webhooks/model.ts';
import { DELIVERIES_KEPT_MS } from '../../../core/webhooks/ports.ts';
import type { Expression, Item, ItemKey } from './dynamo-table.ts';
import { keyText, ownerKey } from './key-text.ts';

/** Begin the sort keys of webhooks and of their deliveries, in the partition of their owner. */
export const WEBHOOK_PREFIX = 'WEBHOOK#';
export const DELIVERY_PREFIX = 'DELIVERY#';

type Attributes = Readonly<Record<string, unknown>>;

export const webhookKey = (owner: UserId, id: WebhookId): ItemKey => ({
  pk: ownerKey(owner),
  sk: WEBHOOK_PREFIX + keyText(id),
});

/** Begins the sort keys of one webhook's deliveries. */
export const deliveriesOf = (webhook: WebhookId): string => `${DELIVERY_PREFIX}${keyText(webhook)}#`;

export const deliveryKey = (owner: UserId, webhook: WebhookId, id: DeliveryId): ItemKey => ({
  pk: ownerKey(owner),
  sk: deliveriesOf(webhook) + keyText(id),
});

/** A webhook as its item. */
export const webhookItem = ({ owner, webhookId: id, createdAtMs, ...fields }: Webhook): Item => ({
  ...webhookKey(owner, id),
  user_id: owner,
  webhook_id: id,
  created_at_ms: createdAtMs,
  ...webhookAttributes(fields),
});

/** The attributes that a change sets. */
export const webhookAttributes = ({ url, eventTypes, description, enabled, secret }: WebhookChange): Attributes => ({
  ...(url === undefined ? {} : { url }),
  ...(eventTypes === undefined ? {} : { event_types: eventTypes }),
  ...(description === undefined ? {} : { description }),
  ...(enabled === undefined ? {} : { enabled }),
  ...(secret === undefined ? {} : { secret }),
});

/** The webhook of an item. */
export const webhookOf = (item: Item): Webhook => ({
  owner: userId(String(item['user_id'])),
  webhookId: webhookId(String(item['webhook_id'])),
  url: String(item['url']),
  eventTypes: (item['event_types'] ?? null) as readonly OwnerEventType[] | null,
  description: textOf(item['description']),
  enabled: item['enabled'] === true,
  secret: String(item['secret']),
  createdAtMs: Number(item['created_at_ms']),
});

/** A delivery as its item; `dueKey` names its place in the queue. */
export const deliveryItem = (delivery: Delivery, dueKey: string | null): Item => ({
  ...deliveryKey(delivery.owner, delivery.webhookId, delivery.deliveryId),
  user_id: delivery.owner,
  webhook_id: delivery.webhookId,
  delivery_id: delivery.deliveryId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  payload: delivery.payload,
  created_at_ms: delivery.createdAtMs,
  ...stateAttributes(delivery, dueKey),
  ...ttlOf(delivery),
});

/** The attributes of a delivery's state. */
export const stateAttributes = (
  { status, dueAtMs, attempts, attemptCount }: DeliveryState,
  dueKey: string | null,
): Attributes => ({
  status,
  due_at_ms: dueAtMs,
  due_key: dueKey,
  attempts: JSON.stringify(attempts),
  attempt_count: attemptCount,
});

/** What is not pending goes by itself when it may be forgotten. */
export const ttlOf = ({ status, createdAtMs }: Pick<Delivery, 'status' | 'createdAtMs'>): Attributes =>
  status === 'pending' ? {} : { ttl: Math.ceil((createdAtMs + DELIVERIES_KEPT_MS) / 1000) };

/** The delivery of an item. */
export const deliveryOf = (item: Item): Delivery => ({
  owner: userId(String(item['user_id'])),
  webhookId: webhookId(String(item['webhook_id'])),
  deliveryId: deliveryId(String(item['delivery_id'])),
  eventId: typeof item['event_id'] === 'string' ? eventId(item['event_id']) : null,
  eventType: item['event_type'] as Delivery['eventType'],
  payload: String(item['payload']),
  status: item['status'] as DeliveryStatus,
  createdAtMs: Number(item['created_at_ms']),
  dueAtMs: item['due_at_ms'] === null ? null : Number(item['due_at_ms']),
  attempts: JSON.parse(String(item['attempts'])) as readonly DeliveryAttempt[],
  attemptCount: Number(item['attempt_count']),
});

/** Sets the attributes, and removes others. */
export function setting(attributes: Attributes, removed: readonly string[] = []): Expression {
  const names = Object.keys(attributes);
  const set = `SET ${names.map((name) => `#set_${name} = :set_${name}`).join(', ')}`;
  const remove = removed.length === 0 ? '' : ` REMOVE ${removed.map((name) => `#remove_${name}`).join(', ')}`;
  return {
    text: set + remove,
    names: Object.fromEntries([
      ...names.map((name) => [`#set_${name}`, name]),
      ...removed.map((name) => [`#remove_${name}`, name]),
    ]) as Record<string, string>,
    values: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:set_${name}`, value])),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
