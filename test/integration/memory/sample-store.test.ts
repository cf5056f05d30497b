import { MemorySampleStore } from '../../../adapters/memory/sample-store.ts';
import { sampleStoreContract } from '../../contracts/sample-store.contract.ts';

sampleStoreContract('memory', async () => ({ store: new MemorySampleStore(), close: async () => undefined }));
