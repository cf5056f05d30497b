import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { accountStoreContract } from '../../contracts/account-store.contract.ts';

accountStoreContract('memory', async () => ({ store: new MemoryAccountStore(), close: async () => undefined }));
