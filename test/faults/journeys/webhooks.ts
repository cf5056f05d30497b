import * as assert from 'uvu/assert';
import { deliveryId, TEST_TYPE, webhookId, type Delivery, type Webhook } from '../../../core/webhooks/model.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { KEY } from '../measurements.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

const WEBHOOK = 'wh_0f8e6c1b2a3d4e5f8091a2b3c4d5e6f7';
const DELIVERY = 'msg_019580a3c4005f8091a2b3c4d5e6f708';
const URL_OF_ADA = 'https://ada.example.org/told';

/** Past the service, so that nobody is woken to send it. */
async function prepareWebhook({ storage, clock }: ServiceUnderFaults, person: Person, url = URL_OF_ADA): Promise<void> {
  const webhook: Webhook = {
    owner: person.id,
    webhookId: webhookId(WEBHOOK),
    url,
    eventTypes: null,
    description: null,
    enabled: true,
    secret: 'whsec_c2ltdWxhdGVkIHNlY3JldCBmb3IgdGVzdHMgb25seQ==',
    createdAtMs: clock.now(),
  };
  valueOf(await storage.webhooks.put(webhook));
  person.webhook = WEBHOOK;
}

async function prepareDelivery(service: ServiceUnderFaults, person: Person, url = URL_OF_ADA): Promise<void> {
  await prepareWebhook(service, person, url);
  const nowMs = service.clock.now();
  const delivery: Delivery = {
    owner: person.id,
    webhookId: webhookId(WEBHOOK),
    // Of each person another one: the receiver is one for all.
    deliveryId: deliveryId(`${DELIVERY.slice(0, -12)}${person.id.slice(-12)}`),
    eventId: null,
    eventType: TEST_TYPE,
    payload: JSON.stringify({ type: TEST_TYPE, timestamp: new Date(nowMs).toISOString(), data: {} }),
    status: 'pending',
    createdAtMs: nowMs,
    dueAtMs: nowMs,
    attempts: [],
    attemptCount: 0,
  };
  valueOf(await service.storage.webhooks.addDelivery(delivery));
  person.delivery = delivery.deliveryId;
}

const place = ({ webhook }: Person): string => `/api/v1/webhooks/${webhook}`;
const deliveryPlace = (person: Person): string => `${place(person)}/deliveries/${person.delivery}`;

const posting =
  (where: (person: Person) => string) =>
  ({ call }: ServiceUnderFaults, person: Person): Promise<Answer> =>
    call('POST', where(person), { token: person.token, key: KEY });

/** A secret that was shown to nobody who heard of it may be replaced by the call sent again. */
const withoutSecret = ({ text }: Answer): string => text.replace(/"secret":"[^"]*"/, '');

/** There is one webhook, and its secret is the one that was shown last. */
async function assertOneWebhook({ storage }: ServiceUnderFaults, { id }: Person, shown: Answer): Promise<void> {
  const webhooks = valueOf(await storage.webhooks.list(id));
  assert.equal(
    webhooks.map(({ webhookId: one, secret }) => ({ one, secret })),
    [{ one: shown.json['webhook_id'], secret: shown.json['secret'] }],
  );
}

const deliveriesOf = async ({ storage }: ServiceUnderFaults, { id }: Person): Promise<readonly Delivery[]> =>
  valueOf(await storage.webhooks.deliveries(id, webhookId(WEBHOOK), { after: null, limit: 10 }));

async function assertReceived(service: ServiceUnderFaults, person: Person, status: Delivery['status']): Promise<void> {
  const [delivery, ...others] = await deliveriesOf(service, person);
  assert.equal(others, []);
  assert.is(delivery?.status, status);
  assert.is(delivery?.dueAtMs, null);
  const received = service.receiver.messages.filter(({ id }) => id === person.delivery);
  assert.ok(received.length >= 1, 'it arrived');
  assert.is(new Set(received.map(({ body }) => body)).size, 1, 'every time the same');
}

/** Webhooks, their deliveries, and the sending. */
export const WEBHOOK_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'make a webhook',
    route: 'createWebhook',
    strikes: 'everything',
    send: ({ call }, { token }) => call('POST', '/api/v1/webhooks', { token, key: KEY, json: { url: URL_OF_ADA } }),
    comparable: withoutSecret,
    verify: (service, person, { again }) => assertOneWebhook(service, person, again),
  },
  reading({ name: 'list webhooks', route: 'listWebhooks', prepare: prepareWebhook, send: getting('/api/v1/webhooks') }),
  reading({ name: 'read a webhook', route: 'readWebhook', prepare: prepareWebhook, send: getting(place) }),
  {
    kind: 'request',
    name: 'change a webhook',
    route: 'updateWebhook',
    prepare: prepareWebhook,
    send: ({ call }, person) =>
      call('PUT', place(person), { token: person.token, json: { url: `${URL_OF_ADA}/else`, enabled: false } }),
    verify: async ({ storage }, { id }) => {
      const webhooks = valueOf(await storage.webhooks.list(id));
      assert.equal(
        webhooks.map(({ url, enabled }) => ({ url, enabled })),
        [{ url: `${URL_OF_ADA}/else`, enabled: false }],
      );
    },
  },
  {
    kind: 'request',
    name: "replace a webhook's secret",
    route: 'rotateWebhookSecret',
    prepare: prepareWebhook,
    send: posting((person) => `${place(person)}/rotate-secret`),
    comparable: withoutSecret,
    verify: (service, person, { again }) => assertOneWebhook(service, person, again),
  },
  {
    kind: 'request',
    name: 'remove a webhook',
    route: 'deleteWebhook',
    prepare: prepareDelivery,
    send: ({ call }, person) => call('DELETE', place(person), { token: person.token }),
    doneAlready: ['resource-not-found'],
    verify: async (service, person) => {
      assert.equal(valueOf(await service.storage.webhooks.list(person.id)), []);
      assert.equal(await deliveriesOf(service, person), []);
    },
  },
  reading({
    name: 'list deliveries',
    route: 'listWebhookDeliveries',
    prepare: prepareDelivery,
    send: getting((person) => `${place(person)}/deliveries`),
  }),
  reading({
    name: 'read a delivery',
    route: 'readWebhookDelivery',
    prepare: prepareDelivery,
    send: getting(deliveryPlace),
  }),
  {
    kind: 'request',
    name: 'send a delivery once more',
    route: 'replayWebhookDelivery',
    prepare: prepareDelivery,
    send: posting((person) => `${deliveryPlace(person)}/replay`),
    verify: async (service, person) => {
      const deliveries = await deliveriesOf(service, person);
      assert.equal(
        deliveries.map(({ deliveryId: id, status }) => ({ id, status })),
        [{ id: person.delivery, status: 'pending' }],
      );
    },
  },
  {
    kind: 'request',
    name: 'try a webhook',
    route: 'testWebhook',
    prepare: prepareWebhook,
    send: posting((person) => `${place(person)}/test`),
    verify: async (service, person, { last }) => {
      const deliveries = await deliveriesOf(service, person);
      assert.equal(
        deliveries.map(({ deliveryId: id }) => id),
        [last.json['delivery_id']],
      );
    },
  },
  {
    kind: 'delivery',
    name: 'send a delivery',
    service: { webhooks: true },
    prepare: prepareDelivery,
    verify: (service, person) => assertReceived(service, person, 'delivered'),
  },
  {
    kind: 'delivery',
    name: 'send a delivery to a receiver that is gone',
    service: { webhooks: true },
    strikes: ['WebhookStore.change', 'WebhookStore.settle'],
    prepare: (service, person) => prepareDelivery(service, person, `${URL_OF_ADA}/gone`),
    verify: async (service, person) => {
      await assertReceived(service, person, 'failed');
      const [webhook] = valueOf(await service.storage.webhooks.list(person.id));
      assert.is(webhook?.enabled, false, 'it is turned off');
    },
  },
];
