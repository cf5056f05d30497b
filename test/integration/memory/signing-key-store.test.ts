import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import { signingKeyStoreContract } from '../../contracts/signing-key-store.contract.ts';

signingKeyStoreContract('memory', async () => ({ store: new MemorySigningKeyStore(), close: async () => undefined }));
