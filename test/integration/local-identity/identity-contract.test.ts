import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import { identityContract } from '../../contracts/identity-provider.contract.ts';
import { localInstallation } from './local-installation.ts';

identityContract(
  'local, on the stores in memory',
  () => {
    const stores = { accounts: new MemoryAccountStore(), signingKeys: new MemorySigningKeyStore() };
    const { provider } = localInstallation({}, stores);
    return Promise.resolve({
      identities: provider,
      challenges: provider,
      confirmation: provider,
      recovery: provider,
      sessions: provider,
      tokens: provider,
      activate: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
  },
  {
    usableAtOnce: true,
    keepsCase: true,
    tokensNameAddress: true,
    shortTokens: true,
    settlesRaces: true,
    refusesWeakPasswords: true,
    knowsWrongPasswords: true,
    namesSessions: true,
    revokesOneSession: true,
    revokesTwice: true,
    refusesTokensOfErased: true,
    revokesWithoutRefreshToken: true,
    endsAllSessions: true,
    endsSessionById: true,
    guardsChangedAddress: true,
    // It has no mail.
    sentCode: null,
    sendsCodes: false,
    resends: false,
  },
);
