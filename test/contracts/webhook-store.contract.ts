import * as assert from 'uvu/assert';
import { eventId } from '../../core/events/model.ts';
import { userId } from '../../core/kernel/ids.ts';
import { deliveryId, webhookId, type Delivery, type DeliveryState, type Webhook } from '../../core/webhooks/model.ts';
import { DELIVERIES_KEPT_MS, type ClaimedDelivery, type WebhookStore } from '../../core/webhooks/ports.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NOON = Date.UTC(2025, 2, 10, 12);
const LEASE = 60_000;
const W1 = webhookId('wh_1');
const W2 = webhookId('wh_2');

const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
  owner: ADA,
  webhookId: W1,
  url: 'https://example.org/hook?x=1',
  eventTypes: ['analysis.completed', 'data.deleted'],
  description: 'a phone "用户"',
  enabled: true,
  secret: 'whsec_c2VjcmV0',
  createdAtMs: NOON,
  ...changes,
});

const delivery = (id: string, changes: Partial<Delivery> = {}): Delivery => ({
  owner: ADA,
  deliveryId: deliveryId(id),
  webhookId: W1,
  eventId: eventId('0000000000000007'),
  eventType: 'analysis.completed',
  payload: '{"type":"analysis.completed","data":{"note":"用户"}}',
  status: 'pending',
  createdAtMs: NOON,
  dueAtMs: NOON,
  attempts: [],
  attemptCount: 0,
  ...changes,
});

const DELIVERED: DeliveryState = {
  status: 'delivered',
  dueAtMs: null,
  attempts: [
    { atMs: NOON, status: null, error: 'timeout', durationMs: 10_000 },
    { atMs: NOON + 1.5, status: 204, error: null, durationMs: 12.25 },
  ],
  attemptCount: 2,
};

const claimed = async (store: WebhookStore, nowMs: number): Promise<ClaimedDelivery> => {
  const claim = valueOf(await store.claimDue(nowMs, LEASE));
  if (claim === null) throw new Error('no delivery was due');
  return claim;
};
const dueId = async (store: WebhookStore, nowMs: number): Promise<string | null> =>
  valueOf(await store.claimDue(nowMs, LEASE))?.delivery.deliveryId ?? null;
const idsOf = async (store: WebhookStore, owner = ADA, id = W1): Promise<readonly string[]> =>
  valueOf(await store.deliveries(owner, id, { after: null, limit: 100 })).map((found) => found.deliveryId);

/** What every `WebhookStore` promises. `make` is called once a test. */
export function webhookStoreContract(name: string, make: () => Promise<UnderTest<WebhookStore>>): void {
  const { test, run } = suiteOver<WebhookStore, UnderTest<WebhookStore>>(`webhook store: ${name}`, make);

  test('webhooks come back with all that they had, the oldest first', async ({ store }) => {
    const plain = webhook({
      webhookId: W2,
      eventTypes: null,
      description: null,
      enabled: false,
      createdAtMs: NOON - 1,
    });
    const twin = webhook({ webhookId: webhookId('wh_0') });
    for (const added of [webhook(), plain, twin]) valueOf(await store.put(added));
    assert.equal(valueOf(await store.get(ADA, W1)), webhook());
    assert.equal(valueOf(await store.get(ADA, W2)), plain);
    assert.equal(valueOf(await store.list(ADA)), [plain, twin, webhook()]);
    valueOf(await store.put(webhook({ url: 'https://example.net/' })));
    assert.equal(valueOf(await store.get(ADA, W1)), webhook({ url: 'https://example.net/' }));
    assert.is(valueOf(await store.list(ADA)).length, 3);
  });

  test('what was never there is not found, by any method', async ({ store }) => {
    const noWebhook = { kind: 'not-found', resource: 'webhook', id: 'wh_1' };
    const noDelivery = { kind: 'not-found', resource: 'delivery', id: 'msg_1' };
    assert.equal(errorOf(await store.get(ADA, W1)), noWebhook);
    assert.equal(errorOf(await store.change(ADA, W1, { enabled: false })), noWebhook);
    assert.equal(errorOf(await store.change(ADA, W1, {})), noWebhook);
    assert.equal(errorOf(await store.delete(ADA, W1)), noWebhook);
    valueOf(await store.put(webhook()));
    for (const [owner, id] of [
      [ADA, W1],
      [ADA, W2],
      [BEN, W1],
    ] as const) {
      assert.equal(errorOf(await store.getDelivery(owner, id, deliveryId('msg_1'))), noDelivery);
      assert.equal(errorOf(await store.requeue(owner, id, deliveryId('msg_1'), NOON)), noDelivery);
      assert.equal(await idsOf(store, owner, id), []);
    }
    assert.is(await dueId(store, NOON), null);
  });

  test('a change sets the given fields only, and answers the new state', async ({ store }) => {
    valueOf(await store.put(webhook()));
    const once = valueOf(await store.change(ADA, W1, { url: 'https://example.net/', eventTypes: null }));
    assert.equal(once, webhook({ url: 'https://example.net/', eventTypes: null }));
    await Promise.all([
      store.change(ADA, W1, { enabled: false }),
      store.change(ADA, W1, { secret: 'whsec_bmV3' }),
      store.change(ADA, W1, { description: null, eventTypes: ['processing.failed'] }),
    ]);
    const after = {
      ...once,
      enabled: false,
      secret: 'whsec_bmV3',
      description: null,
      eventTypes: ['processing.failed'] as const,
    };
    assert.equal(valueOf(await store.get(ADA, W1)), after);
    assert.equal(valueOf(await store.change(ADA, W1, {})), after);
  });

  test("another owner's webhooks and deliveries are as if they were not there", async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    assert.is(errorOf(await store.get(BEN, W1)).kind, 'not-found');
    assert.is(errorOf(await store.change(BEN, W1, { enabled: false })).kind, 'not-found');
    assert.is(errorOf(await store.delete(BEN, W1)).kind, 'not-found');
    assert.equal(valueOf(await store.list(BEN)), []);
    valueOf(await store.put(webhook({ owner: BEN, secret: 'whsec_YmVu' })));
    assert.equal(await idsOf(store, BEN), []);
    valueOf(await store.delete(BEN, W1));
    assert.equal(valueOf(await store.list(ADA)), [webhook()]);
    assert.equal(await idsOf(store), ['msg_1']);
  });

  test('deliveries are listed by id, the last first, a page at a time', async ({ store }) => {
    for (const id of [W1, W2]) valueOf(await store.put(webhook({ webhookId: id })));
    const tested = delivery('msg_b', { eventType: 'webhook.test', eventId: null, ...DELIVERED });
    for (const added of [delivery('msg_c'), tested, delivery('msg_a'), delivery('msg_z', { webhookId: W2 })]) {
      valueOf(await store.addDelivery(added));
    }
    const page = async (after: string | null, limit: number) =>
      valueOf(await store.deliveries(ADA, W1, { after: after === null ? null : deliveryId(after), limit })).map(
        (found) => found.deliveryId,
      );
    assert.equal(await page(null, 2), ['msg_c', 'msg_b']);
    assert.equal(await page('msg_b', 2), ['msg_a']);
    assert.equal(await page('msg_bb', 1), ['msg_b']);
    assert.equal(await page('msg_a', 2), []);
    assert.equal(await page(null, 0), []);
    assert.equal(valueOf(await store.getDelivery(ADA, W1, deliveryId('msg_b'))), tested);
    assert.equal(valueOf(await store.getDelivery(ADA, W1, deliveryId('msg_c'))), delivery('msg_c'));
  });

  test('a delivery that is there is left as it is, and one of no webhook is never handed out', async ({ store }) => {
    valueOf(await store.addDelivery(delivery('msg_0')));
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    valueOf(await store.addDelivery(delivery('msg_1', { payload: 'another', dueAtMs: NOON - 10 })));
    assert.equal(await idsOf(store), ['msg_1']);
    assert.is(await dueId(store, NOON - 1), null);
    assert.is((await claimed(store, NOON)).delivery.payload, delivery('msg_1').payload);
    assert.is(await dueId(store, NOON), null);
  });

  test('what is due the longest is handed out first, with its webhook, and hidden while it is held', async ({
    store,
  }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.put(webhook({ owner: BEN, webhookId: W2, secret: 'whsec_YmVu' })));
    valueOf(await store.addDelivery(delivery('msg_1', { dueAtMs: NOON + 5 })));
    valueOf(await store.addDelivery(delivery('msg_2', { dueAtMs: NOON, owner: BEN, webhookId: W2 })));
    assert.is(await dueId(store, NOON - 1), null);
    const first = await claimed(store, NOON + 5);
    assert.equal(first.delivery, delivery('msg_2', { owner: BEN, webhookId: W2, dueAtMs: NOON + 5 + LEASE }));
    assert.equal(first.webhook, webhook({ owner: BEN, webhookId: W2, secret: 'whsec_YmVu' }));
    const second = await claimed(store, NOON + 5);
    assert.equal([second.delivery.deliveryId, second.webhook.owner], ['msg_1', ADA]);
    assert.is(await dueId(store, NOON + 5), null);
    assert.is(await dueId(store, NOON + 4 + LEASE), null);
  });

  test('a settled delivery is as it was said, and is not handed out again', async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    valueOf(await store.settle(await claimed(store, NOON), DELIVERED));
    const after = { ...delivery('msg_1'), ...DELIVERED };
    assert.equal(valueOf(await store.getDelivery(ADA, W1, deliveryId('msg_1'))), after);
    assert.is(await dueId(store, NOON + 10 * LEASE), null);
  });

  test('a delivery that is to be tried again is handed out at its time, once', async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    const state: DeliveryState = { status: 'pending', dueAtMs: NOON + 5000, attempts: [], attemptCount: 1 };
    valueOf(await store.settle(await claimed(store, NOON), state));
    assert.is(await dueId(store, NOON + 4999), null);
    assert.is((await claimed(store, NOON + 5000)).delivery.attemptCount, 1);
    assert.is(await dueId(store, NOON + 5000), null);
  });

  test('a lease that ran out is handed out again, and the first holder can say nothing more', async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    const first = await claimed(store, NOON);
    const second = await claimed(store, NOON + LEASE);
    assert.is.not(first.claim, second.claim);
    assert.equal(errorOf(await store.settle(first, DELIVERED)), { kind: 'delivery-lost' });
    const again: DeliveryState = { ...DELIVERED, status: 'pending', dueAtMs: NOON + 10 };
    assert.equal(errorOf(await store.settle(first, again)), { kind: 'delivery-lost' });
    assert.is(await dueId(store, NOON + LEASE), null);
    valueOf(await store.settle(second, { ...DELIVERED, status: 'failed' }));
    assert.is(errorOf(await store.settle(first, DELIVERED)).kind, 'delivery-lost');
    assert.is(valueOf(await store.getDelivery(ADA, W1, deliveryId('msg_1'))).status, 'failed');
  });

  test('a delivery that is queued again is pending and due, whoever held it', async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1')));
    valueOf(await store.settle(await claimed(store, NOON), DELIVERED));
    const queued = valueOf(await store.requeue(ADA, W1, deliveryId('msg_1'), NOON + 100));
    assert.equal(queued, { ...delivery('msg_1'), ...DELIVERED, status: 'pending', dueAtMs: NOON + 100 });
    assert.equal(valueOf(await store.getDelivery(ADA, W1, deliveryId('msg_1'))), queued);
    assert.is(await dueId(store, NOON + 99), null);
    const held = await claimed(store, NOON + 100);
    valueOf(await store.requeue(ADA, W1, deliveryId('msg_1'), NOON + 100));
    assert.is(errorOf(await store.settle(held, DELIVERED)).kind, 'delivery-lost');
    const again = await claimed(store, NOON + 100);
    assert.is(await dueId(store, NOON + 100), null);
    valueOf(await store.settle(again, DELIVERED));
    assert.is(await dueId(store, NOON + 10 * LEASE), null);
  });

  test('claimers at the same time never get the same delivery', async ({ store }) => {
    valueOf(await store.put(webhook()));
    for (let i = 10; i < 22; i++) valueOf(await store.addDelivery(delivery(`msg_${String(i)}`)));
    const claims = await Promise.all(Array.from({ length: 16 }, () => store.claimDue(NOON, LEASE)));
    const ids = claims.flatMap((claim) => valueOf(claim)?.delivery.deliveryId ?? []);
    assert.is(new Set(ids).size, ids.length);
    const missing = 12 - ids.length;
    for (let i = 0; i < missing; i++) ids.push((await claimed(store, NOON)).delivery.deliveryId);
    assert.is(new Set(ids).size, 12);
    assert.is(await dueId(store, NOON), null);
  });

  test('a webhook goes with its deliveries, and whoever holds one of them can say nothing more', async ({ store }) => {
    for (const id of [W1, W2]) valueOf(await store.put(webhook({ webhookId: id })));
    valueOf(await store.addDelivery(delivery('msg_1', { dueAtMs: NOON - 1 })));
    valueOf(await store.addDelivery(delivery('msg_2')));
    valueOf(await store.addDelivery(delivery('msg_3', { webhookId: W2, dueAtMs: NOON + 1 })));
    const held = await claimed(store, NOON);
    valueOf(await store.delete(ADA, W1));
    assert.is(errorOf(await store.settle(held, DELIVERED)).kind, 'delivery-lost');
    assert.is(
      errorOf(await store.settle(held, { ...DELIVERED, status: 'pending', dueAtMs: NOON })).kind,
      'delivery-lost',
    );
    assert.is(errorOf(await store.getDelivery(ADA, W1, deliveryId('msg_2'))).kind, 'not-found');
    assert.equal(await idsOf(store), []);
    assert.is(await dueId(store, NOON + 10 * LEASE), 'msg_3');
    assert.is(await dueId(store, NOON + 10 * LEASE), null);
    assert.is(errorOf(await store.delete(ADA, W1)).kind, 'not-found');
    valueOf(await store.put(webhook()));
    assert.equal(await idsOf(store), []);
  });

  test("erasing an owner takes everything of theirs and nobody else's", async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      valueOf(await store.put(webhook({ owner })));
      valueOf(await store.put(webhook({ owner, webhookId: W2 })));
      valueOf(await store.addDelivery(delivery('msg_1', { owner })));
      valueOf(await store.addDelivery(delivery('msg_2', { owner, webhookId: W2, ...DELIVERED })));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.list(ADA)), []);
    assert.equal(await idsOf(store), []);
    assert.is((await claimed(store, NOON)).delivery.owner, BEN);
    assert.is(await dueId(store, NOON), null);
    assert.is(valueOf(await store.list(BEN)).length, 2);
    valueOf(await store.put(webhook()));
    assert.equal(await idsOf(store), []);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) {
      for (const other of AWKWARD_IDS.slice(0, 3)) {
        const ids = { owner: userId(id), webhookId: webhookId(other) };
        valueOf(await store.put(webhook({ ...ids, secret: id + other })));
        valueOf(await store.addDelivery(delivery(id, { ...ids, payload: id + other, ...DELIVERED })));
      }
    }
    for (const id of AWKWARD_IDS) {
      assert.is(valueOf(await store.list(userId(id))).length, 3);
      for (const other of AWKWARD_IDS.slice(0, 3)) {
        const found = valueOf(await store.getDelivery(userId(id), webhookId(other), deliveryId(id)));
        assert.is(found.payload, id + other);
        assert.equal(await idsOf(store, userId(id), webhookId(other)), [id]);
      }
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const types: ('processing.failed' | 'data.deleted')[] = ['processing.failed'];
    valueOf(await store.put(webhook({ eventTypes: types })));
    types.push('data.deleted');
    Object.assign(valueOf(await store.get(ADA, W1)), { secret: 'x' });
    Object.assign(valueOf(await store.list(ADA))[0]!, { secret: 'y' });
    assert.equal(valueOf(await store.get(ADA, W1)), webhook({ eventTypes: ['processing.failed'] }));
  });

  run();
}

/** What a `WebhookStore` of which the memory and the database are made promises besides: it forgets by itself. */
export function forgettingWebhookStoreContract(name: string, make: () => Promise<UnderTest<WebhookStore>>): void {
  const { test, run } = suiteOver<WebhookStore, UnderTest<WebhookStore>>(`forgetting webhook store: ${name}`, make);

  test('a new delivery pushes out those that are settled and too old', async ({ store }) => {
    valueOf(await store.put(webhook()));
    valueOf(await store.addDelivery(delivery('msg_1', DELIVERED)));
    valueOf(await store.addDelivery(delivery('msg_2', { dueAtMs: NOON })));
    valueOf(await store.addDelivery(delivery('msg_3', { ...DELIVERED, createdAtMs: NOON + 1 })));
    valueOf(await store.addDelivery(delivery('msg_4', { createdAtMs: NOON + 1 + DELIVERIES_KEPT_MS })));
    assert.equal(await idsOf(store), ['msg_4', 'msg_3', 'msg_2']);
  });

  run();
}

/** What a `WebhookStore` that outlives its process promises besides. */
export function durableWebhookStoreContract(name: string, make: () => Promise<DurableUnderTest<WebhookStore>>): void {
  const { test, run } = suiteOver<WebhookStore, DurableUnderTest<WebhookStore>>(`durable webhook store: ${name}`, make);

  test('webhooks and what is due are there after closing and opening again', async (under) => {
    valueOf(await under.store.put(webhook()));
    valueOf(await under.store.addDelivery(delivery('msg_1')));
    valueOf(await under.store.addDelivery(delivery('msg_2', { dueAtMs: NOON + 1 })));
    const held = await claimed(under.store, NOON);
    const reopened = await under.reopen();
    assert.equal(valueOf(await reopened.list(ADA)), [webhook()]);
    assert.is(await dueId(reopened, NOON), null);
    assert.is(await dueId(reopened, NOON + 1), 'msg_2');
    valueOf(await reopened.settle(held, DELIVERED));
    assert.is(await dueId(reopened, NOON + LEASE), null);
  });

  run();
}
