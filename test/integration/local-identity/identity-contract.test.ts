import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import { identityContract } from '../../contracts/identity-provider.contract.ts';
import { localInstallation } from './local-installation.ts';

identityContract('local, on the stores in memory', async () => {
  const stores = { accounts: new MemoryAccountStore(), signingKeys: new MemorySigningKeyStore() };
  const { provider } = localInstallation({}, stores);
  return { identities: provider, sessions: provider, tokens: provider };
});
