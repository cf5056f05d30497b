import { identityContract } from '../../contracts/identity-provider.contract.ts';
import { localInstallation } from './local-installation.ts';

identityContract('local', async () => {
  const { provider } = localInstallation();
  return { identities: provider, sessions: provider, tokens: provider };
});
