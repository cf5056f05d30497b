import type { EpochMs } from '../kernel/clock.ts';
import type { Delivery } from './model.ts';
import type { WebhookSigner } from './ports.ts';

/**
 * The headers of an attempt by the Standard Webhooks specification (1.0.0): the id is that of the delivery, the timestamp
 * that of the attempt, in seconds.
 */
export function messageHeaders(
  signer: WebhookSigner,
  secret: string,
  { deliveryId, payload }: Pick<Delivery, 'deliveryId' | 'payload'>,
  nowMs: EpochMs,
): Readonly<Record<string, string>> {
  const timestampS = Math.floor(nowMs / 1000);
  return {
    'content-type': 'application/json',
    'webhook-id': deliveryId,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signer.sign(secret, { id: deliveryId, timestampS, body: payload }),
  };
}
