import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { jsonObject, list, oneOf, queryInteger, text } from '../scalars.ts';
import { EVENT_TYPES, eventType } from './events.ts';

const someTypes = list(eventType, { min: 1, max: EVENT_TYPES.length });

export const NewWebhook = object(
  'NewWebhook',
  { url: text(1, 2000) },
  { event_types: someTypes, description: text(0, 200), enabled: t.boolean },
);

export const WebhookUpdate = object(
  'WebhookUpdate',
  { url: text(1, 2000), enabled: t.boolean },
  { event_types: someTypes, description: text(0, 200) },
);

const shown = { webhook_id: t.string, url: t.string, enabled: t.boolean, created_at: t.string };
const perhaps = { event_types: list(eventType, { min: 0, max: 100 }), description: t.string };

/** `event_types` null: every type. */
export const Webhook = object('Webhook', shown, perhaps);

/** The secret is shown when it is made, and never again. */
export const WebhookWithSecret = object('WebhookWithSecret', { ...shown, secret: t.string }, perhaps);

const DeliveryAttempt = object(
  'DeliveryAttempt',
  { at: t.string, duration_ms: t.number },
  { status: t.number, error: t.string },
);

const deliveryFields = {
  delivery_id: t.string,
  webhook_id: t.string,
  event_type: oneOf(...EVENT_TYPES, 'webhook.test'),
  status: oneOf('pending', 'delivered', 'failed'),
  created_at: t.string,
  attempt_count: t.number,
  attempts: list(DeliveryAttempt, { min: 0, max: 10 }),
};
const deliveryPerhaps = { event_id: t.string, next_attempt_at: t.string };

/** One message to one webhook; `next_attempt_at` is null unless it is pending. */
export const WebhookDelivery = object('WebhookDelivery', deliveryFields, deliveryPerhaps);

/** With the body that the receiver gets. */
export const WebhookDeliveryWithPayload = object(
  'WebhookDeliveryWithPayload',
  { ...deliveryFields, payload: jsonObject },
  deliveryPerhaps,
);

export const WebhookDeliveryPage = object('WebhookDeliveryPage', {
  data: list(WebhookDelivery, { min: 0, max: 100 }),
  pagination: object('DeliveryPagination', { page_size: t.number, has_next: t.boolean }, { next_cursor: t.string }),
});

const params = object('WebhookParams', { webhook_id: text(1, 100) });
const deliveryParams = object('WebhookDeliveryParams', { webhook_id: text(1, 100), delivery_id: text(1, 100) });

const WEBHOOK_EXAMPLE = {
  webhook_id: 'wh_0f8e6c1b2a3d4e5f8091a2b3c4d5e6f7',
  url: 'https://example.org/clarity',
  event_types: ['analysis.completed'],
  description: 'Tells my own server',
  enabled: true,
  created_at: '2025-03-10T12:00:00.000+00:00',
};

const DELIVERY_EXAMPLE = {
  delivery_id: 'msg_019580a3c4005f8091a2b3c4d5e6f708',
  webhook_id: WEBHOOK_EXAMPLE.webhook_id,
  event_type: 'analysis.completed',
  event_id: '0000000000000007',
  status: 'pending',
  created_at: '2025-03-10T12:00:00.000+00:00',
  attempt_count: 1,
  attempts: [{ at: '2025-03-10T12:00:00.000+00:00', status: 503, error: 'status', duration_ms: 120 }],
  next_attempt_at: '2025-03-10T12:00:05.000+00:00',
};

const reads = { auth: 'read-own-data', tag: 'Webhooks', feature: 'data' } as const;
const writes = { auth: 'write-own-data', tag: 'Webhooks', feature: 'data' } as const;

export const webhookRoutes = routes({
  createWebhook: {
    ...writes,
    method: 'POST',
    path: '/api/v1/webhooks',
    audit: { action: 'create', dataTypes: ['webhooks'] },
    idempotency: 'key',
    summary: 'Have events sent to a URL, signed by the Standard Webhooks specification',
    body: {
      kind: 'json',
      codec: NewWebhook,
      example: { url: WEBHOOK_EXAMPLE.url, event_types: WEBHOOK_EXAMPLE.event_types },
    },
    responses: {
      201: {
        kind: 'json',
        codec: WebhookWithSecret,
        description: 'Made. The secret is shown this once.',
        example: { ...WEBHOOK_EXAMPLE, secret: 'whsec_c2ltdWxhdGVkIHNlY3JldCBmb3IgZG9jcyBvbmx5' },
      },
    },
    problems: ['validation-error', 'malformed-json', 'limit-reached'],
  },
  listWebhooks: {
    ...reads,
    method: 'GET',
    path: '/api/v1/webhooks',
    audit: { action: 'read', dataTypes: ['webhooks'] },
    conditional: 'etag',
    summary: 'My webhooks, the oldest first',
    responses: {
      200: {
        kind: 'json',
        codec: object('WebhookList', { data: list(Webhook, { min: 0, max: 100 }) }),
        description: 'All of them.',
        example: { data: [WEBHOOK_EXAMPLE] },
      },
    },
    problems: [],
  },
  readWebhook: {
    ...reads,
    method: 'GET',
    path: '/api/v1/webhooks/{webhook_id}',
    audit: { action: 'read', dataTypes: ['webhooks'] },
    conditional: 'etag',
    summary: 'One webhook',
    params,
    responses: { 200: { kind: 'json', codec: Webhook, description: 'As it is.', example: WEBHOOK_EXAMPLE } },
    problems: ['resource-not-found', 'validation-error'],
  },
  updateWebhook: {
    ...writes,
    method: 'PUT',
    path: '/api/v1/webhooks/{webhook_id}',
    audit: { action: 'update', dataTypes: ['webhooks'] },
    summary: 'Replace what I have said of a webhook; left out event_types mean every type. The secret stays',
    params,
    body: {
      kind: 'json',
      codec: WebhookUpdate,
      example: { url: WEBHOOK_EXAMPLE.url, event_types: WEBHOOK_EXAMPLE.event_types, enabled: false },
    },
    responses: { 200: { kind: 'json', codec: Webhook, description: 'As it is now.', example: WEBHOOK_EXAMPLE } },
    problems: ['resource-not-found', 'validation-error', 'malformed-json'],
  },
  rotateWebhookSecret: {
    ...writes,
    method: 'POST',
    path: '/api/v1/webhooks/{webhook_id}/rotate-secret',
    audit: { action: 'update', dataTypes: ['webhooks'] },
    idempotency: 'key',
    summary: 'A new secret: every attempt from now on is signed with it',
    params,
    responses: { 200: { kind: 'json', codec: WebhookWithSecret, description: 'The new secret, shown this once.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  deleteWebhook: {
    ...writes,
    method: 'DELETE',
    path: '/api/v1/webhooks/{webhook_id}',
    audit: { action: 'delete', dataTypes: ['webhooks'] },
    summary: 'Remove a webhook with everything that was still to be sent to it',
    params,
    responses: { 204: { kind: 'empty', description: 'Removed.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  listWebhookDeliveries: {
    ...reads,
    method: 'GET',
    path: '/api/v1/webhooks/{webhook_id}/deliveries',
    audit: { action: 'read', dataTypes: ['webhooks', 'events'] },
    conditional: 'etag',
    summary: 'What was sent to a webhook and what came of it, the newest first; kept for 30 days',
    params,
    query: object('WebhookDeliveryQuery', {}, { limit: queryInteger(1, 100), cursor: text(1, 200) }),
    responses: {
      200: {
        kind: 'json',
        codec: WebhookDeliveryPage,
        description: 'One page.',
        example: { data: [DELIVERY_EXAMPLE], pagination: { page_size: 50, has_next: false, next_cursor: null } },
      },
    },
    problems: ['resource-not-found', 'invalid-cursor', 'validation-error'],
  },
  readWebhookDelivery: {
    ...reads,
    method: 'GET',
    path: '/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}',
    audit: { action: 'read', dataTypes: ['webhooks', 'events'] },
    summary: 'One delivery with its payload',
    params: deliveryParams,
    responses: { 200: { kind: 'json', codec: WebhookDeliveryWithPayload, description: 'As it is.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  replayWebhookDelivery: {
    ...writes,
    method: 'POST',
    path: '/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay',
    audit: { action: 'create', dataTypes: ['webhooks', 'events'] },
    idempotency: 'key',
    summary: 'Send a delivery once more, under the same webhook-id',
    params: deliveryParams,
    responses: { 202: { kind: 'json', codec: WebhookDelivery, description: 'Queued.', example: DELIVERY_EXAMPLE } },
    problems: ['resource-not-found', 'validation-error'],
  },
  testWebhook: {
    ...writes,
    method: 'POST',
    path: '/api/v1/webhooks/{webhook_id}/test',
    audit: { action: 'create', dataTypes: ['webhooks'] },
    idempotency: 'key',
    summary: 'Send a message of type webhook.test',
    params,
    responses: { 202: { kind: 'json', codec: WebhookDelivery, description: 'Queued.', example: DELIVERY_EXAMPLE } },
    problems: ['resource-not-found', 'validation-error'],
  },
});
