import { MemoryUploadStore } from '../../../adapters/memory/upload-store.ts';
import { uploadStoreContract } from '../../contracts/upload-store.contract.ts';

uploadStoreContract('memory', async () => ({ store: new MemoryUploadStore(), close: async () => undefined }));
