import { MemoryConsentStore } from '../../../adapters/memory/consent-store.ts';
import { consentStoreContract, sharedConsentStoreContract } from '../../contracts/consent-store.contract.ts';

consentStoreContract('memory', async () => ({ store: new MemoryConsentStore(), close: async () => undefined }));
sharedConsentStoreContract('memory', async () => {
  const store = new MemoryConsentStore();
  return { store, other: store, close: async () => undefined };
});
