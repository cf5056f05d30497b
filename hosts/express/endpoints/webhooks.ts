import { err, errAsync, ok, okAsync, type Result } from 'neverthrow';
import { webhookId, deliveryId, type Delivery, type DeliveryId, type Webhook } from '../../../core/webhooks/model.ts';
import {
  createWebhook,
  rotateSecret,
  updateWebhook,
  type ManageWebhooksPorts,
} from '../../../core/webhooks/manage-webhooks.ts';
import { replayDelivery, sendTest } from '../../../core/webhooks/send-again.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface WebhookEndpointDeps extends Omit<ManageWebhooksPorts, 'ids' | 'clock'> {
  /** Hears that something is to be sent to somebody. */
  readonly queued: (owner: Webhook['owner']) => void;
}

type WebhookEndpoints = Pick<
  Endpoints,
  | 'createWebhook'
  | 'listWebhooks'
  | 'readWebhook'
  | 'updateWebhook'
  | 'rotateWebhookSecret'
  | 'deleteWebhook'
  | 'listWebhookDeliveries'
  | 'readWebhookDelivery'
  | 'replayWebhookDelivery'
  | 'testWebhook'
>;

const DEFAULT_PAGE_SIZE = 50;

/** Webhooks and the log of their deliveries. */
export function webhookEndpoints(deps: WebhookEndpointDeps): WebhookEndpoints {
  const { webhooks, queued } = deps;
  return {
    createWebhook: ({ body, principal, ids, clock }) =>
      createWebhook({ ...deps, ids, clock })(principal.userId, {
        url: body.url,
        eventTypes: body.event_types ?? null,
        description: body.description ?? null,
        enabled: body.enabled ?? true,
      }).map((webhook) => ({
        status: 201,
        body: withSecret(webhook),
        headers: { Location: `/api/v1/webhooks/${webhook.webhookId}` },
      })),
    listWebhooks: ({ principal }) =>
      webhooks.list(principal.userId).map((all) => ({ status: 200, body: { data: all.map(wireWebhook) } })),
    readWebhook: ({ params, principal }) =>
      webhooks
        .get(principal.userId, webhookId(params.webhook_id))
        .map((webhook) => ({ status: 200, body: wireWebhook(webhook) })),
    updateWebhook: ({ params, body, principal }) =>
      updateWebhook(deps)(principal.userId, webhookId(params.webhook_id), {
        url: body.url,
        eventTypes: body.event_types ?? null,
        description: body.description ?? null,
        enabled: body.enabled,
      }).map((webhook) => ({ status: 200, body: wireWebhook(webhook) })),
    rotateWebhookSecret: ({ params, principal }) =>
      rotateSecret(deps)(principal.userId, webhookId(params.webhook_id)).map((webhook) => ({
        status: 200,
        body: withSecret(webhook),
      })),
    deleteWebhook: ({ params, principal }) =>
      webhooks.delete(principal.userId, webhookId(params.webhook_id)).map(() => ({ status: 204 })),
    listWebhookDeliveries: ({ params, query, principal }) => {
      const owner = principal.userId;
      const id = webhookId(params.webhook_id);
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const after = query.cursor == null ? ok(null) : readCursor(query.cursor);
      if (after.isErr()) return errAsync(after.error);
      return webhooks
        .get(owner, id)
        .andThen(() => webhooks.deliveries(owner, id, { after: after.value, limit: limit + 1 }))
        .map((found) => {
          const page = found.slice(0, limit);
          const last = page.at(-1);
          const hasNext = found.length > limit;
          const next = hasNext && last !== undefined ? writeCursor(last.deliveryId) : null;
          return {
            status: 200,
            body: {
              data: page.map(wireDelivery),
              pagination: { page_size: limit, has_next: hasNext, next_cursor: next },
            },
          };
        });
    },
    readWebhookDelivery: ({ params, principal }) =>
      webhooks
        .getDelivery(principal.userId, webhookId(params.webhook_id), deliveryId(params.delivery_id))
        .map((delivery) => ({
          status: 200,
          body: {
            ...wireDelivery(delivery),
            payload: JSON.parse(delivery.payload) as Readonly<Record<string, unknown>>,
          },
        })),
    replayWebhookDelivery: ({ params, principal, clock }) =>
      replayDelivery({ webhooks, clock })(
        principal.userId,
        webhookId(params.webhook_id),
        deliveryId(params.delivery_id),
      ).andThen((delivery) => {
        queued(principal.userId);
        return okAsync({ status: 202 as const, body: wireDelivery(delivery) });
      }),
    testWebhook: ({ params, principal, ids, clock }) =>
      sendTest({ webhooks, ids, clock })(principal.userId, webhookId(params.webhook_id)).andThen((delivery) => {
        queued(principal.userId);
        return okAsync({ status: 202 as const, body: wireDelivery(delivery) });
      }),
  };
}

const wireWebhook = ({ webhookId: id, url, eventTypes, description, enabled, createdAtMs }: Webhook) => ({
  webhook_id: id,
  url,
  event_types: eventTypes,
  description,
  enabled,
  created_at: isoUtc(createdAtMs),
});

const withSecret = (webhook: Webhook) => ({ ...wireWebhook(webhook), secret: webhook.secret });

const wireDelivery = (delivery: Delivery) => ({
  delivery_id: delivery.deliveryId,
  webhook_id: delivery.webhookId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  status: delivery.status,
  created_at: isoUtc(delivery.createdAtMs),
  attempt_count: delivery.attemptCount,
  attempts: delivery.attempts.map(({ atMs, status, error, durationMs }) => ({
    at: isoUtc(atMs),
    status,
    error,
    duration_ms: durationMs,
  })),
  next_attempt_at: delivery.dueAtMs === null ? null : isoUtc(delivery.dueAtMs),
});

const writeCursor = (id: DeliveryId): string => Buffer.from(id).toString('base64url');

function readCursor(cursor: string): Result<DeliveryId, { readonly kind: 'invalid-cursor' }> {
  const id = deliveryId(Buffer.from(cursor, 'base64url').toString());
  // Decoding base64 forgives what does not belong to it.
  return /^msg_[0-9a-f]{32}$/.test(id) && writeCursor(id) === cursor ? ok(id) : err({ kind: 'invalid-cursor' });
}
