import { ConfiguredFeatureFlags } from '../../../adapters/configuration/feature-flags.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { featureFlagsContract } from '../../contracts/feature-flags.contract.ts';

featureFlagsContract('configuration', async (shares) => ({
  store: new ConfiguredFeatureFlags(shares, nodeDigest),
  close: async () => {},
}));
