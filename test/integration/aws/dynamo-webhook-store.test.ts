import * as assert from 'uvu/assert';
import { DynamoWebhookStore } from '../../../adapters/aws/dynamodb/webhook-store.ts';
import { eventId } from '../../../core/events/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { deliveryId, webhookId, type Delivery, type DeliveryState } from '../../../core/webhooks/model.ts';
import { DELIVERIES_KEPT_MS, type ClaimedDelivery } from '../../../core/webhooks/ports.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { durableWebhookStoreContract, webhookStoreContract } from '../../contracts/webhook-store.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { dyingAtEveryWrite, losingEveryAnswer } from './faulty-writes.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const NOON = Date.UTC(2025, 2, 10, 12);
const LEASE = 60_000;
/** Long after whoever made a place in the queue would have named it. */
const LATER = NOON + 10 * LEASE;
const W1 = webhookId('wh_1');
const M1 = deliveryId('msg_1');

const shared = tableOfAFile();

const make = async () => {
  const { table, another } = await shared.use();
  return {
    store: new DynamoWebhookStore(table),
    reopen: async () => new DynamoWebhookStore(another()),
    close: shared.empty,
  };
};

webhookStoreContract('dynamodb', make);
durableWebhookStoreContract('dynamodb', make);

const WEBHOOK = {
  owner: ADA,
  webhookId: W1,
  url: 'https://example.org/hook',
  eventTypes: null,
  description: null,
  enabled: true,
  secret: 'whsec_c2VjcmV0',
  createdAtMs: NOON,
};

const DELIVERY: Delivery = {
  owner: ADA,
  deliveryId: M1,
  webhookId: W1,
  eventId: eventId('0000000000000007'),
  eventType: 'analysis.completed',
  payload: '{}',
  status: 'pending',
  createdAtMs: NOON,
  dueAtMs: NOON,
  attempts: [],
  attemptCount: 0,
};

const DELIVERED: DeliveryState = { status: 'delivered', dueAtMs: null, attempts: [], attemptCount: 1 };
const AGAIN: DeliveryState = { status: 'pending', dueAtMs: NOON + 5000, attempts: [], attemptCount: 1 };

const { test, run } = suiteOver('webhooks in the single table', async () => {
  const under = await shared.use();
  const store = new DynamoWebhookStore(under.table);
  const claimed = async (nowMs: number): Promise<ClaimedDelivery> => {
    const claim = valueOf(await store.claimDue(nowMs, LEASE));
    if (claim === null) throw new Error('no delivery was due');
    return claim;
  };
  return {
    ...under,
    under,
    store,
    claimed,
    /** Webhook and delivery are as new. */
    renewed: async () => {
      await shared.empty();
      valueOf(await store.put(WEBHOOK));
      valueOf(await store.addDelivery(DELIVERY));
    },
    places: async () => (await under.scan()).filter(({ pk }) => pk === 'WEBHOOKDUE'),
    close: shared.empty,
  };
});

test('a pending delivery names its place in the queue, and a settled one goes by itself', async ({
  store,
  scan,
  places,
  claimed,
  renewed,
}) => {
  await renewed();
  const item = async () => (await scan()).find(({ sk }) => sk === 'DELIVERY#wh_1#msg_1');
  const [place, ...others] = await places();
  assert.equal(others, []);
  assert.match(place!.sk, /^000\d{13}#[0-9a-f-]{36}$/);
  assert.equal([place?.['user_id'], place?.['webhook_id'], place?.['delivery_id']], [ADA, W1, M1]);
  assert.is((await item())?.['due_key'], place?.sk);
  assert.is((await item())?.['ttl'], undefined);
  valueOf(await store.settle(await claimed(NOON), DELIVERED));
  assert.equal(await places(), []);
  assert.is((await item())?.['ttl'], (NOON + DELIVERIES_KEPT_MS) / 1000);
  valueOf(await store.requeue(ADA, W1, M1, NOON));
  assert.is((await item())?.['ttl'], undefined);
  assert.is((await places()).length, 1);
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await scan(), []);
});

test('wherever adding ends early, adding again makes it one delivery', async ({ under, store, places, claimed }) => {
  const writes = await dyingAtEveryWrite(
    under,
    async (table) => {
      await shared.empty();
      valueOf(await store.put(WEBHOOK));
      return new DynamoWebhookStore(table).addDelivery(DELIVERY);
    },
    async () => {
      valueOf(await store.addDelivery(DELIVERY));
      const held = await claimed(NOON);
      assert.is(valueOf(await store.claimDue(NOON, LEASE)), null);
      valueOf(await store.settle(held, DELIVERED));
      assert.is(valueOf(await store.claimDue(LATER, LEASE)), null);
      assert.equal(await places(), []);
    },
  );
  assert.is(writes, 2);
});

test('wherever claiming ends early, the delivery is handed out at the end of the lease', async ({
  under,
  store,
  places,
  claimed,
  renewed,
}) => {
  const writes = await dyingAtEveryWrite(
    under,
    async (table) => {
      await renewed();
      return new DynamoWebhookStore(table).claimDue(NOON, LEASE);
    },
    async () => {
      valueOf(await store.settle(await claimed(NOON + LEASE), DELIVERED));
      assert.is(valueOf(await store.claimDue(LATER, LEASE)), null);
      assert.equal(await places(), []);
    },
  );
  assert.is(writes, 3);
});

test('wherever settling ends early, the delivery is handed out again or settled', async ({
  under,
  store,
  places,
  claimed,
  renewed,
}) => {
  for (const state of [DELIVERED, AGAIN]) {
    await dyingAtEveryWrite(
      under,
      async (table) => {
        await renewed();
        return new DynamoWebhookStore(table).settle(await claimed(NOON), state);
      },
      async () => {
        const again = valueOf(await store.claimDue(LATER, LEASE));
        const { status } = valueOf(await store.getDelivery(ADA, W1, M1));
        assert.is(again === null, status === 'delivered');
        if (again !== null) valueOf(await store.settle(again, DELIVERED));
        assert.is(valueOf(await store.claimDue(LATER + 10 * LEASE, LEASE)), null);
        assert.equal(await places(), []);
      },
    );
  }
});

test('wherever queueing again ends early, it is queued once or as it was', async ({
  under,
  store,
  places,
  claimed,
  renewed,
}) => {
  await dyingAtEveryWrite(
    under,
    async (table) => {
      await renewed();
      valueOf(await store.settle(await claimed(NOON), DELIVERED));
      return new DynamoWebhookStore(table).requeue(ADA, W1, M1, NOON);
    },
    async () => {
      const { status } = valueOf(await store.getDelivery(ADA, W1, M1));
      const again = valueOf(await store.claimDue(LATER, LEASE));
      assert.is(again === null, status === 'delivered');
      if (again !== null) valueOf(await store.settle(again, DELIVERED));
      assert.is(valueOf(await store.claimDue(LATER + 10 * LEASE, LEASE)), null);
      assert.equal(await places(), []);
    },
  );
});

test('wherever removing and erasing end early, doing it again leaves nothing', async ({
  under,
  store,
  scan,
  renewed,
}) => {
  for (const remove of [
    (webhooks: DynamoWebhookStore) => webhooks.delete(ADA, W1),
    (webhooks: DynamoWebhookStore) => webhooks.eraseOwner(ADA),
  ]) {
    await dyingAtEveryWrite(
      under,
      async (table) => {
        await renewed();
        return remove(new DynamoWebhookStore(table));
      },
      async () => {
        const again = await remove(store);
        assert.ok(again.isOk() || again.error.kind === 'not-found');
        assert.equal(await scan(), []);
      },
    );
  }
});

test('whatever answer is lost, the effect is one', async ({ under, store, scan }) => {
  await losingEveryAnswer(
    under,
    async (table) => {
      const lossy = new DynamoWebhookStore(table);
      valueOf(await lossy.put(WEBHOOK));
      valueOf(await lossy.addDelivery(DELIVERY));
      const first = valueOf(await lossy.claimDue(NOON, LEASE));
      valueOf(await lossy.settle(first!, AGAIN));
      const second = valueOf(await lossy.claimDue(NOON + 5000, LEASE));
      valueOf(await lossy.settle(second!, DELIVERED));
      valueOf(await lossy.requeue(ADA, W1, M1, NOON + 6000));
      const changed = valueOf(await lossy.change(ADA, W1, { enabled: false }));
      return [valueOf(await lossy.claimDue(NOON + 6000, LEASE)), changed.enabled] as const;
    },
    async ([third, enabled]) => {
      assert.is(enabled, false);
      assert.equal([third?.delivery.status, third?.delivery.attemptCount], ['pending', 1]);
      valueOf(await store.settle(third!, DELIVERED));
      assert.is(valueOf(await store.claimDue(LATER, LEASE)), null);
      valueOf(await store.delete(ADA, W1));
      assert.equal(await scan(), []);
    },
  );
});

test('a delivery whose webhook went meanwhile is removed when it is due', async ({ table, store, scan, renewed }) => {
  await renewed();
  await table.delete({ pk: `USER#${ADA}`, sk: 'WEBHOOK#wh_1' });
  assert.is(valueOf(await store.claimDue(NOON, LEASE)), null);
  assert.equal(await scan(), []);
});

test('a place that is not named yet is left for a minute', async ({ table, store, places, renewed }) => {
  await renewed();
  await table.delete({ pk: `USER#${ADA}`, sk: 'DELIVERY#wh_1#msg_1' });
  assert.is(valueOf(await store.claimDue(NOON + 60_000, LEASE)), null);
  assert.is((await places()).length, 1);
  assert.is(valueOf(await store.claimDue(NOON + 60_001, LEASE)), null);
  assert.equal(await places(), []);
});

run();
shared.removeAtTheEnd();
