import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryWebhookStore } from '../../../adapters/memory/webhook-store.ts';
import { nodeWebhookSigner } from '../../../adapters/node/webhook-signer.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { createWebhook, rotateSecret, updateWebhook } from '../../../core/webhooks/manage-webhooks.ts';
import { deliveryId, webhookId } from '../../../core/webhooks/model.ts';
import { replayDelivery, sendTest } from '../../../core/webhooks/send-again.ts';
import type { WebhookSender } from '../../../core/webhooks/ports.ts';
import { ADA, BOB, countingIds, NOW_MS, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const WISHES = { url: 'https://example.org/', eventTypes: null, description: 'mine', enabled: true };

function managing() {
  const checked: string[] = [];
  const check: WebhookSender['check'] = (url) => {
    checked.push(url);
    if (url.includes('down')) return errAsync(portUnavailable('WebhookSender', 'check', 'planted'));
    return url.startsWith('https:')
      ? okAsync(undefined)
      : errAsync({ kind: 'target-refused', reason: 'must be https' });
  };
  const webhooks = new MemoryWebhookStore();
  const clock = new SettableClock();
  return { webhooks, sender: { check }, signer: nodeWebhookSigner, ids: countingIds(), clock, checked };
}

const REFUSED = {
  kind: 'input-rejected',
  issues: [{ pointer: '/url', message: 'must be https', code: 'target_refused' }],
};

test('a webhook is made with an id and a secret of its own', async () => {
  const ports = managing();
  const made = valueOf(await createWebhook(ports)(ADA, WISHES));
  assert.match(made.webhookId, /^wh_[0-9a-f]{32}$/);
  assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(made, { ...made, ...WISHES, owner: ADA, createdAtMs: NOW_MS });
  assert.equal(valueOf(await ports.webhooks.list(ADA)), [made]);
  const another = valueOf(await createWebhook(ports)(ADA, WISHES));
  assert.is.not(another.secret, made.secret);
  assert.is.not(another.webhookId, made.webhookId);
});

test('a call that is made again makes no second webhook, also where there are as many as there may be', async () => {
  const ports = managing();
  const again = () => createWebhook({ ...ports, ids: countingIds() })(BOB, WISHES);
  valueOf(await again());
  for (let i = 0; i < 9; i++)
    valueOf(await createWebhook({ ...ports, ids: { uuid: () => `other-${String(i)}` } })(BOB, WISHES));
  valueOf(await again());
  assert.is(valueOf(await ports.webhooks.list(BOB)).length, 10);
});

test('a person has at most ten', async () => {
  const ports = managing();
  for (let i = 0; i < 10; i++) valueOf(await createWebhook(ports)(ADA, WISHES));
  assert.equal(errorOf(await createWebhook(ports)(ADA, WISHES)), {
    kind: 'limit-reached',
    what: 'webhooks',
    limit: 10,
  });
  assert.is(valueOf(await ports.webhooks.list(ADA)).length, 10);
  valueOf(await createWebhook(ports)(BOB, WISHES));
});

test('a target that is refused is named, and nothing is made or changed', async () => {
  const ports = managing();
  assert.equal(errorOf(await createWebhook(ports)(ADA, { ...WISHES, url: 'http://example.org/' })), REFUSED);
  assert.is(errorOf(await createWebhook(ports)(ADA, { ...WISHES, url: 'https://down/' })).kind, 'port-unavailable');
  assert.equal(valueOf(await ports.webhooks.list(ADA)), []);
  const made = valueOf(await createWebhook(ports)(ADA, WISHES));
  assert.equal(errorOf(await updateWebhook(ports)(ADA, made.webhookId, { ...WISHES, url: 'http://x/' })), REFUSED);
  assert.equal(valueOf(await ports.webhooks.get(ADA, made.webhookId)), made);
});

test('an update replaces what was said; a target that stays is not looked up again', async () => {
  const ports = managing();
  const { webhookId: id, secret } = valueOf(await createWebhook(ports)(ADA, WISHES));
  const update = updateWebhook(ports);
  const off = { ...WISHES, eventTypes: ['data.deleted'] as const, description: null, enabled: false };
  assert.equal(valueOf(await update(ADA, id, off)), { owner: ADA, webhookId: id, secret, createdAtMs: NOW_MS, ...off });
  assert.equal(ports.checked, [WISHES.url]);
  valueOf(await update(ADA, id, { ...off, url: 'https://example.net/' }));
  assert.equal(ports.checked, [WISHES.url, 'https://example.net/']);
  assert.is(errorOf(await update(BOB, id, off)).kind, 'not-found');
});

test('a rotated secret is a new one', async () => {
  const ports = managing();
  const made = valueOf(await createWebhook(ports)(ADA, WISHES));
  const rotated = valueOf(await rotateSecret(ports)(ADA, made.webhookId));
  assert.is.not(rotated.secret, made.secret);
  assert.equal(rotated, { ...made, secret: rotated.secret });
  assert.is(errorOf(await rotateSecret(ports)(BOB, made.webhookId)).kind, 'not-found');
});

test('a test is queued as a delivery, once for a call that is made again', async () => {
  const ports = managing();
  const { webhookId: id } = valueOf(await createWebhook(ports)(ADA, WISHES));
  const send = () => sendTest({ ...ports, ids: countingIds() })(ADA, id);
  const delivery = valueOf(await send());
  valueOf(await send());
  assert.equal([delivery.eventType, delivery.eventId, delivery.status], ['webhook.test', null, 'pending']);
  assert.equal(JSON.parse(delivery.payload), {
    type: 'webhook.test',
    timestamp: '2025-03-03T12:00:00.000Z',
    data: { webhook_id: id },
  });
  assert.equal(valueOf(await ports.webhooks.deliveries(ADA, id, { after: null, limit: 10 })), [delivery]);
  assert.is(errorOf(await sendTest(ports)(BOB, id)).kind, 'not-found');
  assert.is(errorOf(await sendTest(ports)(ADA, webhookId('wh_none'))).kind, 'not-found');
});

test('a replay is due at once; what is not there is not found', async () => {
  const ports = managing();
  const { webhookId: id } = valueOf(await createWebhook(ports)(ADA, WISHES));
  const { deliveryId: message } = valueOf(await sendTest(ports)(ADA, id));
  ports.clock.nowMs += 5;
  assert.is(valueOf(await replayDelivery(ports)(ADA, id, message)).dueAtMs, NOW_MS + 5);
  assert.is(errorOf(await replayDelivery(ports)(ADA, id, deliveryId('msg_none'))).kind, 'not-found');
});

test.run();
