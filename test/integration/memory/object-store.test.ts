import { MemoryObjectStore } from '../../../adapters/memory/object-store.ts';
import { objectStoreContract } from '../../contracts/object-store.contract.ts';

objectStoreContract('memory', async () => ({ store: new MemoryObjectStore(), close: async () => undefined }));
