import { MemoryDataKeys } from '../../../adapters/memory/data-keys.ts';
import { dataKeysContract } from '../../contracts/data-keys.contract.ts';

dataKeysContract('memory', async () => ({ store: new MemoryDataKeys(), close: async () => undefined }));
