import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { KmsKeyWrapper } from '../../../adapters/aws/kms/key-wrapper.ts';
import { ownerHolder } from '../../../core/encryption/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { keyWrapperContract } from '../../contracts/key-wrapper.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { simulatedKms } from './simulated-kms.ts';

const NOWHERE = { dynamodb: null, s3: null, sqs: null, sns: null, cognito: null, sts: null, kms: null, ssm: null };
const settings = { region: 'us-east-1', endpointUrls: NOWHERE };
const caller = (): AwsCaller => new AwsCaller({ wait: () => Promise.resolve() });

const make = async () => {
  const kms = simulatedKms();
  const wrapper = (keyId: string): KmsKeyWrapper => new KmsKeyWrapper({ settings, keyId, caller: caller() });
  return {
    kms,
    store: wrapper('first'),
    rotate: async () => wrapper('second'),
    close: async () => {
      kms.restore();
    },
  };
};

keyWrapperContract('kms', make);

const { test, run } = suiteOver('kms key wrapper', make);

const ADA = ownerHolder(userId('ada@example.org'));

test('nothing that KMS logs names the person', async ({ store, kms }) => {
  const { wrapping } = valueOf(await store.newKey(ADA));
  valueOf(await store.unwrap(ADA, wrapping));
  const inputs = JSON.stringify(kms.calls().map(({ args: [{ input }] }) => input));
  assert.not.match(inputs, 'ada');
  assert.match(inputs, /"clarity-holder":"[0-9a-f]{64}"/);
});

test('a passing trouble is tried again, and one that does not pass is a fact', async ({ store, kms }) => {
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  kms.on(GenerateDataKeyCommand).rejects(throttled);
  const error = errorOf(await store.newKey(ADA));
  assert.equal([error.port, error.operation, error.retryable], ['KeyWrapper', 'newKey', true]);
  assert.is(kms.commandCalls(GenerateDataKeyCommand).length, 5);
  kms.on(DecryptCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
  const denied = errorOf(await store.unwrap(ADA, { masterVersion: 'first', wrapped: new Uint8Array(1) }));
  assert.equal([denied.operation, denied.retryable], ['unwrap', false]);
});

test('an answer without a key is no key', async ({ store, kms }) => {
  kms.on(GenerateDataKeyCommand).resolves({});
  assert.match(errorOf(await store.newKey(ADA)).cause, 'KMS answered no data key');
  kms.on(DecryptCommand).resolves({ Plaintext: new Uint8Array(16) });
  const short = errorOf(await store.unwrap(ADA, { masterVersion: 'first', wrapped: new Uint8Array(1) }));
  assert.match(short.cause, 'KMS answered no data key');
});

run();
