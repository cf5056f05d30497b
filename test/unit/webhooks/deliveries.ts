import { okAsync } from 'neverthrow';
import { MemoryWebhookStore } from '../../../adapters/memory/webhook-store.ts';
import { nodeWebhookSigner } from '../../../adapters/node/webhook-signer.ts';
import type { DeliverPorts } from '../../../core/webhooks/deliver-next.ts';
import { deliveryId, webhookId, type Delivery, type Webhook } from '../../../core/webhooks/model.ts';
import type { SendOutcome, WebhookSender } from '../../../core/webhooks/ports.ts';
import { ADA, NOW_MS, SettableClock } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

export const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

export const WEBHOOK: Webhook = {
  owner: ADA,
  webhookId: webhookId('wh_1'),
  url: 'https://example.org/hook',
  eventTypes: null,
  description: null,
  enabled: true,
  secret: SECRET,
  createdAtMs: NOW_MS,
};

export const DELIVERY: Delivery = {
  owner: ADA,
  deliveryId: deliveryId('msg_1'),
  webhookId: WEBHOOK.webhookId,
  eventId: null,
  eventType: 'analysis.completed',
  payload: '{"type":"analysis.completed"}',
  status: 'pending',
  createdAtMs: NOW_MS,
  dueAtMs: NOW_MS,
  attempts: [],
  attemptCount: 0,
};

type Message = Parameters<WebhookSender['send']>[0];

/** Ports with one webhook and one delivery that is due, and a receiver that answers as the test says. */
export async function deliveryWorld(answer: (message: Message) => SendOutcome | Promise<SendOutcome>) {
  const webhooks = new MemoryWebhookStore();
  valueOf(await webhooks.put(WEBHOOK));
  valueOf(await webhooks.addDelivery(DELIVERY));
  const sent: Message[] = [];
  const clock = new SettableClock();
  const sender: WebhookSender = {
    check: () => okAsync(undefined),
    send: (message) => {
      sent.push(message);
      return okAsync(message).map(answer);
    },
  };
  const ports: DeliverPorts = { webhooks, sender, signer: nodeWebhookSigner, clock, random: () => 0.5 };
  const kept = async (): Promise<Delivery> =>
    valueOf(await webhooks.getDelivery(ADA, WEBHOOK.webhookId, DELIVERY.deliveryId));
  return { ports, webhooks, sent, clock, kept };
}
