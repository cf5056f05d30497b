import { MemoryMasterKeys } from '../../../adapters/memory/master-keys.ts';
import { masterKeysContract } from '../../contracts/master-keys.contract.ts';

masterKeysContract('memory', async () => ({ store: new MemoryMasterKeys(), close: async () => undefined }));
