import { errAsync } from 'neverthrow';
import { Webhook as Receiver } from 'standardwebhooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { claimDelivery, deliver, RETRY_WAITS_MS, type DeliveryOutcome } from '../../../core/webhooks/deliver-next.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { ClaimedDelivery } from '../../../core/webhooks/ports.ts';
import { ADA, NOW_MS, replacing } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { DELIVERY, deliveryWorld, SECRET, WEBHOOK } from './deliveries.ts';

type World = Awaited<ReturnType<typeof deliveryWorld>>;

const OK = { status: 204, error: null };
const REFUSED = { status: 503, error: 'status' };

const claimed = async ({ ports }: World): Promise<ClaimedDelivery> => {
  const claim = valueOf(await claimDelivery(ports));
  if (claim === null) throw new Error('nothing was due');
  return claim;
};
const delivered = async (world: World): Promise<DeliveryOutcome> =>
  valueOf(await deliver(world.ports)(await claimed(world)));

/** The headers that a receiver's library looks for, at the time of the message. */
function verify(secret: string, { headers, body }: World['sent'][number]): unknown {
  const signedAtMs = Number(headers['webhook-timestamp']) * 1000;
  const realNow = Date.now;
  Date.now = () => signedAtMs;
  try {
    return new Receiver(secret).verify(body, { ...headers });
  } finally {
    Date.now = realNow;
  }
}

test('a message is signed so that the public library of receivers takes it, and no changed one', async () => {
  const world = await deliveryWorld(() => OK);
  world.clock.nowMs = NOW_MS + 1999;
  assert.equal(await delivered(world), { kind: 'delivered' });
  const [message] = world.sent;
  assert.is(message?.url, WEBHOOK.url);
  assert.is(message?.body, DELIVERY.payload);
  assert.equal(
    [message?.headers['webhook-id'], message?.headers['webhook-timestamp'], message?.headers['content-type']],
    [DELIVERY.deliveryId, String(NOW_MS / 1000 + 1), 'application/json'],
  );
  assert.equal(verify(SECRET, message!), { type: 'analysis.completed' });
  assert.throws(() => verify(SECRET, { ...message!, body: `${message!.body} ` }));
  assert.throws(() => verify(`whsec_${Buffer.from('another secret of some length').toString('base64')}`, message!));
});

test('an attempt is written down with its time, its answer and how long it took', async () => {
  const world = await deliveryWorld(() => {
    world.clock.nowMs += 120;
    return OK;
  });
  await delivered(world);
  assert.equal(await world.kept(), {
    ...DELIVERY,
    status: 'delivered',
    dueAtMs: null,
    attempts: [{ atMs: NOW_MS, status: 204, error: null, durationMs: 120 }],
    attemptCount: 1,
  });
  assert.is(valueOf(await claimDelivery(world.ports)), null);
});

test('what fails is tried again after the waits of the specification and a little more, and has failed then', async () => {
  const world = await deliveryWorld(() => REFUSED);
  const waits: number[] = [];
  for (;;) {
    const outcome = await delivered(world);
    if (outcome.kind !== 'postponed') {
      assert.equal(outcome, { kind: 'failed', error: 'status' });
      break;
    }
    waits.push(outcome.retryAtMs - world.clock.nowMs);
    assert.is((await world.kept()).dueAtMs, outcome.retryAtMs);
    world.clock.nowMs = outcome.retryAtMs - 1;
    assert.is(valueOf(await claimDelivery(world.ports)), null);
    world.clock.nowMs = outcome.retryAtMs;
  }
  assert.equal(
    waits,
    [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => Math.round(seconds * 1050)),
  );
  const { status, attempts, attemptCount, dueAtMs } = await world.kept();
  assert.equal([status, attemptCount, attempts.length, dueAtMs], ['failed', RETRY_WAITS_MS.length + 1, 10, null]);
  assert.ok(attempts.every((attempt) => attempt.status === 503 && attempt.error === 'status'));
});

test('a delivery that is replayed is tried once more under its old id', async () => {
  const world = await deliveryWorld(() => OK);
  await delivered(world);
  valueOf(await world.webhooks.requeue(ADA, WEBHOOK.webhookId, DELIVERY.deliveryId, NOW_MS));
  await delivered(world);
  assert.equal(
    world.sent.map(({ headers }) => headers['webhook-id']),
    [DELIVERY.deliveryId, DELIVERY.deliveryId],
  );
  const { attempts, attemptCount } = await world.kept();
  assert.equal([attempts.length, attemptCount], [2, 2]);
});

test('only the last ten attempts are remembered one by one', async () => {
  const world = await deliveryWorld(() => OK);
  for (let i = 0; i < 12; i++) {
    world.clock.nowMs = NOW_MS + i;
    await delivered(world);
    valueOf(await world.webhooks.requeue(ADA, WEBHOOK.webhookId, DELIVERY.deliveryId, NOW_MS));
  }
  const { attempts, attemptCount } = await world.kept();
  assert.equal([attempts.length, attempts[0]?.atMs, attemptCount], [10, NOW_MS + 2, 12]);
});

test('a receiver that is gone turns the webhook off', async () => {
  const world = await deliveryWorld(() => ({ status: 410, error: 'status' }));
  assert.equal(await delivered(world), { kind: 'failed', error: 'status' });
  assert.is(valueOf(await world.webhooks.get(ADA, WEBHOOK.webhookId)).enabled, false);
});

test('nothing is sent to a webhook that is turned off', async () => {
  const world = await deliveryWorld(() => OK);
  valueOf(await world.webhooks.change(ADA, WEBHOOK.webhookId, { enabled: false }));
  assert.equal(await delivered(world), { kind: 'failed', error: 'webhook-disabled' });
  assert.equal(world.sent, []);
  const { status, attempts } = await world.kept();
  assert.is(status, 'failed');
  assert.equal(attempts, [{ atMs: NOW_MS, status: null, error: 'webhook-disabled', durationMs: 0 }]);
});

test('the present secret signs, also of a delivery that was made under an older one', async () => {
  const world = await deliveryWorld(() => OK);
  const newer = `whsec_${Buffer.from('a newer secret, of thirty-two by').toString('base64')}`;
  valueOf(await world.webhooks.change(ADA, WEBHOOK.webhookId, { secret: newer }));
  await delivered(world);
  assert.equal(verify(newer, world.sent[0]!), { type: 'analysis.completed' });
});

test('what was removed or replayed while it was sent is lost, and nothing is written down', async () => {
  for (const answer of [OK, { status: 410, error: 'status' }]) {
    const world: World = await deliveryWorld(async () => {
      valueOf(await world.webhooks.delete(ADA, WEBHOOK.webhookId));
      return answer;
    });
    assert.equal(await delivered(world), { kind: 'lost' });
    assert.equal(valueOf(await world.webhooks.list(ADA)), []);
  }
});

test('a store that does not answer is an error, and the lease brings the delivery back', async () => {
  const down = portUnavailable('WebhookStore', 'any', 'planted');
  for (const method of ['settle', 'change'] as const) {
    const world = await deliveryWorld(() => ({ status: 410, error: 'status' }));
    const webhooks = replacing(world.webhooks, { [method]: () => errAsync(down) });
    const claim = await claimed(world);
    assert.equal(errorOf(await deliver({ ...world.ports, webhooks })(claim)), down);
    world.clock.nowMs += 60_000;
    assert.is((await claimed(world)).delivery.attemptCount, 0);
  }
});

test.run();
