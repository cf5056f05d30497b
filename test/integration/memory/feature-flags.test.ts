import * as assert from 'uvu/assert';
import { MemoryFeatureFlags } from '../../../adapters/memory/feature-flags.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { EVERYTHING_ON } from '../../../core/flags/model.ts';
import { featureFlagsContract } from '../../contracts/feature-flags.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { SettableClock } from '../../unit/memory-world.ts';

featureFlagsContract('memory', async (shares) => ({
  store: new MemoryFeatureFlags(nodeDigest, new SettableClock(), shares),
  close: async () => {},
}));

const { test, run } = suiteOver('memory feature flags', async () => ({
  store: new MemoryFeatureFlags(nodeDigest, new SettableClock()),
  close: async () => {},
}));

test('everything is on until it is set, and what is not named stays', async ({ store }) => {
  assert.equal(store.state().shares, EVERYTHING_ON);
  store.set({ data: 0 });
  store.set({ insights: 10 });
  assert.equal(store.state().shares, { ...EVERYTHING_ON, data: 0, insights: 10 });
  assert.is(store.isOn('data', null), false);
});

run();
