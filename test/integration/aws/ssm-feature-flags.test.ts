import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { SsmFeatureFlags } from '../../../adapters/aws/ssm/feature-flags.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { EVERYTHING_OFF, EVERYTHING_ON, type FeatureShares } from '../../../core/flags/model.ts';
import { writtenShares } from '../../../core/flags/read-shares.ts';
import { featureFlagsContract } from '../../contracts/feature-flags.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { SettableClock } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const PARAMETER = '/clarity/feature-flags';
const STALE_AFTER_MS = 300_000;

/** The parameter behind the SDK's own client. */
function simulatedParameter() {
  const ssm = mockClient(SSMClient);
  return {
    ssm,
    says: (value: string) =>
      ssm.on(GetParameterCommand, { Name: PARAMETER }).resolves({ Parameter: { Name: PARAMETER, Value: value } }),
    fails: (cause: Error) => ssm.on(GetParameterCommand).rejects(cause),
  };
}

const flagsOver = (clock: SettableClock, untilRead: FeatureShares | null): SsmFeatureFlags =>
  new SsmFeatureFlags({
    settings: settingsFor({}),
    parameter: PARAMETER,
    caller: new AwsCaller({ wait: () => Promise.resolve() }),
    digest: nodeDigest,
    clock,
    untilRead,
    staleAfterMs: STALE_AFTER_MS,
  });

featureFlagsContract('ssm', async (shares) => {
  const parameter = simulatedParameter();
  parameter.says(writtenShares(shares));
  const store = flagsOver(new SettableClock(), null);
  valueOf(await store.refresh());
  return {
    store,
    close: async () => {
      store.close();
      parameter.ssm.restore();
    },
  };
});

const { test, run } = suiteOver('ssm feature flags', async () => {
  const parameter = simulatedParameter();
  const clock = new SettableClock();
  const store = flagsOver(clock, null);
  return {
    store,
    clock,
    parameter,
    close: async () => {
      store.close();
      parameter.ssm.restore();
    },
  };
});

test('nothing is on until the parameter was read once, and that it was not is told', async ({ store, parameter }) => {
  assert.equal(store.state(), { shares: EVERYTHING_OFF, readAtMs: null, freshness: 'unread' });
  parameter.fails(new ParameterNotFound({ message: 'none', $metadata: {} }));
  const error = errorOf(await store.refresh());
  assert.equal([error.port, error.operation, error.retryable], ['FeatureFlags', 'read', false]);
  assert.is(store.isOn('auth', null), false);
  assert.is(store.state().freshness, 'unread');
});

test('what the settings say holds until then, and is not taken for current', async ({ clock }) => {
  const store = flagsOver(clock, { ...EVERYTHING_ON, insights: 0 });
  assert.equal([store.isOn('data', null), store.isOn('insights', null)], [true, false]);
  assert.is(store.state().freshness, 'stale');
  store.close();
});

test('a change is known at the next look, which tells that there was one', async ({ store, parameter }) => {
  parameter.says('auth:on,data:off,analysis:off,insights:off');
  assert.is(valueOf(await store.refresh()), true);
  assert.is(valueOf(await store.refresh()), false);
  assert.is(store.isOn('data', null), false);
  parameter.says('{"auth":"on","data":true,"analysis":50,"insights":"12.5%"}');
  assert.is(valueOf(await store.refresh()), true);
  assert.equal(store.state().shares, { auth: 100, data: 100, analysis: 50, insights: 12.5 });
});

test('what was read last holds while the parameter does not answer or makes no sense, and is stale after its time', async ({
  store,
  clock,
  parameter,
}) => {
  parameter.says('auth:on,data:on,analysis:off,insights:off');
  valueOf(await store.refresh());
  const readAtMs = clock.now();
  for (const text of ['analysis:maybe', 'analyses:on', '', '{"analysis":', 'analysis:on,analysis:off']) {
    parameter.says(text);
    assert.is(errorOf(await store.refresh()).retryable, false, text);
  }
  parameter.fails(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
  assert.is(errorOf(await store.refresh()).retryable, true);
  assert.equal([store.isOn('data', null), store.isOn('analysis', null)], [true, false]);
  clock.nowMs += STALE_AFTER_MS;
  assert.is(store.state().freshness, 'current');
  clock.nowMs += 1;
  assert.equal([store.state().freshness, store.state().readAtMs], ['stale', readAtMs]);
  assert.is(store.isOn('data', null), true);
  parameter.says('auth:on,data:on,analysis:on,insights:off');
  valueOf(await store.refresh());
  assert.is(store.state().freshness, 'current');
});

run();
