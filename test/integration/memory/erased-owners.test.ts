import { MemoryErasedOwners } from '../../../adapters/memory/erased-owners.ts';
import { erasedOwnersContract } from '../../contracts/erased-owners.contract.ts';

erasedOwnersContract('memory', async () => ({ store: new MemoryErasedOwners(), close: async () => undefined }));
