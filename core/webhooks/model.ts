import type { EventId, OwnerEventType } from '../events/model.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { Ids, UserId } from '../kernel/ids.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `wh_<32 hex>`. */
export type WebhookId = Branded<'WebhookId'>;
export const webhookId = (text: string): WebhookId => text as WebhookId;
export const newWebhookId = (ids: Ids): WebhookId => webhookId(`wh_${hexOf(ids)}`);

/**
 * `msg_<32 hex>`, of which the first twelve are the millisecond of its making, so that text order is the order of time. It
 * is the `webhook-id` header of every attempt: the receiver can tell a repetition by it.
 */
export type DeliveryId = Branded<'DeliveryId'>;
export const deliveryId = (text: string): DeliveryId => text as DeliveryId;
export const newDeliveryId = (ids: Ids, nowMs: EpochMs): DeliveryId =>
  deliveryId(`msg_${Math.floor(nowMs).toString(16).padStart(12, '0')}${hexOf(ids).slice(12)}`);

const hexOf = (ids: Ids): string => ids.uuid().replaceAll('-', '');

/** Where a person wants to be told of events. */
export interface Webhook {
  readonly owner: UserId;
  readonly webhookId: WebhookId;
  readonly url: string;
  /** Null: every type. */
  readonly eventTypes: readonly OwnerEventType[] | null;
  readonly description: string | null;
  readonly enabled: boolean;
  /** `whsec_<base64>`, by the Standard Webhooks specification; the key of the signatures. */
  readonly secret: string;
  readonly createdAtMs: EpochMs;
}

/** The fields of a webhook that change. */
export type WebhookChange = Partial<Pick<Webhook, 'url' | 'eventTypes' | 'description' | 'enabled' | 'secret'>>;

/** `pending` waits for its next attempt; `delivered` and `failed` are final until it is replayed. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What one attempt came to. */
export interface DeliveryAttempt {
  readonly atMs: EpochMs;
  /** HTTP status of the receiver's answer; null where there was none. */
  readonly status: number | null;
  /** Null for a success; otherwise a stable code such as `status`, `timeout`, `refused-target`, `connection`. */
  readonly error: string | null;
  readonly durationMs: number;
}

/** So many attempts of a delivery are remembered one by one. */
export const MOST_ATTEMPTS_KEPT = 10;

/** The type of a message that somebody sends to try a webhook. */
export const TEST_TYPE = 'webhook.test';

/** One message on its way to one webhook. */
export interface Delivery {
  readonly owner: UserId;
  readonly deliveryId: DeliveryId;
  readonly webhookId: WebhookId;
  /** Null for a test. */
  readonly eventId: EventId | null;
  readonly eventType: OwnerEventType | typeof TEST_TYPE;
  /** The body that is signed and sent, the same in every attempt. */
  readonly payload: string;
  readonly status: DeliveryStatus;
  readonly createdAtMs: EpochMs;
  /** When it is to be tried next; null unless pending. */
  readonly dueAtMs: EpochMs | null;
  /** The last `MOST_ATTEMPTS_KEPT`, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly attemptCount: number;
}

/** What an attempt changes of a delivery. */
export type DeliveryState = Pick<Delivery, 'status' | 'dueAtMs' | 'attempts' | 'attemptCount'>;
