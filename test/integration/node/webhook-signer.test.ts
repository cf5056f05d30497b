import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeWebhookSigner } from '../../../adapters/node/webhook-signer.ts';

test("the specification's own example has the specification's signature", () => {
  // https://github.com/standard-webhooks/standard-webhooks, libraries' tests.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1614265330, body: '{"test": 2432232314}' };
  assert.is(nodeWebhookSigner.sign(secret, message), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('secrets are 32 random bytes', () => {
  const secrets = new Set(Array.from({ length: 100 }, () => nodeWebhookSigner.newSecret()));
  assert.is(secrets.size, 100);
  for (const secret of secrets) {
    assert.match(secret, /^whsec_/);
    assert.is(Buffer.from(secret.slice('whsec_'.length), 'base64').length, 32);
  }
});

test.run();
