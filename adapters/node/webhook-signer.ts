import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookSigner } from '../../core/webhooks/ports.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** Signs with HMAC-SHA256 as the Standard Webhooks specification says (version 1.0.0, "Signature scheme"). */
export const nodeWebhookSigner: WebhookSigner = {
  newSecret: () => PREFIX + randomBytes(SECRET_BYTES).toString('base64'),
  sign: (secret, { id, timestampS, body }) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    const signature = createHmac('sha256', key)
      .update(`${id}.${String(timestampS)}.${body}`)
      .digest('base64');
    return `v1,${signature}`;
  },
};
