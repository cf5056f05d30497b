import { MemorySecondFactorStore } from '../../../adapters/memory/second-factor-store.ts';
import { secondFactorStoreContract } from '../../contracts/second-factor-store.contract.ts';

secondFactorStoreContract('memory', async () => ({
  store: new MemorySecondFactorStore(),
  close: async () => undefined,
}));
